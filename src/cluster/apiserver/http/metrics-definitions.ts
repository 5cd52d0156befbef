import type { RawDefinition } from './raw-definition.ts';

const META = 'apimachinery.pkg.apis.meta.v1';
const OWN = 'metrics.pkg.apis.metrics.v1beta1';
const QUANTITIES = { type: 'map:apimachinery.pkg.api.resource.Quantity', required: true };

function kind(name: string, fields: RawDefinition['fields']): readonly (readonly [string, RawDefinition])[] {
  const object: RawDefinition = {
    gvk: [['metrics.k8s.io', 'v1beta1', name]],
    fields: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { type: `${META}.ObjectMeta` },
      timestamp: { type: `${META}.Time`, required: true },
      window: { type: `${META}.Duration`, required: true },
      ...fields,
    },
  };
  const list: RawDefinition = {
    gvk: [['metrics.k8s.io', 'v1beta1', `${name}List`]],
    fields: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { type: `${META}.ListMeta` },
      items: { type: `[]${OWN}.${name}`, required: true },
    },
  };
  return [
    [`${OWN}.${name}`, object],
    [`${OWN}.${name}List`, list],
  ];
}

/** The kinds of metrics.k8s.io, which are not among Kubernetes' own. metrics: pkg/apis/metrics/v1beta1/types.go */
export function metricsDefinitions(): Readonly<Record<string, RawDefinition>> {
  return Object.fromEntries([
    ...kind('NodeMetrics', { usage: QUANTITIES }),
    ...kind('PodMetrics', { containers: { type: `[]${OWN}.ContainerMetrics`, required: true } }),
    [`${OWN}.ContainerMetrics`, { fields: { name: { type: 'string', required: true }, usage: QUANTITIES } }],
    [`${META}.Duration`, { type: 'string' }],
  ]);
}

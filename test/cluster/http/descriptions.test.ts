import { describe, expect, it } from 'vitest';
import { descriptions } from '../../../src/cluster/apiserver/http/descriptions.ts';
import { openApiV2, openApiV3 } from '../../../src/cluster/apiserver/http/openapi.ts';
import { usageResources } from '../../../src/cluster/apiserver/usage-resources.ts';
import { builtinStrategies } from '../../../src/cluster/registry/builtins.ts';
import type { ResourceType } from '../../../src/kube/object.ts';

interface Documented {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, { readonly description?: string }>>;
  readonly 'x-kubernetes-group-version-kind'?: readonly { readonly group: string; readonly kind: string }[];
}

const METRICS: readonly ResourceType[] = usageResources(
  { window: 15_000, instant: () => 0, pods: () => [] },
  () => [],
).map(({ type }) => type);
const TYPES: readonly ResourceType[] = [...[...builtinStrategies().values()].map(({ type }) => type), ...METRICS];

function definitions(): Readonly<Record<string, Documented>> {
  return openApiV2(TYPES)['definitions'] as Readonly<Record<string, Documented>>;
}

describe('descriptions', () => {
  it('are there for every kind that is served', () => {
    const missing = Object.values(definitions())
      .filter(
        ({ 'x-kubernetes-group-version-kind': kinds, description }) => kinds !== undefined && description === undefined,
      )
      .flatMap(({ 'x-kubernetes-group-version-kind': kinds = [] }) => kinds.map(({ kind }) => kind))
      .filter((kind) => !kind.endsWith('List') && kind !== 'DeleteOptions');
    expect(missing).toEqual([]);
  });

  it('are about definitions and fields that there are', () => {
    const all = definitions();
    // Kinds that are only asked, and never kept.
    const elsewhere = /authentication|authorization|Eviction|Binding$|ComponentStatus|IPAddress|autoscaling.v1.Scale/;
    for (const [name, { fields }] of descriptions()) {
      const definition = all[`io.k8s.${name}`];
      if (definition === undefined) expect(name).toMatch(elsewhere);
      else
        expect([name, Object.keys(definition.properties ?? {})]).toEqual([
          name,
          expect.arrayContaining([...fields.keys()]),
        ]);
    }
  });

  it('are there for all fields that people ask for most', () => {
    const all = definitions();
    const asked = [
      'core.v1.Container',
      'core.v1.Probe',
      'core.v1.Service',
      'apps.v1.DeploymentSpec',
      'batch.v1.JobSpec',
    ];
    const bare = asked.flatMap((name) =>
      Object.entries(all[`io.k8s.api.${name}`]?.properties ?? {})
        .filter(([, { description }]) => description === undefined)
        .map(([field]) => `${name}.${field}`),
    );
    expect(bare).toEqual([]);
  });

  it('are short, whole sentences', () => {
    for (const [name, { text, fields }] of descriptions()) {
      for (const each of [text, ...fields.values()])
        expect([name, each]).toEqual([name, expect.stringMatching(/^[^:].*[.…]$/)]);
    }
  });
});

describe('the documents of metrics.k8s.io', () => {
  it('have the kinds in both versions', () => {
    const three = openApiV3(METRICS)['components'] as { readonly schemas: Readonly<Record<string, Documented>> };
    for (const schemas of [definitions(), three.schemas]) {
      expect(schemas['io.k8s.metrics.pkg.apis.metrics.v1beta1.PodMetrics']).toMatchObject({
        description: 'What the containers of a pod use.',
        'x-kubernetes-group-version-kind': [{ group: 'metrics.k8s.io', version: 'v1beta1', kind: 'PodMetrics' }],
      });
      expect(schemas['io.k8s.apimachinery.pkg.apis.meta.v1.Duration']).toEqual({ type: 'string' });
    }
  });
});

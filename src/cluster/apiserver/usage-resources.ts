import { formatDuration } from '../../base/duration.ts';
import type { Node } from '../../kube/api/core-v1.generated.ts';
import type { KubeObject, ResourceType } from '../../kube/object.ts';
import { milliValue, quantityValue } from '../../kube/quantity.ts';
import type { ComputedResource } from './computed-resources.ts';
import { formatTime } from '../machinery/time.ts';
import { type Column, column, nameColumn } from './table/columns.ts';
import type { Usage, UsageProvider } from './usage-provider.ts';

const METRICS_GROUP = 'metrics.k8s.io';

/** What a node's own processes use: thousandths of a core, bytes. */
const SYSTEM: Usage = { cpu: 120, memory: 700 * 1024 * 1024 };

function metricsType(resource: string, kind: string, namespaced: boolean): ResourceType {
  return {
    group: METRICS_GROUP,
    version: 'v1beta1',
    kind,
    resource,
    singular: '',
    namespaced,
    shortNames: [],
    categories: [],
    verbs: ['get', 'list'],
    subresources: [],
  };
}

/** `nodes` and `pods` of metrics.k8s.io, as metrics-server serves them. */
export function usageResources(
  provider: UsageProvider,
  nodes: () => readonly KubeObject[],
): readonly ComputedResource[] {
  return [
    {
      type: metricsType('nodes', 'NodeMetrics', false),
      columns: [nameColumn, column('cpu', cpuCell), column('memory', memoryCell), windowColumn],
      failure: { resource: 'nodemetrics', name: (_, name) => name },
      objects: () => nodeMetrics(provider, nodes()),
    },
    {
      type: metricsType('pods', 'PodMetrics', true),
      columns: [nameColumn, column('cpu', cpuCell), column('memory', memoryCell), windowColumn],
      failure: { resource: 'podmetrics', name: (namespace, name) => `${namespace}/${name}` },
      objects: () => podMetrics(provider),
    },
  ];
}

interface Metrics extends KubeObject {
  readonly timestamp: string;
  readonly window: string;
}

function head(
  provider: UsageProvider,
  kind: string,
  { name = '', namespace, labels }: KubeObject['metadata'],
): Metrics {
  const time = formatTime(provider.instant());
  return {
    apiVersion: `${METRICS_GROUP}/v1beta1`,
    kind,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      creationTimestamp: time,
      ...(labels === undefined ? {} : { labels }),
    },
    timestamp: time,
    window: formatDuration(provider.window),
  };
}

function podMetrics(provider: UsageProvider): KubeObject[] {
  return provider.pods().map(({ pod, containers }) => ({
    ...head(provider, 'PodMetrics', pod.metadata),
    containers: containers.map(({ name, usage }) => ({ name, usage: quantities(usage) })),
  }));
}

function nodeMetrics(provider: UsageProvider, nodes: readonly Node[]): KubeObject[] {
  const sums = new Map<string, Usage>();
  for (const { pod, containers } of provider.pods()) {
    const node = pod.spec?.nodeName ?? '';
    for (const { usage } of containers) sums.set(node, plus(sums.get(node) ?? SYSTEM, usage));
  }
  const latest = provider.instant() - provider.window;
  return nodes
    .filter((node) => isReady(node) && Date.parse(node.metadata.creationTimestamp ?? '') <= latest)
    .map((node) => ({
      ...head(provider, 'NodeMetrics', node.metadata),
      usage: quantities(sums.get(node.metadata.name ?? '') ?? SYSTEM),
    }));
}

function plus(a: Usage, b: Usage): Usage {
  return { cpu: a.cpu + b.cpu, memory: a.memory + b.memory };
}

function isReady({ status }: Node): boolean {
  return (status?.conditions ?? []).some((each) => each.type === 'Ready' && each.status === 'True');
}

/** In the units of metrics-server: billionths of a core, KiB. */
function quantities({ cpu, memory }: Usage): Readonly<Record<string, string>> {
  return { cpu: `${Math.round(cpu * 1_000_000)}n`, memory: `${Math.round(memory / 1024)}Ki` };
}

const windowColumn: Column = column('window', (object) => (object as Metrics).window);

function cpuCell(object: KubeObject): string {
  return `${Math.ceil(sum(object, 'cpu', milliValue))}m`;
}

function memoryCell(object: KubeObject): string {
  return `${Math.round(sum(object, 'memory', quantityValue) / 1024)}Ki`;
}

function sum(object: KubeObject, resource: string, read: (quantity: string) => number): number {
  const { usage, containers = [] } = object as unknown as {
    readonly usage?: Readonly<Record<string, string>>;
    readonly containers?: readonly { readonly usage: Readonly<Record<string, string>> }[];
  };
  const all = usage === undefined ? containers.map((each) => each.usage) : [usage];
  return all.reduce((total, each) => total + read(each[resource] ?? '0'), 0);
}

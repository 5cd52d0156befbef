import { parseDuration } from '../../../base/duration.ts';
import type { KubeClient } from '../../../client/kube-client.ts';
import type { CrossVersionObjectReference, MetricIdentifier } from '../../../kube/api/autoscaling-v2.generated.ts';
import type { LabelSelector } from '../../../kube/api/meta-v1.generated.ts';
import { formatLabelSelector } from '../../../kube/labels.ts';
import { groupResource, groupVersionKind, type ResourceType } from '../../../kube/object.ts';
import { milliValue } from '../../../kube/quantity.ts';
import { isStatus, StatusError } from '../../../kube/status-error.ts';
import { type ApiObject, nameOf, namespaceOf } from '../../machinery/keys.ts';
import type { MetricQuestion } from '../../machinery/metric-question.ts';
import { messageOf } from '../../machinery/pod-control.ts';
import { parseTime } from '../../machinery/time.ts';

/** One pod's value of a metric. */
export interface PodMetric {
  /** Thousandths. */
  readonly value: number;
  /** ms since the epoch: end of the window it was measured in. */
  readonly timestamp: number;
  /** ms */
  readonly window: number;
}

/** Where autoscalers get their numbers. A metric that is not to be had rejects; the message ends up in events and conditions. */
export interface MetricsProvider {
  /**
   * Use of `cpu`, `memory`, … by pod name; with a container's name only that container's.
   *
   * @param selector as kubectl writes it
   */
  resource(query: {
    readonly resource: string;
    readonly namespace: string;
    readonly selector: string;
    readonly container?: string | undefined;
  }): Promise<ReadonlyMap<string, PodMetric>>;
  /** A custom metric by pod name. */
  pods(query: {
    readonly metric: MetricIdentifier;
    readonly namespace: string;
    readonly selector: string;
  }): Promise<ReadonlyMap<string, PodMetric>>;
  /** A custom metric of one object, in thousandths. */
  object(query: {
    readonly metric: MetricIdentifier;
    readonly namespace: string;
    readonly object: CrossVersionObjectReference;
  }): Promise<number>;
  /** The values of an external metric, in thousandths. */
  external(query: { readonly metric: MetricIdentifier; readonly namespace: string }): Promise<readonly number[]>;
}

const POD_METRICS: ResourceType = {
  group: 'metrics.k8s.io',
  version: 'v1beta1',
  kind: 'PodMetrics',
  resource: 'pods',
  singular: 'pod',
  namespaced: true,
  shortNames: [],
  categories: [],
  verbs: ['get', 'list'],
  subresources: [],
};

interface PodMetrics extends ApiObject {
  readonly timestamp: string;
  /** `30s`, as Go prints durations. */
  readonly window: string;
  readonly containers: readonly { readonly name: string; readonly usage: Readonly<Record<string, string | number>> }[];
}

/** Answers {@link MetricQuestion}s. */
export interface MetricsEndpoint {
  /** The version of a group that answers; undefined when none does. */
  version(group: string): string | undefined;
  /** Rejects with a StatusError. */
  ask(question: MetricQuestion): Promise<{ readonly items: readonly object[] }>;
}

const CUSTOM = 'custom.metrics.k8s.io';
const EXTERNAL = 'external.metrics.k8s.io';
/** ms, for metrics that do not say. kubernetes: pkg/controller/podautoscaler/metrics/client.go */
const DEFAULT_WINDOW = 60_000;

interface MetricValue {
  readonly describedObject?: { readonly name?: string };
  readonly timestamp: string;
  readonly windowSeconds?: number;
  readonly value: string;
}

/**
 * Reads metrics.k8s.io, custom.metrics.k8s.io and external.metrics.k8s.io as the real autoscaler does, in its words.
 * kubernetes: pkg/controller/podautoscaler/metrics/client.go
 *
 * @param endpoint answers for the latter two; without it nobody serves them
 */
export function apiMetricsProvider(client: KubeClient, endpoint?: MetricsEndpoint): MetricsProvider {
  const custom = (place: Place, selector: LabelSelector | undefined): Promise<readonly MetricValue[]> =>
    fetched('custom', () => {
      const version = endpoint?.version(CUSTOM);
      if (endpoint === undefined || version === undefined) {
        throw new Error(`no custom metrics API (${CUSTOM}) registered`);
      }
      const metricLabelSelector = formatLabelSelector(selector ?? {});
      return endpoint.ask({ ...NOWHERE, ...place, group: CUSTOM, version, metricLabelSelector });
    });
  return {
    resource: (query) => resourceMetrics(client, query),
    async pods({ metric, namespace, selector }) {
      const place = { namespace, resource: 'pods', name: '*', subresource: metric.name, labelSelector: selector };
      const items = await custom(place, metric.selector);
      if (items.length === 0) throw new Error('no metrics returned from custom metrics API');
      return new Map(
        items.map(({ describedObject, timestamp, windowSeconds, value }): [string, PodMetric] => {
          const window = windowSeconds === undefined ? DEFAULT_WINDOW : windowSeconds * 1000;
          return [
            describedObject?.name ?? '',
            { value: milliValue(value), timestamp: parseTime(timestamp) ?? 0, window },
          ];
        }),
      );
    },
    async object({ metric, namespace, object }) {
      const items = await custom(await placeOf(client, metric.name, namespace, object), metric.selector);
      const [item] = items;
      if (item === undefined || items.length > 1) {
        const found = `the custom metrics API server returned ${items.length} results when we asked for exactly one`;
        throw new Error(`unable to fetch metrics from custom metrics API: ${found}`);
      }
      return milliValue(item.value);
    },
    async external({ metric, namespace }) {
      const { name } = metric;
      const items = await fetched('external', async () => {
        const version = endpoint?.version(EXTERNAL) ?? 'v1beta1';
        const labelSelector = formatLabelSelector(metric.selector ?? {});
        const question = { ...NOWHERE, namespace, resource: name, labelSelector, group: EXTERNAL, version };
        try {
          if (endpoint === undefined) throw notServed();
          return await endpoint.ask(question);
        } catch (error) {
          // A server that says nothing of its own is told with what was asked of it.
          if (isStatus(error, 'NotFound') || isStatus(error, 'ServiceUnavailable')) {
            const plain = PLAIN.includes(error.message);
            if (plain) throw new Error(`${error.message} (get ${name}.${EXTERNAL})`, { cause: error });
          }
          throw error;
        }
      });
      if (items.length === 0) throw new Error('no metrics returned from external metrics API');
      return items.map(({ value }) => milliValue(value));
    },
  };
}

const NOT_SERVED = 'the server could not find the requested resource';
/** Messages of servers that have nothing to say of what was asked. */
const PLAIN: readonly string[] = [NOT_SERVED, 'the server is currently unable to handle the request'];
const NOWHERE = {
  verb: 'get',
  namespace: '',
  name: '',
  subresource: '',
  labelSelector: '',
  metricLabelSelector: '',
} as const;

type Place = Pick<MetricQuestion, 'name' | 'namespace' | 'resource' | 'subresource'> &
  Partial<Pick<MetricQuestion, 'labelSelector'>>;

function notServed(): StatusError {
  const head = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure' } as const;
  return new StatusError({ ...head, message: NOT_SERVED, reason: 'NotFound', code: 404 });
}

async function fetched(
  api: string,
  ask: () => Promise<{ readonly items: readonly object[] }>,
): Promise<readonly MetricValue[]> {
  try {
    return (await ask()).items as readonly MetricValue[];
  } catch (error) {
    throw new Error(`unable to fetch metrics from ${api} metrics API: ${messageOf(error)}`, { cause: error });
  }
}

/** Where the metric of an object is. A namespace's own is that of the autoscaler's, whatever the name. */
async function placeOf(
  client: KubeClient,
  metric: string,
  namespace: string,
  { apiVersion = '', kind, name }: CrossVersionObjectReference,
): Promise<Place> {
  const wanted = groupVersionKind({ apiVersion, kind });
  if (kind === 'Namespace' && wanted.group === '') {
    return { namespace, resource: 'metrics', name: metric, subresource: '' };
  }
  const type = await client.resourceFor(wanted);
  if (type !== undefined) return { namespace, resource: groupResource(type), name, subresource: metric };
  const qualified = wanted.group === '' ? kind : `${kind}.${wanted.group}`;
  const none = `no matches for kind "${kind}" in group "${wanted.group}"`;
  throw new Error(
    `unable to fetch metrics from custom metrics API: unable to map kind ${qualified} to resource: ${none}`,
  );
}

async function resourceMetrics(
  client: KubeClient,
  { resource, namespace, selector, container }: Parameters<MetricsProvider['resource']>[0],
): Promise<ReadonlyMap<string, PodMetric>> {
  let items: readonly PodMetrics[];
  try {
    items = (await client.list<PodMetrics>(POD_METRICS, { namespace, labelSelector: selector })).items;
  } catch (error) {
    throw new Error(`unable to fetch metrics from resource metrics API: ${messageOf(error)}`, { cause: error });
  }
  if (items.length === 0) throw new Error('no metrics returned from resource metrics API');
  const out = new Map<string, PodMetric>();
  for (const item of items) {
    const value = container === undefined ? usageOf(item, resource) : containerUsage(item, resource, container);
    if (value === undefined) continue;
    out.set(nameOf(item), {
      value,
      timestamp: parseTime(item.timestamp) ?? 0,
      window: parseDuration(item.window) ?? 0,
    });
  }
  return out;
}

/** Undefined when the use of a container is not known. */
function usageOf({ containers }: PodMetrics, resource: string): number | undefined {
  let sum = 0;
  for (const { usage } of containers) {
    const amount = Object.hasOwn(usage, resource) ? usage[resource] : undefined;
    if (amount === undefined) return undefined;
    sum += milliValue(amount);
  }
  return containers.length === 0 ? undefined : sum;
}

function containerUsage(item: PodMetrics, resource: string, container: string): number | undefined {
  const found = item.containers.find(({ name }) => name === container);
  if (found === undefined) {
    const pod = `${namespaceOf(item)}/${nameOf(item)}`;
    throw new Error(`failed to get container metrics: container ${container} not present in metrics for pod ${pod}`);
  }
  const amount = Object.hasOwn(found.usage, resource) ? found.usage[resource] : undefined;
  return amount === undefined ? undefined : milliValue(amount);
}

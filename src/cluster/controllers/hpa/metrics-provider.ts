import { parseDuration } from '../../../base/duration.ts';
import type { KubeClient } from '../../../client/kube-client.ts';
import type { CrossVersionObjectReference, MetricIdentifier } from '../../../kube/api/autoscaling-v2.generated.ts';
import type { ResourceType } from '../../../kube/object.ts';
import { milliValue } from '../../../kube/quantity.ts';
import { type ApiObject, nameOf } from '../../machinery/keys.ts';
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

/** Reads metrics.k8s.io as the real autoscaler does; custom and external metrics have no API here. */
export function apiMetricsProvider(client: KubeClient): MetricsProvider {
  return {
    async resource({ resource, namespace, selector, container }) {
      let items: readonly PodMetrics[];
      try {
        items = (await client.list<PodMetrics>(POD_METRICS, { namespace, labelSelector: selector })).items;
      } catch (error) {
        throw new Error(`unable to fetch metrics from resource metrics API: ${messageOf(error)}`, { cause: error });
      }
      if (items.length === 0) throw new Error('no metrics returned from resource metrics API');
      const out = new Map<string, PodMetric>();
      for (const item of items) {
        const value = usageOf(item, resource, container);
        if (value === undefined) continue;
        out.set(nameOf(item), {
          value,
          timestamp: parseTime(item.timestamp) ?? 0,
          window: parseDuration(item.window) ?? 0,
        });
      }
      return out;
    },
    pods: () => Promise.reject(unavailable('custom', 'custom')),
    object: () => Promise.reject(unavailable('custom', 'custom')),
    external: () => Promise.reject(unavailable('external', 'external')),
  };
}

function unavailable(name: string, group: string): Error {
  return new Error(
    `unable to fetch metrics from ${name} metrics API: no ${name} metrics API (${group}.metrics.k8s.io) registered`,
  );
}

function usageOf(item: PodMetrics, resource: string, container: string | undefined): number | undefined {
  let sum = 0;
  let found = false;
  for (const { name, usage } of item.containers) {
    if (container !== undefined && name !== container) continue;
    const amount = Object.hasOwn(usage, resource) ? usage[resource] : undefined;
    if (amount === undefined) {
      if (container === undefined) return undefined;
      continue;
    }
    sum += milliValue(amount);
    found = true;
  }
  return found ? sum : undefined;
}

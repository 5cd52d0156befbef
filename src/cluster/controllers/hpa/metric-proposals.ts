import type {
  ExternalMetricSource,
  MetricSpec,
  MetricStatus,
  MetricTarget,
  MetricValueStatus,
  ObjectMetricSource,
} from '../../../kube/api/autoscaling-v2.generated.ts';
import type { Pod } from '../../../kube/api/core-v1.generated.ts';
import type { LabelSelector } from '../../../kube/api/meta-v1.generated.ts';
import { milliValue, newQuantity } from '../../../kube/quantity.ts';
import { messageOf } from '../../machinery/pod-control.ts';
import { selectorText } from '../../machinery/selector-text.ts';
import type { MetricsProvider, PodMetric } from './metrics-provider.ts';
import {
  isWithin,
  podRequestsOf,
  type Proposal,
  proposeFromPods,
  proposeFromRatio,
  type Tolerances,
} from './replica-calculator.ts';

/** What all metrics of an autoscaler are computed from. */
export interface ScaleState {
  readonly provider: MetricsProvider;
  readonly namespace: string;
  /** As kubectl writes it. */
  readonly selector: string;
  readonly pods: readonly Pod[];
  readonly specReplicas: number;
  readonly statusReplicas: number;
  readonly tolerances: Tolerances;
  /** ms since the epoch */
  readonly now: number;
}

/** What one metric asks for. */
export interface MetricProposal {
  readonly replicas: number;
  /** What the metric is called in messages. */
  readonly name: string;
  readonly status: MetricStatus;
}

/** The reason that stands for a metric that cannot be had. */
export function failureReason(type: string): string {
  return type === 'ContainerResource' ||
    type === 'Resource' ||
    type === 'Pods' ||
    type === 'Object' ||
    type === 'External'
    ? `FailedGet${type}Metric`
    : 'InvalidMetricSourceType';
}

/**
 * What Kubernetes puts before a metric's failure where it tells of all metrics together; the metric's own event and condition
 * go without.
 */
export function failurePlace({ type, object, external, resource, containerResource }: MetricSpec): string {
  if (type === 'Resource') return `failed to get ${resource?.name ?? ''} resource metric value: `;
  if (type === 'ContainerResource')
    return `failed to get ${containerResource?.container ?? ''} container metric value: `;
  if (type === 'Pods') return 'failed to get pods metric value: ';
  if (type === 'Object') {
    const inner = object?.target.type === 'AverageValue' ? `failed to get ${object.metric.name} object metric: ` : '';
    return `failed to get object metric value: ${inner}`;
  }
  if (type !== 'External') return '';
  const name = external?.metric.name ?? '';
  const inner =
    external?.target.averageValue === undefined
      ? `failed to get external metric ${name}: `
      : `failed to get ${name} external metric: `;
  return `failed to get ${name} external metric value: ${inner}`;
}

/** The replicas that one metric asks for. kubernetes: pkg/controller/podautoscaler/horizontal.go computeReplicasForMetric */
export function proposeForMetric(spec: MetricSpec, state: ScaleState): Promise<MetricProposal> {
  if (spec.type === 'Resource' && spec.resource !== undefined) {
    return resourceProposal(spec.resource.name, undefined, spec.resource.target, state);
  }
  if (spec.type === 'ContainerResource' && spec.containerResource !== undefined) {
    const { name, container, target } = spec.containerResource;
    return resourceProposal(name, container, target, state);
  }
  if (spec.type === 'Pods' && spec.pods !== undefined) return podsProposal(spec.pods, state);
  if (spec.type === 'Object' && spec.object !== undefined) return objectProposal(spec.object, state);
  if (spec.type === 'External' && spec.external !== undefined) return externalProposal(spec.external, state);
  return Promise.reject(new Error(`unknown metric source type "${spec.type}"`));
}

async function resourceProposal(
  name: string,
  container: string | undefined,
  target: MetricTarget,
  state: ScaleState,
): Promise<MetricProposal> {
  const { averageValue, averageUtilization } = target;
  const isAverage = averageValue !== undefined;
  if (!isAverage && averageUtilization === undefined) {
    const wanted = 'neither an average utilization target nor an average value (usage) target was set';
    throw new Error(`invalid resource metric source: ${wanted}`);
  }
  const result = await attempt(`failed to get ${name} ${isAverage ? 'usage' : 'utilization'}`, async () => {
    const { namespace, selector } = state;
    const metrics = await attempt(`unable to get metrics for resource ${name}`, () =>
      state.provider.resource({ resource: name, namespace, selector, container }),
    );
    return fromPods(
      state,
      name,
      metrics,
      averageValue !== undefined
        ? { average: milliValue(averageValue) }
        : { percent: averageUtilization ?? 0, requests: () => podRequestsOf(state.pods, name, container) },
    );
  });
  const current: MetricValueStatus = {
    averageValue: milliText(result.usage),
    ...(result.utilization === undefined ? {} : { averageUtilization: result.utilization }),
  };
  const kind = container === undefined ? 'resource' : 'container resource';
  return {
    replicas: result.replicas,
    name: isAverage ? `${name} resource` : `${name} ${kind} utilization (percentage of request)`,
    status:
      container === undefined
        ? { type: 'Resource', resource: { name, current } }
        : { type: 'ContainerResource', containerResource: { name, container, current } },
  };
}

async function podsProposal(
  { metric, target }: NonNullable<MetricSpec['pods']>,
  state: ScaleState,
): Promise<MetricProposal> {
  const { namespace, selector } = state;
  const metrics = await attempt(`unable to get metric ${metric.name}`, () =>
    state.provider.pods({ metric, namespace, selector }),
  );
  const result = fromPods(state, '', metrics, { average: milliValue(target.averageValue ?? 0) });
  return {
    replicas: result.replicas,
    name: `pods metric ${metric.name}`,
    status: { type: 'Pods', pods: { metric, current: { averageValue: milliText(result.usage) } } },
  };
}

async function objectProposal(spec: ObjectMetricSource, state: ScaleState): Promise<MetricProposal> {
  const { describedObject, metric, target } = spec;
  const { kind, name } = describedObject;
  const { namespace } = state;
  const usage = await attempt(
    `unable to get metric ${metric.name}: ${kind} on ${namespace} ${name}`,
    () => state.provider.object({ metric, namespace, object: describedObject }),
    '/',
  );
  const { replicas, current } = fromTotal(usage, target, state);
  const label = target.type === 'Value' ? `${kind} metric ${metric.name}` : `external metric ${describe(metric)}`;
  return { replicas, name: label, status: { type: 'Object', object: { metric, current, describedObject } } };
}

async function externalProposal({ metric, target }: ExternalMetricSource, state: ScaleState): Promise<MetricProposal> {
  const { namespace } = state;
  const values = await attempt(
    `unable to get external metric ${namespace}/${metric.name}/${selectorText(metric.selector)}`,
    () => state.provider.external({ metric, namespace }),
  );
  const usage = values.reduce((sum, value) => sum + value, 0);
  const { replicas, current } = fromTotal(usage, target, state);
  return {
    replicas,
    name: `external metric ${describe(metric)}`,
    status: { type: 'External', external: { metric, current } },
  };
}

/** The replicas for a value that is to be so much in all, or so much for each replica. */
function fromTotal(
  usage: number,
  target: MetricTarget,
  state: ScaleState,
): { readonly replicas: number; readonly current: MetricValueStatus } {
  const { specReplicas, statusReplicas, tolerances, pods } = state;
  if (target.averageValue !== undefined) {
    const average = milliValue(target.averageValue);
    const ratio = usage / (average * statusReplicas);
    const replicas = isWithin(ratio, tolerances) ? statusReplicas : Math.ceil(usage / average);
    return { replicas, current: { averageValue: milliText(Math.ceil(usage / Math.max(1, statusReplicas))) } };
  }
  const ratio = usage / milliValue(target.value ?? 0);
  return {
    replicas: proposeFromRatio(ratio, { current: specReplicas, pods, tolerances }),
    current: { value: milliText(usage) },
  };
}

function fromPods(
  state: ScaleState,
  resource: string,
  metrics: ReadonlyMap<string, PodMetric>,
  target: Parameters<typeof proposeFromPods>[0]['target'],
): Proposal {
  const { pods, specReplicas, tolerances, now } = state;
  return proposeFromPods({ pods, metrics, resource, current: specReplicas, tolerances, now, target });
}

async function attempt<T>(what: string, run: () => Promise<T>, joint = ': '): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw new Error(`${what}${joint}${messageOf(error)}`, { cause: error });
  }
}

function milliText(value: number): string {
  return newQuantity(BigInt(Math.trunc(value)) * 1_000_000n, 'DecimalSI').text;
}

function describe({
  name,
  selector,
}: {
  readonly name: string;
  readonly selector?: LabelSelector | undefined;
}): string {
  return `${name}(${selectorText(selector)})`;
}

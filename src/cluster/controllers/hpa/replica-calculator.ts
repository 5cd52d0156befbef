import type { Pod } from '../../../kube/api/core-v1.generated.ts';
import { milliValue } from '../../../kube/quantity.ts';
import { isDeleting, nameOf } from '../../machinery/keys.ts';
import { podRequests } from '../../machinery/pod-resources.ts';
import { isPodReady, isSidecar, podCondition } from '../../machinery/pods.ts';
import { parseTime } from '../../machinery/time.ts';
import type { PodMetric } from './metrics-provider.ts';

/** ms after a pod's start in which its CPU use is not trusted. kubernetes: pkg/controller/podautoscaler/config */
const CPU_INITIALIZATION = 300_000;
/** ms after a pod's start in which it may become unready without ever having been ready. */
const INITIAL_READINESS = 30_000;

/** By how much use may differ from its target without consequence. */
export interface Tolerances {
  readonly up: number;
  readonly down: number;
}

/** A number of replicas, and the use it was computed from. */
export interface Proposal {
  readonly replicas: number;
  /** Average of a pod, in thousandths. */
  readonly usage: number;
  /** Per cent of what is requested, where the target is a percentage. */
  readonly utilization?: number;
}

/** What {@link proposeFromPods} works on. */
export interface PodsQuestion {
  readonly pods: readonly Pod[];
  readonly metrics: ReadonlyMap<string, PodMetric>;
  /** '' for custom metrics. */
  readonly resource: string;
  readonly current: number;
  readonly tolerances: Tolerances;
  /** ms since the epoch */
  readonly now: number;
  /** Either an average in thousandths, or per cent of the requests. */
  readonly target: { readonly average: number } | { readonly percent: number; readonly requests: () => Requests };
}

type Requests = ReadonlyMap<string, number>;
const NO_REQUESTS: Requests = new Map();

/** True when use is so near its target that nothing is to be done. */
export function isWithin(ratio: number, { up, down }: Tolerances): boolean {
  return 1 - down <= ratio && ratio <= 1 + up;
}

/**
 * The replicas that bring the pods' use to its target. Pods without a metric, or that are not ready, count so as to dampen
 * the change, and one that would turn its direction is not made. kubernetes: pkg/controller/podautoscaler/replica_calculator.go
 */
export function proposeFromPods(question: PodsQuestion): Proposal {
  const { pods, current, tolerances } = question;
  if (pods.length === 0) throw new Error('no pods returned by selector while calculating replica count');
  const groups = groupPods(question);
  const values = new Map<string, number>();
  for (const [name, { value }] of question.metrics) {
    if (!groups.ignored.has(name) && !groups.unready.has(name)) values.set(name, value);
  }
  if (values.size === 0) throw new Error('did not receive metrics for targeted pods (pods might be unready)');

  const { target } = question;
  const requests = 'average' in target ? NO_REQUESTS : target.requests();
  const { ratio, ...usage } = measure(values, question, requests);
  const fillUnready = groups.unready.size > 0 && ratio > 1;
  if (!fillUnready && groups.missing.size === 0) {
    if (isWithin(ratio, tolerances)) return { replicas: current, ...usage };
    return { replicas: Math.ceil(ratio * groups.ready), ...usage };
  }
  if (ratio < 1) for (const name of groups.missing) values.set(name, fullUse(name, question, requests));
  else if (ratio > 1) for (const name of groups.missing) values.set(name, 0);
  if (fillUnready) for (const name of groups.unready) values.set(name, 0);

  const dampened = measure(values, question, requests).ratio;
  const turned = (ratio < 1 && dampened > 1) || (ratio > 1 && dampened < 1);
  if (isWithin(dampened, tolerances) || turned) return { replicas: current, ...usage };
  const replicas = Math.ceil(dampened * values.size);
  const contrary = (dampened < 1 && replicas > current) || (dampened > 1 && replicas < current);
  return { replicas: contrary ? current : replicas, ...usage };
}

interface Measured {
  readonly ratio: number;
  readonly usage: number;
  readonly utilization?: number;
}

function measure(values: ReadonlyMap<string, number>, { target }: PodsQuestion, requests: Requests): Measured {
  let total = 0;
  if ('average' in target) {
    for (const value of values.values()) total += value;
    const usage = Math.trunc(total / values.size);
    return { ratio: usage / target.average, usage };
  }
  let requested = 0;
  let count = 0;
  for (const [name, value] of values) {
    const request = requests.get(name);
    if (request === undefined) continue;
    total += value;
    requested += request;
    count += 1;
  }
  if (requested === 0) throw new Error('no metrics returned matched known pods');
  const utilization = Math.trunc((total * 100) / requested);
  return { ratio: utilization / target.percent, utilization, usage: Math.trunc(total / count) };
}

/** What a pod without a metric is taken to use when the number of replicas is to go down. */
function fullUse(name: string, { target }: PodsQuestion, requests: Requests): number {
  if ('average' in target) return target.average;
  return Math.trunc(((requests.get(name) ?? 0) * Math.max(100, target.percent)) / 100);
}

interface Groups {
  ready: number;
  readonly unready: Set<string>;
  readonly missing: Set<string>;
  readonly ignored: Set<string>;
}

function groupPods({ pods, metrics, resource, now }: PodsQuestion): Groups {
  const groups: Groups = { ready: 0, unready: new Set(), missing: new Set(), ignored: new Set() };
  for (const pod of pods) {
    const name = nameOf(pod);
    const metric = metrics.get(name);
    if (isDeleting(pod) || pod.status?.phase === 'Failed') groups.ignored.add(name);
    else if ((pod.status?.phase ?? 'Pending') === 'Pending') groups.unready.add(name);
    else if (metric === undefined) groups.missing.add(name);
    else if (resource === 'cpu' && !isTrusted(pod, metric, now)) groups.unready.add(name);
    else groups.ready += 1;
  }
  return groups;
}

function isTrusted(pod: Pod, metric: PodMetric, now: number): boolean {
  const condition = podCondition(pod, 'Ready');
  const start = parseTime(pod.status?.startTime);
  if (condition === undefined || start === undefined) return false;
  const changed = parseTime(condition.lastTransitionTime) ?? 0;
  if (start + CPU_INITIALIZATION > now) {
    return condition.status !== 'False' && metric.timestamp >= changed + metric.window;
  }
  return condition.status !== 'False' || start + INITIAL_READINESS <= changed;
}

/**
 * The requests of pods for a resource in thousandths, by pod; with a container's name only that container's. Throws when one is
 * missing.
 */
export function podRequestsOf(pods: readonly Pod[], resource: string, container: string | undefined): Requests {
  const out = new Map<string, number>();
  for (const pod of pods) {
    const whole = container === undefined && hasPodRequests(pod);
    out.set(nameOf(pod), whole ? wholePodRequest(pod, resource) : containersRequest(pod, resource, container));
  }
  return out;
}

/** True when a pod as a whole asks for something that can be asked for so. kubernetes: component-helpers resource */
function hasPodRequests({ spec }: Pod): boolean {
  return Object.keys(spec?.resources?.requests ?? {}).some(
    (name) => name === 'cpu' || name === 'memory' || name.startsWith('hugepages-'),
  );
}

function wholePodRequest(pod: Pod, resource: string): number {
  const amount = podRequests(pod).get(resource);
  if (amount === undefined) throw new Error(`missing pod-level request for ${resource} in Pod ${nameOf(pod)}`);
  return milliValue(amount.text);
}

function containersRequest(pod: Pod, resource: string, container: string | undefined): number {
  const sidecars = (pod.spec?.initContainers ?? []).filter(isSidecar);
  const all = [...(pod.spec?.containers ?? []), ...sidecars];
  const counted = container === undefined ? all : all.filter(({ name }) => name === container);
  if (container !== undefined && counted.length === 0) {
    throw new Error(`container ${container} not found in Pod ${nameOf(pod)}`);
  }
  let sum = 0;
  for (const { name, resources } of counted) {
    const request = resources?.requests?.[resource];
    if (request === undefined) {
      throw new Error(`missing request for ${resource} in container ${name} of Pod ${nameOf(pod)}`);
    }
    sum += milliValue(request);
  }
  return sum;
}

/** The replicas for a metric of something else than the pods, whose value is to be `target`. */
export function proposeFromRatio(
  ratio: number,
  {
    current,
    pods,
    tolerances,
  }: { readonly current: number; readonly pods: readonly Pod[]; readonly tolerances: Tolerances },
): number {
  if (current === 0) return Math.ceil(ratio);
  if (isWithin(ratio, tolerances)) return current;
  if (pods.length === 0) {
    throw new Error('unable to calculate ready pods: no pods returned by selector while calculating replica count');
  }
  const ready = pods.filter((pod) => pod.status?.phase === 'Running' && isPodReady(pod)).length;
  return Math.ceil(ratio * ready);
}

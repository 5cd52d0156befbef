import { compareStrings } from '../../base/json.ts';
import type { Container, Pod, PodCondition } from '../../kube/api/core-v1.generated.ts';
import { POD_DELETION_COST } from './constants.ts';
import { isDeleting, nameOf } from './keys.ts';
import { parseTime } from './time.ts';

/** The condition of that type, if the pod has one. */
export function podCondition(pod: Pod, type: string): PodCondition | undefined {
  return pod.status?.conditions?.find((condition) => condition.type === type);
}

/**
 * The conditions with this one put in: it keeps its lastTransitionTime while the status stays the same. The very array that
 * was given comes back when nothing changes, so that callers can tell.
 */
export function withPodCondition(
  conditions: readonly PodCondition[] | undefined,
  condition: PodCondition,
): readonly PodCondition[] {
  const list = conditions ?? [];
  const at = list.findIndex((candidate) => candidate.type === condition.type);
  const old = list[at];
  if (old === undefined) return [...list, condition];
  const transition = old.status === condition.status ? old.lastTransitionTime : condition.lastTransitionTime;
  const same =
    old.status === condition.status &&
    old.reason === condition.reason &&
    old.message === condition.message &&
    old.lastProbeTime === condition.lastProbeTime &&
    old.observedGeneration === condition.observedGeneration;
  if (same) return list;
  return list.with(at, { ...condition, lastTransitionTime: transition });
}

/** True when the Ready condition is True. */
export function isPodReady(pod: Pod): boolean {
  return podCondition(pod, 'Ready')?.status === 'True';
}

/** ms since the epoch since when the pod is ready, or undefined when it is not. */
function podReadySince(pod: Pod): number | undefined {
  const ready = podCondition(pod, 'Ready');
  return ready?.status === 'True' ? parseTime(ready.lastTransitionTime) : undefined;
}

/** True when the pod has been ready for `minReadySeconds`. kubernetes: pkg/api/v1/pod/util.go */
export function isPodAvailable(pod: Pod, minReadySeconds: number, now: number): boolean {
  if (!isPodReady(pod)) return false;
  if (minReadySeconds === 0) return true;
  const since = podReadySince(pod);
  return since !== undefined && since + minReadySeconds * 1000 <= now;
}

/** ms until the first of the ready pods becomes available, or undefined when none is waited for. */
export function nextAvailability(pods: readonly Pod[], minReadySeconds: number, now: number): number | undefined {
  if (minReadySeconds === 0) return undefined;
  let next: number | undefined;
  for (const pod of pods) {
    const since = podReadySince(pod);
    if (since === undefined) continue;
    const wait = since + minReadySeconds * 1000 - now;
    if (wait > 0 && (next === undefined || wait < next)) next = wait;
  }
  return next;
}

/** True when the pod has come to its end: Succeeded or Failed. */
export function isPodFinished(pod: Pod): boolean {
  const phase = pod.status?.phase;
  return phase === 'Succeeded' || phase === 'Failed';
}

/** True when the pod counts as a replica: neither finished nor being deleted. */
export function isPodActive(pod: Pod): boolean {
  return !isPodFinished(pod) && !isDeleting(pod);
}

/** True while a pod that has not finished is being deleted. */
export function isPodTerminating(pod: Pod): boolean {
  return !isPodFinished(pod) && isDeleting(pod);
}

const PHASE_ORDER: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };

/** What {@link comparePodsForDeletion} weighs besides the pods. */
export interface DeletionOrder {
  /** ms since the epoch */
  readonly now: number;
  /** Pods of the same kind on the pod's node: where more are, one goes first. */
  readonly rank: (pod: Pod) => number;
}

/**
 * Negative when `a` is to be deleted before `b`. Ages are compared by their order of magnitude, and the name decides between
 * equals, where Kubernetes takes the uid. kubernetes: pkg/controller/controller_utils.go ActivePodsWithRanks
 */
export function comparePodsForDeletion(a: Pod, b: Pod, order: DeletionOrder): number {
  return (
    Number(isAssigned(a)) - Number(isAssigned(b)) ||
    phaseOrder(a) - phaseOrder(b) ||
    Number(isPodReady(a)) - Number(isPodReady(b)) ||
    deletionCost(a) - deletionCost(b) ||
    order.rank(b) - order.rank(a) ||
    (isPodReady(a) ? compareAges(a, b, podReadySince, order.now) : 0) ||
    mostRestarts(b) - mostRestarts(a) ||
    mostSidecarRestarts(b) - mostSidecarRestarts(a) ||
    compareAges(a, b, createdAt, order.now) ||
    compareStrings(nameOf(a), nameOf(b))
  );
}

function createdAt(pod: Pod): number | undefined {
  return parseTime(pod.metadata.creationTimestamp);
}

function isAssigned(pod: Pod): boolean {
  return pod.spec?.nodeName !== undefined && pod.spec.nodeName !== '';
}

function phaseOrder(pod: Pod): number {
  return PHASE_ORDER[pod.status?.phase ?? 'Pending'] ?? 0;
}

/** The pod's deletion cost, 0 when absent or malformed. */
export function deletionCost(pod: Pod): number {
  const annotations = pod.metadata.annotations;
  if (annotations === undefined || !Object.hasOwn(annotations, POD_DELETION_COST)) return 0;
  const text = annotations[POD_DELETION_COST] ?? '';
  if (!/^(0|-?[1-9][0-9]*)$/.test(text)) return 0;
  const cost = Number(text);
  return cost >= -0x8000_0000 && cost <= 0x7fff_ffff ? cost : 0;
}

function mostRestarts(pod: Pod): number {
  let most = 0;
  for (const { restartCount } of pod.status?.containerStatuses ?? []) most = Math.max(most, restartCount);
  return most;
}

/** Of containers that run beside the others. */
function mostSidecarRestarts(pod: Pod): number {
  let most = 0;
  for (const { name, restartCount } of pod.status?.initContainerStatuses ?? []) {
    if (restartCount <= most) continue;
    if (pod.spec?.initContainers?.some((each) => each.name === name && isSidecar(each)) === true) most = restartCount;
  }
  return most;
}

/**
 * One without a time first, then the younger by its order of magnitude (base 2). Within one the name decides at once: what
 * comes after does not count, unless the times are the same.
 */
function compareAges(a: Pod, b: Pod, timeOf: (pod: Pod) => number | undefined, now: number): number {
  const first = timeOf(a);
  const second = timeOf(b);
  if (first === second) return 0;
  if (first === undefined || second === undefined) return first === undefined ? -1 : 1;
  return ageMagnitude(now - first) - ageMagnitude(now - second) || compareStrings(nameOf(a), nameOf(b));
}

function ageMagnitude(milliseconds: number): number {
  // Nanoseconds, as the source of the rule counts.
  return milliseconds <= 0 ? -1 : Math.trunc(Math.log2(milliseconds * 1e6));
}

/** True for an init container that goes on beside the others. */
export function isSidecar({ restartPolicy }: Container): boolean {
  return restartPolicy === 'Always';
}

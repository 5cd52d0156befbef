import type { ContainerStatus, Pod } from '../../../kube/api/core-v1.generated.ts';
import type { KubeObject } from '../../../kube/object.ts';
import { age, ageColumn, column, type Column, nameColumn, NONE, wide } from './columns.ts';

function pod(object: KubeObject): Pod {
  return object;
}

/** Sidecars count as containers. */
function sidecars(each: Pod): ReadonlySet<string> {
  return new Set(
    (each.spec?.initContainers ?? []).filter((init) => init.restartPolicy === 'Always').map((init) => init.name),
  );
}

function countedStatuses(each: Pod): readonly ContainerStatus[] {
  const names = sidecars(each);
  const init = (each.status?.initContainerStatuses ?? []).filter((status) => names.has(status.name));
  return [...init, ...(each.status?.containerStatuses ?? [])];
}

/** `1/2` */
export function podReady(each: Pod): string {
  const total = (each.spec?.containers.length ?? 0) + sidecars(each).size;
  const ready = countedStatuses(each).filter((status) => status.ready && status.state?.running !== undefined).length;
  return `${ready}/${total}`;
}

/** `0`, or `3 (5m ago)`. */
export function podRestarts(each: Pod, now: number): string {
  const { initializing } = initStatus(each);
  const statuses =
    initializing && !isInitialized(each) ? (each.status?.initContainerStatuses ?? []) : countedStatuses(each);
  let restarts = 0;
  let last = '';
  for (const status of statuses) {
    restarts += status.restartCount;
    const finished = status.lastState?.terminated?.finishedAt ?? '';
    if (finished > last) last = finished;
  }
  return restarts > 0 && last !== '' ? `${restarts} (${age(last, now)} ago)` : String(restarts);
}

/** The STATUS column. kubernetes: pkg/printers/internalversion/printers.go, printPod. */
export function podStatus(each: Pod): string {
  const { status } = each;
  let reason = status?.reason !== undefined && status.reason !== '' ? status.reason : (status?.phase ?? '');
  const gated = status?.conditions?.find((condition) => condition.type === 'PodScheduled');
  if (gated?.reason === 'SchedulingGated') reason = 'SchedulingGated';
  const init = initStatus(each);
  if (init.initializing) reason = init.reason;
  if (!init.initializing || isInitialized(each)) reason = containersReason(each, reason);
  if (each.metadata.deletionTimestamp !== undefined) {
    if (status?.reason === 'NodeLost') return 'Unknown';
    if (status?.phase !== 'Succeeded' && status?.phase !== 'Failed') return 'Terminating';
  }
  return reason;
}

/** Init containers of a pod that was initialized once, and may run again, do not count any more. */
function isInitialized({ status }: Pod): boolean {
  return status?.conditions?.some(({ type, status: is }) => type === 'Initialized' && is === 'True') === true;
}

function initStatus(each: Pod): { readonly initializing: boolean; readonly reason: string } {
  const statuses = each.status?.initContainerStatuses ?? [];
  const always = sidecars(each);
  const total = each.spec?.initContainers?.length ?? 0;
  for (const [index, status] of statuses.entries()) {
    const { state } = status;
    if (state?.terminated?.exitCode === 0) continue;
    if (always.has(status.name) && status.started === true) continue;
    if (state?.terminated !== undefined)
      return { initializing: true, reason: `Init:${terminatedReason(state.terminated)}` };
    const waiting = state?.waiting?.reason ?? '';
    if (waiting !== '' && waiting !== 'PodInitializing') return { initializing: true, reason: `Init:${waiting}` };
    return { initializing: true, reason: `Init:${index}/${total}` };
  }
  return { initializing: false, reason: '' };
}

function containersReason(each: Pod, before: string): string {
  let reason = before;
  let hasRunning = false;
  for (const status of [...(each.status?.containerStatuses ?? [])].reverse()) {
    const { state } = status;
    if ((state?.waiting?.reason ?? '') !== '') reason = state?.waiting?.reason ?? '';
    else if (state?.terminated !== undefined) reason = terminatedReason(state.terminated);
    else if (status.ready && state?.running !== undefined) hasRunning = true;
  }
  if (reason !== 'Completed' || !hasRunning) return reason;
  const ready = each.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true;
  return ready ? 'Running' : 'NotReady';
}

function terminatedReason(state: {
  readonly reason?: string | undefined;
  readonly signal?: number | undefined;
  readonly exitCode: number;
}): string {
  if (state.reason !== undefined && state.reason !== '') return state.reason;
  return state.signal !== undefined && state.signal !== 0 ? `Signal:${state.signal}` : `ExitCode:${state.exitCode}`;
}

export const podColumns: readonly Column[] = [
  nameColumn,
  column('Ready', (object) => podReady(pod(object))),
  column('Status', (object) => podStatus(pod(object))),
  column('Restarts', (object, { now }) => podRestarts(pod(object), now)),
  ageColumn,
  wide('IP', (object) => pod(object).status?.podIPs?.[0]?.ip ?? pod(object).status?.podIP ?? NONE),
  wide('Node', (object) => pod(object).spec?.nodeName ?? NONE),
  wide('Nominated Node', (object) => pod(object).status?.nominatedNodeName ?? NONE),
  wide('Readiness Gates', (object) => {
    const gates = pod(object).spec?.readinessGates ?? [];
    const conditions = pod(object).status?.conditions ?? [];
    const met = gates.filter((gate) =>
      conditions.some((condition) => condition.type === gate.conditionType && condition.status === 'True'),
    );
    return gates.length === 0 ? NONE : `${met.length}/${gates.length}`;
  }),
];

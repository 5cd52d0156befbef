import type { Container, ContainerStatus, Event, Pod } from '../kube/api/core-v1.generated.ts';
import type { LabelSelector } from '../kube/api/meta-v1.generated.ts';
import type { KubeClient } from '../client/kube-client.ts';
import type { KubeObject } from '../kube/object.ts';
import { RESOURCES } from '../kube/resources.ts';
import type { Resource } from './resource.ts';

/** Why an object is not ready: the guilty object below it and what was said of it. */
export interface Cause {
  /** `pod default/web-6d4c-x7k2p` */
  readonly object: string;
  readonly container?: string;
  /** `ImagePullBackOff`, `Unschedulable`, `FailedCreate`, … */
  readonly reason: string;
  readonly message: string;
  /** The last warnings about it, oldest first. */
  readonly events: readonly string[];
  /** The last lines that the container printed. */
  readonly logs: readonly string[];
}

const LOG_LINES = 5;
const EVENT_LINES = 5;

/** One line: `pod default/web-x, container "web": ImagePullBackOff: Back-off pulling image "nginx:nope"`. */
export function formatCause(cause: Cause): string {
  const container = cause.container === undefined ? '' : `, container "${cause.container}"`;
  const message = cause.message === '' ? '' : `: ${cause.message}`;
  return `${cause.object}${container}: ${cause.reason}${message}`;
}

/** Looks below a workload, claim or job for the reason that keeps it from being ready; undefined when there is none to see. */
export async function findCause(client: KubeClient, resource: Resource): Promise<Cause | undefined> {
  let live: KubeObject;
  try {
    live = await client.get(resource.type, resource.key);
  } catch {
    return undefined;
  }
  const pods = await podsOf(client, live);
  for (const pod of pods) {
    const found = podCause(pod);
    if (found !== undefined) return await complete(client, pod, found);
  }
  for (const pod of pods) {
    // A volume that cannot be mounted shows in events only.
    if (pod.status?.phase !== 'Pending') continue;
    const cause = await eventCause(client, pod as unknown as KubeObject);
    if (cause !== undefined) return cause;
  }
  return conditionCause(live) ?? (await eventCause(client, live));
}

/** What keeps a pod from being ready, from its status alone. */
export function podCause(pod: Pod): Omit<Cause, 'events' | 'logs'> | undefined {
  const object = `pod ${pod.metadata.namespace ?? ''}/${pod.metadata.name ?? ''}`;
  const { status } = pod;
  const scheduled = status?.conditions?.find((condition) => condition.type === 'PodScheduled');
  if (scheduled?.status === 'False') {
    return { object, reason: scheduled.reason ?? 'Unschedulable', message: scheduled.message ?? '' };
  }
  const statuses = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  for (const container of statuses) {
    const found = containerCause(container);
    if (found !== undefined) return { object, container: container.name, ...found };
  }
  if (status?.phase === 'Failed') return { object, reason: status.reason ?? 'Failed', message: status.message ?? '' };
  const unready = status?.containerStatuses?.find(
    (container) => !container.ready && container.state?.running !== undefined,
  );
  if (unready !== undefined && status?.phase === 'Running') {
    return { object, container: unready.name, reason: 'NotReady', message: describeProbe(pod, unready.name) };
  }
  return undefined;
}

function containerCause(container: ContainerStatus): { reason: string; message: string } | undefined {
  const waiting = container.state?.waiting;
  if (waiting?.reason !== undefined && waiting.reason !== 'ContainerCreating' && waiting.reason !== 'PodInitializing') {
    const last = container.lastState?.terminated;
    const exit = last === undefined ? '' : `; last exit: ${last.reason ?? 'Error'}, code ${last.exitCode}`;
    return { reason: waiting.reason, message: `${waiting.message ?? ''}${exit}` };
  }
  const terminated = container.state?.terminated;
  if (terminated !== undefined && terminated.exitCode !== 0) {
    return { reason: terminated.reason ?? 'Error', message: terminated.message ?? `exit code ${terminated.exitCode}` };
  }
  return undefined;
}

function describeProbe(pod: Pod, name: string): string {
  const container: Container | undefined = pod.spec?.containers.find((candidate) => candidate.name === name);
  return container?.readinessProbe === undefined ? 'the container is not ready' : 'the readiness probe does not pass';
}

async function podsOf(client: KubeClient, live: KubeObject): Promise<readonly Pod[]> {
  if (live.kind === 'Pod') return [live];
  const spec = live['spec'] as { readonly selector?: LabelSelector; readonly template?: unknown } | undefined;
  if (spec?.template === undefined || live.metadata.namespace === undefined) return [];
  const labels = spec.selector?.matchLabels ?? {};
  const selector = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  if (selector.length === 0) return [];
  try {
    const list = await client.list<Pod>(RESOURCES.pods, {
      namespace: live.metadata.namespace,
      labelSelector: selector.join(','),
    });
    // The newest pods belong to the newest template: they are the ones that a bad release brought.
    return [...list.items].sort((a, b) =>
      (b.metadata.creationTimestamp ?? '').localeCompare(a.metadata.creationTimestamp ?? ''),
    );
  } catch {
    return [];
  }
}

function conditionCause(live: KubeObject): Cause | undefined {
  const status = live['status'] as
    | { readonly conditions?: readonly { type: string; status: string; reason?: string; message?: string }[] }
    | undefined;
  for (const condition of status?.conditions ?? []) {
    const bad =
      (condition.type === 'ReplicaFailure' && condition.status === 'True') ||
      (condition.type === 'Failed' && condition.status === 'True') ||
      (condition.type === 'Progressing' && condition.status === 'False');
    if (bad) {
      return {
        object: `${live.kind.toLowerCase()} ${live.metadata.namespace ?? ''}/${live.metadata.name ?? ''}`,
        reason: condition.reason ?? condition.type,
        message: condition.message ?? '',
        events: [],
        logs: [],
      };
    }
  }
  return undefined;
}

async function eventCause(client: KubeClient, live: KubeObject): Promise<Cause | undefined> {
  const events = await warningsAbout(client, live);
  const last = events.at(-1);
  if (last === undefined) return undefined;
  return {
    object: `${live.kind.toLowerCase()} ${live.metadata.namespace ?? ''}/${live.metadata.name ?? ''}`,
    reason: last.reason ?? '',
    message: last.message ?? '',
    events: events.map(formatEvent),
    logs: [],
  };
}

async function complete(client: KubeClient, pod: Pod, found: Omit<Cause, 'events' | 'logs'>): Promise<Cause> {
  const events = await warningsAbout(client, pod as unknown as KubeObject);
  const message = better(found, events);
  return {
    ...found,
    message,
    events: events.slice(-EVENT_LINES).map(formatEvent),
    logs: await lastLogs(client, pod, found),
  };
}

/** An event often says more than the status does: a mount that failed, a probe's answer. */
function better(found: Omit<Cause, 'events' | 'logs'>, events: readonly Event[]): string {
  if (found.reason !== 'NotReady') return found.message;
  const unhealthy = events.findLast((event) => event.reason === 'Unhealthy');
  return unhealthy?.message ?? found.message;
}

async function warningsAbout(client: KubeClient, object: KubeObject): Promise<readonly Event[]> {
  try {
    const list = await client.list<Event>(RESOURCES.events, {
      namespace: object.metadata.namespace,
      fieldSelector: `involvedObject.uid=${object.metadata.uid ?? ''},type=Warning`,
    });
    return [...list.items].sort((a, b) => eventTime(a).localeCompare(eventTime(b)));
  } catch {
    return [];
  }
}

function eventTime(event: Event): string {
  return event.lastTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp ?? '';
}

function formatEvent(event: Event): string {
  return `${event.reason ?? ''}: ${event.message ?? ''}`;
}

async function lastLogs(client: KubeClient, pod: Pod, found: Omit<Cause, 'events' | 'logs'>): Promise<string[]> {
  if (found.container === undefined || pod.metadata.name === undefined) return [];
  try {
    const text = await client.logs(
      { namespace: pod.metadata.namespace, name: pod.metadata.name },
      { container: found.container, previous: found.reason === 'CrashLoopBackOff', tailLines: LOG_LINES },
    );
    return text.split('\n').filter((line) => line !== '');
  } catch {
    return [];
  }
}

import type { VirtualClock } from '../../../../src/base/virtual-clock.ts';
import type { KubeClient } from '../../../../src/client/kube-client.ts';
import type { ContainerStatus, Pod, PodStatus } from '../../../../src/kube/api/core-v1.generated.ts';
import { RESOURCES } from '../../../../src/kube/resources.ts';
import { isStatus } from '../../../../src/kube/status-error.ts';
import type { Informer, InformerFactory } from '../../../../src/cluster/machinery/interfaces.ts';
import { objectKey, uidOf } from '../../../../src/cluster/machinery/keys.ts';
import { targetNode } from '../../../../src/cluster/controllers/daemonset/daemon-pods.ts';
import { formatTime } from '../../../../src/cluster/machinery/time.ts';

/** How a pod goes: what it ends with, and when (ms after its start); without an end it runs on. */
export interface PodCourse {
  readonly exitCode?: number;
  readonly after?: number;
  /** ms until it is ready, 0 by default; undefined with `never`. */
  readonly readyAfter?: number;
  readonly never?: 'schedule' | 'ready';
}

/** What {@link runPods} works with. */
export interface PodRunnerOptions {
  readonly client: KubeClient;
  readonly clock: VirtualClock;
  readonly informers: InformerFactory;
  /** Decides how a pod goes. */
  readonly course: (pod: Pod) => PodCourse;
  /** ms that pods take to end when deleted; default 1000. */
  readonly termination?: number;
}

/** Stands for scheduler and kubelets: every pod runs at once, on `n1` or where it must. */
export function runPods({ client, clock, informers, course, termination = 1000 }: PodRunnerOptions): Informer<Pod> {
  const pods = informers.informer<Pod>(RESOURCES.pods);
  const courses = new Map<string, PodCourse>();
  const begun = new Set<string>();
  const ending = new Set<string>();
  const quietly = (work: () => Promise<void>): void => {
    work().catch((error: unknown) => {
      if (!isStatus(error, 'NotFound') && !isStatus(error, 'Conflict')) throw error;
    });
  };
  const courseOf = (pod: Pod): PodCourse => {
    const known = courses.get(uidOf(pod)) ?? course(pod);
    courses.set(uidOf(pod), known);
    return known;
  };
  const writeStatus = async (pod: Pod, status: PodStatus): Promise<void> => {
    const now = await client.get<Pod>(RESOURCES.pods, objectKey(pod));
    if (now.metadata.uid !== pod.metadata.uid) return;
    await client.update(RESOURCES.pods, { ...now, status: { ...now.status, ...status } }, { subresource: 'status' });
  };
  const start = async (pod: Pod): Promise<void> => {
    const target = { kind: 'Node', name: targetNode(pod) ?? 'n1' };
    const binding = {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name: pod.metadata.name, namespace: pod.metadata.namespace },
      target,
    };
    await client.create(RESOURCES.pods, binding, { subresource: 'binding' });
    const { exitCode, after = 0, readyAfter = 0, never } = courseOf(pod);
    await writeStatus(pod, running(pod, clock.now(), never !== 'ready' && readyAfter === 0));
    if (never !== 'ready' && readyAfter > 0) {
      clock.setTimer(readyAfter, () => quietly(() => writeStatus(pod, running(pod, clock.now(), true))));
    }
    if (exitCode !== undefined) {
      clock.setTimer(after, () => quietly(() => writeStatus(pod, ended(pod, exitCode, clock.now()))));
    }
  };
  const end = async (pod: Pod): Promise<void> => {
    const phase = pod.status?.phase;
    if (phase === 'Running') await writeStatus(pod, ended(pod, 143, clock.now()));
    await client.delete(RESOURCES.pods, objectKey(pod), {
      gracePeriodSeconds: 0,
      preconditions: { uid: pod.metadata.uid },
    });
  };
  pods.onEvent(({ type, object: pod }) => {
    const uid = uidOf(pod);
    if (type === 'deleted') return;
    if (pod.metadata.deletionTimestamp !== undefined) {
      if (ending.has(uid)) return;
      ending.add(uid);
      clock.setTimer(termination, () => quietly(() => end(pod)));
    } else if (!begun.has(uid) && courseOf(pod).never !== 'schedule') {
      begun.add(uid);
      quietly(() => start(pod));
    }
  });
  return pods;
}

function running(pod: Pod, now: number, ready: boolean): PodStatus {
  const time = formatTime(now);
  const status = ready ? 'True' : 'False';
  return {
    phase: 'Running',
    startTime: time,
    conditions: [
      { type: 'PodScheduled', status: 'True', lastTransitionTime: time },
      { type: 'Ready', status, lastTransitionTime: time },
    ],
    containerStatuses: containers(pod, (name) => ({ name, ready, state: { running: { startedAt: time } } })),
  };
}

function ended(pod: Pod, exitCode: number, now: number): PodStatus {
  const time = formatTime(now);
  const terminated = { exitCode, finishedAt: time, reason: exitCode === 0 ? 'Completed' : 'Error' };
  return {
    phase: exitCode === 0 ? 'Succeeded' : 'Failed',
    conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: time }],
    containerStatuses: containers(pod, (name) => ({ name, ready: false, state: { terminated } })),
  };
}

function containers(
  pod: Pod,
  make: (name: string) => Pick<ContainerStatus, 'name' | 'ready' | 'state'>,
): ContainerStatus[] {
  return (pod.spec?.containers ?? []).map(({ name, image = '' }) => ({
    ...make(name),
    image,
    imageID: image,
    restartCount: 0,
  }));
}

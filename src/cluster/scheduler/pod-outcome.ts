import type { Pod, PodCondition } from '../../kube/api/core-v1.generated.ts';
import { RESOURCES } from '../../kube/resources.ts';
import { isStatus } from '../../kube/status-error.ts';
import type { ComponentContext } from '../machinery/interfaces.ts';
import { objectKey } from '../machinery/keys.ts';
import { podCondition, withPodCondition } from '../machinery/pods.ts';
import { formatTime } from '../machinery/time.ts';
import type { PodInfo } from './pod-info.ts';

/** What is written to a pod that got no node. */
export interface FailureToWrite {
  readonly reason: 'Unschedulable' | 'SchedulerError';
  readonly message: string;
  /** The node that room is made on; '' takes a promise back; undefined leaves it. */
  readonly nominatedNode: string | undefined;
}

const MOST_TRIES = 3;

/** Writes the condition PodScheduled and the nominated node where they differ from what is there. */
export async function writeFailure(
  { client, clock }: ComponentContext,
  info: PodInfo,
  failure: FailureToWrite,
): Promise<void> {
  let { pod } = info;
  for (let tries = 1; ; tries += 1) {
    const status = statusWith(pod, failure, clock.now());
    if (status === undefined) return;
    try {
      await client.update<Pod>(RESOURCES.pods, { ...pod, status }, { subresource: 'status' });
      return;
    } catch (error) {
      if (isStatus(error, 'NotFound')) return;
      if (!isStatus(error, 'Conflict') || tries >= MOST_TRIES) throw error;
      const newest = await getPod(client, pod);
      if (newest === undefined || newest.metadata.uid !== info.uid || (newest.spec?.nodeName ?? '') !== '') return;
      pod = newest;
    }
  }
}

async function getPod(client: ComponentContext['client'], pod: Pod): Promise<Pod | undefined> {
  try {
    return await client.get<Pod>(RESOURCES.pods, objectKey(pod));
  } catch (error) {
    if (isStatus(error, 'NotFound')) return undefined;
    throw error;
  }
}

function statusWith(
  pod: Pod,
  { reason, message, nominatedNode }: FailureToWrite,
  now: number,
): Pod['status'] | undefined {
  const { generation } = pod.metadata;
  const condition: PodCondition = {
    type: 'PodScheduled',
    status: 'False',
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    reason,
    message,
    lastTransitionTime: formatTime(now),
    ...lastProbe(pod),
  };
  const known = pod.status?.conditions;
  const conditions = withPodCondition(known, condition);
  const nominated = nominatedNode ?? pod.status?.nominatedNodeName ?? '';
  if (conditions === known && nominated === (pod.status?.nominatedNodeName ?? '')) return undefined;
  const { nominatedNodeName: _old, ...status } = pod.status ?? {};
  return { ...status, ...(nominated === '' ? {} : { nominatedNodeName: nominated }), conditions };
}

function lastProbe(pod: Pod): Partial<PodCondition> {
  const known = podCondition(pod, 'PodScheduled')?.lastProbeTime;
  return known === undefined ? {} : { lastProbeTime: known };
}

/** Takes back that room is made for a pod on a node. kubernetes: pkg/scheduler/util ClearNominatedNodeName */
export async function takePromiseBack({ client }: ComponentContext, pod: Pod): Promise<void> {
  try {
    await client.patch(RESOURCES.pods, objectKey(pod), 'merge', { status: { nominatedNodeName: null } }, STATUS);
  } catch (error) {
    if (!isStatus(error, 'NotFound')) throw error;
  }
}

const STATUS = { subresource: 'status' } as const;

/** Removes a pod that makes room for another. kubernetes: preemption.go PreemptPod */
export async function removeVictim(
  { client, clock }: ComponentContext,
  victim: Pod,
  schedulerName: string,
): Promise<void> {
  const condition: PodCondition = {
    type: 'DisruptionTarget',
    status: 'True',
    ...(victim.metadata.generation === undefined ? {} : { observedGeneration: victim.metadata.generation }),
    reason: 'PreemptionByScheduler',
    message: `${schedulerName}: preempting to accommodate a higher priority pod`,
    lastTransitionTime: formatTime(clock.now()),
  };
  try {
    for (let tries = 1; ; tries += 1) {
      const pod = tries === 1 ? victim : await client.get<Pod>(RESOURCES.pods, objectKey(victim));
      try {
        const status = { ...pod.status, conditions: withPodCondition(pod.status?.conditions, condition) };
        await client.update(RESOURCES.pods, { ...pod, status }, { subresource: 'status' });
        break;
      } catch (error) {
        if (!isStatus(error, 'Conflict') || tries >= MOST_TRIES) throw error;
      }
    }
    await client.delete(RESOURCES.pods, objectKey(victim), { preconditions: { uid: victim.metadata.uid } });
  } catch (error) {
    if (!isStatus(error, 'NotFound')) throw error;
  }
}

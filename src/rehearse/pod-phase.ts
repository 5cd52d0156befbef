import { podCause } from '../deploy/cause.ts';
import type { Pod } from '../kube/api/core-v1.generated.ts';
import type { PodPhase } from './rehearsal.ts';

/** What a pod is doing, with the reason when something is wrong. */
export interface PodState {
  readonly phase: PodPhase;
  /** `ImagePullBackOff: Back-off pulling image "nginx:nope"` */
  readonly reason: string;
}

/** What a pod is doing, by its status. */
export function podState(pod: Pod): PodState {
  const { status, metadata } = pod;
  if (status?.phase === 'Succeeded') return { phase: 'done', reason: '' };
  if (status?.phase === 'Failed') return { phase: 'failed', reason: status.reason ?? '' };
  if (metadata.deletionTimestamp !== undefined) return { phase: 'stopping', reason: '' };
  const cause = podCause(pod);
  if (cause !== undefined && cause.reason !== 'NotReady') {
    const reason = `${cause.reason}${cause.message === '' ? '' : `: ${cause.message}`}`;
    return { phase: isUnplaced(pod) ? 'unplaced' : 'failing', reason };
  }
  if ((pod.spec?.nodeName ?? '') === '') return { phase: 'waiting', reason: '' };
  return { phase: isReady(pod) ? 'ready' : 'starting', reason: '' };
}

function isUnplaced({ status }: Pod): boolean {
  return status?.conditions?.some(({ type, status: value }) => type === 'PodScheduled' && value === 'False') === true;
}

function isReady({ status }: Pod): boolean {
  return status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') === true;
}

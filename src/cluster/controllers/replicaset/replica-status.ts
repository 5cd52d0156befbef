import type { Pod } from '../../../kube/api/core-v1.generated.ts';
import { equalityMatcher } from '../../../kube/labels.ts';
import { messageOf } from '../../machinery/pod-control.ts';
import { isPodAvailable, isPodReady } from '../../machinery/pods.ts';
import { nonZero } from '../../machinery/status-writer.ts';
import { formatTime } from '../../machinery/time.ts';
import {
  type ReplicaCondition,
  type ReplicaOwner,
  type ReplicaOwnerKind,
  type ReplicaOwnerStatus,
  wantedReplicas,
} from './replica-owner.ts';

/** What a status is made from. */
export interface ReplicaObservation {
  readonly active: readonly Pod[];
  /** Number of pods that are being deleted. */
  readonly terminating: number;
  /** What kept the number of pods from being right. */
  readonly error: unknown;
  /** ms since the epoch */
  readonly now: number;
}

/** The status that belongs to an observation. kubernetes: pkg/controller/replicaset/replica_set_utils.go */
export function replicaStatus(
  kind: ReplicaOwnerKind,
  owner: ReplicaOwner,
  { active, terminating, error, now }: ReplicaObservation,
): ReplicaOwnerStatus {
  const minReadySeconds = owner.spec?.minReadySeconds ?? 0;
  const template = equalityMatcher(owner.spec?.template?.metadata?.labels);
  let fullyLabeled = 0;
  let ready = 0;
  let available = 0;
  for (const pod of active) {
    if (template.matches(pod.metadata.labels)) fullyLabeled += 1;
    if (!isPodReady(pod)) continue;
    ready += 1;
    if (isPodAvailable(pod, minReadySeconds, now)) available += 1;
  }
  const conditions = withFailure(owner, { active, terminating, error, now });
  return {
    replicas: active.length,
    ...nonZero({
      fullyLabeledReplicas: fullyLabeled,
      readyReplicas: ready,
      availableReplicas: available,
      observedGeneration: owner.metadata.generation,
    }),
    ...(kind.countsTerminating ? { terminatingReplicas: terminating } : {}),
    ...(conditions.length === 0 ? {} : { conditions }),
  };
}

function withFailure(owner: ReplicaOwner, { active, error, now }: ReplicaObservation): readonly ReplicaCondition[] {
  const conditions = owner.status?.conditions ?? [];
  const known = conditions.some(({ type }) => type === 'ReplicaFailure');
  if (error === undefined) return known ? conditions.filter(({ type }) => type !== 'ReplicaFailure') : conditions;
  if (known) return conditions;
  const reason = active.length < wantedReplicas(owner) ? 'FailedCreate' : 'FailedDelete';
  return [
    ...conditions,
    {
      type: 'ReplicaFailure',
      status: 'True',
      lastTransitionTime: formatTime(now),
      reason,
      message: messageOf(error),
    },
  ];
}

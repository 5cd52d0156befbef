import type { PodTemplateSpec } from '../../../kube/api/core-v1.generated.ts';
import type { LabelMatcher } from '../../../kube/labels.ts';
import type { ResourceType } from '../../../kube/object.ts';
import type { ApiObject } from '../../machinery/keys.ts';

/** A condition of a ReplicaSet or ReplicationController. */
export interface ReplicaCondition {
  readonly lastTransitionTime?: string | undefined;
  readonly message?: string | undefined;
  readonly reason?: string | undefined;
  readonly status: string;
  readonly type: string;
}

/** The status of a ReplicaSet or ReplicationController. */
export interface ReplicaOwnerStatus {
  readonly availableReplicas?: number | undefined;
  readonly conditions?: readonly ReplicaCondition[] | undefined;
  readonly fullyLabeledReplicas?: number | undefined;
  readonly observedGeneration?: number | undefined;
  readonly readyReplicas?: number | undefined;
  readonly replicas: number;
  readonly terminatingReplicas?: number | undefined;
}

/** What ReplicaSets and ReplicationControllers have in common. */
export interface ReplicaOwner extends ApiObject {
  readonly spec?:
    | {
        readonly minReadySeconds?: number | undefined;
        readonly replicas?: number | undefined;
        readonly selector?: unknown;
        readonly template?: PodTemplateSpec | undefined;
      }
    | undefined;
  readonly status?: ReplicaOwnerStatus | undefined;
}

/** In what the two differ. */
export interface ReplicaOwnerKind {
  readonly type: ResourceType;
  /** Name of the controller, and of the source of its events. */
  readonly component: string;
  /** The status tells of pods that are being deleted. */
  readonly countsTerminating: boolean;
  readonly matcher: (owner: ReplicaOwner) => LabelMatcher;
}

/** The number of replicas wanted; 1 by default. */
export function wantedReplicas(owner: ReplicaOwner): number {
  return owner.spec?.replicas ?? 1;
}

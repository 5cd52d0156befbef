import type { Pod, ReplicationController } from '../../../kube/api/core-v1.generated.ts';
import { controllerOf } from '../../../kube/object.ts';
import type { Informer } from '../../machinery/interfaces.ts';
import { uidOf } from '../../machinery/keys.ts';
import { CONTROLLER_UID_INDEX } from '../../machinery/owners.ts';
import { comparePodsForDeletion, isPodActive } from '../../machinery/pods.ts';
import type { ReplicaOwner } from './replica-owner.ts';

/** What {@link podsToDelete} chooses from. */
export interface DeletionChoice {
  readonly owner: ReplicaOwner;
  readonly active: readonly Pod[];
  readonly count: number;
  readonly owners: Informer<ReplicaOwner | ReplicationController>;
  readonly pods: Informer<Pod>;
  /** ms since the epoch */
  readonly now: number;
}

/**
 * The pods that go when there are too many: see {@link comparePodsForDeletion}. Where the owner has a controller of its own, a
 * pod ranks by how many active pods of all that controller's children share its node; else pods do not rank.
 * kubernetes: pkg/controller/replicaset/replica_set.go getIndirectlyRelatedPods
 */
export function podsToDelete(choice: DeletionChoice): readonly Pod[] {
  const { active, count, now } = choice;
  if (count >= active.length) return active;
  const onNode = new Map<string, number>();
  for (const pod of relatedPods(choice)) {
    if (!isPodActive(pod)) continue;
    const node = pod.spec?.nodeName ?? '';
    onNode.set(node, (onNode.get(node) ?? 0) + 1);
  }
  const order = { now, rank: (pod: Pod): number => onNode.get(pod.spec?.nodeName ?? '') ?? 0 };
  return active.toSorted((a, b) => comparePodsForDeletion(a, b, order)).slice(0, count);
}

function relatedPods({ owner, owners, pods }: DeletionChoice): readonly Pod[] {
  const controller = controllerOf(owner);
  if (controller === undefined) return [];
  return owners
    .byIndex(CONTROLLER_UID_INDEX, controller.uid)
    .flatMap((sibling) => pods.byIndex(CONTROLLER_UID_INDEX, uidOf(sibling)));
}

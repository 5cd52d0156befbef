import type { StatefulSet } from '../../../kube/api/apps-v1.generated.ts';
import type { PersistentVolumeClaim, Pod } from '../../../kube/api/core-v1.generated.ts';
import type { OwnerReference } from '../../../kube/api/meta-v1.generated.ts';
import { uidOf } from '../../machinery/keys.ts';
import { controllerReference } from '../../machinery/owners.ts';
import { isInRange, ordinalOf } from './stateful-pods.ts';

/** Who must own a claim so that it goes with its owner. */
function wantedOwners(set: StatefulSet, pod: Pod): { readonly set: boolean; readonly pod: boolean } {
  const { whenDeleted = 'Retain', whenScaled = 'Retain' } = set.spec?.persistentVolumeClaimRetentionPolicy ?? {};
  const condemned = whenScaled === 'Delete' && !isInRange(set, ordinalOf(pod));
  return { pod: condemned, set: whenDeleted === 'Delete' && !condemned };
}

/**
 * The owners of a claim by `persistentVolumeClaimRetentionPolicy`, or undefined when they are right already or somebody
 * else controls the claim; kubernetes: pkg/controller/statefulset/stateful_set_utils.go updateClaimOwnerRefForSetAndPod.
 */
export function ownersByRetention(
  set: StatefulSet,
  pod: Pod,
  claim: PersistentVolumeClaim,
): readonly OwnerReference[] | undefined {
  const owners = claim.metadata.ownerReferences ?? [];
  const podUid = pod.metadata.uid;
  const others = owners.filter(({ uid }) => uid !== set.metadata.uid && (podUid === undefined || uid !== podUid));
  if (others.some(({ controller }) => controller === true)) return undefined;
  const wanted = wantedOwners(set, pod);
  const ours: OwnerReference[] = [];
  if (wanted.set) ours.push(controllerReference(set));
  if (wanted.pod && podUid !== undefined) ours.push(controllerReference({ ...pod, apiVersion: 'v1', kind: 'Pod' }));
  const present = owners.filter((owner) => !others.includes(owner));
  const same =
    present.length === ours.length &&
    ours.every(({ uid }) => present.some((owner) => owner.uid === uid && owner.controller === true));
  return same ? undefined : [...others, ...ours];
}

/** True when a claim goes with an earlier pod of the same name, which is not quite gone yet. */
export function isStaleClaim(pod: Pod, claim: PersistentVolumeClaim, podName: string): boolean {
  return (claim.metadata.ownerReferences ?? []).some(
    ({ kind, name, uid }) => kind === 'Pod' && name === podName && uid !== uidOf(pod),
  );
}

import type { StatefulSet } from '../../../kube/api/apps-v1.generated.ts';
import type { PersistentVolumeClaim, Pod, PodTemplateSpec, Volume } from '../../../kube/api/core-v1.generated.ts';
import { isDeleting, nameOf, namespaceOf } from '../../machinery/keys.ts';
import { podFromTemplate } from '../../machinery/pod-control.ts';
import { isPodAvailable, isPodReady } from '../../machinery/pods.ts';

/** Holds the pod's name. */
const POD_NAME_LABEL = 'statefulset.kubernetes.io/pod-name';
/** Holds the pod's ordinal. */
const POD_INDEX_LABEL = 'apps.kubernetes.io/pod-index';
/** Holds the name of the ControllerRevision a pod was made from. */
const REVISION_LABEL = 'controller-revision-hash';

/** The set's name and the ordinal that a pod's name consists of; kubernetes: pkg/controller/statefulset/stateful_set_utils.go. */
export function podParent(pod: Pod): { readonly set: string; readonly ordinal: number } | undefined {
  const match = /^(.*)-(\d+)$/.exec(nameOf(pod));
  return match === null ? undefined : { set: match[1] ?? '', ordinal: Number(match[2]) };
}

/** The ordinal of a pod of a set, -1 when its name has none. */
export function ordinalOf(pod: Pod): number {
  return podParent(pod)?.ordinal ?? -1;
}

/** The first ordinal of a set. */
export function startOrdinal(set: StatefulSet): number {
  return set.spec?.ordinals?.start ?? 0;
}

/** How many pods the set wants. */
export function replicasOf(set: StatefulSet): number {
  return set.spec?.replicas ?? 1;
}

/** True when the pod's ordinal is one of those that the set wants. */
export function isInRange(set: StatefulSet, ordinal: number): boolean {
  const start = startOrdinal(set);
  return ordinal >= start && ordinal < start + replicasOf(set);
}

/** The name of the revision that a pod was made from. */
export function podRevision(pod: Pod): string {
  return pod.metadata.labels?.[REVISION_LABEL] ?? '';
}

/** True for pods that the API server knows; those that are only planned have no phase. */
export function isCreated(pod: Pod): boolean {
  return pod.status?.phase !== undefined && pod.status.phase !== '';
}

/** True for pods that have ended, well or badly. */
export function hasEnded(pod: Pod): boolean {
  return pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded';
}

/** True for running pods that are ready. */
export function isRunningAndReady(pod: Pod): boolean {
  return pod.status?.phase === 'Running' && isPodReady(pod);
}

/** True for running pods that have been ready long enough. */
export function isRunningAndAvailable(pod: Pod, minReadySeconds: number, now: number): boolean {
  return pod.status?.phase === 'Running' && isPodAvailable(pod, minReadySeconds, now);
}

/** True for pods that are not available, or will soon be no more. */
export function isUnavailable(pod: Pod, minReadySeconds: number, now: number): boolean {
  return isDeleting(pod) || !isRunningAndAvailable(pod, minReadySeconds, now);
}

/** The claims that a pod of the set needs. */
export function claimsFor(set: StatefulSet, podName: string): PersistentVolumeClaim[] {
  return (set.spec?.volumeClaimTemplates ?? []).map((template) => ({
    ...template,
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      ...template.metadata,
      name: claimName(template, podName),
      namespace: namespaceOf(set),
      labels: { ...template.metadata.labels, ...set.spec?.selector.matchLabels },
    },
    status: undefined,
  }));
}

function claimName(template: PersistentVolumeClaim, podName: string): string {
  return `${nameOf(template)}-${podName}`;
}

/** The pod with an ordinal, from a template and its revision. */
export function statefulPod(
  set: StatefulSet,
  template: PodTemplateSpec,
  { ordinal, revision }: { readonly ordinal: number; readonly revision: string },
): Pod {
  const name = `${nameOf(set)}-${ordinal}`;
  const made = podFromTemplate(template, set, {
    name,
    labels: { [POD_NAME_LABEL]: name, [POD_INDEX_LABEL]: String(ordinal), [REVISION_LABEL]: revision },
  });
  if (made.spec === undefined) return made;
  const volumes = storageVolumes(set, name, made.spec.volumes ?? []);
  return {
    ...made,
    spec: {
      ...made.spec,
      hostname: name,
      subdomain: set.spec?.serviceName,
      ...(volumes.length === 0 ? {} : { volumes }),
    },
  };
}

/** The volumes of the claim templates, and those of the pod template whose name is not theirs. */
function storageVolumes(set: StatefulSet, podName: string, others: readonly Volume[]): Volume[] {
  const templates = set.spec?.volumeClaimTemplates ?? [];
  const names = new Set(templates.map(nameOf));
  return [
    ...templates.map((template) => ({
      name: nameOf(template),
      persistentVolumeClaim: { claimName: claimName(template, podName), readOnly: false },
    })),
    ...others.filter(({ name }) => !names.has(name)),
  ];
}

/** True when name and labels of a pod are those of its ordinal. */
export function identityMatches(set: StatefulSet, pod: Pod): boolean {
  const parent = podParent(pod);
  return (
    parent?.set === nameOf(set) &&
    pod.metadata.labels?.[POD_NAME_LABEL] === nameOf(pod) &&
    pod.metadata.labels[POD_INDEX_LABEL] === String(parent.ordinal)
  );
}

/** True when a pod mounts the claims of its ordinal. */
export function storageMatches(set: StatefulSet, pod: Pod): boolean {
  const volumes = pod.spec?.volumes ?? [];
  return (set.spec?.volumeClaimTemplates ?? []).every((template) =>
    volumes.some(
      ({ name, persistentVolumeClaim: claim }) =>
        name === nameOf(template) && claim?.claimName === claimName(template, nameOf(pod)),
    ),
  );
}

/** The pod with the identity and the storage of its ordinal. */
export function withIdentity(set: StatefulSet, pod: Pod): Pod {
  const ordinal = ordinalOf(pod);
  const labels = { ...pod.metadata.labels, [POD_NAME_LABEL]: nameOf(pod), [POD_INDEX_LABEL]: String(ordinal) };
  const fixed: Pod = { ...pod, metadata: { ...pod.metadata, labels } };
  if (fixed.spec === undefined || storageMatches(set, pod)) return fixed;
  return { ...fixed, spec: { ...fixed.spec, volumes: storageVolumes(set, nameOf(pod), fixed.spec.volumes ?? []) } };
}

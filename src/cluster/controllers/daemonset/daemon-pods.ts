import { compareStrings } from '../../../base/json.ts';
import type { DaemonSet } from '../../../kube/api/apps-v1.generated.ts';
import type { Node, Pod, PodTemplateSpec, Toleration } from '../../../kube/api/core-v1.generated.ts';
import { resolveIntOrPercent } from '../../../kube/int-or-string.ts';
import { isDeleting, nameOf } from '../../machinery/keys.ts';
import { isPodFinished } from '../../machinery/pods.ts';
import { parseTime } from '../../machinery/time.ts';
import { untoleratedTaint } from '../../machinery/tolerations.ts';
import { fitsNodeAffinity } from '../../machinery/node-affinity.ts';

/** Holds the hash of the revision a pod was made from. */
export const REVISION_LABEL = 'controller-revision-hash';
const GENERATION_LABEL = 'pod-template-generation';
const GENERATION_ANNOTATION = 'deprecated.daemonset.template.generation';

/** Daemons stay where others may not be; kubernetes: pkg/controller/daemon/util/daemonset_util.go. */
const TOLERATIONS: readonly Toleration[] = [
  { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/disk-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/memory-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/pid-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' },
];
const NETWORK_TOLERATION: Toleration = {
  key: 'node.kubernetes.io/network-unavailable',
  operator: 'Exists',
  effect: 'NoSchedule',
};

const prepared = new WeakMap<PodTemplateSpec, PodTemplateSpec>();

/** The set's pod template with the tolerations of all daemons. */
export function daemonTemplate(set: DaemonSet): PodTemplateSpec {
  const template = set.spec?.template;
  if (template?.spec === undefined) return template ?? {};
  let made = prepared.get(template);
  if (made === undefined) {
    const { spec } = template;
    const added = spec.hostNetwork === true ? [...TOLERATIONS, NETWORK_TOLERATION] : TOLERATIONS;
    const own = (spec.tolerations ?? []).filter((toleration) => !added.some((other) => isSame(toleration, other)));
    made = { ...template, spec: { ...spec, tolerations: [...own, ...added] } };
    prepared.set(template, made);
  }
  return made;
}

function isSame(a: Toleration, b: Toleration): boolean {
  return (
    a.key === b.key &&
    a.effect === b.effect &&
    (a.operator ?? 'Equal') === (b.operator ?? 'Equal') &&
    (a.value ?? '') === (b.value ?? '')
  );
}

/** The spec of a pod for one node: the scheduler may choose that node alone. */
export function podSpecFor(template: PodTemplateSpec, nodeName: string): PodTemplateSpec['spec'] {
  const { spec } = template;
  if (spec === undefined) return undefined;
  const required = {
    nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [nodeName] }] }],
  };
  const nodeAffinity = {
    ...spec.affinity?.nodeAffinity,
    requiredDuringSchedulingIgnoredDuringExecution: required,
  };
  return { ...spec, affinity: { ...spec.affinity, nodeAffinity } };
}

/** Labels of the pods of a revision. */
export function revisionLabels(set: DaemonSet, hash: string): Record<string, string> {
  const generation = set.metadata.annotations?.[GENERATION_ANNOTATION];
  return { ...(generation === undefined ? {} : { [GENERATION_LABEL]: generation }), [REVISION_LABEL]: hash };
}

/** True when the pod is of the revision with that hash, or of the set's present generation. */
export function isUpdated(set: DaemonSet, pod: Pod, hash: string): boolean {
  const labels = pod.metadata.labels ?? {};
  if (labels[REVISION_LABEL] === hash) return true;
  const generation = set.metadata.annotations?.[GENERATION_ANNOTATION];
  return generation !== undefined && labels[GENERATION_LABEL] === generation;
}

/** What a node means to a set. */
export interface NodeVerdict {
  /** A pod is wanted there. */
  readonly run: boolean;
  /** A pod that is there may stay. */
  readonly keep: boolean;
}

/** kubernetes: pkg/controller/daemon/daemon_controller.go NodeShouldRunDaemonPod */
export function judgeNode(set: DaemonSet, node: Node): NodeVerdict {
  const { spec } = daemonTemplate(set);
  if (spec === undefined) return { run: false, keep: false };
  const wrongName = spec.nodeName !== undefined && spec.nodeName !== '' && spec.nodeName !== nameOf(node);
  if (wrongName || !fitsNodeAffinity(spec, node)) return { run: false, keep: false };
  const { taints } = node.spec ?? {};
  if (untoleratedTaint(taints, spec.tolerations, ['NoExecute', 'NoSchedule']) === undefined) {
    return { run: true, keep: true };
  }
  return { run: false, keep: untoleratedTaint(taints, spec.tolerations, ['NoExecute']) === undefined };
}

/** The node a pod runs on or, before it is scheduled, is meant for. */
export function targetNode(pod: Pod): string | undefined {
  if (pod.spec?.nodeName !== undefined && pod.spec.nodeName !== '') return pod.spec.nodeName;
  const required = pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  for (const { matchFields } of required?.nodeSelectorTerms ?? []) {
    for (const { key, operator, values } of matchFields ?? []) {
      if (key === 'metadata.name' && operator === 'In' && values?.length === 1) return values[0];
    }
  }
  return undefined;
}

/** Pods by node; with `all` also those that have ended and are being deleted, for which nothing is left to do. */
export function podsByNode(pods: readonly Pod[], all = false): Map<string, Pod[]> {
  const result = new Map<string, Pod[]>();
  for (const pod of pods) {
    if (!all && isPodFinished(pod) && isDeleting(pod)) continue;
    const node = targetNode(pod);
    if (node === undefined) continue;
    const there = result.get(node);
    if (there === undefined) result.set(node, [pod]);
    else there.push(pod);
  }
  return result;
}

/** Scheduled pods first, then the oldest. */
export function byAge(a: Pod, b: Pod): number {
  const scheduled = (pod: Pod): number => ((pod.spec?.nodeName ?? '') === '' ? 1 : 0);
  const created = (pod: Pod): number => parseTime(pod.metadata.creationTimestamp) ?? 0;
  return scheduled(a) - scheduled(b) || created(a) - created(b) || compareStrings(nameOf(a), nameOf(b));
}

/** How many nodes may be without an available pod during an update; percentages are rounded up. */
export function maxUnavailable(set: DaemonSet, desired: number): number {
  return rollingCount(set, set.spec?.updateStrategy?.rollingUpdate?.maxUnavailable, desired);
}

/** How many nodes may run two pods during an update; percentages are rounded up. */
export function maxSurge(set: DaemonSet, desired: number): number {
  return rollingCount(set, set.spec?.updateStrategy?.rollingUpdate?.maxSurge, desired);
}

function rollingCount(set: DaemonSet, value: number | string | undefined, desired: number): number {
  if ((set.spec?.updateStrategy?.type ?? 'RollingUpdate') !== 'RollingUpdate' || value === undefined) return 0;
  return resolveIntOrPercent(value, desired, true);
}

/** True when a new pod may run beside the old one. */
export function allowsSurge(set: DaemonSet): boolean {
  return maxSurge(set, 1) > 0;
}

import type { Deployment, ReplicaSet } from '../../../kube/api/apps-v1.generated.ts';
import { maxSurge, wantedReplicas } from './limits.ts';

/** Which revision of its Deployment a ReplicaSet is. */
export const REVISION = 'deployment.kubernetes.io/revision';
/** Revisions that a ReplicaSet has been before. */
const REVISION_HISTORY = 'deployment.kubernetes.io/revision-history';
/** Replicas of the Deployment when the ReplicaSet was last scaled. */
export const DESIRED_REPLICAS = 'deployment.kubernetes.io/desired-replicas';
/** The same with the surge. */
export const MAX_REPLICAS = 'deployment.kubernetes.io/max-replicas';

/** Longest revision history, in characters. kubernetes: pkg/controller/deployment/sync.go */
const HISTORY_LENGTH = 2000;

/** Annotations of a Deployment that its ReplicaSets do not get. */
const NOT_COPIED: ReadonlySet<string> = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  REVISION,
  REVISION_HISTORY,
  DESIRED_REPLICAS,
  MAX_REPLICAS,
  'deprecated.deployment.rollback.to',
]);

type Annotations = Readonly<Record<string, string>>;

/** An annotation, or undefined. */
export function annotation(object: ReplicaSet | Deployment, key: string): string | undefined {
  const { annotations } = object.metadata;
  return annotations !== undefined && Object.hasOwn(annotations, key) ? annotations[key] : undefined;
}

/** The number in an annotation, or undefined when it is absent or none. */
export function numberAnnotation(object: ReplicaSet | Deployment, key: string): number | undefined {
  const text = annotation(object, key);
  return text !== undefined && /^[+-]?\d+$/.test(text) ? Number(text) : undefined;
}

/** The number of replicas in an annotation: 0 … 2147483647, anything else is undefined. */
export function replicasAnnotation(set: ReplicaSet, key: string): number | undefined {
  const number = numberAnnotation(set, key);
  return number === undefined || number < 0 || number > 0x7fff_ffff ? undefined : number;
}

/** The highest revision among ReplicaSets; 0 when there is none. */
export function highestRevision(sets: readonly ReplicaSet[]): number {
  let highest = 0;
  for (const set of sets) highest = Math.max(highest, numberAnnotation(set, REVISION) ?? 0);
  return highest;
}

/**
 * The annotations that the ReplicaSet of a Deployment's template should have: the Deployment's own, and its revision; a
 * revision that it had before goes into the history. The very object comes back when all is as it should be.
 */
export function revisionAnnotations(deployment: Deployment, set: ReplicaSet, revision: number): Annotations {
  const old = set.metadata.annotations ?? {};
  const copied = copyAnnotations(deployment, old);
  const text = annotation(set, REVISION);
  const before = numberAnnotation(set, REVISION);
  if (text !== undefined && text !== '' && before === undefined) return old;
  if ((before ?? 0) >= revision) return copied;
  const next = { ...copied, [REVISION]: String(revision) };
  if (text === undefined) return next;
  const history = extendHistory(annotation(set, REVISION_HISTORY) ?? '', text);
  return history === undefined ? next : { ...next, [REVISION_HISTORY]: history };
}

function copyAnnotations(deployment: Deployment, old: Annotations): Annotations {
  let copied: Record<string, string> | undefined;
  for (const [key, value] of Object.entries(deployment.metadata.annotations ?? {})) {
    if (NOT_COPIED.has(key) || (Object.hasOwn(old, key) && old[key] === value)) continue;
    copied ??= { ...old };
    copied[key] = value;
  }
  return copied ?? old;
}

/** The history with one more revision; the oldest make room. Undefined when there is no room for it at all. */
function extendHistory(history: string, revision: string): string | undefined {
  if (history === '') return revision;
  const revisions = history.split(',');
  let length = history.length + 1 + revision.length;
  let start = 0;
  while (length > HISTORY_LENGTH && start < revisions.length) {
    length -= (revisions[start]?.length ?? 0) + 1;
    start += 1;
  }
  return length > HISTORY_LENGTH ? undefined : [...revisions.slice(start), revision].join(',');
}

/** The two annotations that say for which size of the Deployment a ReplicaSet was scaled. */
export function sizeAnnotations(deployment: Deployment): Annotations {
  const replicas = wantedReplicas(deployment);
  return { [DESIRED_REPLICAS]: String(replicas), [MAX_REPLICAS]: String(replicas + maxSurge(deployment)) };
}

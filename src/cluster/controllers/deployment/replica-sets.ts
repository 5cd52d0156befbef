import { compareStrings } from '../../../base/json.ts';
import type { Deployment, ReplicaSet } from '../../../kube/api/apps-v1.generated.ts';
import type { PodTemplateSpec } from '../../../kube/api/core-v1.generated.ts';
import { semanticEqual } from '../../../kube/equality.ts';
import { POD_TEMPLATE_HASH_LABEL } from '../../machinery/constants.ts';
import { nameOf, uidOf } from '../../machinery/keys.ts';

/** The ReplicaSets of a Deployment: the one of its template, if there is one, and the others, by name. */
export interface Revisions {
  readonly current: ReplicaSet | undefined;
  readonly old: readonly ReplicaSet[];
}

/** Number of pods that a ReplicaSet wants. */
export function sizeOf(set: ReplicaSet): number {
  return set.spec?.replicas ?? 1;
}

/** The sum of a number over ReplicaSets. */
export function total(sets: readonly ReplicaSet[], number: (set: ReplicaSet) => number | undefined): number {
  let sum = 0;
  for (const set of sets) sum += number(set) ?? 0;
  return sum;
}

/** Those that want pods. */
export function activeSets(sets: readonly ReplicaSet[]): ReplicaSet[] {
  return sets.filter((set) => sizeOf(set) > 0);
}

/** Negative when `a` is older. */
export function compareByAge(a: ReplicaSet, b: ReplicaSet): number {
  return (
    compareStrings(a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? '') ||
    compareStrings(nameOf(a), nameOf(b))
  );
}

/** All of them: the old ones, then the current one. */
export function allSets({ current, old }: Revisions): ReplicaSet[] {
  return current === undefined ? [...old] : [...old, current];
}

/** Splits the ReplicaSets of a Deployment; of several with its template the oldest is the current one. */
export function splitRevisions(deployment: Deployment, sets: readonly ReplicaSet[]): Revisions {
  const template = deployment.spec?.template;
  const current = sets.toSorted(compareByAge).find((set) => isSameTemplate(set.spec?.template, template));
  if (current === undefined) return { current, old: sets };
  return { current, old: sets.filter((set) => uidOf(set) !== uidOf(current)) };
}

/** True when two templates mean the same pods; the hash label does not count. */
export function isSameTemplate(a: PodTemplateSpec | undefined, b: PodTemplateSpec | undefined): boolean {
  if (a === undefined || b === undefined || a === b) return a === b;
  let answers = compared.get(a);
  if (answers === undefined) {
    answers = new WeakMap();
    compared.set(a, answers);
  }
  let answer = answers.get(b);
  if (answer === undefined) {
    answer = semanticEqual(a.spec, b.spec) && semanticEqual(withoutHash(a), withoutHash(b));
    answers.set(b, answer);
  }
  return answer;
}

/** Templates are compared at every look at a Deployment, and change seldom; objects of the API are never changed in place. */
const compared = new WeakMap<PodTemplateSpec, WeakMap<PodTemplateSpec, boolean>>();

function withoutHash(template: PodTemplateSpec): unknown {
  const { labels, creationTimestamp: _, ...rest } = template.metadata ?? {};
  if (labels === undefined || !Object.hasOwn(labels, POD_TEMPLATE_HASH_LABEL)) return { ...rest, labels };
  const { [POD_TEMPLATE_HASH_LABEL]: _hash, ...others } = labels;
  return { ...rest, labels: others };
}

import type { LabelSelector } from '../../../kube/api/meta-v1.generated.ts';
import type { PodTemplateSpec } from '../../../kube/api/core-v1.generated.ts';
import { checkLabelSelector, isEmptySelector, selectorMatcher } from '../checks/labels.ts';
import { checkNonNegative, isDecremented } from '../checks/values.ts';
import type { Faults } from '../faults.ts';
import { checkPodTemplate } from '../pod/spec.ts';
import { checkRunsForever, checkTemplateLabels } from '../pod/template.ts';
import type { Loose } from '../wire.ts';

/** A selector and the template of the pods that it finds. */
interface Selecting {
  readonly selector?: Loose<LabelSelector> | undefined;
  readonly template?: Loose<PodTemplateSpec> | undefined;
}

/** Refuses selectors that are missing, empty or unreadable. */
export function checkSelector(spec: Selecting, kind: string, faults: Faults): void {
  const selector = spec.selector ?? undefined;
  if (selector === undefined) {
    faults.required('spec.selector');
    return;
  }
  checkLabelSelector(selector, 'spec.selector', faults);
  if (isEmptySelector(selector)) faults.invalid('spec.selector', selector, `empty selector is invalid for ${kind}`);
}

/** Refuses wrong templates of ReplicaSets and Deployments. kubernetes: ValidatePodTemplateSpecForReplicaSet */
export function checkReplicaTemplate(spec: Selecting, faults: Faults): void {
  const { template = {} } = spec;
  const selector = spec.selector ?? undefined;
  const matcher = selectorMatcher(selector);
  if (matcher === undefined) {
    faults.invalid('spec.selector', selector, 'invalid label selector');
    return;
  }
  // A missing selector selects nothing.
  if (selector === undefined || !isEmptySelector(selector)) {
    checkTemplateLabels(matcher, template, 'spec.template', faults);
  }
  checkPodTemplate(template, 'spec.template', faults);
  checkRunsForever(template, 'ReplicaSet', 'spec.template', faults);
}

type Counts = Readonly<Record<string, unknown>>;

/** Refuses negative counters of a status. */
export function checkCounts(status: object, fields: readonly string[], faults: Faults): void {
  for (const field of fields) {
    const value = (status as Counts)[field];
    if (typeof value === 'number') checkNonNegative(value, `status.${field}`, faults);
  }
}

/** Refuses counters of a status that are above another. */
export function checkNotAbove(
  status: object,
  fields: readonly string[],
  limit: string,
  text: string,
  faults: Faults,
): void {
  const counts = status as Counts;
  const most = typeof counts[limit] === 'number' ? counts[limit] : 0;
  for (const field of fields) {
    const value = counts[field];
    if (typeof value === 'number' && value > most) faults.invalid(`status.${field}`, value, text);
  }
}

/** Refuses that the count of hash collisions goes down. */
export function checkCollisions(
  status: { readonly collisionCount?: number | undefined },
  old: { readonly collisionCount?: number | undefined } | undefined,
  faults: Faults,
): void {
  if (isDecremented(status.collisionCount, old?.collisionCount)) {
    faults.invalid('status.collisionCount', status.collisionCount ?? 0, 'cannot be decremented');
  }
}

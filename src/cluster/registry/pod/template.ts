import type { PodTemplateSpec } from '../../../kube/api/core-v1.generated.ts';
import type { LabelMatcher } from '../../../kube/labels.ts';
import { labelsOf } from '../checks/labels.ts';
import type { Faults } from '../faults.ts';
import type { Loose } from '../wire.ts';

/** Refuses a template whose pods the selector would not find. */
export function checkTemplateLabels(
  matcher: LabelMatcher,
  template: Loose<PodTemplateSpec>,
  path: string,
  faults: Faults,
): void {
  const labels = template.metadata?.labels;
  if (!matcher.matches(labelsOf(labels))) {
    faults.invalid(`${path}.metadata.labels`, labels ?? null, '`selector` does not match template `labels`');
  }
}

/** Refuses what only pods that end may have: workloads keep theirs running. */
export function checkRunsForever(template: Loose<PodTemplateSpec>, kind: string, path: string, faults: Faults): void {
  const spec = template.spec ?? {};
  if (spec.restartPolicy !== 'Always') {
    faults.notSupported(`${path}.spec.restartPolicy`, spec.restartPolicy ?? '', ['Always']);
  }
  if (spec.activeDeadlineSeconds !== undefined) {
    const text = `activeDeadlineSeconds in ${kind} is not Supported`;
    faults.forbidden(`${path}.spec.activeDeadlineSeconds`, text);
  }
}

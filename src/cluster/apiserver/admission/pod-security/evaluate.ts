import { BASELINE_CHECKS } from './baseline-checks.ts';
import type { CheckedPod, SecurityCheck, Violation } from './check.ts';
import type { LevelVersion } from './levels.ts';
import { RESTRICTED_CHECKS } from './restricted-checks.ts';

/** What a level has against a pod; baseline rules first. pod-security-admission: policy/registry.go */
export function violationsOf({ level, minor }: LevelVersion, pod: CheckedPod): readonly Violation[] {
  if (level === 'privileged') return [];
  const found: Violation[] = [];
  const restricted =
    level === 'restricted' ? RESTRICTED_CHECKS.filter((check) => ruleAt(check, minor) !== undefined) : [];
  const overridden = restricted.map(({ overrides }) => overrides);
  for (const check of [...BASELINE_CHECKS.filter(({ id }) => !overridden.includes(id)), ...restricted]) {
    const violation = ruleAt(check, minor)?.(pod);
    if (violation !== undefined) found.push(violation);
  }
  return found;
}

function ruleAt({ versions }: SecurityCheck, minor: number): SecurityCheck['versions'][number]['check'] | undefined {
  return versions.findLast(({ since }) => since <= minor)?.check;
}

/** `hostPort (container "a" uses hostPort 80), privileged (…)` */
export function formatViolations(violations: readonly Violation[]): string {
  return violations.map(({ reason, detail }) => (detail === '' ? reason : `${reason} (${detail})`)).join(', ');
}

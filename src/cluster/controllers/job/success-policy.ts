import type { SuccessPolicy } from '../../../kube/api/batch-v1.generated.ts';
import { countIndexes, countSharedIndexes, type IndexIntervals, parseIndexes } from './index-intervals.ts';

/**
 * The message of the SuccessCriteriaMet condition when a rule of `spec.successPolicy` holds, else undefined
 * (kubernetes: pkg/controller/job/success_policy.go).
 */
export function matchSuccessPolicy(
  policy: SuccessPolicy | undefined,
  completions: number,
  succeeded: IndexIntervals,
): string | undefined {
  if (policy === undefined || succeeded.length === 0) return undefined;
  for (const [position, rule] of policy.rules.entries()) {
    if (rule.succeededIndexes !== undefined) {
      const required = parseIndexes(rule.succeededIndexes, completions);
      if (required.length === 0) continue;
      const met = countSharedIndexes(required, succeeded);
      if (met === countIndexes(required) || (rule.succeededCount !== undefined && met >= rule.succeededCount)) {
        return `Matched rules at index ${position}`;
      }
    } else if (rule.succeededCount !== undefined && countIndexes(succeeded) >= rule.succeededCount) {
      return `Matched rules at index ${position}`;
    }
  }
  return undefined;
}

import type { PodFailurePolicy, PodFailurePolicyRule } from '../../../kube/api/batch-v1.generated.ts';
import type { ContainerStatus, Pod, PodCondition } from '../../../kube/api/core-v1.generated.ts';

/** What the first matching rule of a pod failure policy says about a failed pod. */
export interface FailureVerdict {
  /** False for `Ignore`: the failure counts towards no limit. */
  readonly counts: boolean;
  /** The rule's action; undefined when no rule matched. */
  readonly action?: 'FailJob' | 'FailIndex' | 'Ignore' | 'Count';
  /** For `FailJob`: the message of the job's condition. */
  readonly failJobMessage?: string;
}

const COUNTED: FailureVerdict = { counts: true };

/** Judges a failed pod by `spec.podFailurePolicy` (kubernetes: pkg/controller/job/pod_failure_policy.go). */
export function matchPodFailurePolicy(policy: PodFailurePolicy | undefined, pod: Pod): FailureVerdict {
  if (policy === undefined) return COUNTED;
  for (const [position, rule] of policy.rules.entries()) {
    const text = describeMatch(rule, pod);
    if (text === undefined) continue;
    switch (rule.action) {
      case 'Ignore':
        return { counts: false, action: 'Ignore' };
      case 'FailIndex':
        return { counts: true, action: 'FailIndex' };
      case 'Count':
        return { counts: true, action: 'Count' };
      case 'FailJob':
        return {
          counts: true,
          action: 'FailJob',
          failJobMessage: `${text} matching FailJob rule at index ${position}`,
        };
    }
  }
  return COUNTED;
}

/** Why a rule matches, in the words of the FailJob message; undefined when it does not. */
function describeMatch(rule: PodFailurePolicyRule, pod: Pod): string | undefined {
  const { namespace, name } = pod.metadata;
  if (rule.onExitCodes !== undefined) {
    const requirement = rule.onExitCodes;
    const matches = (container: ContainerStatus): boolean => {
      const exitCode = container.state?.terminated?.exitCode ?? 0;
      if (exitCode === 0) return false;
      if (requirement.containerName !== undefined && requirement.containerName !== container.name) return false;
      const listed = requirement.values.includes(exitCode);
      return requirement.operator === 'In' ? listed : requirement.operator === 'NotIn' && !listed;
    };
    const container = pod.status?.containerStatuses?.find(matches) ?? pod.status?.initContainerStatuses?.find(matches);
    if (container === undefined) return undefined;
    const exitCode = container.state?.terminated?.exitCode;
    return `Container ${container.name} for pod ${namespace}/${name} failed with exit code ${exitCode}`;
  }
  const patterns = rule.onPodConditions ?? [];
  const condition = pod.status?.conditions?.find((present: PodCondition) =>
    patterns.some((pattern) => pattern.type === present.type && (pattern.status ?? 'True') === present.status),
  );
  return condition === undefined ? undefined : `Pod ${namespace}/${name} has condition ${condition.type}`;
}

import type { Pod, ResourceQuota, ScopedResourceSelectorRequirement } from '../../kube/api/core-v1.generated.ts';

/** True when a quota has scopes: it then counts pods alone. */
export function hasScopes(quota: ResourceQuota): boolean {
  return requirements(quota).length > 0;
}

/** True when all scopes of a quota hold for a pod. kubernetes: pkg/quota/v1/evaluator/core/pods.go */
export function podInScope(quota: ResourceQuota, pod: Pod): boolean {
  return requirements(quota).every((requirement) => holds(requirement, pod));
}

function requirements(quota: ResourceQuota): readonly ScopedResourceSelectorRequirement[] {
  const plain = (quota.spec?.scopes ?? []).map((scopeName) => ({ scopeName, operator: 'Exists' }));
  return [...plain, ...(quota.spec?.scopeSelector?.matchExpressions ?? [])];
}

function holds({ scopeName, operator, values }: ScopedResourceSelectorRequirement, pod: Pod): boolean {
  switch (scopeName) {
    case 'Terminating':
      return isBounded(pod);
    case 'NotTerminating':
      return !isBounded(pod);
    case 'BestEffort':
      return isBestEffort(pod);
    case 'NotBestEffort':
      return !isBestEffort(pod);
    case 'PriorityClass':
      return priorityClassHolds(operator, values ?? [], pod.spec?.priorityClassName ?? '');
    case 'CrossNamespacePodAffinity':
      return usesOtherNamespaces(pod);
    default:
      return false;
  }
}

function isBounded(pod: Pod): boolean {
  return (pod.spec?.activeDeadlineSeconds ?? -1) >= 0;
}

function isBestEffort(pod: Pod): boolean {
  if (pod.status?.qosClass !== undefined) return pod.status.qosClass === 'BestEffort';
  const containers = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])];
  return containers.every(({ resources }) => isEmpty(resources?.requests) && isEmpty(resources?.limits));
}

function isEmpty(amounts: object | undefined): boolean {
  return amounts === undefined || Object.keys(amounts).length === 0;
}

function priorityClassHolds(operator: string, values: readonly string[], name: string): boolean {
  switch (operator) {
    case 'In':
      return values.includes(name);
    case 'NotIn':
      return !values.includes(name);
    case 'Exists':
      return name !== '';
    case 'DoesNotExist':
      return name === '';
    default:
      return false;
  }
}

function usesOtherNamespaces(pod: Pod): boolean {
  const { podAffinity, podAntiAffinity } = pod.spec?.affinity ?? {};
  for (const affinity of [podAffinity, podAntiAffinity]) {
    const terms = [
      ...(affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
      ...(affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(
        ({ podAffinityTerm }) => podAffinityTerm,
      ),
    ];
    if (terms.some((term) => (term.namespaces ?? []).length > 0 || term.namespaceSelector !== undefined)) return true;
  }
  return false;
}

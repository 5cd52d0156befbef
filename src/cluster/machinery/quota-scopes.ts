import type {
  PersistentVolumeClaim,
  Pod,
  ResourceQuota,
  ScopedResourceSelectorRequirement,
} from '../../kube/api/core-v1.generated.ts';
import { qosClassOf } from './pod-amounts.ts';

/** True when a quota has scopes: it then counts pods and claims alone. */
export function hasScopes(quota: ResourceQuota): boolean {
  return requirements(quota).length > 0;
}

/** True when all scopes of a quota hold for a pod. kubernetes: pkg/quota/v1/evaluator/core/pods.go */
export function podInScope(quota: ResourceQuota, pod: Pod): boolean {
  return requirements(quota).every((requirement) => holds(requirement, pod));
}

/** True when all scopes of a quota hold for a claim. kubernetes: pkg/quota/v1/evaluator/core/persistent_volume_claims.go */
export function claimInScope(quota: ResourceQuota, { spec, status }: PersistentVolumeClaim): boolean {
  const classes = [
    spec?.volumeAttributesClassName,
    status?.currentVolumeAttributesClassName,
    status?.modifyVolumeStatus?.targetVolumeAttributesClassName,
  ].filter((name) => name !== undefined && name !== '');
  const names = classes.length === 0 ? [''] : classes;
  return requirements(quota).every(
    ({ scopeName, operator, values }) =>
      scopeName === 'VolumeAttributesClass' && names.some((name = '') => classHolds(operator, values ?? [], name)),
  );
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
      return qosClassOf(pod) === 'BestEffort';
    case 'NotBestEffort':
      return qosClassOf(pod) !== 'BestEffort';
    case 'PriorityClass':
      return classHolds(operator, values ?? [], pod.spec?.priorityClassName ?? '');
    case 'CrossNamespacePodAffinity':
      return usesOtherNamespaces(pod);
    default:
      return false;
  }
}

function isBounded(pod: Pod): boolean {
  return (pod.spec?.activeDeadlineSeconds ?? -1) >= 0;
}

function classHolds(operator: string, values: readonly string[], name: string): boolean {
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

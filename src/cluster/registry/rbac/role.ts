import type { ClusterRole, PolicyRule, Role } from '../../../kube/api/rbac-v1.generated.ts';
import { checkLabelSelector } from '../checks/labels.ts';
import { nameIsPathSegment } from '../checks/names.ts';
import { defineStrategy } from '../define.ts';
import type { Faults } from '../faults.ts';
import { resourceType } from '../resource-type.ts';
import type { Strategy } from '../strategy.ts';
import type { Loose } from '../wire.ts';

const API_VERSION = 'rbac.authorization.k8s.io/v1';

/** kubernetes: pkg/registry/rbac/role/strategy.go */
export function roleStrategy(): Strategy {
  return defineStrategy<Role>({
    type: resourceType(API_VERSION, 'Role', 'roles'),
    name: nameIsPathSegment,
    allowCreateOnUpdate: true,
    validate: ({ rules }, faults) => {
      (rules ?? []).forEach((rule, i) => checkRule(rule, true, `rules[${i}]`, faults));
    },
  });
}

/** kubernetes: pkg/registry/rbac/clusterrole/strategy.go */
export function clusterRoleStrategy(): Strategy {
  return defineStrategy<ClusterRole>({
    type: resourceType(API_VERSION, 'ClusterRole', 'clusterroles', { clusterScoped: true }),
    name: nameIsPathSegment,
    allowCreateOnUpdate: true,
    validate: ({ rules, aggregationRule }, faults) => {
      (rules ?? []).forEach((rule, i) => checkRule(rule, false, `rules[${i}]`, faults));
      if (aggregationRule === undefined) return;
      const selectors = aggregationRule.clusterRoleSelectors ?? [];
      const at = 'aggregationRule.clusterRoleSelectors';
      if (selectors.length === 0)
        faults.required(at, 'at least one clusterRoleSelector required if aggregationRule is non-nil');
      selectors.forEach((selector, i) => checkLabelSelector(selector, `${at}[${i}]`, faults));
    },
  });
}

function checkRule(rule: Loose<PolicyRule>, isNamespaced: boolean, path: string, faults: Faults): void {
  const { verbs, nonResourceURLs: urls = [], apiGroups = [], resources = [], resourceNames = [] } = rule;
  // Lists that Go always writes are null when a client leaves them out.
  if ((verbs ?? []).length === 0) faults.required(`${path}.verbs`, 'verbs must contain at least one value');
  if (urls.length > 0) {
    const at = `${path}.nonResourceURLs`;
    if (isNamespaced) faults.invalid(at, urls, 'namespaced rules cannot apply to non-resource URLs');
    if (apiGroups.length > 0 || resources.length > 0 || resourceNames.length > 0) {
      faults.invalid(at, urls, 'rules cannot apply to both regular resources and non-resource URLs');
    }
    return;
  }
  if (apiGroups.length === 0) {
    faults.required(`${path}.apiGroups`, 'resource rules must supply at least one api group');
  }
  if (resources.length === 0) {
    faults.required(`${path}.resources`, 'resource rules must supply at least one resource');
  }
}

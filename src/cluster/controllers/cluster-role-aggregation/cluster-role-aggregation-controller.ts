import type { ClusterRole, PolicyRule } from '../../../kube/api/rbac-v1.generated.ts';
import { deepEqual } from '../../../kube/equality.ts';
import { labelSelectorMatcher } from '../../../kube/labels.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import { isStatus } from '../../../kube/status-error.ts';
import { AS_CONTROLLER } from '../../machinery/constants.ts';
import { Controller } from '../../machinery/controller.ts';
import type { Component, ComponentContext, InformerFactory } from '../../machinery/interfaces.ts';
import { nameOf } from '../../machinery/keys.ts';

/**
 * Gives ClusterRoles with an aggregation rule the rules of the roles that it selects.
 * kubernetes: pkg/controller/clusterroleaggregation/clusterroleaggregation_controller.go
 */
export function createClusterRoleAggregationController(
  context: ComponentContext,
  informers: InformerFactory,
): Component {
  const roles = informers.informer<ClusterRole>(RESOURCES.clusterRoles);
  const controller = new Controller({
    name: 'clusterrole-aggregation-controller',
    context,
    informers: [roles],
    reconcile: async (name) => {
      const role = roles.get({ name });
      if (role?.aggregationRule === undefined) return;
      const rules = gatheredRules(role, roles.list());
      if (deepEqual(rules, role.rules ?? [])) return;
      try {
        await context.client.update(RESOURCES.clusterRoles, { ...role, rules }, AS_CONTROLLER);
      } catch (error) {
        if (!isStatus(error, 'NotFound')) throw error;
      }
    },
  });
  roles.onEvent(() => {
    // Any role may be part of any other.
    for (const role of roles.list()) if (role.aggregationRule !== undefined) controller.queue.add(nameOf(role));
  });
  return controller;
}

/** The rules of all roles that are selected, in the order of the roles' names, each once. */
function gatheredRules(role: ClusterRole, all: readonly ClusterRole[]): readonly PolicyRule[] {
  const matchers = (role.aggregationRule?.clusterRoleSelectors ?? []).map(labelSelectorMatcher);
  const parts = all.filter(
    (each) => nameOf(each) !== nameOf(role) && matchers.some((matcher) => matcher.matches(each.metadata.labels ?? {})),
  );
  const rules: PolicyRule[] = [];
  for (const part of [...parts].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))) {
    for (const rule of part.rules ?? []) if (!rules.some((known) => deepEqual(known, rule))) rules.push(rule);
  }
  return rules;
}

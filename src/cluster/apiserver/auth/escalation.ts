import type { PolicyRule, RoleRef } from '../../../kube/api/rbac-v1.generated.ts';
import { deepEqual } from '../../../kube/equality.ts';
import type { ResourceType } from '../../../kube/object.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import { forbidden } from '../../registry/status.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../admission/plugin.ts';
import { compactRules, ruleText, uncovered } from './policy-rule.ts';
import { MASTERS, RbacAuthorizer } from './rbac-authorizer.ts';

const KEYS = ['roles', 'clusterroles', 'rolebindings', 'clusterrolebindings'].map(
  (resource) => `rbac.authorization.k8s.io/${resource}`,
);

/**
 * Nobody grants what they do not hold, unless they may `escalate` roles or `bind` them.
 * kubernetes: pkg/registry/rbac/{role,rolebinding,clusterrole,clusterrolebinding}/policybased
 */
export const rbacEscalation: AdmissionPlugin = {
  name: 'RBACEscalation',
  resources: KEYS,
  validate(request) {
    const { operation, draft, old, user, type, subresource } = request;
    if (operation === 'DELETE' || draft === undefined || subresource !== '' || user.groups.includes(MASTERS)) return;
    const isBinding = type.resource.endsWith('bindings');
    const field = isBinding ? 'roleRef' : 'rules';
    const same = old !== undefined && deepEqual(old[field] ?? [], draft[field] ?? []);
    if (same && (!isBinding || deepEqual(old['subjects'] ?? [], draft['subjects'] ?? []))) return;
    const authorizer = new RbacAuthorizer({ list: request.list, get: request.get });
    if (isBinding) checkBinding(request, authorizer, draft['roleRef'] as RoleRef);
    else checkRole(request, authorizer, (draft['rules'] ?? []) as PolicyRule[]);
  },
};

function checkRole(request: AdmissionRequest, authorizer: RbacAuthorizer, rules: readonly PolicyRule[]): void {
  if (may(request, authorizer, 'escalate', request.type, request.name)) return;
  confirm(request, authorizer, rules);
}

function checkBinding(request: AdmissionRequest, authorizer: RbacAuthorizer, roleRef: RoleRef): void {
  const type = roleRef.kind === 'Role' ? RESOURCES.roles : RESOURCES.clusterRoles;
  if (may(request, authorizer, 'bind', type, roleRef.name)) return;
  const rules = authorizer.rulesOf(roleRef, request.namespace);
  if (rules === undefined) {
    throw forbidden(
      request.type,
      request.name,
      `${type.resource}.${type.group} ${JSON.stringify(roleRef.name)} not found`,
    );
  }
  confirm(request, authorizer, rules);
}

function may(
  { user, namespace }: AdmissionRequest,
  authorizer: RbacAuthorizer,
  verb: string,
  { group, resource }: ResourceType,
  name: string,
): boolean {
  const attributes = { group, resource, subresource: '', namespace, name };
  return authorizer.authorize(user, { verb, path: '', resource: attributes }).allowed;
}

function confirm(request: AdmissionRequest, authorizer: RbacAuthorizer, rules: readonly PolicyRule[]): void {
  const { user, namespace, type, name } = request;
  const missing = compactRules(uncovered(authorizer.rules(user, namespace).rules, rules));
  if (missing.length === 0) return;
  const groups = user.groups.map((group) => JSON.stringify(group)).join(' ');
  const who = `user ${JSON.stringify(user.name)} (groups=[${groups}])`;
  const texts = missing.map(ruleText).join('\n');
  throw forbidden(type, name, `${who} is attempting to grant RBAC permissions not currently held:\n${texts}`);
}

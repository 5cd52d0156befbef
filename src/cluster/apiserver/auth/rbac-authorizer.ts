import type {
  ClusterRole,
  ClusterRoleBinding,
  PolicyRule,
  Role,
  RoleBinding,
  RoleRef,
  Subject,
} from '../../../kube/api/rbac-v1.generated.ts';
import type { KubeObject, ResourceType } from '../../../kube/object.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import type { UserInfo } from '../request.ts';
import type { Attributes, Decision } from './attributes.ts';
import { ruleAllows } from './policy-rule.ts';

/** Where roles and bindings are read; committed state, at once. */
export interface RbacSource {
  list(type: ResourceType, namespace?: string): readonly KubeObject[];
  get(type: ResourceType, namespace: string | undefined, name: string): KubeObject | undefined;
}

/** A rule that holds for a user, and where it comes from. */
interface HeldRule {
  readonly rule: PolicyRule;
  /** `ClusterRoleBinding "x" of ClusterRole "y" to User "z"` */
  readonly source: string;
}

/** The group that may do everything. */
export const MASTERS = 'system:masters';

/** Roles and bindings as Kubernetes evaluates them. kubernetes: plugin/pkg/auth/authorizer/rbac/rbac.go, pkg/registry/rbac/validation/rule.go */
export class RbacAuthorizer {
  readonly #source: RbacSource;

  constructor(source: RbacSource) {
    this.#source = source;
  }

  authorize(user: UserInfo, attributes: Attributes): Decision {
    if (user.groups.includes(MASTERS)) return { allowed: true, reason: '' };
    const faults: string[] = [];
    for (const { rule, source } of this.#held(user, attributes.resource?.namespace ?? '', faults)) {
      if (ruleAllows(rule, attributes)) return { allowed: true, reason: `RBAC: allowed by ${source}` };
    }
    return { allowed: false, reason: faultText(faults) };
  }

  /** The rules that hold for a user in a namespace ('': in all), and what could not be found out. */
  rules(user: UserInfo, namespace: string): { readonly rules: readonly PolicyRule[]; readonly faults: string } {
    const faults: string[] = [];
    const rules = [...this.#held(user, namespace, faults)].map(({ rule }) => rule);
    return { rules, faults: faults.join(', ') };
  }

  /** The rules of a role that a binding names; undefined when there is none. */
  rulesOf({ kind, name }: RoleRef, namespace: string): readonly PolicyRule[] | undefined {
    const role =
      kind === 'Role'
        ? this.#source.get(RESOURCES.roles, namespace, name)
        : this.#source.get(RESOURCES.clusterRoles, undefined, name);
    return role === undefined ? undefined : ((role as KubeObject & (Role | ClusterRole)).rules ?? []);
  }

  *#held(user: UserInfo, namespace: string, faults: string[]): Generator<HeldRule> {
    for (const binding of this.#source.list(RESOURCES.clusterRoleBindings) as readonly (KubeObject &
      ClusterRoleBinding)[]) {
      const subject = binding.subjects?.find((each) => isSubject(each, user, ''));
      if (subject === undefined) continue;
      const title = `ClusterRoleBinding ${JSON.stringify(binding.metadata.name)}`;
      yield* this.#rules({ roleRef: binding.roleRef, namespace: '', title, subject }, faults);
    }
    if (namespace === '') return;
    for (const binding of this.#source.list(RESOURCES.roleBindings, namespace) as readonly (KubeObject &
      RoleBinding)[]) {
      const subject = binding.subjects?.find((each) => isSubject(each, user, namespace));
      if (subject === undefined) continue;
      const title = `RoleBinding ${JSON.stringify(`${binding.metadata.name ?? ''}/${namespace}`)}`;
      yield* this.#rules({ roleRef: binding.roleRef, namespace, title, subject }, faults);
    }
  }

  *#rules({ roleRef, namespace, title, subject }: Bound, faults: string[]): Generator<HeldRule> {
    const rules = this.rulesOf(roleRef, namespace);
    const { kind, name } = roleRef;
    if (rules === undefined) {
      faults.push(`${kind.toLowerCase()}.rbac.authorization.k8s.io ${JSON.stringify(name)} not found`);
      return;
    }
    const source = `${title} of ${kind} ${JSON.stringify(name)} to ${subjectText(subject, namespace)}`;
    for (const rule of rules) yield { rule, source };
  }
}

interface Bound {
  readonly roleRef: RoleRef;
  readonly namespace: string;
  readonly title: string;
  readonly subject: Subject;
}

function faultText(faults: readonly string[]): string {
  if (faults.length === 0) return '';
  return `RBAC: ${faults.length === 1 ? (faults[0] ?? '') : `[${faults.join(', ')}]`}`;
}

function isSubject({ kind, name, namespace = '' }: Subject, user: UserInfo, bindingNamespace: string): boolean {
  switch (kind) {
    case 'User':
      return user.name === name;
    case 'Group':
      return user.groups.includes(name);
    case 'ServiceAccount': {
      const own = namespace === '' ? bindingNamespace : namespace;
      return own !== '' && user.name === `system:serviceaccount:${own}:${name}`;
    }
    default:
      return false;
  }
}

function subjectText({ kind, name, namespace = '' }: Subject, bindingNamespace: string): string {
  if (kind !== 'ServiceAccount') return `${kind} ${JSON.stringify(name)}`;
  return `${kind} ${JSON.stringify(`${name}/${namespace === '' ? bindingNamespace : namespace}`)}`;
}

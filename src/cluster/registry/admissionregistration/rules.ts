import type {
  MatchCondition,
  MatchResources,
  NamedRuleWithOperations,
  RuleWithOperations,
} from '../../../kube/api/admissionregistration-v1.generated.ts';
import { checkLabelSelector } from '../checks/labels.ts';
import { checkPathSegment, checkQualifiedName } from '../checks/names.ts';
import { checkOneOf } from '../checks/values.ts';
import type { Faults } from '../faults.ts';
import type { Edit, Loose } from '../wire.ts';

/** What may happen when a hook or a policy cannot be asked. */
export const FAILURE_POLICIES: readonly string[] = ['Fail', 'Ignore'];
/** How rules match other versions of a resource. */
export const MATCH_POLICIES: readonly string[] = ['Equivalent', 'Exact'];
const OPERATIONS = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'];
const SCOPES = ['*', 'Cluster', 'Namespaced'];
const CONDITIONS_LIMIT = 64;

/** Rules match all scopes unless they say so. */
export function defaultRules(rules: Edit<readonly RuleWithOperations[]> | undefined): void {
  for (const rule of rules ?? []) rule.scope ??= '*';
}

/** Defaults of what a policy or its binding matches. */
export function defaultMatchResources(match: Edit<MatchResources> | undefined): void {
  if (match === undefined) return;
  match.matchPolicy ??= 'Equivalent';
  match.namespaceSelector ??= {};
  match.objectSelector ??= {};
  defaultRules(match.resourceRules);
  defaultRules(match.excludeResourceRules);
}

/** Refuses rules that match nothing or say too much. kubernetes: pkg/apis/admissionregistration/validation */
export function checkRule(rule: Loose<RuleWithOperations>, path: string, faults: Faults): void {
  const { operations = [], apiGroups = [], apiVersions = [], resources = [], scope } = rule;
  checkList(operations, 'operations', `${path}.operations`, faults);
  operations.forEach((operation, i) => {
    if (!OPERATIONS.includes(operation)) faults.notSupported(`${path}.operations[${i}]`, operation, OPERATIONS);
  });
  checkList(apiGroups, 'API groups', `${path}.apiGroups`, faults);
  checkList(apiVersions, 'API versions', `${path}.apiVersions`, faults);
  apiVersions.forEach((version, i) => {
    if (version === '') faults.required(`${path}.apiVersions[${i}]`);
  });
  checkResources(resources, `${path}.resources`, faults);
  if (scope !== undefined && !SCOPES.includes(scope)) faults.notSupported(`${path}.scope`, scope, SCOPES);
}

function checkList(values: readonly string[], what: string, path: string, faults: Faults): void {
  if (values.length === 0) faults.required(path);
  if (values.length > 1 && values.includes('*')) {
    faults.invalid(path, values, `if '*' is present, must not specify other ${what}`);
  }
}

function checkResources(resources: readonly string[], path: string, faults: Faults): void {
  if (resources.length === 0) faults.required(path);
  const allSubresourcesOf = new Set<string>();
  const ofAllResources = new Set<string>();
  let endsPlain = false;
  resources.forEach((resource, i) => {
    if (resource === '') {
      faults.required(`${path}[${i}]`);
      return;
    }
    const slash = resource.indexOf('/');
    if (slash === -1) {
      endsPlain = resource !== '*';
      return;
    }
    const name = resource.slice(0, slash);
    const subresource = resource.slice(slash + 1);
    const clash = (wildcard: string): void =>
      faults.invalid(`${path}[${i}]`, resource, `if '${wildcard}' is present, must not specify ${resource}`);
    if (allSubresourcesOf.has(name)) clash(`${name}/*`);
    if (ofAllResources.has(subresource)) clash(`*/${subresource}`);
    if (subresource === '*') allSubresourcesOf.add(name);
    if (name === '*') ofAllResources.add(subresource);
  });
  if (resources.length > 1 && resources.includes('*/*')) {
    faults.invalid(path, resources, "if '*/*' is present, must not specify other resources");
  }
  if (endsPlain && resources.includes('*')) {
    faults.invalid(path, resources, "if '*' is present, must not specify other resources without subresources");
  }
}

/** Refuses conditions without names or expressions. */
export function checkMatchConditions(
  conditions: readonly Loose<MatchCondition>[] | undefined,
  path: string,
  faults: Faults,
): void {
  if (conditions === undefined) return;
  if (conditions.length > CONDITIONS_LIMIT) faults.tooMany(path, conditions.length, CONDITIONS_LIMIT);
  const names = new Set<string>();
  conditions.forEach(({ name = '', expression = '' }, i) => {
    const at = `${path}[${i}]`;
    if (expression.trim() === '') faults.required(`${at}.expression`);
    if (name === '') {
      faults.required(`${at}.name`);
      return;
    }
    checkQualifiedName(name, `${at}.name`, faults);
    if (names.has(name)) faults.duplicate(`${at}.name`, name);
    names.add(name);
  });
}

/** Refuses selectors and rules of a policy or a binding that are none. */
export function checkMatchResources(match: Loose<MatchResources>, path: string, faults: Faults): void {
  checkOneOf(match.matchPolicy, MATCH_POLICIES, `${path}.matchPolicy`, faults, { required: true });
  checkLabelSelector(match.namespaceSelector, `${path}.namespaceSelector`, faults);
  checkLabelSelector(match.objectSelector, `${path}.objectSelector`, faults);
  match.resourceRules?.forEach((rule, i) => checkNamedRule(rule, `${path}.resourceRules[${i}]`, faults));
  match.excludeResourceRules?.forEach((rule, i) => checkNamedRule(rule, `${path}.excludeResourceRules[${i}]`, faults));
}

function checkNamedRule(rule: Loose<NamedRuleWithOperations>, path: string, faults: Faults): void {
  const { resourceNames = [] } = rule;
  resourceNames.forEach((name, i) => {
    checkPathSegment(name, `${path}.resourceNames[${i}]`, faults);
    if (resourceNames.indexOf(name) < i) faults.duplicate(`${path}.resourceNames[${i}]`, name);
  });
  checkRule(rule, path, faults);
}

import type { PolicyRule } from '../../../kube/api/rbac-v1.generated.ts';
import { type Attributes, combinedResource } from './attributes.ts';

const ALL = '*';

/** True when a rule allows what is asked. kubernetes: pkg/apis/rbac/v1/evaluation_helpers.go, plugin/pkg/auth/authorizer/rbac */
export function ruleAllows(rule: PolicyRule, { verb, path, resource }: Attributes): boolean {
  if (!has(rule.verbs, verb)) return false;
  if (resource === undefined) return (rule.nonResourceURLs ?? []).some((pattern) => matchesPath(pattern, path));
  return (
    has(rule.apiGroups, resource.group) &&
    matchesResource(rule.resources, combinedResource(resource), resource.subresource) &&
    matchesName(rule.resourceNames, resource.name)
  );
}

function has(list: readonly string[] | undefined, value: string): boolean {
  return list !== undefined && (list.includes(value) || list.includes(ALL));
}

function matchesResource(resources: readonly string[] | undefined, combined: string, subresource: string): boolean {
  if (has(resources, combined)) return true;
  return subresource !== '' && resources !== undefined && resources.includes(`*/${subresource}`);
}

function matchesName(names: readonly string[] | undefined, name: string): boolean {
  return names === undefined || names.length === 0 || names.includes(name);
}

function matchesPath(pattern: string, path: string): boolean {
  if (pattern === ALL || pattern === path) return true;
  return pattern.endsWith(ALL) && path.startsWith(pattern.replace(/\*+$/, ''));
}

/**
 * The parts of `wanted` that `held` does not allow, each about one verb of one resource.
 * kubernetes: component-helpers/auth/rbac/validation/policy_comparator.go
 */
export function uncovered(held: readonly PolicyRule[], wanted: readonly PolicyRule[]): PolicyRule[] {
  return wanted.flatMap(singleRules).filter((rule) => !held.some((owner) => covers(owner, rule)));
}

function singleRules(rule: PolicyRule): PolicyRule[] {
  const { apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule;
  const parts: PolicyRule[] = [];
  for (const verb of rule.verbs) {
    for (const url of nonResourceURLs) parts.push({ nonResourceURLs: [url], verbs: [verb] });
    for (const group of apiGroups) {
      for (const resource of resources) {
        const part = { apiGroups: [group], resources: [resource], verbs: [verb] };
        if (resourceNames.length === 0) parts.push(part);
        for (const name of resourceNames) parts.push({ ...part, resourceNames: [name] });
      }
    }
  }
  return parts;
}

/** @param single about one thing, as {@link singleRules} makes them */
function covers(owner: PolicyRule, single: PolicyRule): boolean {
  const [verb = ''] = single.verbs;
  const [url] = single.nonResourceURLs ?? [];
  if (!has(owner.verbs, verb)) return false;
  if (url !== undefined) return (owner.nonResourceURLs ?? []).some((pattern) => matchesPath(pattern, url));
  const [group = ''] = single.apiGroups ?? [];
  const [resource = ''] = single.resources ?? [];
  const { resourceNames: names = [] } = owner;
  const [name] = single.resourceNames ?? [];
  const slash = resource.indexOf('/');
  return (
    has(owner.apiGroups, group) &&
    matchesResource(owner.resources, resource, slash === -1 ? '' : resource.slice(slash + 1)) &&
    (names.length === 0 || (name !== undefined && names.includes(name)))
  );
}

/** A rule in one line: `{APIGroups:["apps"], Resources:["deployments"], Verbs:["get"]}`. kubernetes: pkg/apis/rbac/v1 CompactString */
export function ruleText(rule: PolicyRule): string {
  const parts: [string, readonly string[] | undefined][] = [
    ['APIGroups', rule.apiGroups],
    ['Resources', rule.resources],
    ['NonResourceURLs', rule.nonResourceURLs],
    ['ResourceNames', rule.resourceNames],
    ['Verbs', rule.verbs],
  ];
  const texts = parts
    .filter(([, list]) => list !== undefined && list.length > 0)
    .map(([name, list]) => `${name}:[${(list ?? []).map((each) => JSON.stringify(each)).join(' ')}]`);
  return `{${texts.join(', ')}}`;
}

/** Rules that differ in nothing but their verbs, together; in the order of their texts. */
export function compactRules(rules: readonly PolicyRule[]): PolicyRule[] {
  const merged = new Map<string, PolicyRule>();
  for (const rule of rules) {
    const key = JSON.stringify([rule.apiGroups, rule.resources, rule.resourceNames, rule.nonResourceURLs]);
    const known = merged.get(key);
    const verbs = [...new Set([...(known?.verbs ?? []), ...rule.verbs])];
    merged.set(key, { ...rule, verbs });
  }
  return [...merged.values()].sort((a, b) => (ruleText(a) < ruleText(b) ? -1 : 1));
}

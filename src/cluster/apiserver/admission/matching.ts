import type {
  MatchResources,
  NamedRuleWithOperations,
  RuleWithOperations,
} from '../../../kube/api/admissionregistration-v1.generated.ts';
import type { LabelSelector } from '../../../kube/api/meta-v1.generated.ts';
import { type LabelMatcher, labelSelectorMatcher } from '../../../kube/labels.ts';
import type { KubeObject, ResourceType } from '../../../kube/object.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import { notFound } from '../../registry/status.ts';
import type { AdmissionRequest } from './plugin.ts';

type Matched = Pick<AdmissionRequest, 'operation' | 'subresource'> & {
  readonly type: Pick<ResourceType, 'group' | 'namespaced' | 'resource' | 'version'>;
};

const EXEMPT: ReadonlySet<string> = new Set([
  'mutatingadmissionpolicies',
  'mutatingadmissionpolicybindings',
  'mutatingwebhookconfigurations',
  'validatingadmissionpolicies',
  'validatingadmissionpolicybindings',
  'validatingwebhookconfigurations',
]);

/** What decides about admission is not decided about by it. apiserver: pkg/admission/plugin/webhook/predicates/rules */
export function isExempt({ type: { group, resource } }: Pick<AdmissionRequest, 'type'>): boolean {
  return group === 'admissionregistration.k8s.io' && EXEMPT.has(resource);
}

/** True when a rule names the operation and the resource. */
function ruleMatches(rule: RuleWithOperations, { type, operation, subresource }: Matched): boolean {
  const has = (items: readonly string[] | undefined, wanted: string): boolean =>
    items?.some((item) => item === '*' || item === wanted) ?? false;
  if (!scopeMatches(rule.scope ?? '*', type)) return false;
  if (!has(rule.operations, operation) || !has(rule.apiGroups, type.group) || !has(rule.apiVersions, type.version)) {
    return false;
  }
  return (rule.resources ?? []).some((each) => {
    const slash = each.indexOf('/');
    const resource = slash === -1 ? each : each.slice(0, slash);
    const sub = slash === -1 ? '' : each.slice(slash + 1);
    return (resource === '*' || resource === type.resource) && (sub === '*' || sub === subresource);
  });
}

/** Namespaces are no namespaced objects, though they are said to be in themselves. */
function scopeMatches(scope: string, { namespaced }: Matched['type']): boolean {
  return scope === '*' || scope === (namespaced ? 'Namespaced' : 'Cluster');
}

/**
 * The version of the resource that rules name: that of the request, or with the policy `Equivalent` another one of the same objects.
 * Undefined when no rule matches.
 */
export function matchedVersion(
  rules: readonly NamedRuleWithOperations[] | undefined,
  matchPolicy: string | undefined,
  request: AdmissionRequest,
): ResourceType | undefined {
  const { operation, subresource } = request;
  const matches = (type: ResourceType): boolean =>
    (rules ?? []).some(
      (rule) =>
        ruleMatches(rule, { type, operation, subresource }) &&
        ((rule.resourceNames ?? []).length === 0 || rule.resourceNames?.includes(request.name) === true),
    );
  if (matches(request.type)) return request.type;
  return matchPolicy === 'Equivalent' ? request.versions().find(matches) : undefined;
}

/** What a policy or a binding matches; undefined for what it does not. apiserver: pkg/admission/plugin/policy/matching */
export function matchedResource(
  match: MatchResources | undefined,
  request: AdmissionRequest,
): ResourceType | undefined {
  if (match === undefined) return request.type;
  const namespaces = namespaceMatches(match.namespaceSelector, request);
  if (namespaces === false || !objectMatches(match.objectSelector, request)) return undefined;
  if (matchedVersion(match.excludeResourceRules, match.matchPolicy, request) !== undefined) return undefined;
  const found =
    (match.resourceRules ?? []).length === 0
      ? request.type
      : matchedVersion(match.resourceRules, match.matchPolicy, request);
  if (found !== undefined && namespaces instanceof Error) throw namespaces;
  return found;
}

const selectors = new WeakMap<LabelSelector, LabelMatcher>();

function matcherOf(selector: LabelSelector): LabelMatcher {
  let matcher = selectors.get(selector);
  if (matcher === undefined) {
    matcher = labelSelectorMatcher(selector);
    selectors.set(selector, matcher);
  }
  return matcher;
}

function isEmpty({ matchLabels = {}, matchExpressions = [] }: LabelSelector): boolean {
  return Object.keys(matchLabels).length === 0 && matchExpressions.length === 0;
}

/** Whether the labels of the object's namespace are selected; an error when the namespace is not there. */
export function namespaceMatches(selector: LabelSelector | undefined, request: AdmissionRequest): boolean | Error {
  const { type, namespace, operation, draft, name } = request;
  const isNamespace = type.group === '' && type.resource === 'namespaces';
  if (selector === undefined || isEmpty(selector) || (namespace === '' && !isNamespace)) return true;
  const isOwn = isNamespace && request.subresource === '' && operation !== 'DELETE';
  const object = isOwn ? draft : request.get(RESOURCES.namespaces, undefined, isNamespace ? name : namespace);
  if (object === undefined) return notFound(RESOURCES.namespaces, isNamespace ? name : namespace);
  return matcherOf(selector).matches((object.metadata as KubeObject['metadata']).labels ?? {});
}

/** Whether the labels of the object are selected, as they are or as they were. */
export function objectMatches(selector: LabelSelector | undefined, { draft, old }: AdmissionRequest): boolean {
  if (selector === undefined || isEmpty(selector)) return true;
  const matcher = matcherOf(selector);
  return [draft, old].some(
    (object) => object !== undefined && matcher.matches((object.metadata as KubeObject['metadata']).labels ?? {}),
  );
}

import type {
  FlowSchema,
  NonResourcePolicyRule,
  PolicyRulesWithSubjects,
  ResourcePolicyRule,
  Subject,
} from '../../../kube/api/flowcontrol-v1.generated.ts';
import { nameIsDnsLabel, nameIsDnsSubdomain } from '../../../kube/names.ts';
import { formatTime } from '../../machinery/time.ts';
import { defineStrategy } from '../define.ts';
import type { Faults } from '../faults.ts';
import { resourceType } from '../resource-type.ts';
import type { Strategy, StrategyContext } from '../strategy.ts';
import { type Edit, isBlank, type Loose } from '../wire.ts';

const METHODS = ['ByNamespace', 'ByUser'];
const KINDS = ['Group', 'ServiceAccount', 'User'];
const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'proxy', 'update', 'watch'];
const LAST_PRECEDENCE = 10_000;
const DEFAULT_PRECEDENCE = 1000;
const ALL = '*';

/** kubernetes: pkg/registry/flowcontrol/flowschema/strategy.go, pkg/apis/flowcontrol/validation */
export function flowSchemaStrategy(): Strategy {
  return defineStrategy<FlowSchema>({
    type: resourceType('flowcontrol.apiserver.k8s.io/v1', 'FlowSchema', 'flowschemas', {
      clusterScoped: true,
      subresources: ['status'],
    }),
    generation: ['spec'],
    defaults: (schema) => {
      (schema.spec ??= {}).matchingPrecedence ||= DEFAULT_PRECEDENCE;
    },
    prepareForCreate: tellDangling,
    prepareForUpdate: (schema, _old, context) => {
      if (context.subresource === '') tellDangling(schema, context);
    },
    validate: checkSpec,
    validateStatus: ({ status = {} }, _old, faults) => {
      const seen = new Set<string>();
      status.conditions?.forEach(({ type = '' }, i) => {
        const at = `status.conditions[${i}].type`;
        if (seen.has(type)) faults.duplicate(at, type);
        seen.add(type);
        if (type === '') faults.required(at, 'must not be empty');
      });
    },
  });
}

const LEVELS = resourceType(
  'flowcontrol.apiserver.k8s.io/v1',
  'PriorityLevelConfiguration',
  'prioritylevelconfigurations',
  {
    clusterScoped: true,
  },
);

/** Says whether the level that a schema names is there. */
function tellDangling(schema: Edit<FlowSchema>, context: StrategyContext): void {
  const level = schema.spec?.priorityLevelConfiguration?.name ?? '';
  const isThere = level !== '' && context.get(LEVELS, undefined, level) !== undefined;
  schema.status = danglingStatus(schema.status, { level, isThere, now: context.now }) as NonNullable<
    typeof schema.status
  >;
}

/** What is known of the level that a schema names. */
export interface LevelFacts {
  readonly level: string;
  readonly isThere: boolean;
  /** ms since the epoch */
  readonly now: number;
}

/**
 * The status of a schema that says whether its level is there; the same object when it says so already.
 * apiserver: pkg/util/flowcontrol/apf_controller.go
 */
export function danglingStatus(
  status: Loose<FlowSchema>['status'],
  { level, isThere, now }: LevelFacts,
): Loose<FlowSchema>['status'] {
  const conditions = status?.conditions ?? [];
  const state = isThere ? 'False' : 'True';
  const message = `This FlowSchema references the PriorityLevelConfiguration object named ${JSON.stringify(level)} ${
    isThere ? 'and it exists' : 'but there is no such object'
  }`;
  const before = conditions.find(({ type }) => type === 'Dangling');
  if (before?.status === state && before.message === message) return status;
  const lastTransitionTime =
    before?.status === state ? (before.lastTransitionTime ?? formatTime(now)) : formatTime(now);
  const reason = isThere ? 'Found' : 'NotFound';
  const own = { type: 'Dangling', status: state, lastTransitionTime, reason, message };
  return { ...status, conditions: [...conditions.filter((each) => each !== before), own] };
}

function checkSpec({ metadata = {}, spec = {} }: Loose<FlowSchema>, faults: Faults): void {
  const { matchingPrecedence: precedence = 0, distinguisherMethod: method } = spec;
  const at = 'spec.matchingPrecedence';
  if (precedence <= 0) faults.invalid(at, precedence, 'must be a positive value');
  if (precedence > LAST_PRECEDENCE) faults.invalid(at, precedence, `must not be greater than ${LAST_PRECEDENCE}`);
  if (precedence === 1 && metadata.name !== 'exempt') {
    faults.invalid(at, precedence, "only the schema named 'exempt' may have matchingPrecedence 1");
  }
  if (method !== undefined && !METHODS.includes(method.type ?? '')) {
    faults.notSupported('spec.distinguisherMethod.type', method, METHODS);
  }
  const level = spec.priorityLevelConfiguration?.name;
  const levelAt = 'spec.priorityLevelConfiguration.name';
  if (isBlank(level)) faults.required(levelAt, 'must reference a priority level');
  else faults.invalidEach(levelAt, level, nameIsDnsSubdomain(level));
  spec.rules?.forEach((rule, i) => checkRule(rule, `spec.rules[${i}]`, faults));
}

function checkRule(rule: Loose<PolicyRulesWithSubjects>, path: string, faults: Faults): void {
  const { resourceRules = [], nonResourceRules = [] } = rule;
  const subjects = rule.subjects ?? [];
  if (subjects.length === 0) faults.required(`${path}.subjects`, 'subjects must contain at least one value');
  subjects.forEach((subject, i) => checkSubject(subject, `${path}.subjects[${i}]`, faults));
  if (resourceRules.length === 0 && nonResourceRules.length === 0) {
    faults.required(path, 'at least one of resourceRules and nonResourceRules has to be non-empty');
  }
  resourceRules.forEach((each, i) => checkResourceRule(each, `${path}.resourceRules[${i}]`, faults));
  nonResourceRules.forEach((each, i) => checkNonResourceRule(each, `${path}.nonResourceRules[${i}]`, faults));
}

const SUBJECT_FIELDS = [
  ['serviceAccount', 'ServiceAccount'],
  ['user', 'User'],
  ['group', 'Group'],
] as const;

function checkSubject(subject: Loose<Subject>, path: string, faults: Faults): void {
  const { kind = '' } = subject;
  const own = SUBJECT_FIELDS.find(([, each]) => each === kind)?.[0];
  if (own === undefined) {
    faults.notSupported(`${path}.kind`, kind, KINDS);
    return;
  }
  const described: { readonly name?: string | undefined; readonly namespace?: string | undefined } | undefined =
    subject[own];
  const at = `${path}.${own}`;
  if (described === undefined) faults.required(at, `${own} is required when subject kind is '${kind}'`);
  else {
    if (isBlank(described.name)) faults.required(`${at}.name`);
    if (own === 'serviceAccount') checkAccount(described, at, faults);
  }
  for (const [field, each] of SUBJECT_FIELDS) {
    if (field !== own && subject[field] !== undefined) {
      faults.forbidden(`${path}.${field}`, `${field} is forbidden when subject kind is not '${each}'`);
    }
  }
}

function checkAccount(
  { name = '', namespace }: { readonly name?: string | undefined; readonly namespace?: string | undefined },
  path: string,
  faults: Faults,
): void {
  if (name !== '' && name !== ALL) faults.invalidEach(`${path}.name`, name, nameIsDnsSubdomain(name));
  if (isBlank(namespace)) faults.required(`${path}.namespace`, 'must specify namespace for service account');
  else faults.invalidEach(`${path}.namespace`, namespace, nameIsDnsLabel(namespace));
}

function checkVerbs(verbs: readonly string[], path: string, faults: Faults): void {
  if (verbs.length === 0) faults.required(path, 'verbs must contain at least one value');
  else if (verbs.includes(ALL)) alone(verbs, path, 'verbs', faults);
  else if (!verbs.every((verb) => VERBS.includes(verb))) faults.notSupported(path, verbs, VERBS);
}

/** Refuses `*` beside others. */
function alone(values: readonly string[], path: string, what: string, faults: Faults): void {
  if (values.length > 1 && values.includes(ALL)) {
    faults.invalid(path, values, `if '*' is present, must not specify other ${what}`);
  }
}

function checkResourceRule(rule: Loose<ResourcePolicyRule>, path: string, faults: Faults): void {
  const { clusterScope = false } = rule;
  const [apiGroups, resources, namespaces] = [rule.apiGroups ?? [], rule.resources ?? [], rule.namespaces ?? []];
  checkVerbs(rule.verbs ?? [], `${path}.verbs`, faults);
  if (apiGroups.length === 0) faults.required(`${path}.apiGroups`, 'resource rules must supply at least one api group');
  alone(apiGroups, `${path}.apiGroups`, 'api groups', faults);
  if (resources.length === 0) faults.required(`${path}.resources`, 'resource rules must supply at least one resource');
  alone(resources, `${path}.resources`, 'resources', faults);
  if (namespaces.length === 0 && !clusterScope) {
    const text = 'resource rules that are not cluster scoped must supply at least one namespace';
    faults.required(`${path}.namespaces`, text);
  } else if (namespaces.includes(ALL)) alone(namespaces, `${path}.namespaces`, 'namespaces', faults);
  else {
    namespaces.forEach((namespace, i) => {
      const texts = nameIsDnsLabel(namespace).map(
        (text) => `each member of this list must be '*' or a DNS-1123 label; ${text}`,
      );
      faults.invalidEach(`${path}.namespaces[${i}]`, namespace, texts);
    });
  }
}

function checkNonResourceRule(rule: Loose<NonResourcePolicyRule>, path: string, faults: Faults): void {
  const urls = rule.nonResourceURLs ?? [];
  checkVerbs(rule.verbs ?? [], `${path}.verbs`, faults);
  const at = `${path}.nonResourceURLs`;
  if (urls.length === 0) faults.required(at, 'nonResourceURLs must contain at least one value');
  else if (urls.includes(ALL)) alone(urls, at, 'non-resource URLs', faults);
  else urls.forEach((url, i) => checkUrl(url, `${at}[${i}]`, faults));
}

function checkUrl(url: string, path: string, faults: Faults): void {
  if (url === '') faults.invalid(path, url, 'must not be empty');
  else if (url === '/') return;
  else if (!url.startsWith('/')) faults.invalid(path, url, 'must start with slash');
  else if (url.includes(' ')) faults.invalid(path, url, 'must not contain white-space');
  else if (url.includes('//')) faults.invalid(path, url, 'must not contain double slash');
  else if (url.slice(0, -1).includes(ALL)) faults.invalid(path, url, 'wildcard can only do suffix matching');
  else if (url.endsWith(ALL) && !url.endsWith('/*')) faults.invalid(path, url, 'must be a suffix of /*');
}

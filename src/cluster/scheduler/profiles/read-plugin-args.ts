import { parseDuration } from '../../../base/duration.ts';
import type {
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PreferredSchedulingTerm,
  TopologySpreadConstraint,
} from '../../../kube/api/core-v1.generated.ts';
import { checkRequirement, type LabelOperator, SelectorError } from '../../../kube/label-requirement.ts';
import type { ScoringStrategy, ShapePoint, WeighedResource } from '../scores/resource-scores.ts';
import { USUAL_RESOURCES } from '../scores/resource-scores.ts';
import type { FieldReader, Mapping } from './field-reader.ts';
import { PLUGIN_ARGS, type PluginArgs } from './settings.ts';

/** Reads the arguments of one plugin and lays them over those that there are. */
type ReadArgs = (reader: FieldReader, args: Mapping, path: string) => Partial<PluginArgs>;

/** How the arguments of a plugin are read. */
export interface ArgsKind {
  readonly fields: readonly string[];
  readonly read: ReadArgs;
}

const NATIVE_STRATEGIES = ['LeastAllocated', 'MostAllocated', 'RequestedToCapacityRatio'] as const;
const RATIO = 'RequestedToCapacityRatio';

/** The plugins that take arguments. kubernetes: config/v1 types_pluginargs.go, validation_pluginargs.go */
const KINDS: Readonly<Record<string, ArgsKind>> = {
  DefaultPreemption: { fields: ['minCandidateNodesPercentage', 'minCandidateNodesAbsolute'], read: preemption },
  DynamicResources: { fields: ['filterTimeout', 'bindingTimeout'], read: dynamicResources },
  InterPodAffinity: { fields: ['hardPodAffinityWeight', 'ignorePreferredTermsOfExistingPods'], read: interPodAffinity },
  NodeAffinity: { fields: ['addedAffinity'], read: nodeAffinity },
  NodeResourcesBalancedAllocation: { fields: ['resources'], read: balance },
  NodeResourcesFit: { fields: ['ignoredResources', 'ignoredResourceGroups', 'scoringStrategy'], read: fit },
  PodTopologySpread: { fields: ['defaultConstraints', 'defaultingType'], read: topologySpread },
  VolumeBinding: { fields: ['bindTimeoutSeconds', 'shape'], read: volumeBinding },
};

/** Undefined: the plugin takes no arguments. */
export function argsKind(plugin: string): ArgsKind | undefined {
  return Object.hasOwn(KINDS, plugin) ? KINDS[plugin] : undefined;
}

function preemption(reader: FieldReader, args: Mapping, path: string): Partial<PluginArgs> {
  const [share, count] = [`${path}.minCandidateNodesPercentage`, `${path}.minCandidateNodesAbsolute`];
  const percentage = reader.int32(args['minCandidateNodesPercentage'], share) ?? PLUGIN_ARGS.preemption.percentage;
  const least = reader.int32(args['minCandidateNodesAbsolute'], count) ?? PLUGIN_ARGS.preemption.least;
  if (percentage < 0 || percentage > 100) reader.invalid(share, percentage, 'not in valid range [0, 100]');
  if (least < 0) reader.invalid(count, least, 'not in valid range [0, inf)');
  if (percentage === 0 && least === 0) {
    reader.invalid(share, percentage, 'cannot be zero at the same time as minCandidateNodesAbsolute');
    reader.invalid(count, least, 'cannot be zero at the same time as minCandidateNodesPercentage');
  }
  return { preemption: { percentage, least } };
}

/** They limit how long a search may take, and nothing here takes long. */
function dynamicResources(reader: FieldReader, args: Mapping, path: string): Partial<PluginArgs> {
  const duration = (name: string): number | undefined => {
    const text = reader.text(args[name], `${path}.${name}`);
    const millis = text === undefined ? undefined : parseDuration(text);
    if (text !== undefined && millis === undefined) reader.tell(`${path}.${name}`, 'must be a duration such as 10s');
    return millis;
  };
  const filter = duration('filterTimeout');
  if (filter !== undefined && filter < 0)
    reader.invalid(`${path}.filterTimeout`, args['filterTimeout'], 'must be zero or positive');
  if (duration('bindingTimeout') !== undefined) {
    const gates = 'DRADeviceBindingConditions or DRAResourceClaimDeviceStatus feature gate is disabled';
    reader.forbidden(`${path}.bindingTimeout`, gates);
  }
  return {};
}

function interPodAffinity(reader: FieldReader, args: Mapping, path: string): Partial<PluginArgs> {
  const at = `${path}.hardPodAffinityWeight`;
  const hardWeight = reader.int32(args['hardPodAffinityWeight'], at) ?? PLUGIN_ARGS.interPod.hardWeight;
  if (hardWeight < 0 || hardWeight > 100) reader.invalid(at, hardWeight, 'not in valid range [0, 100]');
  const name = 'ignorePreferredTermsOfExistingPods';
  return { interPod: { hardWeight, ignoresOthers: reader.boolean(args[name], `${path}.${name}`) ?? false } };
}

function balance(reader: FieldReader, args: Mapping, path: string): Partial<PluginArgs> {
  const resources = resourcesOf(reader, args['resources'], `${path}.resources`);
  resources.forEach(({ name, weight }, i) => {
    const at = `${path}.resources[${i}]`;
    if (resources.findIndex((each) => each.name === name) < i) reader.duplicate(`${at}.name`, name);
    if (weight !== 1) reader.invalid(`${at}.weight`, weight, 'must be 1');
  });
  return { balance: { resources } };
}

/** A weight that is not given is 1; none at all: cpu and memory. */
function resourcesOf(reader: FieldReader, value: unknown, path: string): readonly WeighedResource[] {
  const resources = reader.each(value, { path, known: ['name', 'weight'] }, (entry, at) => ({
    name: reader.text(entry['name'], `${at}.name`) ?? '',
    weight: reader.int64(entry['weight'], `${at}.weight`) || 1,
  }));
  return resources.length === 0 ? USUAL_RESOURCES : resources;
}

function fit(reader: FieldReader, args: Mapping, path: string): Partial<PluginArgs> {
  const ignoredResources = reader.texts(args['ignoredResources'], `${path}.ignoredResources`);
  ignoredResources.forEach((name, i) => reader.labelName(name, `${path}.ignoredResources[${i}]`));
  const ignoredResourceGroups = reader.texts(args['ignoredResourceGroups'], `${path}.ignoredResourceGroups`);
  ignoredResourceGroups.forEach((group, i) => {
    const at = `${path}.ignoredResourceGroups[${i}]`;
    if (group.includes('/')) reader.invalid(at, group, "resource group name can't contain '/'");
    reader.labelName(group, at);
  });
  const given = args['scoringStrategy'];
  const strategy =
    given === undefined || given === null
      ? PLUGIN_ARGS.fit.strategy
      : strategyOf(reader, given, `${path}.scoringStrategy`);
  return { fit: { strategy, ignoredResources, ignoredResourceGroups } };
}

function strategyOf(reader: FieldReader, value: unknown, path: string): ScoringStrategy {
  const fields = reader.fields(value, path, ['type', 'resources', 'requestedToCapacityRatio']);
  const text = reader.text(fields['type'], `${path}.type`) ?? '';
  const type = NATIVE_STRATEGIES.find((each) => each === text);
  if (type === undefined) reader.unsupported(`${path}.type`, text, NATIVE_STRATEGIES);
  const resources = resourcesOf(reader, fields['resources'], `${path}.resources`);
  resources.forEach(({ name, weight }, i) => {
    if (weight <= 0 || weight > 100)
      reader.invalid(
        `${path}.resources[${i}].weight`,
        weight,
        `resource weight of ${name} not in valid range (0, 100]`,
      );
  });
  const at = `${path}.requestedToCapacityRatio`;
  const ratio = fields['requestedToCapacityRatio'];
  const isGiven = ratio !== undefined && ratio !== null;
  const shape = isGiven ? shapeOf(reader, reader.fields(ratio, at, ['shape'])['shape'], `${at}.shape`) : [];
  if (type === RATIO && !isGiven) reader.required(at, `must be specified when type is ${RATIO}`);
  else if (type === RATIO) checkShape(reader, shape, `${at}.shape`);
  else if (isGiven) reader.forbidden(at, `must be nil when type is not ${RATIO}`);
  return { type: type ?? 'LeastAllocated', resources, shape };
}

function shapeOf(reader: FieldReader, value: unknown, path: string): readonly ShapePoint[] {
  return reader.each(value, { path, known: ['utilization', 'score'] }, (entry, at) => ({
    utilization: reader.int32(entry['utilization'], `${at}.utilization`) ?? 0,
    score: reader.int32(entry['score'], `${at}.score`) ?? 0,
  }));
}

/** Users give points from 0 to 10. kubernetes: MaxCustomPriorityScore */
const MOST_POINTS = 10;

function checkShape(reader: FieldReader, shape: readonly ShapePoint[], path: string): void {
  if (shape.length === 0) reader.required(path, 'at least one point must be specified');
  const unsorted = shape.findIndex(({ utilization }, i) => i > 0 && (shape[i - 1]?.utilization ?? 0) >= utilization);
  if (unsorted > 0) {
    const value = shape[unsorted]?.utilization;
    reader.invalid(`${path}[${unsorted}].utilization`, value, 'values must be sorted in increasing order');
  }
  shape.forEach(({ utilization, score }, i) => {
    if (utilization < 0 || utilization > 100)
      reader.invalid(`${path}[${i}].utilization`, utilization, 'not in valid range [0, 100]');
    if (score < 0 || score > MOST_POINTS)
      reader.invalid(`${path}[${i}].score`, score, `not in valid range [0, ${MOST_POINTS}]`);
  });
}

const CONSTRAINT_FIELDS = [
  'maxSkew',
  'topologyKey',
  'whenUnsatisfiable',
  'labelSelector',
  'minDomains',
  'nodeAffinityPolicy',
  'nodeTaintsPolicy',
  'matchLabelKeys',
];
const ACTIONS = ['DoNotSchedule', 'ScheduleAnyway'];

function topologySpread(reader: FieldReader, args: Mapping, path: string): Partial<PluginArgs> {
  const kindAt = `${path}.defaultingType`;
  const kind = reader.text(args['defaultingType'], kindAt) || 'System';
  const at = `${path}.defaultConstraints`;
  const constraints = reader.each(args['defaultConstraints'], { path: at, known: CONSTRAINT_FIELDS }, (entry, each) =>
    constraintOf(reader, entry, each),
  );
  if (kind !== 'System' && kind !== 'List') reader.unsupported(kindAt, kind, ['System', 'List']);
  else if (kind === 'System' && constraints.length > 0)
    reader.invalid(kindAt, kind, 'when .defaultConstraints are not empty');
  constraints.forEach(({ topologyKey, whenUnsatisfiable }, i) => {
    const isSame = (each: TopologySpreadConstraint): boolean =>
      each.topologyKey === topologyKey && each.whenUnsatisfiable === whenUnsatisfiable;
    if (constraints.findIndex(isSame) < i) reader.duplicate(`${at}[${i}]`, `{${topologyKey}, ${whenUnsatisfiable}}`);
  });
  return { defaultConstraints: kind === 'List' ? constraints : undefined };
}

function constraintOf(reader: FieldReader, entry: Mapping, path: string): TopologySpreadConstraint {
  const maxSkew = reader.int32(entry['maxSkew'], `${path}.maxSkew`) ?? 0;
  const topologyKey = reader.text(entry['topologyKey'], `${path}.topologyKey`) ?? '';
  const whenUnsatisfiable = reader.text(entry['whenUnsatisfiable'], `${path}.whenUnsatisfiable`) ?? '';
  const minDomains = reader.int32(entry['minDomains'], `${path}.minDomains`);
  const nodeAffinityPolicy = reader.text(entry['nodeAffinityPolicy'], `${path}.nodeAffinityPolicy`);
  const nodeTaintsPolicy = reader.text(entry['nodeTaintsPolicy'], `${path}.nodeTaintsPolicy`);
  if (maxSkew <= 0) reader.invalid(`${path}.maxSkew`, maxSkew, 'not in valid range (0, inf)');
  if (topologyKey === '') reader.required(`${path}.topologyKey`, 'can not be empty');
  else reader.labelName(topologyKey, `${path}.topologyKey`);
  if (whenUnsatisfiable === '') reader.required(`${path}.whenUnsatisfiable`, 'can not be empty');
  else if (!ACTIONS.includes(whenUnsatisfiable))
    reader.unsupported(`${path}.whenUnsatisfiable`, whenUnsatisfiable, ACTIONS);
  if (entry['labelSelector'] !== undefined && entry['labelSelector'] !== null)
    reader.forbidden(`${path}.labelSelector`, 'constraint must not define a selector, as they deduced for each pod');
  return {
    maxSkew,
    topologyKey,
    whenUnsatisfiable,
    ...(minDomains === undefined ? {} : { minDomains }),
    ...(nodeAffinityPolicy === undefined ? {} : { nodeAffinityPolicy }),
    ...(nodeTaintsPolicy === undefined ? {} : { nodeTaintsPolicy }),
  };
}

function volumeBinding(reader: FieldReader, args: Mapping, path: string): Partial<PluginArgs> {
  const at = `${path}.bindTimeoutSeconds`;
  const seconds = reader.int64(args['bindTimeoutSeconds'], at);
  if (seconds !== undefined && seconds < 0)
    reader.invalid(at, seconds, 'invalid BindTimeoutSeconds, should not be a negative value');
  if (args['shape'] !== undefined && args['shape'] !== null) {
    const gate = 'unexpected field `shape`, remove it or turn on the feature gate StorageCapacityScoring';
    reader.invalid(`${path}.shape`, args['shape'], gate);
  }
  return { volumeTimeout: seconds === undefined ? PLUGIN_ARGS.volumeTimeout : seconds * 1000 };
}

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution';

function nodeAffinity(reader: FieldReader, args: Mapping, path: string): Partial<PluginArgs> {
  const at = `${path}.addedAffinity`;
  const added = reader.fields(args['addedAffinity'], at, [REQUIRED, PREFERRED]);
  const selector = added[REQUIRED];
  const terms = `${at}.${REQUIRED}.nodeSelectorTerms`;
  const required =
    selector === undefined || selector === null
      ? undefined
      : {
          nodeSelectorTerms: reader.each(
            reader.fields(selector, `${at}.${REQUIRED}`, ['nodeSelectorTerms'])['nodeSelectorTerms'],
            { path: terms, known: TERM_FIELDS },
            (entry, each) => termOf(reader, entry, each),
          ),
        };
  const preferred = reader.each(
    added[PREFERRED],
    { path: `${at}.${PREFERRED}`, known: ['weight', 'preference'] },
    (entry, each): PreferredSchedulingTerm => ({
      weight: reader.int32(entry['weight'], `${each}.weight`) ?? 0,
      preference: termOf(
        reader,
        reader.fields(entry['preference'], `${each}.preference`, TERM_FIELDS),
        `${each}.preference`,
      ),
    }),
  );
  return { addedAffinity: { required, preferred } };
}

const TERM_FIELDS = ['matchExpressions', 'matchFields'];
const REQUIREMENT_FIELDS = ['key', 'operator', 'values'];

/** kubernetes: component-helpers/scheduling/corev1/nodeaffinity */
const OPERATORS: ReadonlyMap<string, LabelOperator> = new Map<string, LabelOperator>([
  ['In', 'in'],
  ['NotIn', 'notin'],
  ['Exists', 'exists'],
  ['DoesNotExist', '!'],
  ['Gt', 'gt'],
  ['Lt', 'lt'],
]);
const FIELD_OPERATORS = ['In', 'NotIn'];

function termOf(reader: FieldReader, term: Mapping, path: string): NodeSelectorTerm {
  const read = (name: string, check: (each: NodeSelectorRequirement, path: string) => void) =>
    reader.each(term[name], { path: `${path}.${name}`, known: REQUIREMENT_FIELDS }, (entry, at) => {
      const requirement = {
        key: reader.text(entry['key'], `${at}.key`) ?? '',
        operator: reader.text(entry['operator'], `${at}.operator`) ?? '',
        values: reader.texts(entry['values'], `${at}.values`),
      };
      check(requirement, at);
      return requirement;
    });
  return {
    matchExpressions: read('matchExpressions', (each, at) => checkExpression(reader, each, at)),
    matchFields: read('matchFields', (each, at) => checkField(reader, each, at)),
  };
}

function checkExpression(
  reader: FieldReader,
  { key, operator: text, values = [] }: NodeSelectorRequirement,
  path: string,
): void {
  const operator = OPERATORS.get(text);
  if (operator === undefined) {
    reader.unsupported(`${path}.operator`, text, [...OPERATORS.keys()]);
    return;
  }
  try {
    checkRequirement({ key, operator, values });
  } catch (error) {
    if (!(error instanceof SelectorError)) throw error;
    const [, field] = /^([a-z]+)(?:\[\d+\])?(?:\[.*?\])?: /.exec(error.message) ?? [];
    if (field === undefined) reader.tell(path, error.message);
    else reader.faults.push({ path: `${path}.${field}`, text: `${path}.${error.message}` });
  }
}

function checkField(reader: FieldReader, { operator, values = [] }: NodeSelectorRequirement, path: string): void {
  if (!FIELD_OPERATORS.includes(operator)) reader.unsupported(`${path}.operator`, operator, FIELD_OPERATORS);
  else if (values.length !== 1) reader.invalid(`${path}.values`, values, 'must have one element');
}

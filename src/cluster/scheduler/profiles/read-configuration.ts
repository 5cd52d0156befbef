import { isObject, type JsonObject } from '../../../base/json.ts';
import { fromYaml } from '../../../yaml/index.ts';
import { type FaultyFile, faultsError } from '../../../yaml/located-faults.ts';
import { composePlugins, type EnabledPlugin, type PluginSet, type PluginSets } from './compose-plugins.ts';
import { FieldReader, type Mapping } from './field-reader.ts';
import { EXTENSION_POINTS, type ExtensionPoint, NEEDS_PRE_SCORE, PLUGIN_NAMES, pluginKind } from './plugins.ts';
import { argsKind } from './read-plugin-args.ts';
import {
  BACK_OFF,
  DEFAULT_SCHEDULER,
  PLUGIN_ARGS,
  type PluginArgs,
  type ProfileSettings,
  type SchedulerConfiguration,
} from './settings.ts';

const GROUP = 'kubescheduler.config.k8s.io';
const VERSION = `${GROUP}/v1`;
const KIND = 'KubeSchedulerConfiguration';
const HINT = 'See docs/scheduler.md.';

const FIELDS = [
  'apiVersion',
  'kind',
  'parallelism',
  'leaderElection',
  'clientConnection',
  'enableProfiling',
  'enableContentionProfiling',
  'percentageOfNodesToScore',
  'podInitialBackoffSeconds',
  'podMaxBackoffSeconds',
  'profiles',
  'extenders',
  'delayCacheUntilActive',
];
const ELECTION_FIELDS = [
  'leaderElect',
  'leaseDuration',
  'renewDeadline',
  'retryPeriod',
  'resourceLock',
  'resourceName',
  'resourceNamespace',
];
const CONNECTION_FIELDS = ['kubeconfig', 'acceptContentTypes', 'contentType', 'qps', 'burst'];

/** Plugins of earlier versions. kubernetes: apis/config/validation invalidPluginsByVersion */
const REMOVED = ['AzureDiskLimits', 'CinderLimits', 'EBSLimits', 'GCEPDLimits'];

/**
 * Reads a KubeSchedulerConfiguration, as `kube-scheduler --config` takes it.
 *
 * @throws PintleError `yaml-syntax`, `manifest-invalid` with every fault and its place
 */
export function parseSchedulerConfiguration(text: string, file: string): SchedulerConfiguration {
  return readSchedulerConfiguration(fromYaml(text, { file, strict: true }), { name: file, text });
}

/** Reads what {@link parseSchedulerConfiguration} reads, from a value. @throws PintleError `manifest-invalid` */
export function readSchedulerConfiguration(
  value: unknown,
  file: FaultyFile = { name: 'the scheduler configuration' },
): SchedulerConfiguration {
  const reader = new FieldReader();
  const configuration = read(reader, value);
  if (configuration === undefined || reader.faults.length > 0) throw faultsError(file, reader.faults, HINT);
  return configuration;
}

function read(reader: FieldReader, value: unknown): SchedulerConfiguration | undefined {
  if (!isObject(value)) {
    reader.faults.push({ path: '', text: `must be a ${KIND}` });
    return undefined;
  }
  const { apiVersion = '', kind = '' } = value;
  if (apiVersion !== VERSION) reader.unsupported('apiVersion', apiVersion, [VERSION]);
  if (kind !== KIND) reader.unsupported('kind', kind, [KIND]);
  // What another kind or version has means something else.
  if (reader.faults.length > 0) return undefined;
  const fields = reader.fields(value, '', FIELDS);
  checkOthers(reader, fields);
  const percentage = percentageOf(reader, fields['percentageOfNodesToScore'], 'percentageOfNodesToScore') ?? 0;
  const backOff = backOffOf(reader, fields);
  const profiles = profilesOf(reader, fields['profiles'], percentage);
  return { profiles, backOff, source: value as JsonObject };
}

/** Fields of a process that stands for itself; they are looked at, and change nothing. */
function checkOthers(reader: FieldReader, fields: Mapping): void {
  const parallelism = reader.int32(fields['parallelism'], 'parallelism') ?? 1;
  if (parallelism <= 0) reader.invalid('parallelism', parallelism, 'should be an integer value greater than zero');
  for (const name of ['enableProfiling', 'enableContentionProfiling', 'delayCacheUntilActive'])
    reader.boolean(fields[name], name);
  const connection = reader.fields(fields['clientConnection'], 'clientConnection', CONNECTION_FIELDS);
  const burst = reader.int32(connection['burst'], 'clientConnection.burst') ?? 0;
  if (burst < 0) reader.invalid('clientConnection.burst', burst, 'must be non-negative');
  const election = reader.fields(fields['leaderElection'], 'leaderElection', ELECTION_FIELDS);
  const elects = reader.boolean(election['leaderElect'], 'leaderElection.leaderElect') ?? true;
  const lock = reader.text(election['resourceLock'], 'leaderElection.resourceLock') || 'leases';
  if (elects && lock !== 'leases')
    reader.invalid('leaderElection.resourceLock', lock, 'resourceLock value must be "leases"');
  if (reader.list(fields['extenders'], 'extenders').length > 0)
    reader.tell('extenders', 'extenders are programs of their own, which this scheduler does not ask; leave them out');
}

function backOffOf(reader: FieldReader, fields: Mapping): SchedulerConfiguration['backOff'] {
  const [first, last] = ['podInitialBackoffSeconds', 'podMaxBackoffSeconds'];
  const initial = reader.int64(fields[first], first) ?? BACK_OFF.initial / 1000;
  const longest = reader.int64(fields[last], last) ?? BACK_OFF.longest / 1000;
  if (initial <= 0) reader.invalid(first, initial, 'must be greater than 0');
  if (longest < initial) reader.invalid(last, longest, 'must be greater than or equal to PodInitialBackoffSeconds');
  return { initial: initial * 1000, longest: longest * 1000 };
}

function percentageOf(reader: FieldReader, value: unknown, path: string): number | undefined {
  const percentage = reader.int32(value, path);
  if (percentage !== undefined && (percentage < 0 || percentage > 100))
    reader.invalid(path, percentage, 'not in valid range [0-100]');
  return percentage;
}

function profilesOf(reader: FieldReader, value: unknown, percentage: number): readonly ProfileSettings[] {
  const known = ['schedulerName', 'percentageOfNodesToScore', 'plugins', 'pluginConfig'];
  const given = reader.list(value, 'profiles');
  const names = new Map<string, number>();
  return reader.each(given.length === 0 ? [{}] : given, { path: 'profiles', known }, (entry, path, index) => {
    const at = `${path}.schedulerName`;
    // Of several profiles each has to say which one it is.
    const fallback = given.length <= 1 ? DEFAULT_SCHEDULER : '';
    const schedulerName = reader.text(entry['schedulerName'], at) ?? fallback;
    const same = names.get(schedulerName);
    if (schedulerName === '') reader.required(at, '');
    else if (same !== undefined) reader.duplicate(at, `profiles[${same}].schedulerName`);
    names.set(schedulerName, index);
    const share = `${path}.percentageOfNodesToScore`;
    return {
      schedulerName,
      plugins: pluginsOf(reader, entry['plugins'], { path: `${path}.plugins`, schedulerName }),
      args: argsOf(reader, entry['pluginConfig'], `${path}.pluginConfig`),
      percentageOfNodes: percentageOf(reader, entry['percentageOfNodesToScore'], share) ?? percentage,
    };
  });
}

interface PlaceOfPlugins {
  readonly path: string;
  readonly schedulerName: string;
}

function pluginsOf(reader: FieldReader, value: unknown, place: PlaceOfPlugins): ProfileSettings['plugins'] {
  const { path, schedulerName } = place;
  const names = [...EXTENSION_POINTS, 'multiPoint'] as const;
  const fields = reader.fields(value, path, names);
  const sets: { -readonly [Point in keyof PluginSets]: PluginSets[Point] } = {};
  for (const name of names) {
    if (Object.hasOwn(fields, name)) sets[name] = setOf(reader, fields[name], `${path}.${name}`);
  }
  const plugins = composePlugins(sets, (at, text) => {
    const plugin = removedPlugin(sets, at);
    if (plugin === undefined) reader.tell(`${path}.${at}`, text);
    else reader.invalid(`${path}.${at}`, plugin, `was invalid in version "v1" (${KIND} is version "${VERSION}")`);
  });
  const { points } = plugins;
  const quoted = JSON.stringify(schedulerName);
  if (points.queueSort.length !== 1) {
    const count = points.queueSort.length;
    const text = `only one queue sort plugin required for profile with scheduler name ${quoted}, but got ${count}`;
    reader.tell(`${path}.queueSort`, text);
  }
  if (points.bind.length === 0)
    reader.tell(`${path}.bind`, `at least one bind plugin is needed for profile with scheduler name ${quoted}`);
  checkPairs(reader, points, path);
  return plugins;
}

/** The plugin that `score.enabled[0]` names, when there was one of its name once. */
function removedPlugin(sets: PluginSets, at: string): string | undefined {
  const [, point, index] = /^(\w+)\.enabled\[(\d+)\]$/.exec(at) ?? [];
  const name = sets[point as ExtensionPoint]?.enabled[Number(index)]?.name ?? '';
  return point !== 'multiPoint' && REMOVED.includes(name) ? name : undefined;
}

/** Filters and scores that would fail for every pod, as what they work on is not prepared. */
function checkPairs(reader: FieldReader, points: ProfileSettings['plugins']['points'], path: string): void {
  for (const name of points.filter) {
    const prepares = pluginKind(name)?.points.includes('preFilter') === true;
    if (prepares && !points.preFilter.includes(name))
      reader.tell(`${path}.preFilter`, `${name} cannot filter without its preFilter; disable both, or neither`);
  }
  for (const name of points.score) {
    if (NEEDS_PRE_SCORE.has(name) && !points.preScore.includes(name))
      reader.tell(`${path}.preScore`, `${name} cannot score without its preScore; disable both, or neither`);
  }
}

function setOf(reader: FieldReader, value: unknown, path: string): PluginSet {
  const fields = reader.fields(value, path, ['enabled', 'disabled']);
  const known = ['name', 'weight'];
  const list = (name: string): readonly EnabledPlugin[] =>
    reader.each(fields[name], { path: `${path}.${name}`, known }, (entry, at) => ({
      name: reader.text(entry['name'], `${at}.name`) ?? '',
      weight: reader.int32(entry['weight'], `${at}.weight`) ?? 0,
    }));
  return { enabled: list('enabled'), disabled: list('disabled').map(({ name }) => name) };
}

function argsOf(reader: FieldReader, value: unknown, path: string): PluginArgs {
  let args = PLUGIN_ARGS;
  const seen = new Set<string>();
  reader.each(value, { path, known: ['name', 'args'] }, (entry, at) => {
    const name = reader.text(entry['name'], `${at}.name`) ?? '';
    if (seen.has(name)) reader.duplicate(at, name);
    seen.add(name);
    args = { ...args, ...pluginArgsOf(reader, { name, value: entry['args'] }, at) };
  });
  return args;
}

function pluginArgsOf(
  reader: FieldReader,
  { name, value }: { readonly name: string; readonly value: unknown },
  path: string,
): Partial<PluginArgs> {
  const kind = argsKind(name);
  if (kind !== undefined) {
    const fields = reader.fields(value, `${path}.args`, ['apiVersion', 'kind', ...kind.fields]);
    const wanted = `${name}Args`;
    const given = reader.text(fields['kind'], `${path}.args.kind`) ?? wanted;
    const version = reader.text(fields['apiVersion'], `${path}.args.apiVersion`) ?? VERSION;
    const group = version.slice(0, Math.max(0, version.indexOf('/')));
    if (given !== wanted || group !== GROUP) {
      const text = `args for plugin ${name} were not of type ${wanted}.${GROUP}, got ${given}.${group}`;
      reader.faults.push({ path: `${path}.args.kind`, text: `decoding .${path}: ${text}` });
    }
    return kind.read(reader, fields, `${path}.args`);
  }
  if (REMOVED.includes(name))
    reader.invalid(path, name, `was invalid in version "v1" (${KIND} is version "${VERSION}")`);
  else if (!PLUGIN_NAMES.includes(name)) reader.unsupported(`${path}.name`, name, PLUGIN_NAMES);
  else if (isObject(value) && Object.keys(value).length > 0) reader.tell(`${path}.args`, `${name} takes no arguments`);
  return {};
}

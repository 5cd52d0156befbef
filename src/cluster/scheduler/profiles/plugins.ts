/** Where parts of the scheduler are asked. kubernetes: config/v1 Plugins, without multiPoint */
export const EXTENSION_POINTS = [
  'preFilter',
  'filter',
  'postFilter',
  'reserve',
  'preScore',
  'score',
  'preBind',
  'bind',
  'postBind',
  'permit',
  'preEnqueue',
  'queueSort',
] as const;

/** One of {@link EXTENSION_POINTS}. */
export type ExtensionPoint = (typeof EXTENSION_POINTS)[number];

/** What a part of the scheduler is. */
export interface PluginKind {
  readonly points: readonly ExtensionPoint[];
  /** How much its points count by default. */
  readonly weight?: number;
}

/** kubernetes: the interfaces that each plugin below pkg/scheduler/framework/plugins implements */
const KINDS: Readonly<Record<string, PluginKind>> = {
  SchedulingGates: { points: ['preEnqueue'] },
  PrioritySort: { points: ['queueSort'] },
  NodeUnschedulable: { points: ['filter'] },
  NodeName: { points: ['filter'] },
  TaintToleration: { points: ['filter', 'preScore', 'score'], weight: 3 },
  NodeAffinity: { points: ['preFilter', 'filter', 'preScore', 'score'], weight: 2 },
  NodePorts: { points: ['preFilter', 'filter'] },
  NodeResourcesFit: { points: ['preFilter', 'filter', 'preScore', 'score'], weight: 1 },
  VolumeRestrictions: { points: ['preFilter', 'filter'] },
  NodeVolumeLimits: { points: ['preFilter', 'filter'] },
  VolumeBinding: { points: ['preFilter', 'filter', 'reserve', 'preScore', 'score', 'preBind'] },
  VolumeZone: { points: ['preFilter', 'filter'] },
  PodTopologySpread: { points: ['preFilter', 'filter', 'preScore', 'score'], weight: 2 },
  InterPodAffinity: { points: ['preFilter', 'filter', 'preScore', 'score'], weight: 2 },
  DynamicResources: { points: ['preFilter', 'filter', 'postFilter', 'reserve', 'preBind', 'preEnqueue'] },
  DefaultPreemption: { points: ['postFilter', 'preEnqueue'] },
  NodeResourcesBalancedAllocation: { points: ['preScore', 'score'], weight: 1 },
  ImageLocality: { points: ['score'], weight: 1 },
  DefaultBinder: { points: ['bind'] },
};

/** The plugins that there are, in the order of the default ones: all of them. kubernetes: config/v1/default_plugins.go */
export const PLUGIN_NAMES: readonly string[] = Object.keys(KINDS);

/** Undefined: there is no such plugin. */
export function pluginKind(name: string): PluginKind | undefined {
  return Object.hasOwn(KINDS, name) ? KINDS[name] : undefined;
}

/** Plugins whose filter, or whose score, does not work without what it has prepared before. */
export const NEEDS_PRE_SCORE: ReadonlySet<string> = new Set([
  'TaintToleration',
  'PodTopologySpread',
  'InterPodAffinity',
]);

/** As Go has it in texts: `ScorePlugin`. */
export function interfaceName(point: ExtensionPoint): string {
  return `${point.charAt(0).toUpperCase()}${point.slice(1)}Plugin`;
}

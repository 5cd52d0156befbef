import type { FilterFactory, FilterPlugin, PluginName, Profile, ScorePlugin, ScorerFactory } from '../cycle.ts';
import { isFailure } from '../cycle.ts';
import { interPodAffinity } from '../filters/inter-pod-affinity.ts';
import {
  nodeAffinityWith,
  nodeName,
  nodePorts,
  nodeResourcesFitWith,
  nodeUnschedulable,
  taintToleration,
} from '../filters/node-filters.ts';
import { type DefaultConstraint, podTopologySpreadWith } from '../filters/pod-topology-spread.ts';
import { isExtendedResource } from '../../../kube/resource-names.ts';
import { interPodPreferenceWith } from '../scores/inter-pod-preference.ts';
import { balanceOf, resourceScore } from '../scores/resource-scores.ts';
import { imageLocality, nodePreferenceWith, taintPreference } from '../scores/scores.ts';
import { topologySpread, topologySpreadWith } from '../scores/topology-spread.ts';
import { nodeVolumeLimits } from '../volumes/node-volume-limits.ts';
import { volumeBinding, volumeZone } from '../volumes/volume-binding.ts';
import { volumeRestrictions } from '../volumes/volume-restrictions.ts';
import { defaultSettings, type PluginArgs, type ProfileSettings } from './settings.ts';

/** Those that look at the node alone. */
const OF_NODES: ReadonlySet<PluginName> = new Set(['NodeUnschedulable', 'NodeName', 'TaintToleration', 'NodeAffinity']);

/** Makes of a profile what the scheduler works with. */
export function createProfile({ schedulerName, plugins, args, percentageOfNodes }: ProfileSettings): Profile {
  const { points, weights } = plugins;
  const counts = countedResources(args);
  const filters = filtersOf(args, counts, points);
  const bindsVolumes = points.reserve.includes('VolumeBinding') && points.preBind.includes('VolumeBinding');
  const checksRoom = points.filter.includes('NodeResourcesFit');
  return {
    schedulerName,
    filters,
    nodeFilters: filters.filter(({ name }) => OF_NODES.has(name)),
    scorers: scorersOf(args, points.score, weights),
    afterwards: points.postFilter.filter((name) => name === 'DynamicResources' || name === 'DefaultPreemption'),
    preemption: args.preemption,
    hasGates: points.preEnqueue.includes('SchedulingGates'),
    volumeTimeout: bindsVolumes ? args.volumeTimeout : undefined,
    percentageOfNodes,
    counts: checksRoom ? counts : () => false,
  };
}

let usual: Profile | undefined;

/** The only profile of a scheduler that nobody has configured. */
export function defaultProfile(): Profile {
  usual ??= createProfile(defaultSettings());
  return usual;
}

function countedResources({ fit }: PluginArgs): (resource: string) => boolean {
  const names = new Set(fit.ignoredResources);
  const groups = new Set(fit.ignoredResourceGroups);
  if (names.size === 0 && groups.size === 0) return () => true;
  return (name) => !isExtendedResource(name) || !(names.has(name) || groups.has(name.slice(0, name.indexOf('/'))));
}

function filtersOf(
  args: PluginArgs,
  counts: (resource: string) => boolean,
  { filter, preFilter }: ProfileSettings['plugins']['points'],
): readonly FilterPlugin[] {
  const { addedAffinity, defaultConstraints = [] } = args;
  const factories: Readonly<Record<PluginName, FilterFactory>> = {
    NodeUnschedulable: nodeUnschedulable,
    NodeName: nodeName,
    TaintToleration: taintToleration,
    NodeAffinity: nodeAffinityWith(addedAffinity.required),
    NodePorts: nodePorts,
    NodeResourcesFit: nodeResourcesFitWith(counts),
    VolumeRestrictions: volumeRestrictions,
    NodeVolumeLimits: nodeVolumeLimits,
    VolumeBinding: volumeBinding,
    VolumeZone: volumeZone,
    PodTopologySpread: podTopologySpreadWith(constraintsOf(defaultConstraints, 'DoNotSchedule')),
    InterPodAffinity: interPodAffinity,
  };
  const isFilter = (name: string): name is PluginName => Object.hasOwn(factories, name);
  const whole = filter.filter(isFilter).map((name) => ({ name, create: factories[name] }));
  const begun = preFilter.filter(isFilter).filter((name) => !filter.includes(name));
  return [...begun.map((name) => ({ name, create: withoutCheck(factories[name]) })), ...whole];
}

/** Of a filter that is switched off, what it finds out before a node is looked at. */
function withoutCheck(factory: FilterFactory): FilterFactory {
  return (cycle) => {
    const outcome = factory(cycle);
    if (outcome === undefined || isFailure(outcome)) return outcome;
    return outcome.only === undefined ? undefined : { ...outcome, check: () => undefined };
  };
}

function scorersOf(
  args: PluginArgs,
  names: readonly string[],
  weights: ReadonlyMap<string, number>,
): readonly ScorePlugin[] {
  const { fit, balance, addedAffinity, defaultConstraints, interPod } = args;
  const factories: Readonly<Record<string, ScorerFactory>> = {
    TaintToleration: taintPreference,
    NodeAffinity: nodePreferenceWith(addedAffinity.preferred),
    NodeResourcesFit: resourceScore(fit.strategy),
    PodTopologySpread:
      defaultConstraints === undefined
        ? topologySpread
        : topologySpreadWith(constraintsOf(defaultConstraints, 'ScheduleAnyway')),
    InterPodAffinity: interPodPreferenceWith(interPod),
    NodeResourcesBalancedAllocation: balanceOf(balance.resources),
    ImageLocality: imageLocality,
  };
  return names.flatMap((name) => {
    const create = factories[name];
    return create === undefined ? [] : [{ name, weight: weights.get(name) ?? 1, create }];
  });
}

function constraintsOf(
  constraints: NonNullable<PluginArgs['defaultConstraints']>,
  kind: 'DoNotSchedule' | 'ScheduleAnyway',
): readonly DefaultConstraint[] {
  return constraints
    .filter(({ whenUnsatisfiable }) => whenUnsatisfiable === kind)
    .map((each) => ({
      topologyKey: each.topologyKey,
      maxSkew: each.maxSkew,
      minDomains: each.minDomains ?? 1,
      honorAffinity: each.nodeAffinityPolicy !== 'Ignore',
      honorTaints: each.nodeTaintsPolicy === 'Honor',
    }));
}

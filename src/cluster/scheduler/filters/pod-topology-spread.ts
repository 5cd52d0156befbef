import { fitsNodeAffinity } from '../../machinery/node-affinity.ts';
import type { ClusterState } from '../cluster-state.ts';
import type { Cycle, Failure, Filter, FilterFactory } from '../cycle.ts';
import type { NodeInfo } from '../node-info.ts';
import type { PodGroup } from '../pod-groups.ts';
import type { PodInfo, SpreadConstraint } from '../pod-info.ts';
import { hasUntoleratedTaint } from './node-filters.ts';

const SKEWED: Failure = {
  plugin: 'PodTopologySpread',
  reasons: ["node(s) didn't match pod topology spread constraints"],
  unresolvable: false,
};
const UNLABELLED: Failure = {
  plugin: 'PodTopologySpread',
  reasons: ["node(s) didn't match pod topology spread constraints (missing required label)"],
  unresolvable: true,
};

/** A constraint for pods that have none; which pods count follows from the pod. */
export type DefaultConstraint = Omit<SpreadConstraint, 'selector' | 'selectorKey'>;

interface Counted {
  readonly constraint: SpreadConstraint;
  /** Pods that count, by the value of the label. */
  readonly count: (value: string) => number;
  readonly least: number;
  readonly self: number;
}

/** Spread constraints with DoNotSchedule. kubernetes: plugins/podtopologyspread/filtering.go */
export const podTopologySpread: FilterFactory = podTopologySpreadWith([]);

/** @param defaults what pods without constraints get, if a Service or a controller selects them */
export function podTopologySpreadWith(defaults: readonly DefaultConstraint[]): FilterFactory {
  return (cycle) => {
    const constraints = defaultsFor(cycle, defaults) ?? cycle.pod.hardSpread;
    return constraints.length === 0 ? undefined : spreadFilter(cycle, constraints);
  };
}

/** The constraints of a pod that has none itself; undefined: it has its own, or gets none. */
export function defaultsFor(
  { pod, defaultSelector }: Cycle,
  defaults: readonly DefaultConstraint[],
): readonly SpreadConstraint[] | undefined {
  if (defaults.length === 0 || (pod.pod.spec?.topologySpreadConstraints?.length ?? 0) > 0) return undefined;
  const selector = defaultSelector(pod);
  if (selector === undefined) return undefined;
  const { matcher, key } = selector;
  return defaults.map((each) => ({ ...each, selector: matcher, selectorKey: key }));
}

function spreadFilter({ pod, state }: Cycle, constraints: readonly SpreadConstraint[]): Filter {
  const all = constraints.every(
    (constraint) => !choosesNodes(constraint, pod) && state.topology(constraint.topologyKey).isComplete,
  );
  const eligible = all
    ? []
    : state.nodes.filter((node) => constraints.every(({ topologyKey }) => hasKey(node, topologyKey)));
  const counted = constraints.map((constraint) =>
    all ? countAll(constraint, pod, state) : countEligible(constraint, pod, eligible, state),
  );
  return {
    plugin: 'PodTopologySpread',
    check: (node) => {
      for (const { constraint, count, least, self } of counted) {
        if (!hasKey(node, constraint.topologyKey)) return UNLABELLED;
        if (count(node.labels[constraint.topologyKey] ?? '') + self - least > constraint.maxSkew) return SKEWED;
      }
      return undefined;
    },
  };
}

function hasKey(node: NodeInfo, key: string): boolean {
  return Object.hasOwn(node.labels, key);
}

/** True when the constraint does not count all nodes that have its label. */
export function choosesNodes(constraint: SpreadConstraint, { pod }: PodInfo): boolean {
  const { nodeSelector, affinity } = pod.spec ?? {};
  const chooses = nodeSelector !== undefined || affinity?.nodeAffinity !== undefined;
  return constraint.honorTaints || (constraint.honorAffinity && chooses);
}

function countAll(constraint: SpreadConstraint, pod: PodInfo, state: ClusterState): Counted {
  const { topologyKey, minDomains } = constraint;
  const counts = [...matchingGroups(constraint, pod, state)].map((group) => group.counts(topologyKey));
  const { values } = state.topology(topologyKey);
  const count = (value: string): number => {
    let pods = 0;
    for (const each of counts) pods += each.get(value) ?? 0;
    return pods;
  };
  let least = 0;
  // Where there are fewer places with pods than places, there is one without.
  const taken = counts.reduce((sum, { size }) => sum + size, 0);
  if (values.size >= minDomains && taken >= values.size) {
    least = Number.POSITIVE_INFINITY;
    for (const value of values) least = Math.min(least, count(value));
  }
  return { constraint, count, least: values.size === 0 ? 0 : least, self: selfMatch(constraint, pod) };
}

function selfMatch({ selector }: SpreadConstraint, { labels }: PodInfo): number {
  return selector.matches(labels) ? 1 : 0;
}

function countEligible(
  constraint: SpreadConstraint,
  pod: PodInfo,
  nodes: readonly NodeInfo[],
  state: ClusterState,
): Counted {
  const counts = new Map<string, number>();
  const matching = matchingGroups(constraint, pod, state);
  for (const node of nodes) {
    if (!countsNode(constraint, pod, node)) continue;
    const value = node.labels[constraint.topologyKey] ?? '';
    counts.set(value, (counts.get(value) ?? 0) + podsOn(node, matching));
  }
  const tooFew = counts.size < constraint.minDomains;
  const least = tooFew || counts.size === 0 ? 0 : Math.min(...counts.values());
  return { constraint, count: (value) => counts.get(value) ?? 0, least, self: selfMatch(constraint, pod) };
}

/** True when the node counts for the constraint, by its inclusion policies. */
export function countsNode(constraint: SpreadConstraint, pod: PodInfo, { node }: NodeInfo): boolean {
  if (node === undefined) return false;
  if (constraint.honorAffinity && !fitsNodeAffinity(pod.pod.spec, node)) return false;
  return !constraint.honorTaints || !hasUntoleratedTaint(node, pod.pod.spec?.tolerations);
}

/** The pods that the constraint counts; those that are being deleted do not count. */
export function matchingGroups(
  { selector, selectorKey }: SpreadConstraint,
  { namespace }: PodInfo,
  { groups }: ClusterState,
): ReadonlySet<PodGroup> {
  return groups.selected(namespace, selectorKey, selector);
}

/** How many pods of these groups are on a node. */
export function podsOn(node: NodeInfo, groups: Iterable<PodGroup>): number {
  let count = 0;
  for (const group of groups) count += group.on(node);
  return count;
}

import { fitsNodeAffinity } from '../../machinery/node-affinity.ts';
import type { Failure, FilterFactory } from '../cycle.ts';
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

interface Counted {
  readonly constraint: SpreadConstraint;
  readonly counts: ReadonlyMap<string, number>;
  readonly least: number;
  readonly self: number;
}

/** Spread constraints with DoNotSchedule. kubernetes: plugins/podtopologyspread/filtering.go */
export const podTopologySpread: FilterFactory = ({ pod, state }) => {
  const constraints = pod.hardSpread;
  if (constraints.length === 0) return undefined;
  const eligible = state.nodes.filter((node) => constraints.every(({ topologyKey }) => hasKey(node, topologyKey)));
  const counted = constraints.map((constraint) => count(constraint, pod, eligible, state.groups));
  return {
    plugin: 'PodTopologySpread',
    check: (node) => {
      for (const { constraint, counts, least, self } of counted) {
        if (!hasKey(node, constraint.topologyKey)) return UNLABELLED;
        const matching = counts.get(node.labels[constraint.topologyKey] ?? '') ?? 0;
        if (matching + self - least > constraint.maxSkew) return SKEWED;
      }
      return undefined;
    },
  };
};

function hasKey(node: NodeInfo, key: string): boolean {
  return Object.hasOwn(node.labels, key);
}

function count(
  constraint: SpreadConstraint,
  pod: PodInfo,
  nodes: readonly NodeInfo[],
  groups: Iterable<PodGroup>,
): Counted {
  const counts = new Map<string, number>();
  const matching = matchingGroups(constraint, pod.namespace, groups);
  for (const node of nodes) {
    if (!countsNode(constraint, pod, node)) continue;
    const value = node.labels[constraint.topologyKey] ?? '';
    counts.set(value, (counts.get(value) ?? 0) + podsOn(node, matching));
  }
  const tooFew = counts.size < constraint.minDomains;
  const least = tooFew || counts.size === 0 ? 0 : Math.min(...counts.values());
  return { constraint, counts, least, self: constraint.selector.matches(pod.labels) ? 1 : 0 };
}

/** True when the node counts for the constraint, by its inclusion policies. */
export function countsNode(constraint: SpreadConstraint, pod: PodInfo, { node }: NodeInfo): boolean {
  if (node === undefined) return false;
  if (constraint.honorAffinity && !fitsNodeAffinity(pod.pod.spec, node)) return false;
  return !constraint.honorTaints || !hasUntoleratedTaint(node, pod.pod.spec?.tolerations);
}

/** The pods that the constraint counts; those that are being deleted do not count. */
export function matchingGroups(
  { selector }: SpreadConstraint,
  namespace: string,
  groups: Iterable<PodGroup>,
): readonly PodGroup[] {
  const matching: PodGroup[] = [];
  for (const group of groups) {
    const { sample, isDeleting } = group;
    if (sample.namespace === namespace && !isDeleting && selector.matches(sample.labels)) matching.push(group);
  }
  return matching;
}

/** How many pods of these groups are on a node. */
export function podsOn(node: NodeInfo, groups: readonly PodGroup[]): number {
  let count = 0;
  for (const group of groups) count += group.on(node);
  return count;
}

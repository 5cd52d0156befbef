import { ZONE_LABEL } from '../../machinery/constants.ts';
import { MAX_SCORE, type Cycle, type Scorer, type ScorerFactory } from '../cycle.ts';
import {
  choosesNodes,
  countsNode,
  type DefaultConstraint,
  defaultsFor,
  matchingGroups,
  podsOn,
} from '../filters/pod-topology-spread.ts';
import { HOSTNAME, type NodeInfo } from '../node-info.ts';
import type { ClusterState } from '../cluster-state.ts';
import type { PodGroup } from '../pod-groups.ts';
import type { SpreadConstraint } from '../pod-info.ts';

const NO_NODES: ReadonlySet<NodeInfo> = new Set();

/** The system's own wishes. kubernetes: plugins/podtopologyspread/plugin.go systemDefaultConstraints */
const SYSTEM: readonly DefaultConstraint[] = [
  { topologyKey: HOSTNAME, maxSkew: 3, minDomains: 1, honorAffinity: true, honorTaints: false },
  { topologyKey: ZONE_LABEL, maxSkew: 5, minDomains: 1, honorAffinity: true, honorTaints: false },
];

/**
 * Spread constraints that are wishes; pods without constraints get the system's, if a Service or a controller selects them.
 * kubernetes: plugins/podtopologyspread/scoring.go
 */
export const topologySpread: ScorerFactory = (cycle, nodes) => spreadScorer(cycle, nodes, SYSTEM, false);

/** @param defaults what pods without constraints get in place of the system's; all their labels are asked for */
export function topologySpreadWith(defaults: readonly DefaultConstraint[]): ScorerFactory {
  return (cycle, nodes) => spreadScorer(cycle, nodes, defaults, true);
}

function spreadScorer(
  cycle: Cycle,
  nodes: readonly NodeInfo[],
  defaults: readonly DefaultConstraint[],
  all: boolean,
): Scorer | undefined {
  const given = defaultsFor(cycle, defaults);
  if (given !== undefined) return scorer(cycle, given, nodes, all);
  const { softSpread } = cycle.pod;
  return softSpread.length === 0 ? undefined : scorer(cycle, softSpread, nodes, true);
}

/** @param all true when nodes that lack a label of the constraints get nothing; the system's ask for none */
function scorer(
  { pod, state }: Cycle,
  constraints: readonly SpreadConstraint[],
  nodes: readonly NodeInfo[],
  all: boolean,
): Scorer {
  const lacksLabel = ({ labels }: NodeInfo): boolean =>
    all && !constraints.every(({ topologyKey }) => Object.hasOwn(labels, topologyKey));
  const ignored = all ? new Set(nodes.filter(lacksLabel)) : NO_NODES;
  const candidates = ignored.size === 0 ? nodes : nodes.filter((node) => !ignored.has(node));
  const isComplete = !all || constraints.every(({ topologyKey }) => state.topology(topologyKey).isComplete);
  const counted = constraints.map((constraint, at) => {
    const groups = matchingGroups(constraint, pod, state);
    const { topologyKey, maxSkew } = constraint;
    const counts = new Map<string, number>();
    if (topologyKey !== HOSTNAME) addPlaces(counts, topologyKey, candidates, state);
    const weight = Math.log((topologyKey === HOSTNAME ? candidates.length : counts.size) + 2);
    if (isComplete && !choosesNodes(constraint, pod)) addKept(counts, groups, topologyKey);
    else {
      const counting = state.nodes.filter((node) => !lacksLabel(node) && countsNode(constraint, pod, node));
      addEach(counts, groups, topologyKey, counting);
    }
    // The counts of one constraint are at hand at a time.
    const isFirst = topologyKey === HOSTNAME && constraints.findIndex((each) => each.topologyKey === HOSTNAME) === at;
    const bySlot = isFirst ? hostCounts(groups, nodes, state) : undefined;
    return { topologyKey, maxSkew, groups, counts, weight, bySlot };
  });
  return {
    score: (node) => {
      if (ignored.size > 0 && ignored.has(node)) return 0;
      let score = 0;
      for (const each of counted) {
        const pods = podsNear(node, each);
        if (pods !== undefined) score += pods * each.weight + (each.maxSkew - 1);
      }
      return Math.round(score);
    },
    normalize: (scores, of) => normalize(scores, of, ignored),
  };
}

/** What a constraint counts. */
interface Counted {
  readonly topologyKey: string;
  readonly groups: ReadonlySet<PodGroup>;
  readonly counts: Counts;
  /** Of the nodes themselves, where few have any. */
  readonly bySlot: Float64Array | undefined;
}

/** How many pods are where the node is; undefined when it has no label that tells. */
function podsNear(node: NodeInfo, { topologyKey, groups, counts, bySlot }: Counted): number | undefined {
  if (topologyKey === HOSTNAME) {
    if (!node.hasHostname) return undefined;
    return bySlot === undefined ? podsOn(node, groups) : bySlot[node.slot];
  }
  if (topologyKey === ZONE_LABEL) return node.zone === undefined ? undefined : (counts.get(node.zone) ?? 0);
  return Object.hasOwn(node.labels, topologyKey) ? (counts.get(node.labels[topologyKey] ?? '') ?? 0) : undefined;
}

/** Counts beforehand where fewer nodes have pods than are asked about. */
function hostCounts(
  groups: ReadonlySet<PodGroup>,
  nodes: readonly NodeInfo[],
  state: ClusterState,
): Float64Array | undefined {
  let places = 0;
  for (const group of groups) places += group.places.size;
  return places > nodes.length ? undefined : state.podsBySlot(groups);
}

/** The values of a label; nodes without it are one place more. */
function addPlaces(counts: Counts, topologyKey: string, nodes: readonly NodeInfo[], state: ClusterState): void {
  const { values, isComplete } = state.topology(topologyKey);
  const most = values.size + (isComplete ? 0 : 1);
  for (const { labels } of nodes) {
    if (counts.size === most) break;
    counts.set(labels[topologyKey] ?? '', 0);
  }
}

type Counts = Map<string, number>;

/** Adds the pods of groups, as they are counted already, to the values that are there. */
function addKept(counts: Counts, groups: ReadonlySet<PodGroup>, topologyKey: string): void {
  if (counts.size === 0) return;
  for (const group of groups) {
    for (const [value, pods] of group.counts(topologyKey)) {
      const known = counts.get(value);
      if (known !== undefined) counts.set(value, known + pods);
    }
  }
}

/** The same node by node. */
function addEach(counts: Counts, groups: ReadonlySet<PodGroup>, topologyKey: string, nodes: readonly NodeInfo[]): void {
  if (counts.size === 0) return;
  for (const node of nodes) {
    const value = node.labels[topologyKey] ?? '';
    const known = counts.get(value);
    if (known !== undefined) counts.set(value, known + podsOn(node, groups));
  }
}

function normalize(scores: number[], nodes: readonly NodeInfo[], ignored: ReadonlySet<NodeInfo>): void {
  const isIgnored = (i: number): boolean => {
    if (ignored.size === 0) return false;
    const node = nodes[i];
    return node === undefined || ignored.has(node);
  };
  let lowest = Number.POSITIVE_INFINITY;
  let highest = 0;
  for (let i = 0; i < scores.length; i += 1) {
    if (isIgnored(i)) continue;
    const score = scores[i] ?? 0;
    if (score < lowest) lowest = score;
    if (score > highest) highest = score;
  }
  for (let i = 0; i < scores.length; i += 1) {
    if (isIgnored(i)) scores[i] = 0;
    else if (highest === 0) scores[i] = MAX_SCORE;
    else scores[i] = Math.trunc((MAX_SCORE * (highest + lowest - (scores[i] ?? 0))) / highest);
  }
}

import { MAX_SCORE, type Cycle, type Scorer, type ScorerFactory } from '../cycle.ts';
import { countsEveryNode, countsNode, matchingGroups, podsOn } from '../filters/pod-topology-spread.ts';
import { type NodeInfo, ZONE } from '../node-info.ts';
import type { PodGroup } from '../pod-groups.ts';

const HOSTNAME = 'kubernetes.io/hostname';
const HOST_SKEW = 3;
const ZONE_SKEW = 5;
const NO_NODES: ReadonlySet<NodeInfo> = new Set();

interface Wish {
  readonly topologyKey: string;
  readonly maxSkew: number;
  /** Pods on the node that count. */
  readonly count: (node: NodeInfo) => number;
  /** The same by the value of the label, where all nodes count and it is known. */
  readonly counted?: ReadonlyMap<string, number>;
}

/**
 * Spread constraints that are wishes; pods of a controller that have none get the system's: hostname 3, zone 5, over the
 * pods of the same controller. kubernetes: plugins/podtopologyspread/scoring.go, plugin.go systemDefaultConstraints
 */
export const topologySpread: ScorerFactory = (cycle, nodes) => {
  const own = (cycle.pod.pod.spec?.topologySpreadConstraints?.length ?? 0) > 0;
  if (!own) return systemSpread(cycle, nodes);
  const wishes = ownWishes(cycle);
  return wishes.length === 0 ? undefined : scorer(cycle, wishes, nodes);
};

function ownWishes({ pod, state }: Cycle): readonly Wish[] {
  return pod.softSpread.map((constraint) => {
    const groups = matchingGroups(constraint, pod.namespace, state.groups);
    const counted = countsEveryNode(constraint, pod, state) ? sumOf(groups, constraint.topologyKey) : undefined;
    return {
      ...(counted === undefined ? {} : { counted }),
      topologyKey: constraint.topologyKey,
      maxSkew: constraint.maxSkew,
      count: (node) => (countsNode(constraint, pod, node) ? podsOn(node, groups) : 0),
    };
  });
}

function sumOf(groups: readonly PodGroup[], topologyKey: string): ReadonlyMap<string, number> | undefined {
  if (topologyKey === HOSTNAME) return undefined;
  const sum = new Map<string, number>();
  for (const group of groups) {
    for (const [value, count] of group.counts(topologyKey)) sum.set(value, (sum.get(value) ?? 0) + count);
  }
  return sum;
}

/** The system's own wishes, for pods of a controller: so many nodes are looked at that it pays to count apart. */
function systemSpread({ pod, state }: Cycle, nodes: readonly NodeInfo[]): Scorer | undefined {
  const uid = pod.ownerUid;
  if (uid === undefined) return undefined;
  const inZone = state.owners.counts(uid, ZONE);
  const zones = new Set<string>();
  for (const { zone } of nodes) if (zone !== undefined) zones.add(zone);
  const hostWeight = Math.log(nodes.length + 2);
  const zoneWeight = Math.log(zones.size + 2);
  return {
    weight: 2,
    score: ({ byOwner, labels, zone }) => {
      let score = 0;
      if (Object.hasOwn(labels, HOSTNAME)) {
        const pods = byOwner.size === 0 ? 0 : (byOwner.get(uid) ?? 0);
        score += pods * hostWeight + (HOST_SKEW - 1);
      }
      if (zone !== undefined) score += (inZone.get(zone) ?? 0) * zoneWeight + (ZONE_SKEW - 1);
      return Math.round(score);
    },
    normalize: (scores, of) => normalize(scores, of, NO_NODES),
  };
}

function scorer({ state }: Cycle, wishes: readonly Wish[], nodes: readonly NodeInfo[]): Scorer {
  const ignored = new Set<NodeInfo>();
  for (const node of nodes) {
    if (!wishes.every(({ topologyKey }) => Object.hasOwn(node.labels, topologyKey))) ignored.add(node);
  }
  const candidates = nodes.filter((node) => !ignored.has(node));
  const counted = wishes.map((wish) => ({ ...wish, ...countTopology(wish, candidates, state.nodes) }));
  return {
    weight: 2,
    score: (node) => {
      if (ignored.has(node)) return 0;
      let score = 0;
      for (const { topologyKey, maxSkew, counts, weight, count } of counted) {
        if (!Object.hasOwn(node.labels, topologyKey)) continue;
        const pods = topologyKey === HOSTNAME ? count(node) : (counts.get(node.labels[topologyKey] ?? '') ?? 0);
        score += pods * weight + (maxSkew - 1);
      }
      return Math.round(score);
    },
    normalize: (scores, of) => normalize(scores, of, ignored),
  };
}

function countTopology(
  { topologyKey, count, counted }: Wish,
  candidates: readonly NodeInfo[],
  all: readonly NodeInfo[],
): { readonly counts: ReadonlyMap<string, number>; readonly weight: number } {
  const counts = new Map<string, number>();
  if (topologyKey === HOSTNAME) return { counts, weight: Math.log(candidates.length + 2) };
  for (const { labels } of candidates) if (Object.hasOwn(labels, topologyKey)) counts.set(labels[topologyKey] ?? '', 0);
  if (counted !== undefined) for (const value of counts.keys()) counts.set(value, counted.get(value) ?? 0);
  else if (counts.size > 0) {
    for (const node of all) {
      const value = node.labels[topologyKey] ?? '';
      const known = counts.get(value);
      if (known !== undefined) counts.set(value, known + count(node));
    }
  }
  return { counts, weight: Math.log(counts.size + 2) };
}

function normalize(scores: number[], nodes: readonly NodeInfo[], ignored: ReadonlySet<NodeInfo>): void {
  const isIgnored = (i: number): boolean => {
    const node = nodes[i];
    return node === undefined || (ignored.size > 0 && ignored.has(node));
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

import { MAX_SCORE, type Cycle, type Scorer, type ScorerFactory } from '../cycle.ts';
import { countsEveryNode, countsNode, matchingGroups, podsOn } from '../filters/pod-topology-spread.ts';
import type { NodeInfo } from '../node-info.ts';
import type { PodGroup } from '../pod-groups.ts';

const HOSTNAME = 'kubernetes.io/hostname';
const ZONE = 'topology.kubernetes.io/zone';

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
  const wishes = own ? ownWishes(cycle) : defaultWishes(cycle);
  return wishes.length === 0 ? undefined : scorer(cycle, wishes, nodes, own);
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

function defaultWishes({ pod, state }: Cycle): readonly Wish[] {
  const uid = pod.ownerUid;
  if (uid === undefined) return [];
  const count = (node: NodeInfo): number => node.byOwner.get(uid) ?? 0;
  return [
    { topologyKey: HOSTNAME, maxSkew: 3, count },
    { topologyKey: ZONE, maxSkew: 5, count, counted: state.owners.counts(uid, ZONE) },
  ];
}

function scorer({ state }: Cycle, wishes: readonly Wish[], nodes: readonly NodeInfo[], allKeys: boolean): Scorer {
  const ignored = new Set<NodeInfo>();
  if (allKeys) {
    for (const node of nodes) {
      if (!wishes.every(({ topologyKey }) => Object.hasOwn(node.labels, topologyKey))) ignored.add(node);
    }
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
  const valid = scores.filter((_score, i) => {
    const node = nodes[i];
    return node !== undefined && !ignored.has(node);
  });
  const lowest = valid.length === 0 ? 0 : Math.min(...valid);
  const highest = Math.max(0, ...valid);
  for (let i = 0; i < scores.length; i += 1) {
    const node = nodes[i];
    if (node === undefined || ignored.has(node)) scores[i] = 0;
    else if (highest === 0) scores[i] = MAX_SCORE;
    else scores[i] = Math.trunc((MAX_SCORE * (highest + lowest - (scores[i] ?? 0))) / highest);
  }
}

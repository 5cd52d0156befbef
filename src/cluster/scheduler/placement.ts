import type { Random } from '../../base/random.ts';
import { type Cycle, type Failure, type Filter, isFailure, type PluginName, type Scorer } from './cycle.ts';
import { type Diagnosis, notSatisfied } from './fit-error.ts';
import type { NodeInfo } from './node-info.ts';
import { firstFailure, type NodeMemo, NodeMemos, type WeighedScorer } from './node-memo.ts';
import type { PodInfo } from './pod-info.ts';

/** What came of looking for a node. */
export type Placement =
  | { readonly kind: 'fits'; readonly node: NodeInfo }
  | { readonly kind: 'no-fit'; readonly diagnosis: Diagnosis };

/** Pods that were promised room on a node. */
export type Nominated = (node: string) => readonly PodInfo[];

/** The filters of one attempt, or what rules out every node. */
export interface Filters {
  readonly filters: readonly Filter[];
  readonly failure: Failure | undefined;
  readonly only: { readonly nodes: ReadonlySet<string>; readonly plugin: PluginName } | undefined;
}

/** Makes the filters of one attempt. */
export function filtersOf(cycle: Cycle): Filters {
  const filters: Filter[] = [];
  let only: Filters['only'];
  for (const { create } of cycle.profile.filters) {
    const outcome = create(cycle);
    if (outcome === undefined) continue;
    if (isFailure(outcome)) return { filters: [], failure: outcome, only: undefined };
    filters.push(outcome);
    if (outcome.only !== undefined) only = { nodes: outcome.only, plugin: outcome.plugin };
  }
  return { filters, failure: undefined, only };
}

/**
 * Local filters, of which a memo remembers what they said, and the others. Only those that come before all others are taken for
 * local, so that the first failure is the same as of all in turn.
 */
export function splitFilters(filters: readonly Filter[]): {
  readonly local: readonly Filter[];
  readonly others: readonly Filter[];
} {
  const end = filters.findIndex(({ isLocal }) => !isLocal);
  return end === -1 ? { local: filters, others: [] } : { local: filters.slice(0, end), others: filters.slice(end) };
}

/** Finds nodes for pods. */
export class Placer {
  readonly #random: Random;
  readonly #memos = new NodeMemos();
  /** Where the next search begins, so that all nodes of a large cluster have their turn. */
  #start = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /**
   * The best node for a pod, or why there is none. kubernetes: pkg/scheduler/schedule_one.go schedulePod
   *
   * @param nominated undefined: no pod was promised a node
   */
  place(cycle: Cycle, nominated?: Nominated): Placement {
    const { nodes } = cycle.state;
    const { filters, failure, only } = filtersOf(cycle);
    if (failure !== undefined) {
      const diagnosis = { nodes: nodes.length, failures: new Map<string, Failure>(), before: failure, elsewhere: '' };
      return { kind: 'no-fit', diagnosis };
    }
    const candidates = only === undefined ? nodes : nodesOf(cycle, only.nodes);
    const failures = new Map<string, Failure>();
    const memo = this.#memos.of(cycle);
    const feasible = this.#feasible(cycle, candidates, { filters, nominated, failures, memo });
    if (feasible.length > 0) return { kind: 'fits', node: this.#best(cycle, feasible, memo) };
    const elsewhere = only === undefined ? '' : notSatisfied(only.plugin);
    return { kind: 'no-fit', diagnosis: { nodes: nodes.length, failures, before: undefined, elsewhere } };
  }

  #feasible(
    cycle: Cycle,
    candidates: readonly NodeInfo[],
    search: {
      readonly filters: readonly Filter[];
      readonly nominated: Nominated | undefined;
      readonly failures: Map<string, Failure>;
      readonly memo: NodeMemo;
    },
  ): readonly NodeInfo[] {
    const { percentageOfNodes, scorers } = cycle.profile;
    const { filters, nominated, failures, memo } = search;
    const { local, others } = splitFilters(filters);
    // Where none is better than another, the first one does.
    const wanted = scorers.length === 0 ? 1 : nodesToFind(candidates.length, percentageOfNodes);
    const feasible: NodeInfo[] = [];
    const count = candidates.length;
    const start = wanted < count ? this.#start % count : 0;
    let looked = 0;
    for (; looked < count && feasible.length < wanted; looked += 1) {
      const at = start + looked;
      const node = candidates[at < count ? at : at - count];
      if (node === undefined) continue;
      const promised = nominated?.(node.name);
      const failure =
        promised !== undefined && promised.length > 0
          ? checkNode(cycle, node, filters, promised)
          : (memo.check(local, node) ?? firstFailure(others, node));
      if (failure === undefined) feasible.push(node);
      else failures.set(node.name, failure);
    }
    if (wanted < count) this.#start = (start + looked) % count;
    return feasible;
  }

  /** The node with the most points; of several, any. */
  #best(cycle: Cycle, nodes: readonly NodeInfo[], memo: NodeMemo): NodeInfo {
    const [first] = nodes;
    if (first === undefined) throw new Error('no nodes to choose from');
    if (nodes.length === 1) return first;
    const totals = totalScores(cycle, nodes, memo);
    let best = first;
    let highest = Number.NEGATIVE_INFINITY;
    let equals = 0;
    for (let i = 0; i < nodes.length; i += 1) {
      const total = totals[i] ?? 0;
      if (total < highest) continue;
      equals = total > highest ? 1 : equals + 1;
      highest = total;
      if (equals === 1 || this.#random.below(equals) === 0) best = nodes[i] ?? best;
    }
    return best;
  }
}

/** Pods of at least the same priority that were promised the node count too. kubernetes: RunFilterPluginsWithNominatedPods */
export function checkNode(
  cycle: Cycle,
  node: NodeInfo,
  filters: readonly Filter[],
  nominated: readonly PodInfo[],
): Failure | undefined {
  if (nominated.length === 0) return firstFailure(filters, node);
  const others = nominated.filter(({ uid, priority }) => uid !== cycle.pod.uid && priority >= cycle.pod.priority);
  if (others.length > 0) {
    const crowded = node.copy();
    for (const other of others) crowded.add(other);
    const failure = firstFailure(filters, crowded);
    if (failure !== undefined) return failure;
  }
  return firstFailure(filters, node);
}

/**
 * All up to 100 nodes; of more, a share that shrinks with their number. kubernetes: numFeasibleNodesToFind
 *
 * @param given the share in a hundred; 0: by the number of nodes
 */
export function nodesToFind(nodes: number, given = 0): number {
  const least = 100;
  if (nodes < least) return nodes;
  const percentage = given === 0 ? Math.max(5, 50 - Math.trunc(nodes / 125)) : given;
  return Math.max(least, Math.trunc((nodes * percentage) / 100));
}

/** The weighted points of nodes. */
function totalScores(cycle: Cycle, nodes: readonly NodeInfo[], memo: NodeMemo): readonly number[] {
  const local: WeighedScorer[] = [];
  const others: WeighedScorer[] = [];
  for (const { create, weight } of cycle.profile.scorers) {
    const scorer = create(cycle, nodes);
    if (scorer !== undefined) (scorer.isLocal ? local : others).push({ scorer, weight });
  }
  const totals: number[] = [];
  for (const node of nodes) totals.push(memo.score(local, node));
  for (const { scorer, weight } of others) addScores(scorer, weight, nodes, totals);
  return totals;
}

/** The nodes of these names that are there, in their order. */
function nodesOf({ state }: Cycle, names: ReadonlySet<string>): readonly NodeInfo[] {
  const [first] = names;
  if (names.size > 1 || first === undefined) return state.nodes.filter(({ name }) => names.has(name));
  const only = state.get(first);
  return only === undefined ? [] : [only];
}

function addScores(scorer: Scorer, weight: number, nodes: readonly NodeInfo[], totals: number[]): void {
  const scores: number[] = [];
  for (const node of nodes) scores.push(scorer.score(node));
  scorer.normalize?.(scores, nodes);
  for (let i = 0; i < totals.length; i += 1) totals[i] = (totals[i] ?? 0) + (scores[i] ?? 0) * weight;
}

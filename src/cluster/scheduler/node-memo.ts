import type { Cycle, Failure, Filter, Profile, Scorer } from './cycle.ts';
import type { NodeInfo } from './node-info.ts';
import type { NodeVersions } from './node-versions.ts';
import type { PodInfo } from './pod-info.ts';

/** A scorer, and how often its points count. */
export interface WeighedScorer {
  readonly scorer: Scorer;
  readonly weight: number;
}

/** Kinds of pods that are remembered; the one that was not asked for the longest goes first. */
const MOST_KINDS = 64;

/**
 * What the rules that look at nothing but a node and its own pods have said of each node, for pods that they treat alike: those of
 * one template, as a rule. It holds until the node changes, so that of hundreds of nodes only the few that have are looked at.
 */
export class NodeMemo {
  readonly #versions: NodeVersions;
  #checked = new Float64Array();
  #scored = new Float64Array();
  #points = new Float64Array();
  readonly #failures: (Failure | undefined)[] = [];

  constructor(versions: NodeVersions) {
    this.#versions = versions;
  }

  /** The first word against the node. */
  check(filters: readonly Filter[], node: NodeInfo): Failure | undefined {
    const { slot } = node;
    const version = this.#versions.of(slot);
    if (this.#checked[slot] === version) return this.#failures[slot];
    const failure = firstFailure(filters, node);
    if (slot >= this.#checked.length) this.#grow();
    this.#checked[slot] = version;
    this.#failures[slot] = failure;
    return failure;
  }

  /** The sum of the weighted points. */
  score(scorers: readonly WeighedScorer[], node: NodeInfo): number {
    const { slot } = node;
    const version = this.#versions.of(slot);
    if (this.#scored[slot] === version) return this.#points[slot] ?? 0;
    let points = 0;
    for (const { scorer, weight } of scorers) points += scorer.score(node) * weight;
    if (slot >= this.#checked.length) this.#grow();
    this.#scored[slot] = version;
    this.#points[slot] = points;
    return points;
  }

  #grow(): void {
    const { size } = this.#versions;
    this.#checked = grown(this.#checked, size);
    this.#scored = grown(this.#scored, size);
    this.#points = grown(this.#points, size);
  }
}

function grown(values: Float64Array, size: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(size);
  larger.set(values);
  return larger;
}

/** The first filter's word against the node. */
export function firstFailure(filters: readonly Filter[], node: NodeInfo): Failure | undefined {
  for (const filter of filters) {
    const failure = filter.check(node);
    if (failure !== undefined) return failure;
  }
  return undefined;
}

/** The memos of one cluster, by what the rules look at in a pod. */
export class NodeMemos {
  /** By the profile, whose rules are its own. */
  readonly #known = new Map<Profile, Map<string, NodeMemo>>();
  #versions: NodeVersions | undefined;

  of({ pod, state, profile }: Cycle): NodeMemo {
    if (this.#versions !== state.versions) {
      this.#known.clear();
      this.#versions = state.versions;
    }
    let memos = this.#known.get(profile);
    if (memos === undefined) {
      memos = new Map();
      this.#known.set(profile, memos);
    }
    const key = kindOf(pod);
    let memo = memos.get(key);
    if (memo === undefined) {
      memo = new NodeMemo(state.versions);
      const [oldest] = memos.keys();
      if (memos.size >= MOST_KINDS && oldest !== undefined) memos.delete(oldest);
    } else memos.delete(key);
    memos.set(key, memo);
    return memo;
  }
}

/** All that filters and scorers which call themselves local look at in a pod. */
export function kindOf({ pod, requests, nonZero, ports }: PodInfo): string {
  const { nodeName, nodeSelector, tolerations, affinity } = pod.spec ?? {};
  return JSON.stringify([nodeName, nodeSelector, tolerations, affinity?.nodeAffinity, [...requests], nonZero, ports]);
}

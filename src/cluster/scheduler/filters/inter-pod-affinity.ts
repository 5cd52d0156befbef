import type { Failure, FilterFactory } from '../cycle.ts';
import type { NodeInfo } from '../node-info.ts';
import type { AffinityTerm, PodInfo } from '../pod-info.ts';

const EXISTING: Failure = {
  plugin: 'InterPodAffinity',
  reasons: ["node(s) didn't satisfy existing pods anti-affinity rules"],
  unresolvable: false,
};
const ANTI: Failure = {
  plugin: 'InterPodAffinity',
  reasons: ["node(s) didn't match pod anti-affinity rules"],
  unresolvable: false,
};
const AFFINITY: Failure = {
  plugin: 'InterPodAffinity',
  reasons: ["node(s) didn't match pod affinity rules"],
  unresolvable: true,
};

/** Numbers of pods by topology, `key=value`. */
class Topologies {
  readonly #counts = new Map<string, number>();

  get size(): number {
    return this.#counts.size;
  }

  add(node: NodeInfo, key: string, count = 1): void {
    const { labels } = node;
    if (!Object.hasOwn(labels, key)) return;
    const pair = `${key}=${labels[key] ?? ''}`;
    this.#counts.set(pair, (this.#counts.get(pair) ?? 0) + count);
  }

  count(node: NodeInfo, key: string): number {
    const { labels } = node;
    return Object.hasOwn(labels, key) ? (this.#counts.get(`${key}=${labels[key] ?? ''}`) ?? 0) : 0;
  }

  has(pair: string): boolean {
    return this.#counts.has(pair);
  }

  /** Counts of those pairs that the node has. */
  *[Symbol.iterator](): Iterator<readonly [string, number]> {
    yield* this.#counts;
  }
}

/** Required affinity and anti-affinity between pods. kubernetes: plugins/interpodaffinity/filtering.go */
export const interPodAffinity: FilterFactory = (cycle) => {
  const { pod, state, namespaceLabels } = cycle;
  const { affinity, antiAffinity } = pod.terms;
  const existing = new Topologies();
  for (const node of state.nodesWithAffinity) {
    for (const other of node.withAffinity) addMatching(existing, node, other, cycle);
  }
  if (affinity.length === 0 && antiAffinity.length === 0 && existing.size === 0) return undefined;
  const wanted = new Topologies();
  const unwanted = new Topologies();
  if (affinity.length > 0 || antiAffinity.length > 0) {
    for (const node of state.nodes) {
      for (const other of node.pods.values()) {
        // All terms of affinity have to speak of the same pods.
        if (affinity.length > 0 && affinity.every((term) => term.matches(other, namespaceLabels))) {
          for (const { topologyKey } of affinity) wanted.add(node, topologyKey);
        }
        for (const term of antiAffinity) if (term.matches(other, namespaceLabels)) unwanted.add(node, term.topologyKey);
      }
    }
  }
  // The first pod of a group that wants to be together may go anywhere.
  const first = wanted.size === 0 && affinity.every((term) => term.matches(pod, namespaceLabels));
  return {
    plugin: 'InterPodAffinity',
    check: (node) => {
      if (!satisfiesAffinity(node, affinity, wanted, first)) return AFFINITY;
      if (antiAffinity.some(({ topologyKey }) => unwanted.count(node, topologyKey) > 0)) return ANTI;
      for (const [pair, count] of existing) if (count > 0 && hasPair(node, pair)) return EXISTING;
      return undefined;
    },
  };
};

function addMatching(
  existing: Topologies,
  node: NodeInfo,
  other: PodInfo,
  { pod, namespaceLabels }: Parameters<FilterFactory>[0],
): void {
  for (const term of other.terms.antiAffinity) {
    if (term.matches(pod, namespaceLabels)) existing.add(node, term.topologyKey);
  }
}

function hasPair({ labels }: NodeInfo, pair: string): boolean {
  const equals = pair.indexOf('=');
  const key = pair.slice(0, equals);
  return Object.hasOwn(labels, key) && labels[key] === pair.slice(equals + 1);
}

function satisfiesAffinity(
  node: NodeInfo,
  terms: readonly AffinityTerm[],
  wanted: Topologies,
  first: boolean,
): boolean {
  let found = true;
  for (const { topologyKey } of terms) {
    if (!Object.hasOwn(node.labels, topologyKey)) return false;
    if (wanted.count(node, topologyKey) === 0) found = false;
  }
  return found || first;
}

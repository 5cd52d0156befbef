import type { Failure, FilterFactory } from '../cycle.ts';
import type { NodeInfo } from '../node-info.ts';
import type { PodGroup, TopologyCounts } from '../pod-groups.ts';

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

/** Pods that a rule speaks of, by where they are: some groups, by a label of their nodes. */
class Spread {
  readonly topologyKey: string;
  readonly #counts: TopologyCounts[] = [];

  constructor(topologyKey: string) {
    this.topologyKey = topologyKey;
  }

  /** True when none of the pods is on a node with the label. */
  get isEmpty(): boolean {
    return this.#counts.every(({ size }) => size === 0);
  }

  add(group: PodGroup): void {
    this.#counts.push(group.counts(this.topologyKey));
  }

  /** True when one of the pods is where the node is. */
  isAt({ labels }: NodeInfo): boolean {
    const { topologyKey } = this;
    if (this.#counts.length === 0 || !Object.hasOwn(labels, topologyKey)) return false;
    const value = labels[topologyKey] ?? '';
    return this.#counts.some((counts) => (counts.get(value) ?? 0) > 0);
  }
}

/** Required affinity and anti-affinity between pods. kubernetes: plugins/interpodaffinity/filtering.go */
export const interPodAffinity: FilterFactory = ({ pod, state, namespaceLabels }) => {
  const { affinity, antiAffinity } = pod.terms;
  const existing: Spread[] = [];
  for (const group of state.groups.withAffinity) {
    for (const term of group.sample.terms.antiAffinity) {
      if (!term.matches(pod, namespaceLabels)) continue;
      const spread = new Spread(term.topologyKey);
      spread.add(group);
      existing.push(spread);
    }
  }
  if (affinity.length === 0 && antiAffinity.length === 0 && existing.length === 0) return undefined;
  const wanted = affinity.map(({ topologyKey }) => new Spread(topologyKey));
  const unwanted = antiAffinity.map(({ topologyKey }) => new Spread(topologyKey));
  if (affinity.length > 0 || antiAffinity.length > 0) {
    for (const group of state.groups) {
      const { sample } = group;
      // All terms of affinity have to speak of the same pods.
      if (affinity.length > 0 && affinity.every((term) => term.matches(sample, namespaceLabels))) {
        for (const spread of wanted) spread.add(group);
      }
      antiAffinity.forEach((term, i) => {
        if (term.matches(sample, namespaceLabels)) unwanted[i]?.add(group);
      });
    }
  }
  // The first pod of a group that wants to be together may go anywhere.
  const first =
    wanted.every((spread) => spread.isEmpty) && affinity.every((term) => term.matches(pod, namespaceLabels));
  return {
    plugin: 'InterPodAffinity',
    check: (node) => {
      if (!satisfiesAffinity(node, wanted, first)) return AFFINITY;
      if (unwanted.some((spread) => spread.isAt(node))) return ANTI;
      return existing.some((spread) => spread.isAt(node)) ? EXISTING : undefined;
    },
  };
};

function satisfiesAffinity(node: NodeInfo, wanted: readonly Spread[], first: boolean): boolean {
  let found = true;
  for (const spread of wanted) {
    if (!Object.hasOwn(node.labels, spread.topologyKey)) return false;
    if (!spread.isAt(node)) found = false;
  }
  return found || first;
}

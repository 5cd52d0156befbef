import type { PodInfo } from './pod-info.ts';

/** Where pods are: a node, which is told from others by its identity, with its labels. */
export interface Place {
  readonly labels: Readonly<Record<string, string>>;
}

/** Numbers of pods by the value of a label of their nodes. */
export type TopologyCounts = ReadonlyMap<string, number>;

/**
 * Placed pods that all rules about other pods treat alike: of one namespace, with the same labels and terms, all being deleted or
 * none. What a rule says of one it says of all, so that nobody needs to look at each.
 */
export class PodGroup {
  /** One of them, or one that was. */
  readonly sample: PodInfo;
  readonly isDeleting: boolean;
  readonly #nodes = new Map<Place, number>();
  readonly #topologies = new Map<string, Map<string, number>>();

  constructor(sample: PodInfo) {
    this.sample = sample;
    this.isDeleting = sample.pod.metadata.deletionTimestamp !== undefined;
  }

  get isEmpty(): boolean {
    return this.#nodes.size === 0;
  }

  /** How many there are on a node. */
  on(node: Place): number {
    return this.#nodes.get(node) ?? 0;
  }

  /** How many there are by the value of a label of the node; nodes without it do not count. Kept up to date. */
  counts(topologyKey: string): TopologyCounts {
    let counts = this.#topologies.get(topologyKey);
    if (counts === undefined) {
      counts = new Map();
      this.#topologies.set(topologyKey, counts);
      for (const [node, count] of this.#nodes) addTo(counts, node, topologyKey, count);
    }
    return counts;
  }

  add(node: Place, count: 1 | -1): void {
    const now = this.on(node) + count;
    if (now === 0) this.#nodes.delete(node);
    else this.#nodes.set(node, now);
    for (const [key, counts] of this.#topologies) addTo(counts, node, key, count);
  }

  /** Labels of nodes have changed. */
  forgetTopologies(): void {
    this.#topologies.clear();
  }
}

/** Counts pods that came to a node, or left it, by a label of the node. */
export function addTo(counts: Map<string, number>, { labels }: Place, key: string, count: number): void {
  if (!Object.hasOwn(labels, key)) return;
  const value = labels[key] ?? '';
  const now = (counts.get(value) ?? 0) + count;
  if (now === 0) counts.delete(value);
  else counts.set(value, now);
}

/** The groups of all placed pods. */
export class PodGroups {
  readonly #groups = new Map<string, PodGroup>();
  readonly #withAffinity = new Set<PodGroup>();

  [Symbol.iterator](): Iterator<PodGroup> {
    return this.#groups.values();
  }

  /** Those whose pods have terms of their own. */
  get withAffinity(): Iterable<PodGroup> {
    return this.#withAffinity;
  }

  add(info: PodInfo, node: Place): void {
    let group = this.#groups.get(info.group);
    if (group === undefined) {
      group = new PodGroup(info);
      this.#groups.set(info.group, group);
      if (info.hasAffinity) this.#withAffinity.add(group);
    }
    group.add(node, 1);
  }

  remove(info: PodInfo, node: Place): void {
    const group = this.#groups.get(info.group);
    if (group === undefined) return;
    group.add(node, -1);
    if (!group.isEmpty) return;
    this.#groups.delete(info.group);
    this.#withAffinity.delete(group);
  }

  /** Labels of nodes have changed. */
  forgetTopologies(): void {
    for (const group of this.#groups.values()) group.forgetTopologies();
  }
}

import type { LabelMatcher } from '../../kube/labels.ts';
import type { PodInfo } from './pod-info.ts';

/** Where pods are: a node, which is told from others by its identity, with its labels. */
export interface Place {
  /** A number of its own, not below 0. */
  readonly slot: number;
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

  /** The nodes that have some, and how many. */
  get places(): ReadonlyMap<Place, number> {
    return this.#nodes;
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
function addTo(counts: Map<string, number>, { labels }: Place, key: string, count: number): void {
  if (!Object.hasOwn(labels, key)) return;
  const value = labels[key] ?? '';
  const now = (counts.get(value) ?? 0) + count;
  if (now === 0) counts.delete(value);
  else counts.set(value, now);
}

/** Selectors of one namespace that are remembered, and namespaces. */
const MOST_SELECTIONS = 4096;

interface Selection {
  readonly matcher: LabelMatcher;
  readonly groups: Set<PodGroup>;
}

/** The groups of all placed pods. */
export class PodGroups {
  readonly #groups = new Map<string, PodGroup>();
  readonly #withAffinity = new Set<PodGroup>();
  /** The groups that were asked for, by namespace and selector; kept up to date. */
  readonly #selections = new Map<string, Map<string, Selection>>();

  [Symbol.iterator](): Iterator<PodGroup> {
    return this.#groups.values();
  }

  /** Those whose pods have terms of their own. */
  get withAffinity(): Iterable<PodGroup> {
    return this.#withAffinity;
  }

  /**
   * The pods of a namespace that a selector selects, without those that are being deleted.
   *
   * @param key the same for selectors that are the same
   */
  selected(namespace: string, key: string, matcher: LabelMatcher): ReadonlySet<PodGroup> {
    let selections = this.#selections.get(namespace);
    if (selections === undefined) {
      if (this.#selections.size >= MOST_SELECTIONS) this.#selections.clear();
      selections = new Map();
      this.#selections.set(namespace, selections);
    }
    let selection = selections.get(key);
    if (selection === undefined) {
      if (selections.size >= MOST_SELECTIONS) selections.clear();
      selection = { matcher, groups: new Set() };
      for (const group of this.#groups.values()) if (selects(selection, namespace, group)) selection.groups.add(group);
      selections.set(key, selection);
    }
    return selection.groups;
  }

  add(info: PodInfo, node: Place): void {
    let group = this.#groups.get(info.group);
    if (group === undefined) {
      group = new PodGroup(info);
      this.#groups.set(info.group, group);
      if (info.hasAffinity) this.#withAffinity.add(group);
      for (const selection of this.#selections.get(info.namespace)?.values() ?? []) {
        if (selects(selection, info.namespace, group)) selection.groups.add(group);
      }
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
    const selections = this.#selections.get(info.namespace) ?? new Map<string, Selection>();
    for (const [key, { groups }] of selections) {
      // Selectors of workloads that are gone are not kept.
      if (groups.delete(group) && groups.size === 0) selections.delete(key);
    }
    if (selections.size === 0) this.#selections.delete(info.namespace);
  }

  /** Labels of nodes have changed. */
  forgetTopologies(): void {
    for (const group of this.#groups.values()) group.forgetTopologies();
  }
}

function selects({ matcher }: Selection, namespace: string, { sample, isDeleting }: PodGroup): boolean {
  return !isDeleting && sample.namespace === namespace && matcher.matches(sample.labels);
}

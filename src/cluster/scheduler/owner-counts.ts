import { addTo, type Place } from './pod-groups.ts';

/** Placed pods by the uid of their controller, and by the value of a label of their nodes; counted once it is asked for. */
export class OwnerCounts {
  readonly #owners = new Map<string, Map<Place, number>>();
  readonly #topologies = new Map<string, Map<string, Map<string, number>>>();

  /** Numbers of pods of an owner by the value of a label of their nodes; nodes without it do not count. */
  counts(uid: string, topologyKey: string): ReadonlyMap<string, number> {
    let topologies = this.#topologies.get(uid);
    if (topologies === undefined) {
      topologies = new Map();
      this.#topologies.set(uid, topologies);
    }
    let counts = topologies.get(topologyKey);
    if (counts === undefined) {
      counts = new Map();
      topologies.set(topologyKey, counts);
      for (const [node, count] of this.#owners.get(uid) ?? []) addTo(counts, node, topologyKey, count);
    }
    return counts;
  }

  add(uid: string, node: Place, count: 1 | -1): void {
    let nodes = this.#owners.get(uid);
    if (nodes === undefined) {
      nodes = new Map();
      this.#owners.set(uid, nodes);
    }
    const now = (nodes.get(node) ?? 0) + count;
    if (now === 0) nodes.delete(node);
    else nodes.set(node, now);
    if (nodes.size === 0) {
      this.#owners.delete(uid);
      this.#topologies.delete(uid);
      return;
    }
    for (const [key, counts] of this.#topologies.get(uid) ?? []) addTo(counts, node, key, count);
  }

  /** Labels of nodes have changed. */
  forgetTopologies(): void {
    this.#topologies.clear();
  }
}

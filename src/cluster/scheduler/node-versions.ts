/** A number for each node that is another one after every change of the node or its pods. They lie together, for hundreds are read for one pod. */
export class NodeVersions {
  #values = new Float64Array(64);
  readonly #free: number[] = [];
  #slots = 0;
  #last = 0;

  /** More than the highest slot. */
  get size(): number {
    return this.#values.length;
  }

  /** A place for a node that has come. */
  take(): number {
    const slot = this.#free.pop() ?? this.#slots;
    if (slot === this.#slots) this.#slots += 1;
    if (slot >= this.#values.length) {
      const larger = new Float64Array(this.#values.length * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.touch(slot);
    return slot;
  }

  /** The node has gone; another one may get its place, with a version that none has had. */
  free(slot: number): void {
    this.#free.push(slot);
  }

  /** Above 0. */
  of(slot: number): number {
    return this.#values[slot] ?? 0;
  }

  /** The node has changed. */
  touch(slot: number): void {
    this.#last += 1;
    this.#values[slot] = this.#last;
  }
}

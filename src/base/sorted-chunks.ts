/** Items that lie together; a piece that has twice as many is cut in two. */
const CHUNK = 256;

/** Items in order, in pieces: a change moves what is in one piece, however many items there are. */
export class SortedChunks<T> {
  readonly #compare: (a: T, b: T) => number;
  readonly #chunks: T[][] = [[]];
  /** What was handed out last; undefined after a change. */
  #list: readonly T[] | undefined;
  #size: number;

  /** @param items in order */
  constructor(compare: (a: T, b: T) => number, items: readonly T[] = []) {
    this.#compare = compare;
    this.#size = items.length;
    if (items.length === 0) return;
    this.#chunks = [];
    for (let i = 0; i < items.length; i += CHUNK) this.#chunks.push(items.slice(i, i + CHUNK));
  }

  /** How many items there are. */
  get size(): number {
    return this.#size;
  }

  /** All items in order. What was handed out is never changed. */
  list(): readonly T[] {
    this.#list ??= this.#chunks.flat();
    return this.#list;
  }

  /** Adds an item, or puts it in the place of the one that compares equal. */
  put(item: T): void {
    this.#list = undefined;
    const at = this.#chunkOf(item);
    const chunk = this.#chunks[at] ?? [];
    const position = this.#positionIn(chunk, item);
    const there = chunk[position];
    if (there !== undefined && this.#compare(there, item) === 0) {
      chunk[position] = item;
      return;
    }
    chunk.splice(position, 0, item);
    this.#size += 1;
    if (chunk.length >= 2 * CHUNK) this.#chunks.splice(at + 1, 0, chunk.splice(CHUNK));
  }

  /** Removes the item that compares equal, if there is one. */
  delete(item: T): void {
    const at = this.#chunkOf(item);
    const chunk = this.#chunks[at] ?? [];
    const position = this.#positionIn(chunk, item);
    const there = chunk[position];
    if (there === undefined || this.#compare(there, item) !== 0) return;
    this.#list = undefined;
    this.#size -= 1;
    chunk.splice(position, 1);
    if (chunk.length === 0 && this.#chunks.length > 1) this.#chunks.splice(at, 1);
  }

  /** The last piece that begins at or before the item. */
  #chunkOf(item: T): number {
    let low = 1;
    let high = this.#chunks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const first = this.#chunks[middle]?.[0];
      if (first !== undefined && this.#compare(first, item) <= 0) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** The first place in a piece whose item does not come before the given one. */
  #positionIn(chunk: readonly T[], item: T): number {
    let low = 0;
    let high = chunk.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const there = chunk[middle];
      if (there !== undefined && this.#compare(there, item) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

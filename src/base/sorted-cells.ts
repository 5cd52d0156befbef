import { SortedChunks } from './sorted-chunks.ts';

/** Holds a value that may be replaced by another one of the same place in the order. */
export interface Cell<T> {
  value: T;
}

/** Changes that are kept until the next list, at the least; beyond, a part of all cells. */
const PENDING = 64;
const PENDING_SHARE = 8;

/**
 * The sorted list of values in cells that somebody else keeps. Nothing is sorted before the first list; from then on what came and
 * went is put in its place when a list is asked for, and a value that is replaced costs nothing.
 */
export class SortedCells<T> {
  readonly #compare: (a: Cell<T>, b: Cell<T>) => number;
  readonly #cells: () => Iterable<Cell<T>>;
  #sorted: SortedChunks<Cell<T>> | undefined;
  /** What came or went since the last list, in this order. */
  #pending: { readonly cell: Cell<T>; readonly isThere: boolean }[] = [];
  /** What was handed out last; undefined after a change. */
  #list: readonly T[] | undefined;

  /**
   * @param compare a strict order: no two cells compare equal
   * @param cells all that there are
   */
  constructor(compare: (a: T, b: T) => number, cells: () => Iterable<Cell<T>>) {
    this.#compare = (a, b) => compare(a.value, b.value);
    this.#cells = cells;
  }

  /** All values in order. What was handed out is never changed. */
  list(): readonly T[] {
    this.#list ??= this.#settled()
      .list()
      .map(({ value }) => value);
    return this.#list;
  }

  /** A cell has another value. */
  replaced(): void {
    this.#list = undefined;
  }

  /** A cell has come. */
  added(cell: Cell<T>): void {
    this.#note(cell, true);
  }

  /** A cell has gone. */
  removed(cell: Cell<T>): void {
    this.#note(cell, false);
  }

  #note(cell: Cell<T>, isThere: boolean): void {
    this.#list = undefined;
    if (this.#sorted === undefined) return;
    this.#pending.push({ cell, isThere });
    if (this.#pending.length <= Math.max(PENDING, this.#sorted.size / PENDING_SHARE)) return;
    this.#sorted = undefined;
    this.#pending = [];
  }

  #settled(): SortedChunks<Cell<T>> {
    if (this.#sorted === undefined) {
      this.#sorted = new SortedChunks(this.#compare, [...this.#cells()].sort(this.#compare));
      return this.#sorted;
    }
    for (const { cell, isThere } of this.#pending) {
      if (isThere) this.#sorted.put(cell);
      else this.#sorted.delete(cell);
    }
    if (this.#pending.length > 0) this.#pending = [];
    return this.#sorted;
  }
}

import { compareStrings } from '../../base/json.ts';
import type { StoreEntry } from './store.ts';

/** The objects of one resource, found by key and kept in order. Lists handed out are snapshots: the next one after a write is a new one. */
export class Bucket {
  readonly #namespaces = new Map<string, NamespaceEntries>();
  #order: string[] | undefined;
  #all: readonly StoreEntry[] | undefined;
  #count = 0;

  get count(): number {
    return this.#count;
  }

  countIn(namespace: string): number {
    return this.#namespaces.get(namespace)?.size ?? 0;
  }

  get(namespace: string, name: string): StoreEntry | undefined {
    return this.#namespaces.get(namespace)?.get(name);
  }

  /** Sorted by namespace, then name. */
  list(namespace?: string): readonly StoreEntry[] {
    if (namespace !== undefined) return this.#namespaces.get(namespace)?.list() ?? [];
    this.#all ??= this.#concat();
    return this.#all;
  }

  put(entry: StoreEntry): void {
    let entries = this.#namespaces.get(entry.namespace);
    if (entries === undefined) {
      entries = new NamespaceEntries();
      this.#namespaces.set(entry.namespace, entries);
      this.#order = undefined;
    }
    const before = entries.size;
    entries.put(entry);
    this.#count += entries.size - before;
    this.#all = undefined;
  }

  delete(namespace: string, name: string): void {
    const entries = this.#namespaces.get(namespace);
    if (entries?.delete(name) !== true) return;
    this.#count -= 1;
    this.#all = undefined;
    if (entries.size === 0) {
      this.#namespaces.delete(namespace);
      this.#order = undefined;
    }
  }

  #concat(): readonly StoreEntry[] {
    this.#order ??= [...this.#namespaces.keys()].sort(compareStrings);
    const [only] = this.#order;
    if (this.#order.length === 1 && only !== undefined) return this.#namespaces.get(only)?.list() ?? [];
    return this.#order.flatMap((namespace) => this.#namespaces.get(namespace)?.list() ?? []);
  }
}

/** Entries that lie together; one that has twice as many is cut in two. */
const CHUNK = 256;

/** The entries of a namespace in order, in pieces: a write moves what is in one piece, however many there are. */
class NamespaceEntries {
  readonly #byName = new Map<string, StoreEntry>();
  #chunks: StoreEntry[][] = [[]];
  /** What was handed out last; undefined after a write. */
  #list: readonly StoreEntry[] | undefined;

  get size(): number {
    return this.#byName.size;
  }

  get(name: string): StoreEntry | undefined {
    return this.#byName.get(name);
  }

  list(): readonly StoreEntry[] {
    this.#list ??= this.#chunks.flat();
    return this.#list;
  }

  put(entry: StoreEntry): void {
    const known = this.#byName.has(entry.name);
    this.#byName.set(entry.name, entry);
    this.#list = undefined;
    const at = this.#chunkOf(entry.name);
    const chunk = this.#chunks[at] ?? [];
    const position = positionIn(chunk, entry.name);
    if (known) chunk[position] = entry;
    else chunk.splice(position, 0, entry);
    if (chunk.length >= 2 * CHUNK) this.#chunks.splice(at + 1, 0, chunk.splice(CHUNK));
  }

  delete(name: string): boolean {
    if (!this.#byName.delete(name)) return false;
    this.#list = undefined;
    const at = this.#chunkOf(name);
    const chunk = this.#chunks[at] ?? [];
    chunk.splice(positionIn(chunk, name), 1);
    if (chunk.length === 0 && this.#chunks.length > 1) this.#chunks.splice(at, 1);
    return true;
  }

  /** The last chunk that begins at or before the name. */
  #chunkOf(name: string): number {
    let low = 1;
    let high = this.#chunks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const first = this.#chunks[middle]?.[0];
      if (first !== undefined && compareStrings(first.name, name) <= 0) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

/** Where the name is in a chunk, or belongs. */
function positionIn(chunk: readonly StoreEntry[], name: string): number {
  let low = 0;
  let high = chunk.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const entry = chunk[middle];
    if (entry !== undefined && compareStrings(entry.name, name) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

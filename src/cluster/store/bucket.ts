import { compareStrings } from '../../base/json.ts';
import { SortedChunks } from '../../base/sorted-chunks.ts';
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

class NamespaceEntries {
  readonly #byName = new Map<string, StoreEntry>();
  readonly #sorted = new SortedChunks<StoreEntry>((a, b) => compareStrings(a.name, b.name));

  get size(): number {
    return this.#byName.size;
  }

  get(name: string): StoreEntry | undefined {
    return this.#byName.get(name);
  }

  list(): readonly StoreEntry[] {
    return this.#sorted.list();
  }

  put(entry: StoreEntry): void {
    this.#byName.set(entry.name, entry);
    this.#sorted.put(entry);
  }

  delete(name: string): boolean {
    const entry = this.#byName.get(name);
    if (entry === undefined) return false;
    this.#byName.delete(name);
    this.#sorted.delete(entry);
    return true;
  }
}

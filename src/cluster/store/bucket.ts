import { compareStrings } from '../../base/json.ts';
import type { StoreEntry } from './store.ts';

/** The objects of one resource, found by key and kept in order. Lists handed out are snapshots: they are copied on the next write. */
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
  #sorted: StoreEntry[] = [];
  #shared = false;

  get size(): number {
    return this.#byName.size;
  }

  get(name: string): StoreEntry | undefined {
    return this.#byName.get(name);
  }

  list(): readonly StoreEntry[] {
    this.#shared = true;
    return this.#sorted;
  }

  put(entry: StoreEntry): void {
    const known = this.#byName.has(entry.name);
    this.#byName.set(entry.name, entry);
    const at = this.#position(entry.name);
    this.#own();
    if (known) this.#sorted[at] = entry;
    else this.#sorted.splice(at, 0, entry);
  }

  delete(name: string): boolean {
    if (!this.#byName.delete(name)) return false;
    const at = this.#position(name);
    this.#own();
    this.#sorted.splice(at, 1);
    return true;
  }

  #own(): void {
    if (!this.#shared) return;
    this.#sorted = this.#sorted.slice();
    this.#shared = false;
  }

  /** Where the name is, or belongs. */
  #position(name: string): number {
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const entry = this.#sorted[middle];
      if (entry !== undefined && compareStrings(entry.name, name) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

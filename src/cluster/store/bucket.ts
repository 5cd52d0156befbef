import { compareStrings } from '../../base/json.ts';
import { type Cell, SortedCells } from '../../base/sorted-cells.ts';
import type { StoreEntry } from './store.ts';

const NOTHING: readonly StoreEntry[] = [];

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
    if (namespace !== undefined) return this.#namespaces.get(namespace)?.list() ?? NOTHING;
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
  readonly #byName = new Map<string, Cell<StoreEntry>>();
  readonly #sorted = new SortedCells<StoreEntry>(compareNames, () => this.#byName.values());

  get size(): number {
    return this.#byName.size;
  }

  get(name: string): StoreEntry | undefined {
    return this.#byName.get(name)?.value;
  }

  list(): readonly StoreEntry[] {
    return this.#sorted.list();
  }

  put(entry: StoreEntry): void {
    const cell = this.#byName.get(entry.name);
    if (cell !== undefined) {
      cell.value = entry;
      this.#sorted.replaced();
      return;
    }
    const added = { value: entry };
    this.#byName.set(entry.name, added);
    this.#sorted.added(added);
  }

  delete(name: string): boolean {
    const cell = this.#byName.get(name);
    if (cell === undefined) return false;
    this.#byName.delete(name);
    this.#sorted.removed(cell);
    return true;
  }
}

function compareNames(a: StoreEntry, b: StoreEntry): number {
  return compareStrings(a.name, b.name);
}

import { compareStrings } from '../../base/json.ts';
import { type Cell, SortedCells } from '../../base/sorted-cells.ts';
import type { ApiObject } from './keys.ts';

/** An object with the values under which each index finds it. */
export interface CachedObject<T> extends Cell<T> {
  readonly namespace: string;
  readonly name: string;
  /** By index, in the order in which they were declared. */
  readonly found: (readonly string[])[];
}

type Keys<T> = (object: T) => readonly string[];

/** Objects with their sorted list. */
class Group<T extends ApiObject, Members extends Collection<T>> {
  readonly members: Members;
  readonly sorted: SortedCells<T>;

  constructor(members: Members) {
    this.members = members;
    this.sorted = new SortedCells<T>(compareObjects, () => members.values());
  }
}

interface Collection<T> {
  values(): Iterable<CachedObject<T>>;
}

const NOTHING: readonly never[] = [];

/**
 * Objects by namespace and name, with indexes. Lists are sorted by namespace, then name, and are made when they are asked for; what
 * was handed out is never changed. An object that is replaced by a newer one costs no more than to see that its indexes stay.
 */
export class ObjectCache<T extends ApiObject> implements Iterable<CachedObject<T>> {
  readonly #namespaces = new Map<string, Group<T, Map<string, CachedObject<T>>>>();
  readonly #indexes: Index<T>[] = [];
  #all: readonly T[] | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  *[Symbol.iterator](): Iterator<CachedObject<T>> {
    for (const group of this.#namespaces.values()) yield* group.members.values();
  }

  find(namespace: string | undefined, name: string): CachedObject<T> | undefined {
    return this.#namespaces.get(namespace ?? '')?.members.get(name);
  }

  /** All, or those of a namespace. */
  list(namespace?: string): readonly T[] {
    if (namespace !== undefined && namespace !== '') return this.#namespaces.get(namespace)?.sorted.list() ?? NOTHING;
    this.#all ??= this.#concat();
    return this.#all;
  }

  /** Declares an index; a known name is left as it is. */
  addIndex(name: string, keys: Keys<T>): void {
    if (this.#indexes.some((index) => index.name === name)) return;
    const index = new Index(name, keys);
    this.#indexes.push(index);
    for (const each of this) each.found.push(index.add(each));
  }

  /** Undefined when there is no such index. */
  byIndex(name: string, value: string): readonly T[] | undefined {
    return this.#indexes.find((index) => index.name === name)?.list(value);
  }

  add(object: T): CachedObject<T> {
    const { namespace = '', name = '' } = object.metadata;
    const added: CachedObject<T> = { value: object, namespace, name, found: [] };
    let group = this.#namespaces.get(namespace);
    if (group === undefined) {
      group = new Group(new Map());
      this.#namespaces.set(namespace, group);
    }
    group.members.set(name, added);
    group.sorted.added(added);
    this.#size += 1;
    this.#all = undefined;
    for (const index of this.#indexes) added.found.push(index.add(added));
    return added;
  }

  replace(known: CachedObject<T>, object: T): void {
    known.value = object;
    this.#all = undefined;
    this.#namespaces.get(known.namespace)?.sorted.replaced();
    for (let i = 0; i < this.#indexes.length; i += 1) {
      const index = this.#indexes[i];
      if (index !== undefined) known.found[i] = index.replace(known, known.found[i] ?? NOTHING);
    }
  }

  remove(known: CachedObject<T>): void {
    const group = this.#namespaces.get(known.namespace);
    if (group?.members.delete(known.name) !== true) return;
    group.sorted.removed(known);
    if (group.members.size === 0) this.#namespaces.delete(known.namespace);
    this.#size -= 1;
    this.#all = undefined;
    for (const [i, index] of this.#indexes.entries()) index.remove(known, known.found[i] ?? NOTHING);
  }

  #concat(): readonly T[] {
    const order = [...this.#namespaces].sort(([a], [b]) => compareStrings(a, b));
    const [only] = order;
    if (order.length === 1 && only !== undefined) return only[1].sorted.list();
    return order.flatMap(([, group]) => group.sorted.list());
  }
}

class Index<T extends ApiObject> {
  readonly name: string;
  readonly #keys: Keys<T>;
  readonly #groups = new Map<string, Group<T, Set<CachedObject<T>>>>();

  constructor(name: string, keys: Keys<T>) {
    this.name = name;
    this.#keys = keys;
  }

  list(value: string): readonly T[] {
    return this.#groups.get(value)?.sorted.list() ?? NOTHING;
  }

  /** The values under which the object is found from now on. */
  add(added: CachedObject<T>): readonly string[] {
    const values = this.#keys(added.value);
    for (const value of values) this.#join(value, added);
    return values;
  }

  replace(known: CachedObject<T>, before: readonly string[]): readonly string[] {
    const values = this.#keys(known.value);
    for (const value of before) if (!values.includes(value)) this.#leave(value, known);
    for (const value of values) {
      if (before.includes(value)) this.#groups.get(value)?.sorted.replaced();
      else this.#join(value, known);
    }
    return values;
  }

  remove(known: CachedObject<T>, values: readonly string[]): void {
    for (const value of values) this.#leave(value, known);
  }

  #join(value: string, added: CachedObject<T>): void {
    let group = this.#groups.get(value);
    if (group === undefined) {
      group = new Group(new Set());
      this.#groups.set(value, group);
    }
    group.members.add(added);
    group.sorted.added(added);
  }

  #leave(value: string, known: CachedObject<T>): void {
    const group = this.#groups.get(value);
    if (group?.members.delete(known) !== true) return;
    group.sorted.removed(known);
    if (group.members.size === 0) this.#groups.delete(value);
  }
}

function compareObjects(a: ApiObject, b: ApiObject): number {
  return (
    compareStrings(a.metadata.namespace ?? '', b.metadata.namespace ?? '') ||
    compareStrings(a.metadata.name ?? '', b.metadata.name ?? '')
  );
}

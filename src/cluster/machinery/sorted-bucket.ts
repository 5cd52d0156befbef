import { compareStrings } from '../../base/json.ts';
import type { ApiObject } from './keys.ts';

function compareObjects(a: ApiObject, b: ApiObject): number {
  return (
    compareStrings(a.metadata.namespace ?? '', b.metadata.namespace ?? '') ||
    compareStrings(a.metadata.name ?? '', b.metadata.name ?? '')
  );
}

/**
 * Objects by key whose list, sorted by namespace and name, is made when it is first asked for and then kept sorted.
 * A list that was handed out is never changed.
 */
export class SortedBucket<T extends ApiObject> {
  readonly #objects = new Map<string, T>();
  #sorted: T[] | undefined;
  #shared = false;

  get size(): number {
    return this.#objects.size;
  }

  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  set(key: string, object: T): void {
    const known = this.#objects.has(key);
    this.#objects.set(key, object);
    const sorted = this.#writable();
    if (sorted === undefined) return;
    const at = position(sorted, object);
    if (known) sorted[at] = object;
    else if (at === sorted.length) sorted.push(object);
    else sorted.splice(at, 0, object);
  }

  delete(key: string): void {
    const object = this.#objects.get(key);
    if (object === undefined) return;
    this.#objects.delete(key);
    const sorted = this.#writable();
    sorted?.splice(position(sorted, object), 1);
  }

  keys(): IterableIterator<string> {
    return this.#objects.keys();
  }

  list(): readonly T[] {
    this.#sorted ??= [...this.#objects.values()].sort(compareObjects);
    this.#shared = true;
    return this.#sorted;
  }

  #writable(): T[] | undefined {
    if (this.#shared && this.#sorted !== undefined) {
      this.#sorted = this.#sorted.slice();
      this.#shared = false;
    }
    return this.#sorted;
  }
}

/** The first place whose object does not sort before the given one. */
function position(sorted: readonly ApiObject[], object: ApiObject): number {
  let low = 0;
  let high = sorted.length;
  const last = sorted[high - 1];
  if (last !== undefined && compareObjects(last, object) < 0) return high;
  while (low < high) {
    const middle = (low + high) >> 1;
    const candidate = sorted[middle];
    if (candidate !== undefined && compareObjects(candidate, object) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

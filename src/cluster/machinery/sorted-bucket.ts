import { compareStrings } from '../../base/json.ts';
import { SortedChunks } from '../../base/sorted-chunks.ts';
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
  #sorted: SortedChunks<T> | undefined;

  get size(): number {
    return this.#objects.size;
  }

  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  set(key: string, object: T): void {
    this.#objects.set(key, object);
    this.#sorted?.put(object);
  }

  delete(key: string): void {
    const object = this.#objects.get(key);
    if (object === undefined) return;
    this.#objects.delete(key);
    this.#sorted?.delete(object);
  }

  keys(): IterableIterator<string> {
    return this.#objects.keys();
  }

  list(): readonly T[] {
    this.#sorted ??= new SortedChunks(compareObjects, [...this.#objects.values()].sort(compareObjects));
    return this.#sorted.list();
  }
}

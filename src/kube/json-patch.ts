import { isObject } from '../base/json.ts';
import { deepEqual } from './equality.ts';
import { PatchError } from './patch-error.ts';
import { setKey } from './set-key.ts';

/** One step of a JSON patch, RFC 6902. */
export interface JsonPatchOperation {
  readonly op: string;
  readonly path: string;
  readonly from?: string;
  readonly value?: unknown;
}

/**
 * The document after the steps of a JSON patch, with the errors of the library that Kubernetes uses
 * (github.com/evanphx/json-patch v4): negative indices count from the end, `replace` of an absent field adds it.
 * Neither argument is changed; the result shares what the patch does not touch.
 *
 * @throws PatchError
 */
export function applyJsonPatch(document: unknown, operations: unknown): unknown {
  if (!Array.isArray(operations) || !operations.every(isObject)) {
    const kind = Array.isArray(operations)
      ? 'json: cannot unmarshal array element into'
      : 'json: cannot unmarshal object into';
    throw new PatchError(`${kind} Go value of type jsonpatch.Patch`, 400);
  }
  const patcher = new JsonPatcher(document);
  for (const operation of operations) patcher.apply(operation);
  return patcher.document;
}

type Container = Record<string, unknown> | unknown[];

class JsonPatcher {
  document: unknown;
  /** Containers that are ours to change. */
  readonly #owned = new Set<object>();

  constructor(document: unknown) {
    this.document = document;
  }

  apply(operation: Readonly<Record<string, unknown>>): void {
    switch (operation['op']) {
      case 'add':
        return this.#add(operation);
      case 'remove':
        return this.#remove(operation);
      case 'replace':
        return this.#replace(operation);
      case 'move':
        return this.#move(operation);
      case 'test':
        return this.#test(operation);
      case 'copy':
        return this.#copy(operation);
      default:
        throw failure(`Unexpected kind: ${typeof operation['op'] === 'string' ? operation['op'] : 'unknown'}`);
    }
  }

  #add(operation: Readonly<Record<string, unknown>>): void {
    const path = pathOf(operation, 'path', 'add operation failed to decode path: missing value');
    const target = this.#find(path);
    if (target === undefined) {
      throw failure(`add operation does not apply: doc is missing path: "${path}": missing value`);
    }
    wrapped(`error in add for path: '${path}'`, () => addTo(target, operation['value'] ?? null));
  }

  #remove(operation: Readonly<Record<string, unknown>>): void {
    const path = pathOf(operation, 'path', 'remove operation failed to decode path: missing value');
    const target = this.#find(path);
    if (target === undefined) {
      throw failure(`remove operation does not apply: doc is missing path: "${path}": missing value`);
    }
    wrapped(`error in remove for path: '${path}'`, () => removeFrom(target));
  }

  #replace(operation: Readonly<Record<string, unknown>>): void {
    const path = pathOf(
      operation,
      'path',
      'replace operation failed to decode path: operation missing path field: missing value',
    );
    const value = operation['value'] ?? null;
    if (path === '') {
      if (typeof value !== 'object' || value === null) throw failure('replace operation value must be object or array');
      this.document = value;
      return;
    }
    const target = this.#find(path);
    if (target === undefined) {
      throw failure(`replace operation does not apply: doc is missing path: ${path}: missing value`);
    }
    const { container, key } = target;
    if (!Array.isArray(container)) {
      setKey(container, key, value);
      return;
    }
    let index: number;
    try {
      index = existingIndex(container, key);
    } catch {
      throw failure(`replace operation does not apply: doc is missing key: ${path}: missing value`);
    }
    container[index] = value;
  }

  #move(operation: Readonly<Record<string, unknown>>): void {
    const from = pathOf(
      operation,
      'from',
      'move operation failed to decode from: operation, missing from field: missing value',
    );
    const source = this.#find(from);
    if (source === undefined) {
      throw failure(`move operation does not apply: doc is missing from path: ${from}: missing value`);
    }
    const value = wrapped(`error in move for path: '${source.key}'`, () => {
      const found = getFrom(source);
      removeFrom(source);
      return found;
    });
    const path = pathOf(
      operation,
      'path',
      'move operation failed to decode path: operation missing path field: missing value',
    );
    const target = this.#find(path);
    if (target === undefined) {
      throw failure(`move operation does not apply: doc is missing destination path: ${path}: missing value`);
    }
    wrapped(`error in move for path: '${path}'`, () => addTo(target, value));
  }

  #copy(operation: Readonly<Record<string, unknown>>): void {
    const from = pathOf(
      operation,
      'from',
      'copy operation failed to decode from: operation, missing from field: missing value',
    );
    const source = this.#find(from);
    if (source === undefined) {
      throw failure(`copy operation does not apply: doc is missing from path: ${from}: missing value`);
    }
    const value = wrapped(`error in copy for from: '${from}'`, () => getFrom(source));
    const path = pathOf(operation, 'path', 'copy operation failed to decode path: missing value');
    // The value is in two places from now on: neither place may change it.
    const snapshot = structuredClone(value);
    const target = this.#find(path);
    if (target === undefined) {
      throw failure(`copy operation does not apply: doc is missing destination path: ${path}: missing value`);
    }
    wrapped('error while adding value during copy', () => addTo(target, snapshot));
  }

  #test(operation: Readonly<Record<string, unknown>>): void {
    const path = pathOf(
      operation,
      'path',
      'test operation failed to decode path: operation missing path field: missing value',
    );
    const expected = operation['value'] ?? null;
    let actual: unknown;
    if (path === '') actual = this.document;
    else {
      const target = this.#find(path);
      if (target === undefined) {
        throw failure(`test operation does not apply: is missing path: ${path}: missing value`);
      }
      actual = wrapped(`error in test for path: '${path}'`, () => getFrom(target)) ?? null;
    }
    if (!deepEqual(actual, expected)) throw failure(`testing value ${path} failed: test failed`);
  }

  /** The container that the last part of a path lies in, made ours to change, with everything above it. */
  #find(path: string): Target | undefined {
    const parts = path.split('/');
    if (parts.length < 2) return undefined;
    let container = this.#own(this.document);
    if (container === undefined) return undefined;
    this.document = container;
    for (const part of parts.slice(1, -1)) {
      const key = unescapeToken(part);
      const next = this.#ownChild(container, key);
      if (next === undefined) return undefined;
      container = next;
    }
    return { container, key: unescapeToken(parts.at(-1) ?? '') };
  }

  #ownChild(container: Container, key: string): Container | undefined {
    if (!Array.isArray(container)) {
      const child = Object.hasOwn(container, key) ? this.#own(container[key]) : undefined;
      if (child !== undefined) setKey(container, key, child);
      return child;
    }
    let index: number;
    try {
      index = existingIndex(container, key);
    } catch {
      return undefined;
    }
    const child = this.#own(container[index]);
    if (child !== undefined) container[index] = child;
    return child;
  }

  #own(value: unknown): Container | undefined {
    if (typeof value !== 'object' || value === null) return undefined;
    if (this.#owned.has(value)) return value as Container;
    const copy: Container = Array.isArray(value)
      ? [...(value as unknown[])]
      : { ...(value as Record<string, unknown>) };
    this.#owned.add(copy);
    return copy;
  }
}

interface Target {
  readonly container: Container;
  readonly key: string;
}

function failure(message: string): PatchError {
  return new PatchError(message, 422);
}

function wrapped<T>(prefix: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof PatchError) throw failure(`${prefix}: ${error.message}`);
    throw error;
  }
}

function pathOf(operation: Readonly<Record<string, unknown>>, field: string, missing: string): string {
  const path = operation[field];
  if (typeof path !== 'string') throw failure(missing);
  return path;
}

function unescapeToken(token: string): string {
  return token.includes('~') ? token.replaceAll('~1', '/').replaceAll('~0', '~') : token;
}

function getFrom({ container, key }: Target): unknown {
  if (Array.isArray(container)) return container[existingIndex(container, key)];
  return Object.hasOwn(container, key) ? container[key] : undefined;
}

function addTo({ container, key }: Target, value: unknown): void {
  if (!Array.isArray(container)) {
    setKey(container, key, value);
    return;
  }
  if (key === '-') {
    container.push(value);
    return;
  }
  if (!isInteger(key)) {
    throw failure(`value was not a proper array index: '${key}': ${notInteger(key)}`);
  }
  const size = container.length + 1;
  const index = Number(key);
  if (index >= size || index < -size) throw invalidIndex(index);
  container.splice(index < 0 ? index + size : index, 0, value);
}

function removeFrom({ container, key }: Target): void {
  if (Array.isArray(container)) {
    container.splice(existingIndex(container, key), 1);
    return;
  }
  if (!Object.hasOwn(container, key)) throw failure(`Unable to remove nonexistent key: ${key}: missing value`);
  delete container[key];
}

function existingIndex(list: readonly unknown[], key: string): number {
  if (!isInteger(key)) throw failure(notInteger(key));
  const index = Number(key);
  if (index >= list.length || index < -list.length) throw invalidIndex(index);
  return index < 0 ? index + list.length : index;
}

function isInteger(key: string): boolean {
  return /^[+-]?\d+$/.test(key);
}

function notInteger(key: string): string {
  return `strconv.Atoi: parsing ${JSON.stringify(key)}: invalid syntax`;
}

function invalidIndex(index: number): PatchError {
  return failure(`Unable to access invalid index: ${index}: invalid index referenced`);
}

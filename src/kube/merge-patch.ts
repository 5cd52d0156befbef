import { isObject } from '../base/json.ts';
import { deepEqual } from './equality.ts';
import { setKey } from './set-key.ts';

/**
 * The document after a JSON merge patch, RFC 7386: nulls delete, objects merge, all else replaces.
 * Neither argument is changed; the result shares what the patch does not touch.
 */
export function applyMergePatch(document: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return withoutNulls(patch);
  const result: Record<string, unknown> = isObject(document) ? { ...document } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else setKey(result, key, applyMergePatch(Object.hasOwn(result, key) ? result[key] : undefined, value));
  }
  return result;
}

/** A value that replaces: null fields of objects in lists go too. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map(withoutNulls);
    return items.every((item, i) => item === value[i]) ? value : items;
  }
  return isObject(value) ? applyMergePatch(undefined, value) : value;
}

/** The merge patch that makes `modified` of `original`; `{}` if they are the same. */
export function createMergePatch(original: object, modified: object): Record<string, unknown> {
  const before = original as Record<string, unknown>;
  const after = modified as Record<string, unknown>;
  const patch: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(after)) {
    const old = Object.hasOwn(before, key) ? before[key] : undefined;
    if (value === undefined || deepEqual(old, value)) continue;
    if (isObject(old) && isObject(value)) setKey(patch, key, createMergePatch(old, value));
    else setKey(patch, key, value);
  }
  for (const key of Object.keys(before)) {
    if (before[key] !== undefined && (!Object.hasOwn(after, key) || after[key] === undefined)) setKey(patch, key, null);
  }
  return patch;
}

import { isObject } from '../base/json.ts';
import { deepEqual } from './equality.ts';
import { PatchError } from './patch-error.ts';
import { setKey } from './set-key.ts';
import { asMap, interleave, isDeletion, mergeKeyOf, partition } from './strategic-merge-lists.ts';
import {
  DELETE_FROM_LIST,
  DIRECTIVE,
  RETAIN_KEYS,
  SET_ORDER,
  badFormat,
  elementKind,
  goText,
  internal,
  kindOf,
  listMeta,
  noMergeKey,
  structMeta,
  wrongType,
  type JsonMap,
  type PatchMeta,
} from './strategic-merge-schema.ts';
import type { FieldType } from './type-table.ts';

/** Whether a patch is applied to an object, or laid over another patch. */
export interface MergeOptions {
  /** False: directives for lists and nulls are kept, for a patch that will be applied later. */
  readonly applying: boolean;
}

/** `original` with a patch merged in; neither is changed. apimachinery: pkg/util/strategicpatch/patch.go (mergeMap). */
export function mergeMap(original: JsonMap, patch: JsonMap, type: FieldType, options: MergeOptions): JsonMap {
  if (Object.hasOwn(patch, DIRECTIVE)) return mapDirective(patch);
  const result = { ...original };
  const rest = { ...patch };
  retainKeys(result, rest, options);
  mergeOrderedLists(result, rest, type, options);
  for (const [key, value] of Object.entries(rest)) mergeField({ result, type, options }, key, value);
  return result;
}

function mapDirective(patch: JsonMap): JsonMap {
  const directive = patch[DIRECTIVE];
  if (directive === 'replace') {
    const { [DIRECTIVE]: _, ...rest } = patch;
    return rest;
  }
  if (directive === 'delete') return {};
  throw unknownDirective(directive, patch);
}

function unknownDirective(directive: unknown, patch: JsonMap): PatchError {
  return new PatchError(`unknown patch type: ${goText(directive)} in map: ${goText(patch)}`, 422);
}

function retainKeys(result: JsonMap, rest: JsonMap, { applying }: MergeOptions): void {
  if (!Object.hasOwn(rest, RETAIN_KEYS)) return;
  const directive = rest[RETAIN_KEYS];
  delete rest[RETAIN_KEYS];
  if (!applying) {
    const own = result[RETAIN_KEYS];
    if (own === undefined) result[RETAIN_KEYS] = directive;
    else if (!deepEqual(own, directive)) {
      throw internal(
        `${goText(own)} and ${goText(directive)} are not deep equal: this may happen when calculating the 3-way diff patch`,
      );
    }
    return;
  }
  if (!Array.isArray(directive)) throw badFormat('retainKeys');
  const kept = new Set<unknown>(directive);
  for (const [key, value] of Object.entries(rest)) {
    if (value === null || key.startsWith(DELETE_FROM_LIST) || key.startsWith(SET_ORDER)) continue;
    if (!kept.has(key)) throw badFormat('retainKeys');
  }
  for (const key of Object.keys(result)) if (!kept.has(key)) delete result[key];
}

function fieldOfDirective(key: string, directive: string): string {
  const slash = key.indexOf('/');
  if (slash === -1 || key.slice(0, slash) !== directive) {
    throw badFormat(directive === SET_ORDER ? 'setElementOrder list' : 'primitive list');
  }
  return key.slice(slash + 1);
}

/** Lists whose order the patch gives: merged here with their order, and taken out of the patch. */
function mergeOrderedLists(result: JsonMap, rest: JsonMap, type: FieldType, options: MergeOptions): void {
  for (const key of Object.keys(rest)) {
    if (!key.startsWith(SET_ORDER)) continue;
    const order = rest[key];
    if (!options.applying) {
      if (!Object.hasOwn(result, key)) setKey(result, key, order);
      else if (!deepEqual(result[key], order)) throw badFormat('setElementOrder list');
    }
    delete rest[key];
    if (!Array.isArray(order)) throw wrongType('list', order);
    mergeOrderedList({ result, rest, order, options }, fieldOfDirective(key, SET_ORDER), type);
  }
}

interface OrderedMerge {
  readonly result: JsonMap;
  readonly rest: JsonMap;
  readonly order: readonly unknown[];
  readonly options: MergeOptions;
}

function mergeOrderedList({ result, rest, order, options }: OrderedMerge, field: string, type: FieldType): void {
  const original = listAt(result, field);
  const patch = listAt(rest, field);
  const meta = listMeta(type, field);
  checkOrder(patch, order, meta.mergeKey);
  let merged: readonly unknown[];
  if (patch === undefined) {
    if (original === undefined) return;
    merged = original;
  } else if (original === undefined) merged = withoutDirectives(patch) as unknown[];
  else merged = meta.strategy === 'merge' ? mergeList(original, patch, meta, { deleting: false, options }) : patch;
  delete rest[field];
  elementKind(original ?? [], patch ?? []);
  const server = serverOrder(original ?? [], patch ?? [], meta);
  const { ordered, serverOnly } = partition(merged, order, meta.mergeKey);
  setKey(result, field, interleave(ordered, serverOnly, { wanted: order, server, mergeKey: meta.mergeKey }));
}

/**
 * The order that the server's elements count as being in. Kubernetes merges into the memory of the live list while it still
 * reads the order from there: elements that are added take the places that deleted ones leave at the end.
 */
function serverOrder(original: readonly unknown[], patch: readonly unknown[], meta: PatchMeta): readonly unknown[] {
  const { mergeKey, strategy } = meta;
  if (mergeKey === '' || strategy !== 'merge' || !patch.some(isDeletion)) return original;
  let kept: readonly unknown[] = original;
  for (const item of patch) {
    if (isDeletion(item)) kept = kept.filter((other) => asMap(other)[mergeKey] !== asMap(item)[mergeKey]);
  }
  const slots = [...kept, ...original.slice(kept.length)];
  if (patch.some((item) => asMap(item)[DIRECTIVE] === 'replace')) return slots;
  const places = new Set(kept.map((item) => asMap(item)[mergeKey]));
  let length = kept.length;
  for (const item of patch) {
    const map = asMap(item);
    if (length >= slots.length) break;
    if (Object.hasOwn(map, DIRECTIVE) || places.has(map[mergeKey])) continue;
    places.add(map[mergeKey]);
    slots[length] = map;
    length += 1;
  }
  return slots;
}

function listAt(map: JsonMap, field: string): readonly unknown[] | undefined {
  const value = Object.hasOwn(map, field) ? map[field] : undefined;
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) throw wrongType('list', value);
  return value;
}

/** Elements of the patch must stand in the order's order, and all be in it. */
function checkOrder(patch: readonly unknown[] | undefined, order: readonly unknown[], mergeKey: string): void {
  if (patch === undefined || patch.length === 0 || order.length === 0) return;
  const items = mergeKey === '' ? patch : patch.filter((item) => !isDeletion(asMap(item)));
  let i = 0;
  let j = 0;
  while (i < items.length && j < order.length) {
    const item = items[i];
    if (isObject(item) && Object.hasOwn(item, DIRECTIVE)) {
      i += 1;
      continue;
    }
    const same = mergeKey === '' ? item === order[j] : mergeKeyOf(item, mergeKey) === mergeKeyOf(order[j], mergeKey);
    if (same) i += 1;
    j += 1;
  }
  if (i < items.length && j >= order.length) {
    throw internal(`The order in patch list:\n${goText(patch)}\n doesn't match ${SET_ORDER} list:\n${goText(order)}\n`);
  }
}

interface FieldMerge {
  readonly result: JsonMap;
  readonly type: FieldType;
  readonly options: MergeOptions;
}

function mergeField({ result, type, options }: FieldMerge, rawKey: string, value: unknown): void {
  const deleting = rawKey.startsWith(DELETE_FROM_LIST);
  if (deleting && !options.applying) {
    setKey(result, rawKey, value);
    return;
  }
  const key = deleting ? fieldOfDirective(rawKey, DELETE_FROM_LIST) : rawKey;
  if (value === null || value === undefined) {
    delete result[key];
    if (options.applying) return;
  }
  const original = Object.hasOwn(result, key) ? result[key] : undefined;
  if (original === undefined || kindOf(original) !== kindOf(value)) {
    if (!deleting) setOrRemove(result, key, options.applying ? withoutNulls(value) : value);
    return;
  }
  if (isObject(original) && isObject(value)) {
    const meta = structMeta(type, key);
    setKey(result, key, meta.strategy === 'replace' ? value : mergeMap(original, value, meta.type, options));
  } else if (Array.isArray(original) && Array.isArray(value)) {
    const meta = listMeta(type, key);
    const merging = meta.strategy === 'merge' || deleting;
    setKey(result, key, merging ? mergeList(original, value, meta, { deleting, options }) : value);
  } else setOrRemove(result, key, value);
}

function setOrRemove(result: JsonMap, key: string, value: unknown): void {
  const kept = withoutDirectives(value);
  if (kept === undefined) delete result[key];
  else setKey(result, key, kept);
}

/** The value without parts that hold a directive; undefined if it is one itself. */
function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDirectives).filter((item) => item !== undefined);
  if (!isObject(value)) return value;
  if (Object.hasOwn(value, DIRECTIVE)) return undefined;
  const out: JsonMap = {};
  for (const [key, item] of Object.entries(value)) {
    const kept = withoutDirectives(item);
    if (kept !== undefined) setKey(out, key, kept);
  }
  return out;
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isObject(value)) return value;
  const out: JsonMap = {};
  for (const [key, item] of Object.entries(value)) if (item !== null) setKey(out, key, withoutNulls(item));
  return out;
}

interface ListMerge {
  readonly deleting: boolean;
  readonly options: MergeOptions;
}

function mergeList(
  original: readonly unknown[],
  patch: readonly unknown[],
  meta: PatchMeta,
  { deleting, options }: ListMerge,
): unknown[] {
  if (original.length === 0 && patch.length === 0) return [];
  if (elementKind(original, patch) !== 'object') {
    if (options.applying && deleting) {
      const gone = new Set(patch);
      return original.filter((item) => !gone.has(item));
    }
    return inPatchOrder([...new Set([...original, ...patch])], patch, original, '');
  }
  if (meta.mergeKey === '') throw internal(`cannot merge lists without merge key for ${meta.type.kind}`);
  const special = specialElements(original, patch, meta.mergeKey);
  const merged = mergeElements(special.original, special.patch, meta, options);
  return inPatchOrder(merged, special.patch, special.original, meta.mergeKey);
}

function inPatchOrder(
  merged: readonly unknown[],
  patch: readonly unknown[],
  original: readonly unknown[],
  mergeKey: string,
): unknown[] {
  const { ordered, serverOnly } = partition(merged, patch, mergeKey);
  return interleave(ordered, serverOnly, { wanted: patch, server: original, mergeKey });
}

/** Elements that are directives take effect on the list and leave the patch. */
function specialElements(
  original: readonly unknown[],
  patch: readonly unknown[],
  mergeKey: string,
): { readonly original: readonly unknown[]; readonly patch: readonly unknown[] } {
  let kept = original;
  let replace = false;
  const plain: unknown[] = [];
  for (const item of patch) {
    const map = asMap(item);
    if (!Object.hasOwn(map, DIRECTIVE)) {
      plain.push(map);
      continue;
    }
    const directive = map[DIRECTIVE];
    if (directive === 'delete') {
      const value = mergeKeyOf(map, mergeKey);
      kept = kept.filter((other) => asMap(other)[mergeKey] !== value);
    } else if (directive === 'replace') replace = true;
    else if (directive === 'merge') throw internal('merging lists cannot yet be specified in the patch');
    else throw unknownDirective(directive, map);
  }
  return replace ? { original: plain, patch: [] } : { original: kept, patch: plain };
}

function mergeElements(
  original: readonly unknown[],
  patch: readonly unknown[],
  { mergeKey, type }: PatchMeta,
  options: MergeOptions,
): unknown[] {
  const merged = [...original];
  const places = new Map<unknown, number>();
  for (const [i, item] of merged.entries()) {
    const map = asMap(item);
    if (Object.hasOwn(map, mergeKey) && !places.has(map[mergeKey])) places.set(map[mergeKey], i);
  }
  for (const item of patch) {
    const map = asMap(item);
    if (!Object.hasOwn(map, mergeKey)) throw noMergeKey(map, mergeKey);
    const place = places.get(map[mergeKey]);
    if (place === undefined) {
      places.set(map[mergeKey], merged.length);
      merged.push(map);
    } else merged[place] = mergeMap(asMap(merged[place]), map, type, options);
  }
  return merged;
}

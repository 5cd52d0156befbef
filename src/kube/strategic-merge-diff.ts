import { compareStrings, isObject } from '../base/json.ts';
import { deepEqual } from './equality.ts';
import { setKey } from './set-key.ts';
import { asMap, mergeKeyOf, sortByOrder } from './strategic-merge-lists.ts';
import {
  DELETE_FROM_LIST,
  DIRECTIVE,
  RETAIN_KEYS,
  SET_ORDER,
  elementKind,
  goText,
  internal,
  kindOf,
  listMeta,
  structMeta,
  type JsonMap,
  type PatchMeta,
} from './strategic-merge-schema.ts';
import type { FieldType } from './type-table.ts';

/** Which differences go into the patch. */
export interface DiffOptions {
  readonly changes: boolean;
  readonly deletions: boolean;
}

interface StructDiff extends DiffOptions {
  /** Name all fields of the struct in `$retainKeys`. */
  readonly retainKeys: boolean;
}

/**
 * The patch from one object to another, with the directives for lists.
 * apimachinery: pkg/util/strategicpatch/patch.go (diffMaps).
 */
export function diffMaps(original: JsonMap, modified: JsonMap, type: FieldType, options: DiffOptions): JsonMap {
  return diffStruct(original, modified, type, { ...options, retainKeys: false });
}

function diffStruct(original: JsonMap, modified: JsonMap, type: FieldType, options: StructDiff): JsonMap {
  const patch: JsonMap = {};
  for (const [key, value] of Object.entries(modified)) {
    if (value !== undefined) diffField({ patch, original, type, options }, key, value);
  }
  if (options.deletions) {
    for (const key of Object.keys(original)) {
      if (original[key] !== undefined && modified[key] === undefined) setKey(patch, key, null);
    }
  }
  if (options.retainKeys) {
    const names = Object.keys(modified).filter((key) => modified[key] !== null && modified[key] !== undefined);
    const dropped = Object.keys(original).some((key) => !Object.hasOwn(modified, key));
    if (names.length > 0 && (Object.keys(patch).length > 0 || dropped)) patch[RETAIN_KEYS] = names.sort(compareStrings);
  }
  return patch;
}

interface FieldDiff {
  readonly patch: JsonMap;
  readonly original: JsonMap;
  readonly type: FieldType;
  readonly options: StructDiff;
}

function diffField({ patch, original, type, options }: FieldDiff, key: string, value: unknown): void {
  const old = Object.hasOwn(original, key) ? original[key] : undefined;
  if (old === undefined) {
    if (options.changes) setKey(patch, key, value);
    return;
  }
  if (key === DIRECTIVE) {
    if (typeof old !== 'string' || typeof value !== 'string') throw internal(`invalid value for special key: ${key}`);
    if (old !== value) patch[key] = value;
    return;
  }
  if (kindOf(old) !== kindOf(value)) {
    if (options.changes) setKey(patch, key, value);
    return;
  }
  if (old === value) return;
  if (isObject(old) && isObject(value)) diffMapField(patch, key, structPair(old, value, type, key), options);
  else if (Array.isArray(old) && Array.isArray(value)) diffListField(patch, key, { old, value, type }, options);
  else if (options.changes && !deepEqual(old, value)) setKey(patch, key, value);
}

interface StructPair {
  readonly old: JsonMap;
  readonly value: JsonMap;
  readonly meta: PatchMeta | undefined;
}

function structPair(old: JsonMap, value: JsonMap, type: FieldType, key: string): StructPair {
  try {
    return { old, value, meta: structMeta(type, key) };
  } catch (error) {
    // Fields that the table does not know matter only if they differ.
    if (deepEqual(old, value)) return { old, value, meta: undefined };
    throw error;
  }
}

function diffMapField(patch: JsonMap, key: string, { old, value, meta }: StructPair, options: StructDiff): void {
  if (meta === undefined) return;
  if (meta.strategy === 'replace') {
    if (options.changes) setKey(patch, key, value);
    return;
  }
  const inner = diffStruct(old, value, meta.type, { ...options, retainKeys: meta.retainKeys });
  if (Object.keys(inner).length > 0) setKey(patch, key, inner);
}

interface ListPair {
  readonly old: readonly unknown[];
  readonly value: readonly unknown[];
  readonly type: FieldType;
}

function diffListField(patch: JsonMap, key: string, { old, value, type }: ListPair, options: StructDiff): void {
  let meta: PatchMeta;
  try {
    meta = listMeta(type, key);
  } catch (error) {
    if (deepEqual(old, value)) return;
    throw error;
  }
  if (meta.strategy !== 'merge') {
    if (options.changes && !deepEqual(old, value)) setKey(patch, key, value);
    return;
  }
  const { changed, removed, order } = diffLists(old, value, meta, { ...options, retainKeys: meta.retainKeys });
  if (changed.length > 0) setKey(patch, key, changed);
  if (removed.length > 0) patch[`${DELETE_FROM_LIST}/${key}`] = removed;
  if (order.length > 0) patch[`${SET_ORDER}/${key}`] = order;
}

interface ListDiff {
  readonly changed: readonly unknown[];
  readonly removed: readonly unknown[];
  readonly order: readonly unknown[];
}

function diffLists(
  original: readonly unknown[],
  modified: readonly unknown[],
  meta: PatchMeta,
  options: StructDiff,
): ListDiff {
  if (original.length === 0) {
    return { changed: options.changes ? modified : [], removed: [], order: [] };
  }
  if (elementKind(original, modified) !== 'object') return diffScalars(original, modified, options);
  const { mergeKey } = meta;
  const { updates, deletions } = diffElements(original, modified, meta, options);
  const changed = [...sortByOrder(updates, modified, mergeKey), ...deletions];
  const sameOrder =
    original.length === modified.length &&
    modified.every((item, i) => mergeKeyOf(item, mergeKey) === mergeKeyOf(original[i], mergeKey));
  const ordered = (options.changes && (changed.length > 0 || !sameOrder)) || (options.deletions && changed.length > 0);
  const order = ordered ? modified.map((item) => ({ [mergeKey]: mergeKeyOf(item, mergeKey) })) : [];
  return { changed, removed: [], order };
}

function diffScalars(original: readonly unknown[], modified: readonly unknown[], options: StructDiff): ListDiff {
  const before = counted(original);
  const after = counted(modified);
  const added = modified.filter((item) => !before.take(item));
  const removed = new Set(original.filter((item) => !after.take(item)));
  const changed = options.changes ? sortByOrder(added, modified, '') : [];
  const gone = options.deletions ? [...removed].sort((a, b) => compareStrings(goText(a), goText(b))) : [];
  const ordered = (options.deletions && gone.length > 0) || (options.changes && !deepEqual(original, modified));
  return { changed, removed: gone, order: ordered ? modified : [] };
}

/** A bag of scalars, each taken as often as it is there. */
function counted(items: readonly unknown[]): { take(item: unknown): boolean } {
  const counts = new Map<unknown, number>();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  return {
    take(item) {
      const count = counts.get(item) ?? 0;
      if (count > 0) counts.set(item, count - 1);
      return count > 0;
    },
  };
}

interface ElementsDiff {
  readonly updates: readonly unknown[];
  readonly deletions: readonly unknown[];
}

function diffElements(
  original: readonly unknown[],
  modified: readonly unknown[],
  { mergeKey, type }: PatchMeta,
  options: StructDiff,
): ElementsDiff {
  const before = sortElements(original, mergeKey);
  const after = sortElements(modified, mergeKey);
  const updates: unknown[] = [];
  const deletions: unknown[] = [];
  let i = 0;
  let j = 0;
  while (i < before.length || j < after.length) {
    const old = before[i];
    const next = after[j];
    const order = old === undefined ? 1 : next === undefined ? -1 : compareStrings(old.key, next.key);
    if (order === 0 && old !== undefined && next !== undefined) {
      const inner = diffStruct(old.map, next.map, type, options);
      if (Object.keys(inner).length > 0) updates.push({ ...inner, [mergeKey]: next.map[mergeKey] });
      i += 1;
      j += 1;
    } else if (order > 0) {
      if (options.changes && next !== undefined) updates.push(next.map);
      j += 1;
    } else {
      if (options.deletions && old !== undefined)
        deletions.push({ [DIRECTIVE]: 'delete', [mergeKey]: old.map[mergeKey] });
      i += 1;
    }
  }
  return { updates, deletions };
}

interface Keyed {
  readonly key: string;
  readonly map: JsonMap;
}

function sortElements(list: readonly unknown[], mergeKey: string): Keyed[] {
  return list
    .map((item) => ({ key: goText(mergeKeyOf(item, mergeKey)), map: asMap(item) }))
    .sort((a, b) => compareStrings(a.key, b.key));
}

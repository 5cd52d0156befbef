import { isObject, sortedKeys } from '../base/json.ts';
import { PatchError } from './patch-error.ts';
import type { FieldType, ListType } from './type-table.ts';

/** What a strategic merge patch must know of one field. */
export interface PatchMeta {
  /** Of the field; of a list: of its elements. */
  readonly type: FieldType;
  readonly strategy: 'merge' | 'replace' | '';
  /** Fields of the struct that the patch does not name go. */
  readonly retainKeys: boolean;
  /** '' for lists of scalars. */
  readonly mergeKey: string;
}

export type JsonMap = Record<string, unknown>;

export const DIRECTIVE = '$patch';
export const RETAIN_KEYS = '$retainKeys';
export const DELETE_FROM_LIST = '$deleteFromPrimitiveList';
export const SET_ORDER = '$setElementOrder';

const ANY: FieldType = { kind: 'any', atomic: false };

/** How a map in a field is patched. apimachinery: pkg/util/strategicpatch/meta.go. */
export function structMeta(type: FieldType, key: string): PatchMeta {
  return { ...fieldMeta(type, key) };
}

/** How a list in a field is patched; the type is that of its elements. */
export function listMeta(type: FieldType, key: string): PatchMeta {
  const meta = fieldMeta(type, key);
  if (meta.type.kind === 'any') return meta;
  if (meta.type.kind !== 'list') throw internal(`expected slice or array type, but got: ${meta.type.kind}`);
  return { ...meta, type: elementType(meta.type) };
}

function elementType(list: ListType): FieldType {
  if (list.element.kind === 'list') throw internal('unexpected slice of slice');
  return list.element;
}

function fieldMeta(type: FieldType, key: string): PatchMeta {
  switch (type.kind) {
    case 'any':
      return plainMeta(ANY);
    case 'map':
      return plainMeta(type.value);
    case 'struct': {
      const field = type.fields.get(key);
      if (field === undefined) {
        if (type.others !== undefined) return plainMeta(type.others);
        throw internal(`unable to find api field in struct ${type.goName} for the json field ${JSON.stringify(key)}`);
      }
      const { patchStrategies, patchMergeKey } = field;
      const strategy = patchStrategies.includes('merge')
        ? 'merge'
        : patchStrategies.includes('replace')
          ? 'replace'
          : '';
      return {
        type: field.type,
        strategy,
        retainKeys: patchStrategies.includes('retainKeys'),
        mergeKey: patchMergeKey,
      };
    }
    default:
      throw internal(`unable to find api field in ${type.kind} for the json field ${JSON.stringify(key)}`);
  }
}

function plainMeta(type: FieldType): PatchMeta {
  return { type, strategy: '', retainKeys: false, mergeKey: '' };
}

export function internal(message: string): PatchError {
  return new PatchError(message, 500);
}

/** The server's answer to a patch whose directives are malformed. */
export function badFormat(what: 'primitive list' | 'retainKeys' | 'setElementOrder list'): PatchError {
  return new PatchError(`invalid patch format of ${what}`, 400);
}

export function noMergeKey(map: JsonMap, key: string): PatchError {
  return internal(`map: ${goText(map)} does not contain declared merge key: ${key}`);
}

export function wrongType(expected: 'map' | 'list', actual: unknown): PatchError {
  const name = expected === 'map' ? 'map[string]interface {}' : '[]interface {}';
  return internal(`expected a ${name}, but received a ${goTypeOf(actual)}`);
}

function goTypeOf(value: unknown): string {
  if (value === null || value === undefined) return '%!s(<nil>)';
  if (Array.isArray(value)) return '[]interface {}';
  if (typeof value === 'object') return 'map[string]interface {}';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

/** A value as Go's %v prints it. */
export function goText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`;
  if (isObject(value)) {
    return `map[${sortedKeys(value)
      .map((key) => `${key}:${goText(value[key])}`)
      .join(' ')}]`;
  }
  if (typeof value === 'string') return value;
  return value === null || value === undefined ? '<nil>' : JSON.stringify(value);
}

/** The kind of value, as far as patches tell kinds apart. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  return Array.isArray(value) ? 'list' : typeof value;
}

/** The kind of the elements of lists, which must all be the same and not lists. */
export function elementKind(...lists: readonly (readonly unknown[])[]): string {
  let kind: string | undefined;
  for (const list of lists) {
    for (const item of list) {
      const own = kindOf(item);
      if (own === 'list') throw new PatchError('lists of lists are not supported', 422);
      kind ??= own;
      if (own !== kind) throw internal(`list element types are not identical: ${goText(lists)}`);
    }
  }
  if (kind === undefined) throw internal('no elements in any of the given slices');
  return kind;
}

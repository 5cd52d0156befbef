import { isObject } from '../base/json.ts';
import { EMPTY_FIELD_SET, fieldElement, isEmptyFieldSet, type FieldSet } from './field-set.ts';
import { keyElement, valueElement, type FieldPath } from './path-element.ts';
import { objectMetaType, typeOf, type Field, type FieldType, type ListType, type StructType } from './type-table.ts';
import type { GroupVersionKind } from './object.ts';

/*
 * Values seen through their types, as server-side apply sees them: maps and structs by field, lists as sets or by keys, and what
 * is atomic as one value. structured-merge-diff: typed/.
 */

/** A value that does not fit its type; the path leads to it. */
export class TypedError extends Error {
  readonly path: string;

  constructor(path: string, message: string) {
    super(path === '' ? message : `${path}: ${message}`);
    this.name = 'TypedError';
    this.path = path;
  }
}

const ANY: FieldType = { kind: 'any', atomic: false };
const STRING: FieldType = { kind: 'scalar', scalar: 'string' };

let customType: StructType | undefined;

/** The type of a built-in kind; for others one that knows the metadata and takes the rest as it comes: maps by key, lists atomic. */
export function managedType(gvk: GroupVersionKind): StructType {
  return typeOf(gvk) ?? defaultCustomType();
}

function defaultCustomType(): StructType {
  customType ??= {
    kind: 'struct',
    name: '',
    goName: 'Unstructured',
    atomic: false,
    others: ANY,
    fields: new Map([
      ['apiVersion', plainField('apiVersion', STRING)],
      ['kind', plainField('kind', STRING)],
      ['metadata', plainField('metadata', objectMetaType())],
    ]),
  };
  return customType;
}

/** A field without rules of its own. */
export function plainField(name: string, type: FieldType): Field {
  return { name, type, empty: 'pointer', goType: '', patchStrategies: [], patchMergeKey: '' };
}

/** How a value is walked: as a leaf, field by field, or element by element. */
export type Shape =
  | { readonly kind: 'leaf' }
  | { readonly kind: 'map'; readonly type: FieldType }
  | { readonly kind: 'list'; readonly type: ListType };

const LEAF: Shape = { kind: 'leaf' };

/** The shape that a type gives a value; absent and null values take the shape of the type. */
export function shapeOf(type: FieldType, value: unknown): Shape {
  switch (type.kind) {
    case 'struct':
    case 'map':
      return type.atomic ? LEAF : { kind: 'map', type };
    case 'list':
      return type.listType === 'atomic' ? LEAF : { kind: 'list', type };
    case 'any':
      return !type.atomic && isObject(value) ? { kind: 'map', type } : LEAF;
    default:
      return LEAF;
  }
}

/** The type of a field of a struct or a map; undefined for a field that a struct does not have. */
export function childType(type: FieldType, key: string): FieldType | undefined {
  switch (type.kind) {
    case 'struct':
      return type.fields.get(key)?.type ?? type.others;
    case 'map':
      return type.value;
    default:
      return ANY;
  }
}

/** True for fields that a struct declares, as opposed to keys of maps. */
function isDeclared(type: FieldType, key: string): boolean {
  return type.kind === 'struct' && type.fields.has(key);
}

/**
 * The path element of a list's element.
 *
 * @throws TypedError if it has no keys, or is no scalar in a set
 */
function listElement(type: ListType, item: unknown): string {
  return type.listType === 'map' ? keyedElement(type, item) : setElement(item);
}

function keyedElement(type: ListType, item: unknown): string {
  if (item === null) throw new TypedError('', 'associative list with keys may not have a null element');
  if (!isObject(item)) throw new TypedError('', 'associative list with keys may not have non-map elements');
  const keys: Record<string, unknown> = {};
  let found = false;
  for (const key of type.keys) {
    const value = item[key] ?? keyDefault(type.element, key);
    if (value === undefined) continue;
    keys[key] = value;
    found = true;
  }
  if (!found) {
    const names = `[${type.keys.map((key) => JSON.stringify(key)).join(' ')}]`;
    throw new TypedError(
      '',
      `associative list with keys has an element that omits all key fields ${names} (and doesn't have default values for any key fields)`,
    );
  }
  return keyElement(keys);
}

function keyDefault(type: FieldType, key: string): Field['default'] {
  return type.kind === 'struct' ? type.fields.get(key)?.default : undefined;
}

function setElement(item: unknown): string {
  if (item === null) throw new TypedError('', "associative list without keys has an element that's an explicit null");
  if (Array.isArray(item)) throw new TypedError('', 'not supported: associative list with lists as elements');
  if (typeof item === 'object')
    throw new TypedError('', "associative list without keys has an element that's a map type");
  return valueElement(item);
}

/** The elements of a list with their path elements. */
export function listElements(type: ListType, value: unknown): { readonly element: string; readonly item: unknown }[] {
  if (!Array.isArray(value)) return [];
  return value.map((item: unknown, i) => {
    try {
      return { element: listElement(type, item), item };
    } catch (error) {
      if (error instanceof TypedError) throw new TypedError(error.path, `element ${i}: ${error.message}`);
      throw error;
    }
  });
}

interface MutableFieldSet {
  [element: string]: MutableFieldSet;
}

/** A field set in the making. */
export class FieldSetBuilder {
  readonly #root: MutableFieldSet = {};

  /** Adds the path as a member; the empty path stands for the whole object, which nobody owns. */
  insert(path: FieldPath): void {
    let node = this.#root;
    const last = path.length - 1;
    for (let i = 0; i < last; i += 1) {
      const element = path[i] ?? '';
      let child = node[element];
      if (child === undefined) {
        child = {};
        node[element] = child;
      } else if (isEmptyFieldSet(child)) child['.'] = {};
      node = child;
    }
    if (last < 0) return;
    const element = path[last] ?? '';
    const child = node[element];
    if (child === undefined) node[element] = {};
    else if (!isEmptyFieldSet(child)) child['.'] = {};
  }

  /** The set; the builder must not be used any more. */
  build(): FieldSet {
    return this.#root;
  }
}

/** Every field that a value has, by its type: leaves, elements of lists, keys of maps. */
export function fieldSetOfValue(value: unknown, type: FieldType): FieldSet {
  const builder = new FieldSetBuilder();
  collectFields(value, type, [], builder);
  return builder.build();
}

function collectFields(value: unknown, type: FieldType, path: string[], builder: FieldSetBuilder): void {
  const shape = shapeOf(type, value);
  if (shape.kind === 'leaf') builder.insert(path);
  else if (shape.kind === 'list') collectElements(listElements(shape.type, value), shape.type, path, builder);
  else if (isObject(value)) {
    for (const key in value) {
      const item = value[key];
      if (item === undefined) continue;
      path.push(fieldElement(key));
      collectFields(item, childType(shape.type, key) ?? ANY, path, builder);
      if (item === null || isEmptyMap(item) || !isDeclared(shape.type, key)) builder.insert(path);
      path.pop();
    }
  }
}

function isEmptyMap(value: unknown): boolean {
  if (!isObject(value)) return false;
  for (const _ in value) return false;
  return true;
}

function collectElements(
  items: readonly { readonly element: string; readonly item: unknown }[],
  type: ListType,
  path: string[],
  builder: FieldSetBuilder,
): void {
  const counts = new Map<string, number>();
  for (const { element } of items) counts.set(element, (counts.get(element) ?? 0) + 1);
  for (const { element, item } of items) {
    path.push(element);
    // Elements that are there twice are owned as a whole.
    if (counts.get(element) === 1) collectFields(item, type.element, path, builder);
    builder.insert(path);
    path.pop();
  }
}

/** The type that a path element leads to. */
export function elementType(type: FieldType | undefined, element: string): FieldType | undefined {
  if (type === undefined) return undefined;
  if (element.startsWith('f:')) {
    return type.kind === 'struct' || type.kind === 'map' || type.kind === 'any'
      ? childType(type, element.slice(2))
      : undefined;
  }
  return type.kind === 'list' && element.startsWith('k:') ? type.element : undefined;
}

/** The set with every declared field a member that has members below it. fieldpath/set.go (EnsureNamedFieldsAreMembers). */
export function withNamedFields(set: FieldSet, type: FieldType | undefined): FieldSet {
  const out: Record<string, FieldSet> = {};
  for (const element in set) {
    const node = set[element] ?? EMPTY_FIELD_SET;
    if (element === '.' || isEmptyFieldSet(node)) {
      out[element] = node;
      continue;
    }
    const inner = withNamedFields(node, elementType(type, element));
    const named = type !== undefined && element.startsWith('f:') && isDeclared(type, element.slice(2));
    out[element] = named && inner['.'] === undefined ? { '.': EMPTY_FIELD_SET, ...inner } : inner;
  }
  return out;
}

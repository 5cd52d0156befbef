import { isObject } from '../base/json.ts';
import type { ManagedFieldsEntry } from './api/meta-v1.generated.ts';
import { emptyObject } from './decode.ts';
import { deepEqual } from './equality.ts';
import { formatFieldSet, unionFieldSets, type FieldSet } from './field-set.ts';
import { withoutIgnored } from './field-ownership.ts';
import { managedTime, withoutSystemFields, writeManager } from './managers.ts';
import { apiVersionOf, type GroupVersionKind, type KubeObject } from './object.ts';
import type { FieldType, ListType, StructType } from './type-table.ts';
import { compareTyped, withoutFields } from './typed-compare.ts';
import { childType, listElements, shapeOf, TypedError } from './typed-value.ts';

/*
 * The fields of new objects. Which they are follows from the make of an object alone: its keys, the keys of its list elements, and
 * which values are what the field is without one. Objects of one make share one set, found by a text that describes the make.
 */

/** What decides about the fields of a new object, besides the object. */
export interface CreatedKind {
  readonly gvk: GroupVersionKind;
  readonly type: StructType;
  readonly ignoredFields: FieldSet | undefined;
}

/** The fields whose owner is who created the object, and managedFields that say so: many objects of a make are created in one second. */
export class CreatedFields {
  /** Undefined: there are none. */
  readonly set: FieldSet | undefined;
  #last: { readonly manager: string; readonly subresource: string; readonly time: string } | undefined;
  #entries: readonly ManagedFieldsEntry[] | undefined;

  constructor(set: FieldSet | undefined) {
    this.set = set;
  }

  /** managedFields of one manager, who has made a plain write; undefined when it owns nothing. */
  entries(
    { group, version }: Pick<GroupVersionKind, 'group' | 'version'>,
    { manager, subresource, now }: { readonly manager: string; readonly subresource: string; readonly now: number },
  ): readonly ManagedFieldsEntry[] | undefined {
    const { set } = this;
    if (set === undefined) return undefined;
    const time = managedTime(now);
    const last = this.#last;
    if (last?.time !== time || last.manager !== manager || last.subresource !== subresource) {
      this.#last = { manager, subresource, time };
      const apiVersion = apiVersionOf({ group, version });
      this.#entries = [writeManager({ manager, operation: 'Update', apiVersion, subresource, time, set })];
    }
    return this.#entries;
  }
}

/** Makes that are remembered of one kind; beyond that all are forgotten. */
const MOST_MAKES = 250;
/** Objects with a longer description than this are hardly ever alike. */
const LONGEST_MAKE = 2048;

class KnownKind {
  readonly type: StructType;
  readonly empty: KubeObject;
  /** By fields that do not count, then by make. Undefined: seen once, and not worked out. */
  readonly #makes = new Map<FieldSet | undefined, Map<string, CreatedFields | undefined>>();

  constructor({ gvk, type }: CreatedKind) {
    this.type = type;
    this.empty = emptyObject(gvk);
  }

  makes(ignored: FieldSet | undefined): Map<string, CreatedFields | undefined> {
    let makes = this.#makes.get(ignored);
    if (makes === undefined) {
      makes = new Map();
      this.#makes.set(ignored, makes);
    }
    return makes;
  }
}

const kinds = new Map<string, KnownKind>();

function knownKind(kind: CreatedKind): KnownKind {
  const key = `${kind.gvk.kind} ${apiVersionOf(kind.gvk)}`;
  const known = kinds.get(key);
  // The types of custom resources change.
  if (known?.type === kind.type) return known;
  const made = new KnownKind(kind);
  kinds.set(key, made);
  return made;
}

/**
 * The fields of a new object without managedFields.
 *
 * @throws TypedError for list elements without keys
 */
export function createdFields(object: KubeObject, kind: CreatedKind): CreatedFields {
  const known = knownKind(kind);
  const makes = known.makes(kind.ignoredFields);
  const make = makeOf(object, known);
  const found = make === undefined ? undefined : makes.get(make);
  return found ?? remember(makes, make, workOut(object, kind, known.empty));
}

/**
 * The fields of a new object, when others of its make have been before it: what is made once is not worth working out early.
 * Undefined otherwise.
 */
export function createdFieldsIfCommon(object: KubeObject, kind: CreatedKind): CreatedFields | undefined {
  const known = knownKind(kind);
  const makes = known.makes(kind.ignoredFields);
  const make = makeOf(object, known);
  if (make === undefined) return undefined;
  const found = makes.get(make);
  if (found !== undefined) return found;
  if (!makes.has(make)) {
    remember(makes, make, undefined);
    return undefined;
  }
  try {
    return remember(makes, make, workOut(object, kind, known.empty));
  } catch (error) {
    if (error instanceof TypedError) return undefined;
    throw error;
  }
}

function remember<T extends CreatedFields | undefined>(
  makes: Map<string, CreatedFields | undefined>,
  make: string | undefined,
  fields: T,
): T {
  if (make === undefined) return fields;
  if (makes.size >= MOST_MAKES) makes.clear();
  makes.set(make, fields);
  return fields;
}

function workOut(object: KubeObject, { type, ignoredFields }: CreatedKind, empty: KubeObject): CreatedFields {
  const { modified, added } = withoutFields(compareTyped(empty, object, type), ignoredFields);
  const set = withoutSystemFields(withoutIgnored(unionFieldSets(modified, added), ignoredFields));
  return new CreatedFields(set === undefined ? undefined : formatFieldSet(set));
}

/** The make of an object; undefined where it is too long, or cannot be told. */
function makeOf(object: KubeObject, { type, empty }: KnownKind): string | undefined {
  try {
    const make = describe(empty, object, type);
    return make.length > LONGEST_MAKE ? undefined : make;
  } catch (error) {
    if (error instanceof TypedError) return undefined;
    throw error;
  }
}

/** Goes through a value as compareTyped does, and writes down what decides there. Names are told with their lengths: no two makes look alike. */
function describe(before: unknown, after: unknown, type: FieldType): string {
  if (before === after) return '=';
  if (after === null) return '0';
  const shape = shapeOf(type, after);
  if (shape.kind === 'list' && Array.isArray(after)) return describeList(after, shape.type);
  if (shape.kind === 'map' && isObject(after)) return describeMap(before, after, shape.type);
  return before !== undefined && deepEqual(before, after) ? '=' : ',';
}

function describeMap(before: unknown, after: Readonly<Record<string, unknown>>, type: FieldType): string {
  const first = isObject(before) ? before : undefined;
  let text = '{';
  for (const key in after) {
    const value = after[key];
    if (value === undefined) continue;
    const other = first !== undefined && Object.hasOwn(first, key) ? first[key] : undefined;
    text += `${key.length}:${key}${describe(other, value, childType(type, key) ?? ANY)}`;
  }
  return `${text}}`;
}

const ANY: FieldType = { kind: 'any', atomic: false };

function describeList(after: readonly unknown[], type: ListType): string {
  let text = '[';
  for (const { element, item } of listElements(type, after)) {
    text += `${element.length}:${element}${describe(undefined, item, type.element)}`;
  }
  return `${text}]`;
}

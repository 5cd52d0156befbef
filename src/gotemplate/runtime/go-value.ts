import { GoInt } from '../../base/go-int.ts';
import { newObject } from '../../base/json.ts';
import {
  ANY,
  ANY_MAP,
  ANY_SLICE,
  BOOL,
  BYTES,
  FLOAT64,
  INT64,
  INT_SLICE,
  STRING,
  STRING_MAP,
  STRING_SLICE,
  type GoKind,
  type GoType,
} from './go-type.ts';

/**
 * Values of Go types that have no JS counterpart. Plain values are: number float64, bigint int64, GoInt the other integers,
 * string, boolean, null nil, arrays `[]interface {}`, objects without prototype `map[string]interface {}`, Uint8Array
 * `[]uint8`. Classes for further struct types extend this one and give their type.
 */
export abstract class GoObject {
  abstract readonly type: GoType;
  /** The value of an exported field, undefined if there is none of that name. */
  field?(name: string): unknown;
  /** The value as copystructure.Copy copies it, which leaves unexported fields empty; absent: it is shared. */
  copied?(copy: (value: unknown) => unknown): GoObject;
}

/**
 * A value of a type that is not a struct: typed maps (`map[string]string`), typed slices (`[]string`, `[]int`) and named
 * types (`common.Values`, `time.Duration`). `value` is the plain value underneath, shared and not copied: an object without
 * prototype for maps, an array for slices (elements as plain values: GoInt in `[]int`), a string, bigint … ; null is the nil
 * map, slice or pointer of that type.
 */
export class GoTyped<T = unknown> extends GoObject {
  readonly type: GoType;
  readonly value: T;

  constructor(type: GoType, value: T) {
    super();
    this.type = type;
    this.value = value;
  }

  /** What encoding/json makes of the value. */
  toGoJson(): unknown {
    return this.value;
  }
}

/** A struct, or a pointer to one if the type's kind is `ptr`, with its fields in an object without prototype. */
export class GoStruct extends GoObject {
  readonly type: GoType;
  readonly isStruct = true;
  readonly #fields: Readonly<Record<string, unknown>>;

  constructor(type: GoType, fields: Readonly<Record<string, unknown>>) {
    super();
    this.type = type;
    this.#fields = Object.assign(newObject(), fields);
  }

  override field(name: string): unknown {
    return this.#fields[name];
  }

  override copied(copy: (value: unknown) => unknown): GoStruct {
    const struct = this.type.kind === 'ptr' ? this.type.elem : this.type;
    const fields = newObject();
    for (const { name, type, hidden } of struct?.fields ?? []) {
      fields[name] = hidden === true ? zeroValue(type) : copy(this.#fields[name]);
    }
    return new GoStruct(this.type, fields);
  }

  /** What encoding/json makes of the exported fields. */
  toGoJson(): unknown {
    const struct = this.type.kind === 'ptr' ? this.type.elem : this.type;
    const out = newObject();
    for (const { name, hidden, json } of struct?.fields ?? []) {
      if (hidden !== true) out[json ?? name] = this.#fields[name] ?? null;
    }
    return out;
  }
}

/** A `[]string`. */
export function goStrings(values: readonly string[]): GoTyped<readonly string[]> {
  return new GoTyped(STRING_SLICE, values);
}

/** A `[]int`. */
export function goInts(values: readonly (number | bigint)[]): GoTyped<readonly GoInt[]> {
  return new GoTyped(
    INT_SLICE,
    values.map((value) => new GoInt(value)),
  );
}

/** A `map[string]string`. */
export function goStringMap(values: Readonly<Record<string, string>>): GoTyped<Readonly<Record<string, string>>> {
  return new GoTyped(STRING_MAP, Object.assign(newObject<string>(), values));
}

const INT_TYPES = new Map<string, GoType>();

/** The Go type of a value; undefined for nil. */
export function typeOf(value: unknown): GoType | undefined {
  switch (typeof value) {
    case 'string':
      return STRING;
    case 'number':
      return FLOAT64;
    case 'boolean':
      return BOOL;
    case 'bigint':
      return INT64;
    case 'object':
      return value === null ? undefined : typeOfObject(value);
    default:
      return undefined;
  }
}

function typeOfObject(value: object): GoType {
  if (Array.isArray(value)) return ANY_SLICE;
  if (value instanceof GoObject) return value.type;
  if (value instanceof GoInt) return intType(value.kind);
  if (value instanceof Uint8Array) return BYTES;
  return ANY_MAP;
}

/** The type of an integer kind. */
function intType(kind: GoKind): GoType {
  let type = INT_TYPES.get(kind);
  if (type === undefined) {
    type = { name: kind, kind };
    INT_TYPES.set(kind, type);
  }
  return type;
}

/** What `%T` prints: `string`, `map[string]interface {}`, `<nil>`. */
export function typeName(value: unknown): string {
  return typeOf(value)?.name ?? '<nil>';
}

/** What reflect.ValueOf(value).Kind().String() gives; `invalid` for nil. */
export function kindName(value: unknown): GoKind {
  return typeOf(value)?.kind ?? 'invalid';
}

/** The plain value of a {@link GoTyped} (a `map[string]string` becomes its object); other values are returned as they are. */
export function plainValue(value: unknown): unknown {
  return value instanceof GoTyped ? value.value : value;
}

/** The elements of any slice as an array (numbers of a `[]uint8` as GoInt), undefined if the value is no slice. */
export function sliceElements(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value;
  const plain = plainValue(value);
  if (Array.isArray(plain)) return plain;
  if (plain instanceof Uint8Array) return Array.from(plain, (byte) => new GoInt(byte, 'uint8'));
  return value instanceof GoTyped && value.type.kind === 'slice' ? [] : undefined;
}

/** The object of any map with string keys, undefined if the value is no map. A nil map gives an empty object. */
export function mapEntries(value: unknown): Readonly<Record<string, unknown>> | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const type = typeOfObject(value);
  if (type.kind !== 'map') return undefined;
  const plain = plainValue(value);
  return plain === null ? newObject() : (plain as Record<string, unknown>);
}

/** True for nil and for nil maps, slices and pointers of a type. */
export function isNil(value: unknown): boolean {
  return value === null || value === undefined || (value instanceof GoTyped && value.value === null);
}

/** The truth of a value, as `if` sees it: false for nil, zero and what is empty. Structs are true. */
export function truth(value: unknown): boolean {
  switch (typeof value) {
    case 'boolean':
      return value;
    case 'string':
      return value !== '';
    case 'number':
      return value !== 0;
    case 'bigint':
      return value !== 0n;
    case 'object':
      return value !== null && truthOfObject(value);
    default:
      return false;
  }
}

function truthOfObject(value: object): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (value instanceof GoInt) return value.value !== 0n;
  if (value instanceof Uint8Array) return value.length > 0;
  if (value instanceof GoTyped) return truth(value.value);
  if (value instanceof GoObject) return true;
  for (const _ in value) return true;
  return false;
}

/** The zero value of a type; nil for interfaces. */
export function zeroValue(type: GoType): unknown {
  switch (type.kind) {
    case 'interface':
    case 'invalid':
      return null;
    case 'string':
      return type === STRING ? '' : new GoTyped(type, '');
    case 'bool':
      return type === BOOL ? false : new GoTyped(type, false);
    case 'float64':
    case 'float32':
      return type === FLOAT64 ? 0 : new GoTyped(type, 0);
    case 'int64':
      return type === INT64 ? 0n : new GoTyped(type, 0n);
    case 'slice':
    case 'map':
    case 'ptr':
    case 'func':
      return new GoTyped(type, null);
    case 'struct':
      return new GoStruct(
        type,
        Object.fromEntries((type.fields ?? []).map((field) => [field.name, zeroValue(field.type)])),
      );
    default:
      return type.name === type.kind ? new GoInt(0, type.kind) : new GoTyped(type, new GoInt(0, type.kind));
  }
}

/** The element type of a slice or map. */
export function elementType(type: GoType): GoType {
  return type.elem ?? ANY;
}

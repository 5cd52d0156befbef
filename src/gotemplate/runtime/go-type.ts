import type { ParamType } from '../../base/template-function.ts';

/** The kinds of Go's reflect package, by the names its Kind.String gives. */
export type GoKind =
  | 'invalid'
  | 'bool'
  | 'int'
  | 'int8'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'uint'
  | 'uint8'
  | 'uint16'
  | 'uint32'
  | 'uint64'
  | 'float32'
  | 'float64'
  | 'string'
  | 'slice'
  | 'map'
  | 'struct'
  | 'ptr'
  | 'func'
  | 'interface';

/** A method that templates may call. Nothing else of a class can be reached from a template. */
export interface GoMethod {
  readonly params: readonly ParamType[];
  /** The last parameter takes any number of arguments. */
  readonly variadic?: boolean;
  /** Receives the object and the converted arguments; throws an Error with the text of Go's error. */
  readonly call: (receiver: never, ...args: never[]) => unknown;
}

/** A field of a struct type. */
export interface GoField {
  readonly name: string;
  readonly type: GoType;
  /** An unexported field: fmt prints it, templates may not name it. */
  readonly hidden?: boolean;
  /** The name that encoding/json gives the field; default its own. */
  readonly json?: string;
}

/** A Go type, as far as templates and fmt can tell it from others. */
export interface GoType {
  /** As `%T` prints it: `map[string]string`, `time.Time`, `*semver.Version`. */
  readonly name: string;
  readonly kind: GoKind;
  /** Element type of slices, maps and pointers. */
  readonly elem?: GoType;
  /** Fields of a struct, in the order of their declaration; a pointer to a struct has them in `elem`. */
  readonly fields?: readonly GoField[];
  /** Methods by name. */
  readonly methods?: Readonly<Record<string, GoMethod>>;
  /** The type's String or Error method, which fmt prints values with. */
  readonly string?: (value: never) => string;
  /** A String method that only the pointer to the type has: an action prints with it, printf does not. */
  readonly pointerString?: (value: never) => string;
}

/** `interface {}`. */
export const ANY: GoType = { name: 'interface {}', kind: 'interface' };
export const BOOL: GoType = { name: 'bool', kind: 'bool' };
export const STRING: GoType = { name: 'string', kind: 'string' };
const INT: GoType = { name: 'int', kind: 'int' };
export const INT64: GoType = { name: 'int64', kind: 'int64' };
const UINT8: GoType = { name: 'uint8', kind: 'uint8' };
export const FLOAT64: GoType = { name: 'float64', kind: 'float64' };
/** `[]interface {}`: JS arrays. */
export const ANY_SLICE: GoType = sliceOf(ANY);
/** `map[string]interface {}`: JS objects without prototype. */
export const ANY_MAP: GoType = mapOf(ANY);
/** `[]uint8`: Uint8Array. */
export const BYTES: GoType = sliceOf(UINT8);
export const STRING_SLICE: GoType = sliceOf(STRING);
export const INT_SLICE: GoType = sliceOf(INT);
export const STRING_MAP: GoType = mapOf(STRING);

/** The type `[]elem`. */
export function sliceOf(elem: GoType): GoType {
  return { name: `[]${elem.name}`, kind: 'slice', elem };
}

/** The type `map[string]elem`. */
export function mapOf(elem: GoType): GoType {
  return { name: `map[string]${elem.name}`, kind: 'map', elem };
}

/** The type `*elem`; methods and printing are those of `elem`. */
export function pointerTo(elem: GoType): GoType {
  const { methods, string = elem.pointerString } = elem;
  return {
    name: `*${elem.name}`,
    kind: 'ptr',
    elem,
    ...(methods === undefined ? {} : { methods }),
    ...(string === undefined ? {} : { string }),
  };
}

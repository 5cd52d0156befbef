import { jsonKind, coerceToString } from '../yaml/index.ts';
import { isObject, newObject, sortedKeys } from '../base/json.ts';

/** A Go type that Chart.yaml and its like are read into. */
export type GoShape =
  | { readonly kind: 'string' | 'bool' | 'any' | 'time' }
  | { readonly kind: 'list'; readonly element: GoShape; readonly goType: string }
  | { readonly kind: 'map'; readonly goType: string }
  | GoStruct;

/** A Go struct with the JSON names of its fields. */
export interface GoStruct {
  readonly kind: 'struct';
  /** The name of the type alone: `Metadata`. */
  readonly name: string;
  /** With its package: `v2.Metadata`. */
  readonly goType: string;
  readonly fields: Readonly<Record<string, GoShape>>;
}

/** A value does not fit its field. The path leads to it in the document. */
export class DecodeFault extends Error {
  readonly path: readonly (string | number)[];

  constructor(message: string, path: readonly (string | number)[]) {
    super(message);
    this.name = 'DecodeFault';
    this.path = path;
  }
}

interface Place {
  /** Keys and indices from the root of the document. */
  readonly path: readonly (string | number)[];
  /** JSON names of the fields alone. */
  readonly fields: readonly string[];
  /** The innermost struct. */
  readonly struct: string;
}

/**
 * Reads a YAML value (numbers `exact`) into a struct as `sigs.k8s.io/yaml` does: names of fields match in any case, scalars
 * become strings where strings are wanted, null leaves a field empty, unknown keys are dropped.
 *
 * @throws DecodeFault with the message of Go's encoding/json
 */
export function decodeStruct(value: unknown, shape: GoStruct): Record<string, unknown> {
  const decoded = decode(value, shape, { path: [], fields: [], struct: '' });
  return (decoded ?? newObject()) as Record<string, unknown>;
}

/** The decoded value; undefined for null. */
function decode(value: unknown, shape: GoShape, place: Place): unknown {
  if (value === null || value === undefined) return undefined;
  switch (shape.kind) {
    case 'any':
      return plain(value);
    case 'string':
      return coerceToString(value) ?? mismatch(value, 'string', place);
    case 'bool':
      return typeof value === 'boolean' ? value : mismatch(value, 'bool', place);
    case 'time':
      return typeof value === 'string' ? timestamp(value, place) : mismatch(value, 'time.Time', place);
    case 'list':
      if (!Array.isArray(value)) return mismatch(value, shape.goType, place);
      return value.map((item: unknown, i) => decode(item, shape.element, inside(place, i)) ?? empty(shape.element));
    case 'map':
      return isObject(value) ? stringMap(value, place) : mismatch(value, shape.goType, place);
    default:
      return isObject(value) ? struct(value, shape, place) : mismatch(value, shape.goType, place);
  }
}

/** What null is as an element of a list. */
function empty(shape: GoShape): unknown {
  if (shape.kind === 'string') return '';
  return null;
}

function struct(value: Record<string, unknown>, shape: GoStruct, place: Place): Record<string, unknown> {
  const out = newObject();
  for (const key of sortedKeys(value)) {
    const name = Object.hasOwn(shape.fields, key) ? key : folded(shape, key);
    const field = name === undefined ? undefined : shape.fields[name];
    if (name === undefined || field === undefined) continue;
    const at = { path: [...place.path, key], fields: [...place.fields, name], struct: shape.name };
    const decoded = decode(value[key], field, at);
    if (decoded !== undefined) out[name] = decoded;
  }
  return out;
}

function folded(shape: GoStruct, key: string): string | undefined {
  const lower = key.toLowerCase();
  return Object.keys(shape.fields).find((name) => name.toLowerCase() === lower);
}

function stringMap(value: Record<string, unknown>, place: Place): Record<string, string> {
  const out = newObject<string>();
  for (const key of sortedKeys(value)) {
    const text = decode(value[key], { kind: 'string' }, inside(place, key));
    out[key] = typeof text === 'string' ? text : '';
  }
  return out;
}

function inside(place: Place, step: string | number): Place {
  return { ...place, path: [...place.path, step] };
}

/** Integers beyond a struct's fields are float64, as in values. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(plain);
  if (!isObject(value)) return value;
  const out = newObject();
  for (const key of Object.keys(value)) out[key] = plain(value[key]);
  return out;
}

function timestamp(text: string, place: Place): string {
  if (/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:[.,]\d+)?(?:Z|[-+]\d{2}:\d{2})$/.test(text)) return text;
  const layout = '2006-01-02T15:04:05Z07:00';
  throw new DecodeFault(`parsing time "${text}" as "${layout}": cannot parse "${text}" as "2006"`, place.path);
}

function mismatch(value: unknown, goType: string, { path, fields, struct }: Place): never {
  const target =
    struct === '' ? `Go value of type ${goType}` : `Go struct field ${struct}.${fields.join('.')} of type ${goType}`;
  throw new DecodeFault(`json: cannot unmarshal ${jsonKind(value)} into ${target}`, path);
}

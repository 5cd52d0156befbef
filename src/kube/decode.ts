import { isObject } from '../base/json.ts';
import { cloneJson } from './clone.ts';
import { SCALAR_DECODERS, WrongKind, ZERO_SCALARS, jsonKind } from './decode-scalars.ts';
import { isOwnFieldSet } from './field-set.ts';
import { apiVersionOf, type GroupVersionKind, type KubeObject } from './object.ts';
import { setKey } from './set-key.ts';
import { StatusError } from './status-error.ts';
import { objectMetaType, typeOf, type Field, type FieldType, type StructType } from './type-table.ts';

/** A body that does not fit its kind; the message is what follows "cannot be handled as a …" in the server's answer. */
export class DecodeError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'DecodeError';
  }

  /** The answer of the server: 400. apiserver: pkg/endpoints/handlers/create.go, negotiation.go. */
  toStatusError({ version, kind }: GroupVersionKind): StatusError {
    const message = `${kind} in version ${JSON.stringify(version)} cannot be handled as a ${kind}: ${this.message}`;
    return new StatusError({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message,
      reason: 'BadRequest',
      code: 400,
    });
  }
}

/** How strictly unknown fields are taken. */
export type DecodeValidation = 'Ignore' | 'Warn' | 'Strict';

/** A decoded body. */
export interface Decoded {
  /** A new object in the form in which the server would write it; it may share values with the one that was known. */
  readonly object: KubeObject;
  /** For `Warn`: what `Strict` would refuse. */
  readonly warnings: readonly string[];
}

/**
 * Reads a body as the API server reads it into its Go types and writes it back: unknown fields are dropped, nulls and empty
 * values are left out or filled in as the types' tags say (`status: {}`, `lastProbeTime: null`), quantities and times are put in
 * canonical form. Kinds that are not built in keep all fields; only their metadata is read.
 *
 * @param known an object that was read before: values of the body that are the very same ones need no second reading
 * @throws DecodeError for values of the wrong type and, if strict, unknown fields
 */
export function decodeObject(
  gvk: GroupVersionKind,
  json: unknown,
  validation: DecodeValidation,
  known?: KubeObject,
): Decoded {
  const type = typeOf(gvk);
  const context: Context = { unknown: validation === 'Ignore' ? undefined : [], path: [], error: undefined };
  const object =
    type === undefined ? decodeCustom(gvk, json, context) : decodeStruct(structDecoder(type), json, context, known);
  if (context.error !== undefined) throw new DecodeError(context.error);
  if (object === undefined) {
    throw new DecodeError(`json: cannot unmarshal ${jsonKind(json)} into Go value of type ${gvk.version}.${gvk.kind}`);
  }
  const unknown = context.unknown ?? [];
  if (validation === 'Strict' && unknown.length > 0) {
    throw new DecodeError(`strict decoding error: ${unknown.join(', ')}`);
  }
  return { object: object as KubeObject, warnings: unknown };
}

/**
 * Reads a value of a type of the table, e.g. the body of a subresource or a template.
 *
 * @throws DecodeError
 */
export function decodeValue(type: StructType, json: unknown): Record<string, unknown> {
  const context: Context = { unknown: undefined, path: [], error: undefined };
  const object = decodeStruct(structDecoder(type), json, context);
  if (context.error !== undefined) throw new DecodeError(context.error);
  if (object === undefined) {
    throw new DecodeError(`json: cannot unmarshal ${jsonKind(json)} into Go value of type ${type.goName}`);
  }
  return object;
}

/** What a kind looks like before anything is set: what Go writes of an empty struct. */
export function emptyObject(gvk: GroupVersionKind): KubeObject {
  const type = typeOf(gvk);
  const zero = type === undefined ? { metadata: {} } : (zeroValue(type) as Record<string, unknown>);
  return { ...zero, apiVersion: apiVersionOf(gvk), kind: gvk.kind } as KubeObject;
}

/** A field, the index of a list element, or the key of a map (which Go leaves out of some messages). */
type PathPart = string | number | readonly [key: string];

interface Context {
  /** Unknown fields found, or undefined if nobody wants to know. */
  readonly unknown: string[] | undefined;
  /** Fields and list indices down to where we are. */
  readonly path: PathPart[];
  /** The first fault; Go reads on and tells that one. */
  error: string | undefined;
}

/** A value in its written form; undefined for null and for values that cannot be read. */
type Decoder = (value: unknown, context: Context, known?: unknown) => unknown;

interface FieldDecoder {
  readonly field: Field;
  readonly struct: string;
  readonly decode: Decoder;
  readonly dropEmpty: boolean;
  /** The `typeof` of values that are taken as they are. */
  readonly plain: string;
}

interface AlwaysWritten {
  readonly name: string;
  readonly zero: () => unknown;
}

interface StructDecoder {
  readonly fields: ReadonlyMap<string, FieldDecoder>;
  readonly others: Decoder | undefined;
  /** Fields that are written even if absent. */
  readonly always: readonly AlwaysWritten[];
}

const structDecoders = new WeakMap<StructType, StructDecoder>();

function structDecoder(type: StructType): StructDecoder {
  const known = structDecoders.get(type);
  if (known !== undefined) return known;
  const fields = new Map<string, FieldDecoder>();
  const always: AlwaysWritten[] = [];
  const decoder: StructDecoder = {
    fields,
    always,
    others: type.others === undefined ? undefined : fieldDecoder(type.others, type.goName, ''),
  };
  structDecoders.set(type, decoder);
  for (const field of type.fields.values()) {
    fields.set(field.name, {
      field,
      struct: type.goName,
      decode: fieldDecoder(field.type, type.goName, field.goType),
      plain: plainType(field.type),
      // An empty list of managers is a wish: to forget them all.
      dropEmpty: field.empty === 'omit' && field.name !== 'managedFields',
    });
    if (field.empty === 'null') always.push({ name: field.name, zero: () => null });
    else if (field.empty === 'zero') always.push({ name: field.name, zero: () => zeroValue(field.type) });
  }
  return decoder;
}

/** Texts and truth values have one form only. */
function plainType(type: FieldType): string {
  if (type.kind !== 'scalar') return '';
  return type.scalar === 'string' || type.scalar === 'boolean' ? type.scalar : '';
}

const NOTHING: Readonly<Record<string, unknown>> = Object.freeze(Object.create(null) as Record<string, unknown>);

function zeroValue(type: FieldType): unknown {
  if (type.kind === 'scalar') return ZERO_SCALARS[type.scalar];
  if (type.kind !== 'struct') return null;
  const zero: Record<string, unknown> = {};
  for (const { name, zero: make } of structDecoder(type).always) zero[name] = make();
  return zero;
}

function decodeStruct(
  decoder: StructDecoder,
  json: unknown,
  context: Context,
  known?: unknown,
): Record<string, unknown> | undefined {
  if (!isObject(json)) return undefined;
  const before = isObject(known) ? known : NOTHING;
  const out: Record<string, unknown> = {};
  for (const key in json) {
    const value = json[key];
    const field = decoder.fields.get(key);
    if (field === undefined) {
      otherField(decoder, out, key, value, context);
      continue;
    }
    if (value === null || value === undefined) continue;
    const was = before[key];
    if (value === was || (typeof value === field.plain && !(field.dropEmpty && isEmpty(value)))) {
      out[key] = value;
      continue;
    }
    context.path.push(key);
    const decoded = field.decode(value, context, was);
    context.path.pop();
    if (decoded !== undefined && !(field.dropEmpty && isEmpty(decoded))) out[key] = decoded;
  }
  for (const { name, zero } of decoder.always) if (out[name] === undefined) out[name] = zero();
  return out;
}

function otherField(
  decoder: StructDecoder,
  out: Record<string, unknown>,
  key: string,
  value: unknown,
  context: Context,
): void {
  if (decoder.others !== undefined) setKey(out, key, decoder.others(value, context));
  else if (context.unknown !== undefined)
    context.unknown.push(`unknown field ${JSON.stringify(pathText(context, key))}`);
}

function isEmpty(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) {
    if (Array.isArray(value)) return value.length === 0;
    for (const _ in value) return false;
    return true;
  }
  return value === '' || value === 0 || value === false;
}

function pathText({ path }: Context, key: string): string {
  let text = '';
  for (const part of [...path, key]) {
    if (typeof part === 'number') text += `[${part}]`;
    else text += `${text === '' ? '' : '.'}${typeof part === 'string' ? part : part[0]}`;
  }
  return text;
}

function fieldDecoder(type: FieldType, struct: string, goType: string): Decoder {
  switch (type.kind) {
    case 'scalar': {
      const decode = SCALAR_DECODERS[type.scalar];
      return (value, context) => {
        try {
          const decoded = decode(value);
          if (decoded instanceof WrongKind) return fail(context, decoded.value, struct, goType);
          return decoded;
        } catch (error) {
          context.error ??= error instanceof Error ? error.message : String(error);
          return undefined;
        }
      };
    }
    case 'any':
      return copyAny;
    case 'list':
      return listDecoder(type.element, struct, goType);
    case 'map':
      return mapDecoder(type.value, struct, goType);
    default:
      return objectDecoder(type, struct, goType);
  }
}

/** A copy, but of field sets that are known to be nobody else's: sets are compared and cached by identity. */
function copyAny(value: unknown): unknown {
  return isOwnFieldSet(value) ? value : cloneJson(value);
}

function fail(context: Context, value: string, struct: string, goType: string): undefined {
  const field = context.path.filter((part) => typeof part === 'string').join('.');
  context.error ??= `json: cannot unmarshal ${value} into Go struct field ${struct}.${field} of type ${goType}`;
  return undefined;
}

function objectDecoder(type: StructType, struct: string, goType: string): Decoder {
  // Types may hold themselves, so the inner decoder is made when first needed.
  let decoder: StructDecoder | undefined;
  return (value, context, known) => {
    if (!isObject(value)) return fail(context, jsonKind(value), struct, goType);
    decoder ??= structDecoder(type);
    return decodeStruct(decoder, value, context, known);
  };
}

function listDecoder(element: FieldType, struct: string, goType: string): Decoder {
  const decode = fieldDecoder(element, struct, goType.startsWith('[]') ? goType.slice(2) : goType);
  const zero = (): unknown => zeroValue(element);
  return (value, context, known) => {
    if (!Array.isArray(value)) return fail(context, jsonKind(value), struct, goType);
    const { path } = context;
    const before: readonly unknown[] = Array.isArray(known) ? known : [];
    const out: unknown[] = [];
    for (let i = 0; i < value.length; i += 1) {
      const item: unknown = value[i];
      const was = before[i];
      if (item === was && was !== undefined && was !== null) {
        out.push(item);
        continue;
      }
      path.push(i);
      out.push(item === null || item === undefined ? zero() : (decode(item, context, was) ?? zero()));
      path.pop();
    }
    return out;
  };
}

function mapDecoder(valueType: FieldType, struct: string, goType: string): Decoder {
  const decode = fieldDecoder(
    valueType,
    struct,
    goType.startsWith('map[') ? goType.slice(goType.indexOf(']') + 1) : goType,
  );
  return (value, context) => {
    if (!isObject(value)) return fail(context, jsonKind(value), struct, goType);
    const { path } = context;
    const out: Record<string, unknown> = {};
    for (const key in value) {
      const item = value[key];
      path.push([key]);
      const decoded = item === null || item === undefined ? undefined : decode(item, context);
      path.pop();
      setKey(out, key, decoded === undefined ? zeroValue(valueType) : decoded);
    }
    return out;
  };
}

function decodeCustom(gvk: GroupVersionKind, json: unknown, context: Context): Record<string, unknown> | undefined {
  void gvk;
  if (!isObject(json)) return undefined;
  const out = cloneJson(json);
  context.path.push('metadata');
  const metadata = decodeStruct(structDecoder(objectMetaType()), json['metadata'] ?? {}, context);
  context.path.pop();
  if (metadata === undefined) return fail(context, jsonKind(json['metadata']), gvk.kind, 'v1.ObjectMeta');
  out['metadata'] = metadata;
  return out;
}

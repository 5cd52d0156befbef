import { isObject, newObject } from '../base/json.ts';
import { encodeJson, quoteJson } from '../yaml/index.ts';
import { type FieldKind, type RecordField, type RecordStruct, ZERO_TIME } from './record-fields.ts';

type Fields = Readonly<Record<string, unknown>>;

/**
 * A struct as Go's encoding/json writes it: fields in their order, empty ones left out. Fields that the struct does not
 * have follow after them.
 */
export function writeStruct(value: Fields, struct: RecordStruct): string {
  let out = '';
  let known = 0;
  for (const field of struct) {
    const item = value[field.name];
    if (item !== undefined) known += 1;
    if (!field.kept && isZero(item, field.kind)) continue;
    out += `${out === '' ? '' : ','}${quoteJson(field.name)}:${writeField(item, field.kind)}`;
  }
  const keys = Object.keys(value);
  if (keys.length > known) {
    const names = new Set(struct.map((field) => field.name));
    for (const key of keys) {
      const item = value[key];
      if (item === undefined || names.has(key)) continue;
      out += `${out === '' ? '' : ','}${quoteJson(key)}:${encodeJson(item)}`;
    }
  }
  return `{${out}}`;
}

function isZero(value: unknown, kind: FieldKind): boolean {
  if (value === undefined || value === null || value === '' || value === 0 || value === 0n || value === false) {
    return true;
  }
  if (kind === 'time') return value === ZERO_TIME;
  if (Array.isArray(value)) return value.length === 0;
  // A map is left out when it is empty, a struct behind a pointer never is.
  return (kind === 'map' || kind === 'labels') && isObject(value) && Object.keys(value).length === 0;
}

function writeField(value: unknown, kind: FieldKind): string {
  if (value === undefined || value === null) return zeroText(kind);
  if (typeof kind === 'object') {
    if ('struct' in kind) return writeStruct(value as Fields, kind.struct);
    const items = (value as readonly (Fields | null)[]).map((item) =>
      item === null ? 'null' : writeStruct(item, kind.structs),
    );
    return `[${items.join(',')}]`;
  }
  if (kind === 'text' || kind === 'bytes') return quoteJson(value as string);
  if (kind === 'time') return quoteJson(goTimestamp(value as string));
  return encodeJson(value);
}

function zeroText(kind: FieldKind): string {
  switch (kind) {
    case 'text':
      return '""';
    case 'time':
      return `"${ZERO_TIME}"`;
    case 'integer':
      return '0';
    case 'flag':
      return 'false';
    default:
      return 'null';
  }
}

/** RFC 3339 as Go writes a time: no zeros at the end of the fraction. */
function goTimestamp(text: string): string {
  return text.includes('.') ? text.replace(/\.?0*(?=Z$|[-+]\d\d:\d\d$)/, '') : text;
}

/** What was found where something else was expected. */
export class RecordFault extends Error {}

/**
 * A parsed struct brought to its fields: nulls and zero times become absent, maps lose their prototype. Unknown fields
 * are kept.
 *
 * @throws RecordFault for a field of another type
 */
export function readStruct(value: unknown, struct: RecordStruct, path = ''): Record<string, unknown> {
  if (!isObject(value)) throw fault(path, value, 'object');
  const out: Record<string, unknown> = {};
  for (const field of struct) {
    const item = Object.hasOwn(value, field.name) ? value[field.name] : undefined;
    const read = readField(item, field, path === '' ? field.name : `${path}.${field.name}`);
    if (read !== undefined) out[field.name] = read;
  }
  for (const key of Object.keys(value)) {
    if (Object.hasOwn(out, key) || key === '__proto__' || struct.some((field) => field.name === key)) continue;
    out[key] = withoutPrototype(value[key], `${path}.${key}`);
  }
  return out;
}

function readField(value: unknown, field: RecordField, path: string): unknown {
  const { kind } = field;
  if (value === undefined || value === null) return field.kept && isNullable(kind) ? null : undefined;
  if (typeof kind === 'object') {
    if ('struct' in kind) return readStruct(value, kind.struct, path);
    if (!Array.isArray(value)) throw fault(path, value, 'array');
    return value.map((item, i) => (item === null ? null : readStruct(item, kind.structs, `${path}[${i}]`)));
  }
  switch (kind) {
    case 'text':
    case 'bytes':
      return expectType(value, 'string', path);
    case 'integer':
      if (!Number.isInteger(value)) throw fault(path, value, 'integer');
      return value;
    case 'flag':
      return expectType(value, 'boolean', path);
    case 'time':
      return value === '' || value === ZERO_TIME ? undefined : expectType(value, 'string', path);
    case 'texts':
      if (!Array.isArray(value)) throw fault(path, value, 'array');
      return value.map((item, i) => expectType(item, 'string', `${path}[${i}]`));
    case 'list':
      if (!Array.isArray(value)) throw fault(path, value, 'array');
      return withoutPrototype(value, path);
    case 'labels':
      if (!isObject(value)) throw fault(path, value, 'object');
      for (const key of Object.keys(value)) expectType(value[key], 'string', `${path}.${key}`);
      return withoutPrototype(value, path);
    default:
      if (!isObject(value)) throw fault(path, value, 'object');
      return withoutPrototype(value, path);
  }
}

function isNullable(kind: FieldKind): boolean {
  return typeof kind === 'object' || kind === 'map' || kind === 'bytes' || kind === 'labels' || kind === 'texts';
}

function expectType<T>(value: T, type: 'string' | 'boolean', path: string): T {
  // Go reads null as the zero value.
  if (typeof value !== type) throw fault(path, value, type);
  return value;
}

function fault(path: string, value: unknown, wanted: string): RecordFault {
  const found = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
  const article = (name: string): string =>
    /^[aeio]/.test(name) ? `an ${name}` : name === 'null' ? name : `a ${name}`;
  const where = path === '' ? 'the record' : path;
  return new RecordFault(`${where} is ${article(found)}, not ${article(wanted)}`);
}

function withoutPrototype(value: unknown, path: string): unknown {
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new RecordFault(`${path} holds a number out of range`);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => withoutPrototype(item, path));
  const out = newObject();
  for (const key of Object.keys(value)) out[key] = withoutPrototype((value as Fields)[key], path);
  return out;
}

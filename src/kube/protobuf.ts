import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { PROTOBUF_TABLE_JSON } from './protobuf-table.generated.ts';
import { typeOf } from './type-table.ts';

/** What every protobuf body of the API begins with: `k8s` and a zero. */
const MAGIC = [0x6b, 0x38, 0x73, 0x00];

/** Bodies nest less deeply than this; deeper ones are refused. */
const MAX_DEPTH = 64;

/** A body that is no protobuf of Kubernetes'. */
export class ProtobufError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ProtobufError';
  }
}

type Reading =
  | { readonly shape: 'scalar'; readonly code: string }
  | { readonly shape: 'message'; readonly name: string }
  | { readonly shape: 'list'; readonly element: Reading }
  | { readonly shape: 'map'; readonly value: Reading };

interface FieldReading {
  /** '': the fields of the message belong to the JSON around it. */
  readonly name: string;
  readonly reading: Reading;
}

type Message = ReadonlyMap<number, FieldReading>;

let table: Readonly<Record<string, string>> | undefined;
const messages = new Map<string, Message>();

function messageNamed(name: string): Message {
  const known = messages.get(name);
  if (known !== undefined) return known;
  table ??= JSON.parse(PROTOBUF_TABLE_JSON) as Record<string, string>;
  const fields = new Map<number, FieldReading>();
  const text = table[name] ?? '';
  for (const part of text === '' ? [] : text.split(' ')) {
    const colon = part.indexOf(':');
    const equals = part.indexOf('=', colon);
    fields.set(Number(part.slice(0, colon)), {
      name: part.slice(colon + 1, equals),
      reading: readingOf(part.slice(equals + 1)),
    });
  }
  messages.set(name, fields);
  return fields;
}

function readingOf(type: string): Reading {
  if (type.startsWith('[]')) return { shape: 'list', element: readingOf(type.slice(2)) };
  if (type.startsWith('m:')) return { shape: 'map', value: readingOf(type.slice(2)) };
  return type.length === 1 ? { shape: 'scalar', code: type } : { shape: 'message', name: type };
}

/** True if a body begins as the API's protobuf bodies do. */
export function isProtobuf(bytes: Uint8Array): boolean {
  return MAGIC.every((byte, index) => bytes[index] === byte);
}

/**
 * The JSON of an object in protobuf. Zero values that Go would omit are there: the encoding writes them, and decoding by type
 * leaves them out.
 *
 * kubernetes: apimachinery/pkg/runtime/serializer/protobuf/protobuf.go. @throws ProtobufError
 */
export function decodeProtobuf(bytes: Uint8Array): Record<string, unknown> {
  if (!isProtobuf(bytes))
    throw new ProtobufError('provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]');
  try {
    return decodeEnvelope(bytes.subarray(MAGIC.length));
  } catch (error) {
    if (error instanceof ProtobufError) throw error;
    throw new ProtobufError(error instanceof Error ? error.message : String(error));
  }
}

function decodeEnvelope(bytes: Uint8Array): Record<string, unknown> {
  const envelope = readMessage(
    new BinaryReader(bytes),
    bytes.length,
    messageNamed('apimachinery.pkg.runtime.Unknown'),
    0,
  );
  const { apiVersion = '', kind = '' } = (envelope['typeMeta'] ?? {}) as { apiVersion?: string; kind?: string };
  const slash = apiVersion.indexOf('/');
  const group = slash === -1 ? '' : apiVersion.slice(0, slash);
  const name = typeOf({ group, version: apiVersion.slice(slash + 1), kind })?.name ?? OPTIONS.get(kind);
  if (name === undefined) throw new ProtobufError(`no kind "${kind}" is registered for version "${apiVersion}"`);
  const raw = envelope['raw'];
  const body = raw instanceof Uint8Array ? raw : new Uint8Array();
  const fields = base64Bytes(readMessage(new BinaryReader(body), body.length, messageNamed(name), 0));
  return { apiVersion, kind, ...fields };
}

/** Kinds that belong to every group. */
const OPTIONS: ReadonlyMap<string, string> = new Map(
  ['DeleteOptions', 'CreateOptions', 'UpdateOptions', 'PatchOptions', 'ListOptions', 'GetOptions', 'Status'].map(
    (kind) => [kind, `apimachinery.pkg.apis.meta.v1.${kind}`],
  ),
);

function readMessage(reader: BinaryReader, length: number, message: Message, depth: number): Record<string, unknown> {
  if (depth > MAX_DEPTH) throw new ProtobufError('the message nests too deeply');
  const out: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  const end = reader.pos + length;
  while (reader.pos < end) {
    const [number, wireType] = reader.tag();
    const field = message.get(number);
    if (field === undefined) reader.skip(wireType, number);
    else readField(reader, field, out, { depth, wireType });
  }
  if (reader.pos !== end) throw new ProtobufError('the message is cut off');
  return out;
}

function readField(
  reader: BinaryReader,
  { name, reading }: FieldReading,
  out: Record<string, unknown>,
  at: { readonly depth: number; readonly wireType: WireType },
): void {
  if (reading.shape === 'list') {
    const list = (out[name] ??= []) as unknown[];
    if (
      reading.element.shape === 'scalar' &&
      reading.element.code === 'i' &&
      at.wireType === WireType.LengthDelimited
    ) {
      const end = reader.uint32() + reader.pos;
      while (reader.pos < end) list.push(integer(reader));
      return;
    }
    list.push(readValue(reader, reading.element, at.depth));
    return;
  }
  if (reading.shape === 'map') {
    const map = (out[name] ??= Object.create(null)) as Record<string, unknown>;
    const [key, value] = readEntry(reader, reading.value, at.depth);
    map[key] = value;
    return;
  }
  const value = readValue(reader, reading, at.depth);
  if (name === '') Object.assign(out, value);
  else if (value !== undefined) out[name] = value;
}

function readEntry(reader: BinaryReader, reading: Reading, depth: number): [string, unknown] {
  const end = reader.uint32() + reader.pos;
  let key = '';
  let value: unknown = reading.shape === 'scalar' ? '' : {};
  while (reader.pos < end) {
    const [number, wireType] = reader.tag();
    if (number === 1) key = reader.string();
    else if (number === 2) value = readValue(reader, reading, depth);
    else reader.skip(wireType, number);
  }
  return [key, value];
}

function integer(reader: BinaryReader): number {
  return Number(reader.int64());
}

function readValue(reader: BinaryReader, reading: Reading, depth: number): unknown {
  if (reading.shape === 'message') return readNested(reader, reading.name, depth);
  if (reading.shape !== 'scalar') throw new ProtobufError('lists do not nest');
  switch (reading.code) {
    case 's':
      return reader.string();
    case 'b':
      return reader.bool();
    case 'i':
      return integer(reader);
    case 'd':
      return reader.double();
    case 'y':
      return reader.bytes();
    case 'l':
      return readNested(reader, 'apimachinery.pkg.apis.meta.v1.Verbs', depth);
    default:
      throw new ProtobufError(`a type is unknown: ${reading.code}`);
  }
}

function readNested(reader: BinaryReader, name: string, depth: number): unknown {
  const length = reader.uint32();
  return finish(name, readMessage(reader, length, messageNamed(name), depth + 1));
}

/** What stands in JSON for messages that Go writes in a way of their own. */
function finish(name: string, fields: Record<string, unknown>): unknown {
  switch (name) {
    case 'apimachinery.pkg.apis.meta.v1.Time':
      return timeText(fields, 0);
    case 'apimachinery.pkg.apis.meta.v1.MicroTime':
      return timeText(fields, 6);
    case 'apimachinery.pkg.api.resource.Quantity':
      return fields['string'] ?? '0';
    case 'apimachinery.pkg.util.intstr.IntOrString':
      return fields['type'] === 1 ? (fields['strVal'] ?? '') : (fields['intVal'] ?? 0);
    case 'apimachinery.pkg.apis.meta.v1.FieldsV1':
    case 'apimachinery.pkg.runtime.RawExtension':
    case 'apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON':
      return rawJson(fields['Raw'] ?? fields['raw']);
    case 'apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrArray':
      return fields['schema'] ?? fields['jSONSchemas'];
    case 'apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrBool':
      return fields['schema'] ?? fields['allows'] ?? false;
    case 'apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrStringArray':
      return fields['schema'] ?? fields['property'];
    case 'apimachinery.pkg.apis.meta.v1.Verbs':
      return fields['items'] ?? [];
    default:
      return base64Bytes(fields);
  }
}

/** Go writes bytes as base64. */
function base64Bytes(fields: Record<string, unknown>): Record<string, unknown> {
  for (const [key, value] of Object.entries(fields)) {
    if (value instanceof Uint8Array) fields[key] = toBase64(value);
    else if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      for (const [inner, bytes] of Object.entries(value)) {
        if (bytes instanceof Uint8Array) (value as Record<string, unknown>)[inner] = toBase64(bytes);
      }
    }
  }
  return fields;
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

function rawJson(raw: unknown): unknown {
  if (!(raw instanceof Uint8Array) || raw.length === 0) return null;
  return JSON.parse(new TextDecoder().decode(raw)) as unknown;
}

/** RFC 3339 with so many digits after the second; undefined for Go's zero time. */
function timeText({ seconds = 0, nanos = 0 }: Record<string, unknown>, digits: number): string | undefined {
  if (seconds === 0 && nanos === 0) return undefined;
  const text = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
  return digits === 0 ? `${text}Z` : `${text}.${String(Math.floor(Number(nanos) / 1000)).padStart(digits, '0')}Z`;
}

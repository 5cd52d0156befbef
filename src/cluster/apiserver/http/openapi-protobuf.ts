import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { isObject } from '../../../base/json.ts';

/** The media type of the document in its compact form. */
export const OPENAPI_PROTOBUF = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

/** True if a client asks for that form, by its name or by the one it once had (`@` is no part of a media type). */
export function isOpenApiProtobuf(type: string): boolean {
  return type.replace('@', '.') === OPENAPI_PROTOBUF;
}

type Json = Readonly<Record<string, unknown>>;

/** How a value is written below its field number. */
type Write = (writer: BinaryWriter, number: number, value: unknown) => void;

type Message = Readonly<Record<string, readonly [number: number, write: Write]>>;

const text: Write = (writer, number, value) => {
  if (typeof value === 'string' && value !== '') writer.tag(number, WireType.LengthDelimited).string(value);
};

const flag: Write = (writer, number, value) => {
  if (value === true) writer.tag(number, WireType.Varint).bool(true);
};

const integer: Write = (writer, number, value) => {
  if (typeof value === 'number' && value !== 0) writer.tag(number, WireType.Varint).int64(Math.trunc(value));
};

const double: Write = (writer, number, value) => {
  if (typeof value === 'number' && value !== 0) writer.tag(number, WireType.Bit64).double(value);
};

/** Any value, as text that is YAML. */
const any: Write = (writer, number, value) => {
  inner(writer, number, () => text(writer, 2, JSON.stringify(value)));
};

function inner(writer: BinaryWriter, number: number, write: () => void): void {
  writer.tag(number, WireType.LengthDelimited).fork();
  write();
  writer.join();
}

function each(write: Write): Write {
  return (writer, number, value) => {
    for (const element of Array.isArray(value) ? (value as unknown[]) : []) write(writer, number, element);
  };
}

/** Pairs of name and value, which is how the format writes maps. */
function named(write: Write): Write {
  return (writer, number, value) => {
    for (const [key, element] of Object.entries(isObject(value) ? value : {})) {
      inner(writer, number, () => {
        text(writer, 1, key);
        write(writer, 2, element);
      });
    }
  };
}

function wrapped(field: number, write: Write): Write {
  return (writer, number, value) => inner(writer, number, () => write(writer, field, value));
}

/** A message by the names of its fields in JSON; `x-…` go where the message keeps them. */
function message(fields: () => Message, extensions = 0): Write {
  return (writer, number, value) => {
    if (!isObject(value)) return;
    const known = fields();
    inner(writer, number, () => writeFields(writer, value, known, extensions));
  };
}

function writeFields(writer: BinaryWriter, value: Json, fields: Message, extensions: number): void {
  for (const [key, element] of Object.entries(value)) {
    if (element === undefined) continue;
    const field = Object.hasOwn(fields, key) ? fields[key] : undefined;
    if (field !== undefined) field[1](writer, field[0], element);
    else if (extensions > 0 && key.startsWith('x-')) named(any)(writer, extensions, { [key]: element });
  }
}

const additionalProperties: Write = (writer, number, value) =>
  inner(writer, number, () => {
    if (typeof value === 'boolean') writer.tag(2, WireType.Varint).bool(value);
    else schema(writer, 1, value);
  });

const typeItem: Write = (writer, number, value) =>
  inner(writer, number, () => each(text)(writer, 1, Array.isArray(value) ? value : [value]));

/** The numbers of gnostic's openapiv2/OpenAPIv2.proto, which clients read with. */
const SCHEMA: Message = {
  $ref: [1, text],
  format: [2, text],
  title: [3, text],
  description: [4, text],
  default: [5, any],
  multipleOf: [6, double],
  maximum: [7, double],
  exclusiveMaximum: [8, flag],
  minimum: [9, double],
  exclusiveMinimum: [10, flag],
  maxLength: [11, integer],
  minLength: [12, integer],
  pattern: [13, text],
  maxItems: [14, integer],
  minItems: [15, integer],
  uniqueItems: [16, flag],
  maxProperties: [17, integer],
  minProperties: [18, integer],
  required: [19, each(text)],
  enum: [20, each(any)],
  additionalProperties: [21, additionalProperties],
  type: [22, typeItem],
  items: [23, (writer, number, value) => wrapped(1, schema)(writer, number, value)],
  allOf: [24, (writer, number, value) => each(schema)(writer, number, value)],
  properties: [25, (writer, number, value) => wrapped(1, named(schema))(writer, number, value)],
  readOnly: [27, flag],
  example: [30, any],
};

const schema: Write = message(() => SCHEMA, 31);

const QUERY_PARAMETER: Message = {
  required: [1, flag],
  in: [2, text],
  description: [3, text],
  name: [4, text],
  type: [6, text],
  format: [7, text],
  uniqueItems: [20, flag],
};

/** ParametersItem, Parameter, NonBodyParameter, QueryParameterSubSchema. */
const parameter: Write = wrapped(
  1,
  wrapped(
    2,
    wrapped(
      3,
      message(() => QUERY_PARAMETER, 23),
    ),
  ),
);

const RESPONSE: Message = { description: [1, text], schema: [2, wrapped(1, schema)] };

const response: Write = wrapped(
  1,
  message(() => RESPONSE, 5),
);

const OPERATION: Message = {
  tags: [1, each(text)],
  description: [3, text],
  operationId: [5, text],
  produces: [6, each(text)],
  consumes: [7, each(text)],
  parameters: [8, each(parameter)],
  responses: [9, wrapped(1, named(response))],
};

const operation: Write = message(() => OPERATION, 13);

const PATH: Message = {
  get: [2, operation],
  put: [3, operation],
  post: [4, operation],
  delete: [5, operation],
  patch: [8, operation],
  parameters: [9, each(parameter)],
};

const INFO: Message = { title: [1, text], version: [2, text], description: [3, text] };

const DOCUMENT: Message = {
  swagger: [1, text],
  info: [2, message(() => INFO, 7)],
  paths: [8, wrapped(2, named(message(() => PATH, 10)))],
  definitions: [9, wrapped(1, named(schema))],
};

/** The bytes of an OpenAPI 2.0 document in protobuf; what the format has no field for is left out. */
export function openApiProtobuf(document: Json): Uint8Array {
  const writer = new BinaryWriter();
  writeFields(writer, document, DOCUMENT, 16);
  return writer.finish();
}

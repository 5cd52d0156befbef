import { decodeQuantity } from './quantity.ts';
import type { ScalarName } from './type-table.ts';

/** What Go's decoder says of a value of the wrong kind: the word for the value, with the number if that is the trouble. */
export class WrongKind {
  readonly value: string;

  constructor(value: string) {
    this.value = value;
  }
}

/** A scalar in the form in which the server writes it; null stands for nothing. Gives WrongKind, or throws Error with Go's text. */
export type ScalarDecoder = (value: unknown) => unknown;

/** The word that Go's messages use for a JSON value. */
export function jsonKind(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return 'string';
    case 'number':
      return 'number';
    case 'boolean':
      return 'bool';
    default:
      return Array.isArray(value) ? 'array' : 'object';
  }
}

const INT32_MAX = 2_147_483_647;
const INT64_MAX = 2 ** 63;

function decodeString(value: unknown): unknown {
  return typeof value === 'string' ? value : new WrongKind(jsonKind(value));
}

function decodeBoolean(value: unknown): unknown {
  return typeof value === 'boolean' ? value : new WrongKind(jsonKind(value));
}

function decodeDouble(value: unknown): unknown {
  return typeof value === 'number' ? value : new WrongKind(jsonKind(value));
}

function decodeInt32(value: unknown): unknown {
  if (typeof value !== 'number') return new WrongKind(jsonKind(value));
  return Number.isInteger(value) && value <= INT32_MAX && value >= -INT32_MAX - 1
    ? value
    : new WrongKind(`number ${value}`);
}

function decodeInt64(value: unknown): unknown {
  if (typeof value !== 'number') return new WrongKind(jsonKind(value));
  return Number.isInteger(value) && value < INT64_MAX && value >= -INT64_MAX ? value : new WrongKind(`number ${value}`);
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function decodeBytes(value: unknown): unknown {
  if (typeof value !== 'string') return new WrongKind(jsonKind(value));
  const text = /[\r\n]/.test(value) ? value.replace(/[\r\n]/g, '') : value;
  if (BASE64.test(text)) return text;
  throw new Error(`illegal base64 data at input byte ${base64Fault(text)}`);
}

function base64Fault(text: string): number {
  const wrong = text.search(/[^A-Za-z0-9+/]/);
  if (wrong === -1) return text.length - (text.length % 4);
  if (text.charAt(wrong) !== '=') return wrong;
  // A padding character in the wrong place, or something after the padding.
  const end = text.slice(wrong).search(/[^=]/);
  return end === -1 ? Math.min(wrong + (wrong % 4 < 2 ? 0 : 4 - (wrong % 4)), text.length) : wrong + end;
}

function decodeIntOrString(value: unknown): unknown {
  if (typeof value === 'string') return value;
  const decoded = decodeInt32(value);
  if (decoded instanceof WrongKind) {
    throw new Error(`json: cannot unmarshal ${decoded.value} into Go value of type int32`);
  }
  return decoded;
}

const RFC3339 = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:[.,](\d+))?(Z|[+-]\d{2}:\d{2})$/;

/** The last one that was as the server writes it: much happens within a second. */
let lastTime: string | undefined;

function decodeTime(value: unknown): unknown {
  if (typeof value !== 'string')
    throw new Error(`json: cannot unmarshal ${jsonKind(value)} into Go value of type string`);
  if (value === lastTime) return value;
  // The common case: already as the server writes it.
  if (value.length === 20 && value.endsWith('Z') && RFC3339.test(value) && isDate(value)) {
    lastTime = value;
    return value;
  }
  return `${utcText(value, '2006-01-02T15:04:05Z07:00').slice(0, 19)}Z`;
}

function decodeMicroTime(value: unknown): unknown {
  if (typeof value !== 'string')
    throw new Error(`json: cannot unmarshal ${jsonKind(value)} into Go value of type string`);
  const layout = '2006-01-02T15:04:05.000000Z07:00';
  const fraction = RFC3339.exec(value)?.[7] ?? '';
  if (fraction.length !== 6) throw timeError(value, layout, value.slice(19), '.000000');
  return `${utcText(value, layout).slice(0, 19)}.${fraction}Z`;
}

function utcText(value: string, layout: string): string {
  const match = RFC3339.exec(value);
  if (match === null) throw timeError(value, layout, ...firstMismatch(value, layout));
  if (!isDate(value)) throw new Error(`parsing time ${JSON.stringify(value)}: ${outOfRange(match)} out of range`);
  return new Date(value.replace(',', '.')).toISOString();
}

function isDate(value: string): boolean {
  const month = Number(value.slice(5, 7));
  const day = Number(value.slice(8, 10));
  if (month < 1 || month > 12 || day < 1) return false;
  const days = new Date(Date.UTC(Number(value.slice(0, 4)), month, 0)).getUTCDate();
  return (
    day <= days &&
    Number(value.slice(11, 13)) < 24 &&
    Number(value.slice(14, 16)) < 60 &&
    Number(value.slice(17, 19)) < 60
  );
}

function outOfRange([, , month = '', , hour = '', minute = '', second = '']: readonly string[]): string {
  if (Number(month) < 1 || Number(month) > 12) return 'month';
  if (Number(hour) > 23) return 'hour';
  if (Number(minute) > 59) return 'minute';
  return Number(second) > 59 ? 'second' : 'day';
}

const LAYOUT_PARTS: readonly (readonly [string, RegExp])[] = [
  ['2006', /^\d{4}/],
  ['-', /^-/],
  ['01', /^\d{2}/],
  ['-', /^-/],
  ['02', /^\d{2}/],
  ['T', /^T/],
  ['15', /^\d{2}/],
  [':', /^:/],
  ['04', /^\d{2}/],
  [':', /^:/],
  ['05', /^\d{2}(?:[.,]\d+)?/],
  ['Z07:00', /^(?:Z|[+-]\d{2}:\d{2})/],
];

function firstMismatch(value: string, layout: string): readonly [string, string] {
  let rest = value;
  for (const [part, pattern] of LAYOUT_PARTS) {
    if (part === 'Z07:00' && layout.includes('.000000') && !/[.,]\d{6}$/.test(value.slice(0, -rest.length))) {
      return [rest, '.000000'];
    }
    const match = pattern.exec(rest);
    if (match === null) return [rest, part];
    rest = rest.slice(match[0].length);
  }
  return [rest, ''];
}

function timeError(value: string, layout: string, rest: string, part: string): Error {
  if (part === '') return new Error(`parsing time ${JSON.stringify(value)}: extra text: ${JSON.stringify(rest)}`);
  const where = `cannot parse ${JSON.stringify(rest)} as ${JSON.stringify(part)}`;
  return new Error(`parsing time ${JSON.stringify(value)} as ${JSON.stringify(layout)}: ${where}`);
}

/** The decoder of each kind of scalar. */
export const SCALAR_DECODERS: Readonly<Record<ScalarName, ScalarDecoder>> = {
  string: decodeString,
  boolean: decodeBoolean,
  double: decodeDouble,
  int32: decodeInt32,
  int64: decodeInt64,
  bytes: decodeBytes,
  time: decodeTime,
  microTime: decodeMicroTime,
  quantity: decodeQuantity,
  intOrString: decodeIntOrString,
};

/** What Go writes for a scalar that was not set. */
export const ZERO_SCALARS: Readonly<Record<ScalarName, unknown>> = {
  string: '',
  boolean: false,
  double: 0,
  int32: 0,
  int64: 0,
  bytes: null,
  time: null,
  microTime: null,
  quantity: '0',
  intOrString: 0,
};

import { GoInt } from '../base/go-int.ts';
import { GoTyped } from '../gotemplate/runtime/go-value.ts';

const MIN_INT64 = -(1n << 63n);
const MAX_INT64 = (1n << 63n) - 1n;

/** cast.ToInt64: 0 for what is no number; text may be decimal, `0x…`, `0o…`, `0b…` or octal with a leading 0. */
export function toInt64(value: unknown): bigint {
  switch (typeof value) {
    case 'bigint':
      return value;
    case 'number':
      return floatToInt64(value);
    case 'boolean':
      return value ? 1n : 0n;
    case 'string':
      return parseInteger(trimZeroDecimal(value), 0) ?? 0n;
    default:
      return integerOf(value) ?? 0n;
  }
}

/** cast.ToFloat64: 0 for what is no number. */
export function toFloat64(value: unknown): number {
  switch (typeof value) {
    case 'number':
      return value;
    case 'bigint':
      return Number(value);
    case 'boolean':
      return value ? 1 : 0;
    case 'string':
      return parseFloat64(value) ?? 0;
    default: {
      if (value instanceof GoInt) return Number(value.value);
      return Number(integerOf(value) ?? 0n);
    }
  }
}

/** Integers of all sizes, months and weekdays. */
function integerOf(value: unknown): bigint | undefined {
  if (value instanceof GoInt) return BigInt.asIntN(64, value.value);
  if (value instanceof GoTyped && (value.type.name === 'time.Month' || value.type.name === 'time.Weekday')) {
    return value.value instanceof GoInt ? value.value.value : undefined;
  }
  return undefined;
}

/** Go's conversion of a float64 on amd64: cut towards zero; what does not fit becomes the smallest int64. */
export function floatToInt64(value: number): bigint {
  if (!Number.isFinite(value)) return MIN_INT64;
  const integer = BigInt(Math.trunc(value));
  return integer < MIN_INT64 || integer > MAX_INT64 ? MIN_INT64 : integer;
}

/** `1.00` counts as 1: zeros behind a final point are cut off. */
function trimZeroDecimal(text: string): string {
  return text.replace(/\.0+$/, '');
}

const PREFIXES: Readonly<Record<string, number>> = { '0x': 16, '0o': 8, '0b': 2 };

/** strconv.ParseInt for 64 bits; undefined if the text is malformed or out of range. Base 0 reads Go's prefixes. */
export function parseInteger(text: string, base: 0 | 8 | 10): bigint | undefined {
  const value = parseDigits(text, base);
  return value === undefined || value < MIN_INT64 || value > MAX_INT64 ? undefined : value;
}

/** {@link parseInteger}, but a number out of range becomes the nearest one in range. */
export function parseIntegerClipped(text: string, base: 8 | 10): bigint | undefined {
  const value = parseDigits(text, base);
  if (value === undefined) return undefined;
  return value < MIN_INT64 ? MIN_INT64 : value > MAX_INT64 ? MAX_INT64 : value;
}

function parseDigits(text: string, base: 0 | 8 | 10): bigint | undefined {
  const negative = text.startsWith('-');
  let digits = negative || text.startsWith('+') ? text.slice(1) : text;
  let radix: number = base;
  if (base === 0) {
    radix = PREFIXES[digits.slice(0, 2).toLowerCase()] ?? (digits.startsWith('0') && digits.length > 1 ? 8 : 10);
    if (digits.includes('_')) {
      if (!wellPlacedUnderscores(digits)) return undefined;
      digits = digits.replaceAll('_', '');
    }
    if (radix === 8 && !/^0o/i.test(digits)) digits = digits.slice(1);
    else if (radix !== 10) digits = digits.slice(2);
  }
  const allowed = radix === 16 ? /^[0-9a-f]+$/i : radix === 8 ? /^[0-7]+$/ : radix === 2 ? /^[01]+$/ : /^[0-9]+$/;
  if (!allowed.test(digits)) return undefined;
  const prefix = radix === 16 ? '0x' : radix === 8 ? '0o' : radix === 2 ? '0b' : '';
  const value = BigInt(prefix + digits);
  return negative ? -value : value;
}

/** Underscores stand between digits, or between a base prefix and a digit. */
function wellPlacedUnderscores(digits: string): boolean {
  const body = digits.replace(/^0[xob]/i, '0');
  return !/^_|_$|__|_(?![0-9a-f])/i.test(body);
}

/** strconv.ParseFloat for 64 bits; undefined if the text is malformed or out of range. */
export function parseFloat64(text: string): number | undefined {
  const special = /^([+-]?)(inf|infinity|nan)$/i.exec(text);
  if (special !== null) {
    if (special[2]?.toLowerCase() === 'nan') return special[1] === '' ? Number.NaN : undefined;
    return special[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }
  if (/^[+-]?0x/i.test(text)) return parseHexFloat(text);
  // Underscores stand between digits.
  const digits = text.replaceAll(/(?<=[0-9])_(?=[0-9])/g, '');
  if (!/^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?$/i.test(digits)) return undefined;
  const value = Number(digits);
  return Number.isFinite(value) ? value : undefined;
}

/** `0x1.8p3`: the exponent is a power of two and must be there. */
function parseHexFloat(text: string): number | undefined {
  if (text.includes('_') && !wellPlacedUnderscores(text.replace(/^[+-]/, '').replace(/p.*$/i, '').replace('.', ''))) {
    return undefined;
  }
  const match = /^([+-]?)0x([0-9a-f]*)\.?([0-9a-f]*)p([+-]?[0-9]+)$/i.exec(text.replaceAll('_', ''));
  if (match === null) return undefined;
  const [, sign = '', whole = '', fraction = '', power = '0'] = match;
  if (whole + fraction === '') return undefined;
  const value = Number(BigInt(`0x${whole}${fraction}`)) * 2 ** (Number(power) - 4 * fraction.length);
  if (!Number.isFinite(value)) return undefined;
  return sign === '-' ? -value : value;
}

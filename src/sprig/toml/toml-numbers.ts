import { quote } from '../../gotemplate/runtime/quote.ts';
import { parseFloat64, parseInteger } from '../cast.ts';
import type { GoTime } from '../time/go-time.ts';
import { quoteCharacter, type TomlScanner } from './toml-scanner.ts';

/** Reads a date or time in one of TOML's forms; undefined if it is none. */
export type DateReader = (text: string) => GoTime | undefined;

const FLOAT = /[0-9_.\-+eE]/;
const BASES: Readonly<Record<string, readonly [digit: RegExp, name: string]>> = {
  b: [/[01]/, 'a binary'],
  o: [/[0-7]/, 'an octal'],
  x: [/[0-9A-Fa-f]/, 'a hexadecimal'],
};

/** Reads a number or a date that starts with a digit. */
export function readNumberOrDate(scanner: TomlScanner, readDate: DateReader): unknown {
  const start = scanner.pos;
  if (scanner.accept('0')) {
    const base = scanner.peek();
    if (Object.hasOwn(BASES, base)) return readBased(scanner, start, base);
  }
  scanner.run(/[0-9]/);
  const next = scanner.peek();
  if (next === '-' || next === ':') return readDateTime(scanner, start, readDate);
  return readDecimal(scanner, start);
}

/** Reads a decimal number behind its sign. */
export function readSigned(scanner: TomlScanner): unknown {
  const start = scanner.pos - 1;
  const current = (): string => scanner.text.slice(start, scanner.pos);
  const first = scanner.next();
  if (first === 'i' || first === 'n') {
    for (const wanted of first === 'i' ? 'nf' : 'an') {
      if (!scanner.accept(wanted)) throw scanner.fault(`invalid float: '${current()}'`);
    }
    return floatValue(scanner, current());
  }
  if (first === '.') throw scanner.fault("floats must start with a digit, not '.'");
  if (!/[0-9]/.test(first)) throw scanner.fault(`expected a digit but got ${quoteCharacter(first)}`);
  const base = first === '0' ? scanner.peek() : '';
  if (Object.hasOwn(BASES, base)) {
    throw scanner.fault(`cannot use sign with non-decimal numbers: '${current()}${base}'`);
  }
  return readDecimal(scanner, start);
}

function readBased(scanner: TomlScanner, start: number, base: string): bigint {
  scanner.next();
  const [digit, name] = BASES[base] ?? [/[0-9]/, 'a decimal'];
  const following = scanner.peek();
  if (!digit.test(following)) {
    throw scanner.fault(`not ${name} number: '${scanner.text.slice(start, scanner.pos)}${following}'`);
  }
  scanner.run(new RegExp(`${digit.source}|_`));
  return integerValue(scanner, scanner.text.slice(start, scanner.pos));
}

function readDecimal(scanner: TomlScanner, start: number): unknown {
  scanner.run(/[0-9_]/);
  if (!/[.eE]/.test(scanner.peek())) return integerValue(scanner, scanner.text.slice(start, scanner.pos));
  scanner.run(FLOAT);
  return floatValue(scanner, scanner.text.slice(start, scanner.pos));
}

function readDateTime(scanner: TomlScanner, start: number, readDate: DateReader): GoTime {
  scanner.run(/[0-9\-:Tt .Zz+]/);
  const text = scanner.text.slice(start, scanner.pos).trim();
  const normal = text.replaceAll('z', 'Z').replaceAll('t', 'T').replaceAll(' ', 'T');
  const time = readDate(normal);
  if (time === undefined) throw scanner.fault(`invalid datetime: ${quote(normal)}`);
  return time;
}

function integerValue(scanner: TomlScanner, text: string): bigint {
  if (!underscoresOk(text)) {
    throw scanner.fault(`Invalid integer ${quote(text)}: underscores must be surrounded by digits`);
  }
  if (hasLeadingZero(text)) throw scanner.fault(`Invalid integer ${quote(text)}: cannot have leading zeroes`);
  const value = parseInteger(text, 0);
  if (value === undefined) throw scanner.fault(`${text} is out of range for int64`);
  return value;
}

/** The value of a float; exported for `inf` and `nan`, which have no digits. */
export function floatValue(scanner: TomlScanner, text: string): number {
  const parts = text.split(/[.eE]+/).filter((part) => part !== '');
  if (!parts.every(underscoresOk)) {
    throw scanner.fault(`Invalid float ${quote(text)}: underscores must be surrounded by digits`);
  }
  if (hasLeadingZero(parts[0] ?? '')) throw scanner.fault(`Invalid float ${quote(text)}: cannot have leading zeroes`);
  if (/\.(?![0-9])/.test(text)) {
    throw scanner.fault(`Invalid float ${quote(text)}: '.' must be followed by one or more digits`);
  }
  const digits = text.replaceAll('_', '').replace(/^[+-]nan$/, 'nan');
  const value = parseFloat64(digits);
  if (value !== undefined) return value;
  const wellFormed = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/.test(digits);
  throw scanner.fault(wellFormed ? `${text} is out of range for float64` : `Invalid float value: ${quote(text)}`);
}

/** Every underscore stands between two digits. */
function underscoresOk(text: string): boolean {
  if (/^[+-]?(?:nan|inf)$/.test(text)) return true;
  return /[0-9A-Fa-f]$/.test(text) && !/(?:^|[^0-9A-Fa-f])_/.test(text);
}

function hasLeadingZero(text: string): boolean {
  return /^0[^box]/.test(text) || /^[+-]0./.test(text);
}

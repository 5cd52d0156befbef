import { isTimestamp } from './timestamp.ts';

/** Types that a scalar's text can stand for. */
type ScalarType = 'null' | 'bool' | 'int' | 'float' | 'merge' | 'timestamp' | 'str';

/** What a scalar stands for. Integers are bigint (of 64 bits, with or without sign), timestamps and merges keep their text. */
export interface Resolved {
  readonly type: ScalarType;
  readonly value: null | boolean | bigint | number | string;
}

const WORDS: ReadonlyMap<string, Resolved> = new Map([
  ...words({ type: 'bool', value: true }, 'y Y yes Yes YES true True TRUE on On ON'),
  ...words({ type: 'bool', value: false }, 'n N no No NO false False FALSE off Off OFF'),
  ...words({ type: 'null', value: null }, ' ~ null Null NULL'),
  ...words({ type: 'float', value: Number.NaN }, '.nan .NaN .NAN'),
  ...words({ type: 'float', value: Number.POSITIVE_INFINITY }, '.inf .Inf .INF +.inf +.Inf +.INF'),
  ...words({ type: 'float', value: Number.NEGATIVE_INFINITY }, '-.inf -.Inf -.INF'),
]);

function words(resolved: Resolved, list: string): [string, Resolved][] {
  return list.split(' ').map((word) => [word, resolved]);
}

/** What a text's first character makes possible: 0 nothing, 1 a word, 2 a number or a date, 3 a fraction or a word. */
const HINTS = new Uint8Array(128);
for (const char of 'yYnNtTfFoO~') HINTS[char.charCodeAt(0)] = 1;
for (const char of '0123456789+-') HINTS[char.charCodeAt(0)] = 2;
HINTS['.'.charCodeAt(0)] = 3;

const FLOAT = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/;
/** A fraction as Go's ParseFloat reads it, underscores between digits. */
const FRACTION = /^\.[0-9]+(_[0-9]+)*([eE][-+]?[0-9]+(_[0-9]+)*)?$/;
const MAX_INT64 = 2n ** 63n - 1n;
const MAX_UINT64 = 2n ** 64n - 1n;

/** True if the text may be anything else than a string; false is certain. */
export function mayBeTyped(text: string): boolean {
  if (text === '') return true;
  const code = text.charCodeAt(0);
  if (code >= 128) return false;
  const hint = HINTS[code];
  // The longest word is of five letters.
  return hint === 1 ? text.length <= 5 : hint !== 0;
}

/** What a plain scalar stands for in YAML 1.1 as go-yaml v2 has it (resolve.go). */
export function resolvePlain(text: string, timestamps = true): Resolved {
  if (mayBeTyped(text)) {
    const word = WORDS.get(text);
    if (word !== undefined) return word;
    const hint = HINTS[text.charCodeAt(0)];
    if (hint === 2) {
      if (timestamps && isTimestamp(text)) return { type: 'timestamp', value: text };
      const value = parseNumber(text);
      if (value !== undefined) return { type: typeof value === 'bigint' ? 'int' : 'float', value };
    } else if (hint === 3 && FRACTION.test(text)) {
      const value = Number(text.replaceAll('_', ''));
      if (Number.isFinite(value)) return { type: 'float', value };
    }
  }
  return { type: 'str', value: text };
}

/** An integer of 64 bits or a float; undefined for other texts. */
function parseNumber(text: string): bigint | number | undefined {
  const plain = text.includes('_') ? text.replaceAll('_', '') : text;
  const integer = parseInteger(plain);
  if (integer !== undefined) return integer;
  if (!FLOAT.test(plain)) return undefined;
  const value = Number(plain);
  return Number.isFinite(value) ? value : undefined;
}

const INTEGER = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]([0-7]+)|0([0-7]+)|([1-9][0-9]*|0))$/;

/** An integer as Go's ParseInt and ParseUint read it with base 0: `0x`, `0b`, `0o` and a leading 0 set the base. */
function parseInteger(text: string): bigint | undefined {
  const match = INTEGER.exec(text);
  if (match === null) return parseSignedBinary(text);
  const [, sign, hex, binary, octal, oldOctal, decimal] = match;
  const magnitude =
    decimal !== undefined
      ? BigInt(decimal)
      : hex !== undefined
        ? BigInt(`0x${hex}`)
        : binary !== undefined
          ? BigInt(`0b${binary}`)
          : BigInt(`0o${octal ?? oldOctal ?? '0'}`);
  if (sign === '-') return magnitude <= MAX_INT64 + 1n ? -magnitude : undefined;
  // An unsigned number takes no sign at all.
  return magnitude <= (sign === '+' ? MAX_INT64 : MAX_UINT64) ? magnitude : undefined;
}

/** `0b-101`: go-yaml lets a sign stand behind the prefix. */
function parseSignedBinary(text: string): bigint | undefined {
  const match = /^0b([-+])([01]+)$/.exec(text);
  return match === null ? undefined : parseInteger(`${match[1] ?? ''}0b${match[2] ?? ''}`);
}

const BASE60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/;

/**
 * True if a string must be quoted to stay one: its text stands for another type, or did so in YAML 1.1.
 *
 * @param octals go-yaml v3: `0o+17` is a number too
 */
export function needsQuotes(text: string, octals: boolean): boolean {
  if (!mayBeTyped(text)) return false;
  if (resolvePlain(text).type !== 'str') return true;
  if (octals && /^0o[-+][0-7]+$/.test(text.replaceAll('_', ''))) return true;
  return text.includes(':') && BASE60.test(text);
}

import { COLON, CR, DOUBLE_QUOTE, END, HASH, LF, SINGLE_QUOTE, SPACE, TAB } from './characters.ts';
import type { Cursor } from './cursor.ts';
import { floatKey } from './decode.ts';
import { type NumberMode, toValue } from './numbers.ts';
import { mayBeTyped, resolvePlain } from './resolve.ts';
import { scanQuotedScalar } from './scan-flow.ts';

/** Thrown where a text needs the whole parser. */
export const GIVE_UP = new Error('left to the whole parser');

/** Keys beyond this length are left to the whole parser, which knows the limit. */
export const MAX_QUICK_KEY = 1000;

const MAX_DEPTH = 500;

/** Gives up on texts that nest deep. */
export function checkDepth(depth: number): void {
  if (depth > MAX_DEPTH) throw GIVE_UP;
}

/** Characters that begin something else than a plain scalar: 1 always, 2 before a blank. */
export const INDICATOR = new Uint8Array(128);
for (const char of ',[]{}#&*!|>\'"%@`') INDICATOR[char.charCodeAt(0)] = 1;
for (const char of '-?:') INDICATOR[char.charCodeAt(0)] = 2;

/** White space or the end of a text without exotic breaks. */
export function isSpaceOrEnd(code: number): boolean {
  return code === SPACE || code === LF || code === CR || code === TAB || code === END;
}

/** Gives up where no plain scalar can begin. */
export function checkPlainStart(cursor: Cursor, first: number): void {
  if (first >= 128) return;
  const indicator = INDICATOR[first];
  if (indicator === 1 || (indicator === 2 && isSpaceOrEnd(cursor.text.charCodeAt(cursor.offset + 1)))) throw GIVE_UP;
}

/** A quoted scalar; one line without escapes is cut out as it is. */
export function quickQuoted(cursor: Cursor): string {
  const { text, offset } = cursor;
  const quote = text.charCodeAt(offset);
  let end = offset + 1;
  for (;;) {
    const code = text.charCodeAt(end);
    if (code === quote) {
      if (quote === SINGLE_QUOTE && text.charCodeAt(end + 1) === SINGLE_QUOTE) break;
      cursor.offset = end + 1;
      return text.slice(offset + 1, end);
    }
    if (code === LF || code === CR || code === END || (code === 0x5c && quote === DOUBLE_QUOTE)) break;
    end += 1;
  }
  return scanQuotedScalar(cursor);
}

/**
 * Passes a line's plain text up to its end, a comment or a `:` with a blank behind.
 *
 * @returns the end of the text without the blanks behind it
 */
export function quickPlainEnd(cursor: Cursor): number {
  const { text } = cursor;
  let offset = cursor.offset;
  let end = offset;
  for (;;) {
    const code = text.charCodeAt(offset);
    if (code > COLON) {
      offset += 1;
      end = offset;
    } else if (code === SPACE || code === TAB) {
      offset += 1;
    } else {
      if (code === LF || code === CR || code === END) break;
      if (code === HASH && end < offset) break;
      if (code === COLON && isSpaceOrEnd(text.charCodeAt(offset + 1))) break;
      offset += 1;
      end = offset;
    }
  }
  cursor.offset = offset;
  return end;
}

/** The value of a plain scalar. */
export function quickValue(text: string, numbers: NumberMode): unknown {
  if (!mayBeTyped(text)) return text;
  const { type, value } = resolvePlain(text);
  if (typeof value === 'string') return value;
  // The whole parser words the fault.
  if (type === 'float' && !Number.isFinite(value)) throw GIVE_UP;
  return toValue(value, numbers);
}

/** A plain key as the string that it becomes. */
export function quickKey(text: string): string {
  if (text === '<<') throw GIVE_UP;
  if (!mayBeTyped(text)) return text;
  const { value } = resolvePlain(text);
  if (typeof value === 'string') return value;
  if (value === null || (typeof value === 'bigint' && value >= 2n ** 63n)) throw GIVE_UP;
  return typeof value === 'number' ? floatKey(value) : String(value);
}

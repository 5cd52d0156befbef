import {
  BACKSLASH,
  COLON,
  COMMA,
  HASH,
  QUESTION,
  SINGLE_QUOTE,
  DOUBLE_QUOTE,
  TAB,
  hexDigit,
  isBlank,
  isBlankOrEnd,
  isBreak,
} from './characters.ts';
import type { Cursor } from './cursor.ts';
import type { Mark } from './fault.ts';

/** What stands for itself behind a backslash, by code. */
const ESCAPES: ReadonlyMap<number, string> = new Map([
  [0x30, '\0'],
  [0x61, '\u0007'],
  [0x62, '\b'],
  [0x74, '\t'],
  [TAB, '\t'],
  [0x6e, '\n'],
  [0x76, '\v'],
  [0x66, '\f'],
  [0x72, '\r'],
  [0x65, '\u001b'],
  [0x20, ' '],
  [DOUBLE_QUOTE, '"'],
  [SINGLE_QUOTE, "'"],
  [BACKSLASH, '\\'],
  [0x4e, '\u0085'],
  [0x5f, '\u00a0'],
  [0x4c, '\u2028'],
  [0x50, '\u2029'],
]);

/** The white space between two pieces of a scalar. */
interface Gap {
  /** What takes its place: a space for a break, LFs for empty lines. */
  readonly text: string;
  readonly broken: boolean;
}

/** A quoted scalar, from its first quote to behind its last one. */
export function scanQuotedScalar(cursor: Cursor): string {
  const start = cursor.mark();
  const quote = cursor.code();
  cursor.offset += 1;
  let out = '';
  for (;;) {
    if (cursor.atDocumentIndicator()) throw cursor.fault('found unexpected document indicator', start);
    if (cursor.code() === 0) throw cursor.fault('found unexpected end of stream', start);
    const piece = quote === SINGLE_QUOTE ? scanSinglePiece(cursor) : scanDoublePiece(cursor, start);
    out += piece.text;
    if (cursor.code() === quote) break;
    out += readGap(cursor, piece.broken).text;
  }
  cursor.offset += 1;
  return out;
}

function scanSinglePiece(cursor: Cursor): Gap {
  const { text } = cursor;
  let out = '';
  let from = cursor.offset;
  let { offset } = cursor;
  for (;;) {
    const code = text.charCodeAt(offset);
    if (isBlankOrEnd(code)) break;
    if (code === SINGLE_QUOTE) {
      if (text.charCodeAt(offset + 1) !== SINGLE_QUOTE) break;
      out += text.slice(from, offset + 1);
      offset += 1;
      from = offset + 1;
    }
    offset += 1;
  }
  cursor.offset = offset;
  return { text: out + text.slice(from, offset), broken: false };
}

function scanDoublePiece(cursor: Cursor, start: Mark): Gap {
  const { text } = cursor;
  let out = '';
  let from = cursor.offset;
  for (;;) {
    const code = cursor.code();
    if (code === BACKSLASH) {
      out += text.slice(from, cursor.offset);
      if (isBreak(cursor.code(1))) {
        cursor.offset += 1;
        cursor.skipBreak();
        return { text: out, broken: true };
      }
      out += readEscape(cursor, start);
      from = cursor.offset;
    } else if (code === DOUBLE_QUOTE || isBlankOrEnd(code)) {
      return { text: out + text.slice(from, cursor.offset), broken: false };
    } else {
      cursor.offset += 1;
    }
  }
}

function readEscape(cursor: Cursor, start: Mark): string {
  const code = cursor.code(1);
  const length = code === 0x78 ? 2 : code === 0x75 ? 4 : code === 0x55 ? 8 : 0;
  if (length === 0) {
    const plain = ESCAPES.get(code);
    if (plain === undefined) throw cursor.fault('found unknown escape character', start);
    cursor.offset += 2;
    return plain;
  }
  cursor.offset += 2;
  let value = 0;
  for (let i = 0; i < length; i += 1) {
    const digit = hexDigit(cursor.code(i));
    if (digit === -1) throw cursor.fault('did not find expected hexdecimal number', start);
    value = value * 16 + digit;
  }
  if ((value >= 0xd800 && value <= 0xdfff) || value > 0x10ffff) {
    throw cursor.fault('found invalid Unicode character escape code', start);
  }
  cursor.offset += length;
  return String.fromCodePoint(value);
}

/**
 * Passes blanks and breaks between two pieces of a scalar.
 *
 * @param broken a break was passed already that leaves no trace (escaped)
 */
function readGap(cursor: Cursor, broken: boolean): Gap {
  if (!broken) {
    const from = cursor.offset;
    while (isBlank(cursor.code())) cursor.offset += 1;
    if (!isBreak(cursor.code())) return { text: cursor.text.slice(from, cursor.offset), broken: false };
  }
  let leading = broken ? '' : cursor.readBreak();
  let trailing = '';
  for (;;) {
    const code = cursor.code();
    if (isBlank(code)) cursor.offset += 1;
    else if (isBreak(code)) trailing += cursor.readBreak();
    else break;
  }
  if (leading === '\n') leading = trailing === '' ? ' ' : '';
  return { text: leading + trailing, broken: true };
}

/** What {@link scanPlainScalar} found. */
export interface PlainScalar {
  readonly text: string;
  /** Breaks followed the text: a key may follow. */
  readonly broken: boolean;
  /** Behind the last character of the text. */
  readonly end: Mark;
}

/**
 * A scalar without quotes, over as many lines as it goes on.
 *
 * @param indent the least column of its further lines outside of flow collections
 */
export function scanPlainScalar(cursor: Cursor, indent: number, inFlow: boolean): PlainScalar {
  const start = cursor.mark();
  let out = '';
  let gap = '';
  let broken = false;
  let end = start;
  for (;;) {
    if (cursor.atDocumentIndicator() || cursor.code() === HASH) break;
    const from = cursor.offset;
    skipPlainPiece(cursor, inFlow);
    if (cursor.offset > from) {
      out += gap + cursor.text.slice(from, cursor.offset);
      gap = '';
      broken = false;
      end = cursor.mark();
    }
    const code = cursor.code();
    if (!isBlank(code) && !isBreak(code)) break;
    const next = readPlainGap(cursor, indent, start);
    gap = next.text;
    broken = next.broken;
    if (!inFlow && cursor.column < indent) break;
  }
  return { text: out, broken, end };
}

function skipPlainPiece(cursor: Cursor, inFlow: boolean): void {
  const { text } = cursor;
  let { offset } = cursor;
  for (;;) {
    const code = text.charCodeAt(offset);
    if (isBlankOrEnd(code)) break;
    if (code === COLON && isBlankOrEnd(text.charCodeAt(offset + 1))) break;
    if (inFlow && (code === COMMA || code === QUESTION || isBracket(code))) break;
    offset += 1;
  }
  cursor.offset = offset;
}

function isBracket(code: number): boolean {
  return code === 0x5b || code === 0x5d || code === 0x7b || code === 0x7d;
}

function readPlainGap(cursor: Cursor, indent: number, start: Mark): Gap {
  const from = cursor.offset;
  while (isBlank(cursor.code())) cursor.offset += 1;
  if (!isBreak(cursor.code())) return { text: cursor.text.slice(from, cursor.offset), broken: false };
  let leading = cursor.readBreak();
  let trailing = '';
  for (;;) {
    const code = cursor.code();
    if (isBlank(code)) {
      if (code === TAB && cursor.column < indent) {
        throw cursor.fault('found a tab character that violates indentation', start);
      }
      cursor.offset += 1;
    } else if (isBreak(code)) trailing += cursor.readBreak();
    else break;
  }
  if (leading === '\n') leading = trailing === '' ? ' ' : '';
  return { text: leading + trailing, broken: true };
}

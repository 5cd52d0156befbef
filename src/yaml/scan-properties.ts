import { HASH, hexDigit, isBlank, isBlankOrEnd, isBreak, isBreakOrEnd, isWord } from './characters.ts';
import { decodeUtf8 } from '../base/go-string.ts';
import type { Cursor } from './cursor.ts';
import type { Mark } from './fault.ts';

const BANG = 0x21;
const PERCENT = 0x25;
/** What may stand in a tag besides words: ;/?:@&=+$,.!~*'()[]% */
const URI_CODES: ReadonlySet<number> = new Set(Array.from(";/?:@&=+$,.!~*'()[]%", (each) => each.charCodeAt(0)));
/** What may stand right behind an anchor's name. */
const AFTER_ANCHOR: ReadonlySet<number> = new Set(Array.from('?:,]}%@`', (each) => each.charCodeAt(0)));

/** The name of an anchor or alias, from its indicator on. */
export function scanAnchor(cursor: Cursor): string {
  const start = cursor.mark();
  cursor.offset += 1;
  const name = readWord(cursor);
  const after = cursor.code();
  if (name === '' || !(isBlankOrEnd(after) || AFTER_ANCHOR.has(after))) {
    throw cursor.fault('did not find expected alphabetic or numeric character', start);
  }
  return name;
}

function readWord(cursor: Cursor): string {
  const from = cursor.offset;
  while (isWord(cursor.code())) cursor.offset += 1;
  return cursor.text.slice(from, cursor.offset);
}

/** A tag: `handle` is '' for `!<uri>` and for `!` alone. */
export function scanTag(cursor: Cursor): { handle: string; suffix: string } {
  const start = cursor.mark();
  const tag = cursor.code(1) === 0x3c ? scanVerbatimTag(cursor, start) : scanShortTag(cursor, start);
  if (!isBlankOrEnd(cursor.code())) throw cursor.fault('did not find expected whitespace or line break', start);
  return tag;
}

function scanVerbatimTag(cursor: Cursor, start: Mark): { handle: string; suffix: string } {
  cursor.offset += 2;
  const suffix = scanTagUri(cursor, '', start);
  if (cursor.code() !== 0x3e) throw cursor.fault("did not find the expected '>'", start);
  cursor.offset += 1;
  return { handle: '', suffix };
}

function scanShortTag(cursor: Cursor, start: Mark): { handle: string; suffix: string } {
  const handle = scanTagHandle(cursor, false, start);
  if (handle.length > 1 && handle.endsWith('!')) return { handle, suffix: scanTagUri(cursor, '', start) };
  const suffix = scanTagUri(cursor, handle, start);
  return suffix === '' ? { handle: '', suffix: '!' } : { handle: '!', suffix };
}

function scanTagHandle(cursor: Cursor, directive: boolean, start: Mark): string {
  if (cursor.code() !== BANG) throw cursor.fault("did not find expected '!'", start);
  const from = cursor.offset;
  cursor.offset += 1;
  readWord(cursor);
  if (cursor.code() === BANG) {
    cursor.offset += 1;
  } else if (directive && cursor.offset > from + 1) {
    throw cursor.fault("did not find expected '!'", start);
  }
  return cursor.text.slice(from, cursor.offset);
}

/** @param head a handle that was none: its text behind `!` belongs to the tag */
function scanTagUri(cursor: Cursor, head: string, start: Mark): string {
  let out = head.slice(1);
  let found = head !== '';
  for (;;) {
    const code = cursor.code();
    if (!isWord(code) && !URI_CODES.has(code)) break;
    if (code === PERCENT) {
      out += readUriEscape(cursor, start);
    } else {
      out += String.fromCharCode(code);
      cursor.offset += 1;
    }
    found = true;
  }
  if (!found) throw cursor.fault('did not find expected tag URI', start);
  return out;
}

/** One character, written as the `%xx` of its UTF-8 bytes. */
function readUriEscape(cursor: Cursor, start: Mark): string {
  const bytes: number[] = [];
  let width = 1;
  while (bytes.length < width) {
    const high = hexDigit(cursor.code(1));
    const low = hexDigit(cursor.code(2));
    if (cursor.code() !== PERCENT || high === -1 || low === -1) {
      throw cursor.fault('did not find URI escaped octet', start);
    }
    const octet = high * 16 + low;
    if (bytes.length === 0) {
      width = sequenceWidth(octet);
      if (width === 0) throw cursor.fault('found an incorrect leading UTF-8 octet', start);
    } else if ((octet & 0xc0) !== 0x80) {
      throw cursor.fault('found an incorrect trailing UTF-8 octet', start);
    }
    bytes.push(octet);
    cursor.offset += 3;
  }
  return decodeUtf8(Uint8Array.from(bytes));
}

function sequenceWidth(octet: number): number {
  if ((octet & 0x80) === 0) return 1;
  if ((octet & 0xe0) === 0xc0) return 2;
  if ((octet & 0xf0) === 0xe0) return 3;
  return (octet & 0xf8) === 0xf0 ? 4 : 0;
}

/** A `%YAML` or `%TAG` line. */
export type Directive =
  | { readonly kind: 'version-directive'; readonly value: string; readonly suffix: '' }
  | { readonly kind: 'tag-directive'; readonly value: string; readonly suffix: string };

/** A directive, from its `%` to behind its line. */
export function scanDirective(cursor: Cursor): Directive {
  const start = cursor.mark();
  cursor.offset += 1;
  const name = readWord(cursor);
  if (name === '') throw cursor.fault('could not find expected directive name', start);
  if (!isBlankOrEnd(cursor.code())) throw cursor.fault('found unexpected non-alphabetical character', start);
  if (name !== 'YAML' && name !== 'TAG') throw cursor.fault('found unknown directive name', start);
  skipBlanks(cursor);
  const directive = name === 'YAML' ? scanVersion(cursor, start) : scanTagDirective(cursor, start);
  skipBlanks(cursor);
  if (cursor.code() === HASH) while (!isBreakOrEnd(cursor.code())) cursor.offset += 1;
  if (!isBreakOrEnd(cursor.code())) throw cursor.fault('did not find expected comment or line break', start);
  if (isBreak(cursor.code())) cursor.skipBreak();
  return directive;
}

function skipBlanks(cursor: Cursor): void {
  while (isBlank(cursor.code())) cursor.offset += 1;
}

function scanVersion(cursor: Cursor, start: Mark): Directive {
  const major = readVersionNumber(cursor, start);
  if (cursor.code() !== 0x2e) throw cursor.fault("did not find expected digit or '.' character", start);
  cursor.offset += 1;
  return { kind: 'version-directive', value: `${major}.${readVersionNumber(cursor, start)}`, suffix: '' };
}

function readVersionNumber(cursor: Cursor, start: Mark): number {
  let value = 0;
  let length = 0;
  for (let digit = cursor.code() - 0x30; digit >= 0 && digit <= 9; digit = cursor.code() - 0x30) {
    length += 1;
    if (length > 2) throw cursor.fault('found extremely long version number', start);
    value = value * 10 + digit;
    cursor.offset += 1;
  }
  if (length === 0) throw cursor.fault('did not find expected version number', start);
  return value;
}

function scanTagDirective(cursor: Cursor, start: Mark): Directive {
  const value = scanTagHandle(cursor, true, start);
  if (!isBlank(cursor.code())) throw cursor.fault('did not find expected whitespace', start);
  skipBlanks(cursor);
  const suffix = scanTagUri(cursor, '', start);
  if (!isBlankOrEnd(cursor.code())) throw cursor.fault('did not find expected whitespace or line break', start);
  return { kind: 'tag-directive', value, suffix };
}

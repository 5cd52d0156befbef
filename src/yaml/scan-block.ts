import { HASH, LF, SPACE, TAB, isBlank, isBreak, isBreakOrEnd } from './characters.ts';
import type { CommentScanner } from './comment-scanner.ts';
import type { Cursor } from './cursor.ts';
import type { Mark } from './fault.ts';

interface Header {
  /** `-` strip, `+` keep, '' clip. */
  readonly chomping: '' | '-' | '+';
  /** Explicit indentation, 0 for none. */
  readonly increment: number;
}

/**
 * A literal (`|`) or folded (`>`) scalar from its indicator to the first line behind it, of which the cursor may have passed
 * some indentation.
 *
 * @param parentIndent column of the collection around it, -1 at the root
 * @param comments gets the comment behind the indicator
 */
export function scanBlockScalar(
  cursor: Cursor,
  literal: boolean,
  parentIndent: number,
  comments?: CommentScanner,
): string {
  const start = cursor.mark();
  cursor.offset += 1;
  const { chomping, increment } = readHeader(cursor, start, comments);
  let indent = increment === 0 ? 0 : Math.max(parentIndent, 0) + increment;
  let trailing: string;
  if (indent === 0) {
    const found = detectIndent(cursor, start);
    indent = Math.max(found.indent, parentIndent + 1, 1);
    trailing = found.breaks;
  } else {
    trailing = readBreaks(cursor, indent, start);
  }
  let out = '';
  let leading = '';
  let afterBlank = false;
  while (cursor.column === indent && cursor.code() !== 0) {
    const blank = isBlank(cursor.code());
    if (!literal && !afterBlank && !blank && leading === '\n') {
      if (trailing === '') out += ' ';
    } else {
      out += leading;
    }
    out += trailing;
    afterBlank = blank;
    const from = cursor.offset;
    skipLineText(cursor);
    out += cursor.text.slice(from, cursor.offset);
    leading = isBreak(cursor.code()) ? cursor.readBreak() : '';
    trailing = readBreaks(cursor, indent, start);
  }
  if (chomping !== '-') out += leading;
  if (chomping === '+') out += trailing;
  return out;
}

function skipLineText(cursor: Cursor): void {
  const { text } = cursor;
  let { offset } = cursor;
  let code = text.charCodeAt(offset);
  while (code !== LF && !isBreakOrEnd(code)) {
    offset += 1;
    code = text.charCodeAt(offset);
  }
  cursor.offset = offset;
}

function readHeader(cursor: Cursor, start: Mark, comments: CommentScanner | undefined): Header {
  let chomping = readChomping(cursor);
  const increment = readIncrement(cursor, start);
  if (chomping === '' && increment > 0) chomping = readChomping(cursor);
  while (isBlank(cursor.code())) cursor.offset += 1;
  if (cursor.code() === HASH) {
    comments?.line(cursor, start);
    skipLineText(cursor);
  }
  if (!isBreakOrEnd(cursor.code())) throw cursor.fault('did not find expected comment or line break', start);
  if (isBreak(cursor.code())) cursor.skipBreak();
  return { chomping, increment };
}

function readChomping(cursor: Cursor): '' | '-' | '+' {
  const code = cursor.code();
  if (code !== 0x2b && code !== 0x2d) return '';
  cursor.offset += 1;
  return code === 0x2b ? '+' : '-';
}

function readIncrement(cursor: Cursor, start: Mark): number {
  const digit = cursor.code() - 0x30;
  if (!(digit >= 0 && digit <= 9)) return 0;
  if (digit === 0) throw cursor.fault('found an indentation indicator equal to 0', start);
  cursor.offset += 1;
  return digit;
}

/** Empty lines, up to the first text that stands at `indent` or before it. */
function readBreaks(cursor: Cursor, indent: number, start: Mark): string {
  const { text } = cursor;
  let breaks = '';
  for (;;) {
    const limit = cursor.lineStart + indent;
    let { offset } = cursor;
    while (offset < limit && text.charCodeAt(offset) === SPACE) offset += 1;
    cursor.offset = offset;
    const code = text.charCodeAt(offset);
    if (offset < limit && code === TAB) throw tabFault(cursor, start);
    if (!isBreak(code)) return breaks;
    breaks += cursor.readBreak();
  }
}

/** Empty lines before the first text; the indentation is the greatest of theirs, as libyaml has it. */
function detectIndent(cursor: Cursor, start: Mark): { breaks: string; indent: number } {
  let breaks = '';
  let indent = 0;
  for (;;) {
    while (cursor.code() === SPACE) cursor.offset += 1;
    indent = Math.max(indent, cursor.column);
    if (cursor.code() === TAB) throw tabFault(cursor, start);
    if (!isBreak(cursor.code())) return { breaks, indent };
    breaks += cursor.readBreak();
  }
}

function tabFault(cursor: Cursor, start: Mark): Error {
  return cursor.fault('found a tab character where an indentation space is expected', start);
}

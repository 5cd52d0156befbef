import { newObject } from '../base/json.ts';
import {
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  CR,
  DASH,
  DOT,
  DOUBLE_QUOTE,
  END,
  HASH,
  LF,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUESTION,
  SINGLE_QUOTE,
  SPACE,
  TAB,
} from './characters.ts';
import type { Cursor } from './cursor.ts';
import type { NumberMode } from './numbers.ts';
import {
  GIVE_UP,
  MAX_QUICK_KEY,
  checkDepth,
  checkPlainStart,
  isSpaceOrEnd,
  quickKey,
  quickQuoted,
  quickValue,
} from './quick-scan.ts';

/** Where a flow collection is read. */
interface FlowState {
  readonly cursor: Cursor;
  readonly numbers: NumberMode;
  depth: number;
}

/** A flow collection of quoted and one-line plain scalars, with all that it holds; see parseQuick. */
export function parseQuickFlow(cursor: Cursor, numbers: NumberMode, depth: number): unknown {
  return collection({ cursor, numbers, depth });
}

function collection(state: FlowState): unknown {
  const { cursor } = state;
  const sequence = cursor.code() === OPEN_BRACKET;
  state.depth += 1;
  checkDepth(state.depth);
  cursor.offset += 1;
  const value = sequence ? flowSequence(state) : flowMapping(state);
  state.depth -= 1;
  return value;
}

function flowSequence(state: FlowState): unknown {
  const { cursor } = state;
  const items: unknown[] = [];
  for (;;) {
    if (flowCode(cursor) === CLOSE_BRACKET) break;
    items.push(flowValue(state));
    const code = flowCode(cursor);
    if (code === CLOSE_BRACKET) break;
    if (code !== COMMA) throw GIVE_UP;
    cursor.offset += 1;
  }
  cursor.offset += 1;
  return items;
}

function flowMapping(state: FlowState): unknown {
  const { cursor } = state;
  const object = newObject();
  for (;;) {
    if (flowCode(cursor) === CLOSE_BRACE) break;
    const key = flowKey(cursor);
    let code = flowCode(cursor);
    let value: unknown = null;
    if (code === COLON) {
      cursor.offset += 1;
      code = flowCode(cursor);
      if (code !== COMMA && code !== CLOSE_BRACE) value = flowValue(state);
      code = flowCode(cursor);
    }
    object[key] = value;
    if (code === CLOSE_BRACE) break;
    if (code !== COMMA) throw GIVE_UP;
    cursor.offset += 1;
  }
  cursor.offset += 1;
  return object;
}

/** A key of a flow mapping; a `:` behind it must stand on its line. */
function flowKey(cursor: Cursor): string {
  const { offset } = cursor;
  const code = cursor.code();
  const quoted = code === DOUBLE_QUOTE || code === SINGLE_QUOTE;
  const key = quoted ? quickQuoted(cursor) : quickKey(flowPlain(cursor));
  const { lineStart } = cursor;
  const next = flowCode(cursor);
  if (cursor.lineStart !== lineStart || lineStart > offset || cursor.offset - offset > MAX_QUICK_KEY) throw GIVE_UP;
  if (next !== COLON && next !== COMMA && next !== CLOSE_BRACE) throw GIVE_UP;
  return key;
}

/** Passes white space and comments; the code of what follows. */
function flowCode(cursor: Cursor): number {
  for (;;) {
    const code = cursor.code();
    if (code === SPACE || code === TAB) {
      cursor.offset += 1;
    } else if (code === HASH) {
      const end = cursor.text.indexOf('\n', cursor.offset);
      cursor.offset = end === -1 ? cursor.text.length - 1 : end;
    } else if (code === LF || code === CR) {
      cursor.skipBreak();
      const first = cursor.code();
      if (first === DASH || first === DOT || first === 0x25) throw GIVE_UP;
    } else {
      return code;
    }
  }
}

function flowValue(state: FlowState): unknown {
  const { cursor } = state;
  const code = cursor.code();
  if (code === DOUBLE_QUOTE || code === SINGLE_QUOTE) return quickQuoted(cursor);
  if (code === OPEN_BRACKET || code === OPEN_BRACE) return collection(state);
  return quickValue(flowPlain(cursor), state.numbers);
}

/** A plain scalar in a flow collection, on one line: a second one shows as a missing comma. */
function flowPlain(cursor: Cursor): string {
  const { text } = cursor;
  const start = cursor.offset;
  const first = text.charCodeAt(start);
  if (first === QUESTION || first === COLON || first === END) throw GIVE_UP;
  checkPlainStart(cursor, first);
  let offset = start;
  let end = start;
  for (;;) {
    const code = text.charCodeAt(offset);
    if (code === SPACE || code === TAB) {
      offset += 1;
      continue;
    }
    if (code === LF || code === CR || code === END || code === COMMA || isBracket(code)) break;
    if (code === QUESTION) throw GIVE_UP;
    if (code === HASH && end < offset) break;
    if (code === COLON && isSpaceOrEnd(text.charCodeAt(offset + 1))) break;
    offset += 1;
    end = offset;
  }
  cursor.offset = offset;
  return text.slice(start, end);
}

function isBracket(code: number): boolean {
  return code === CLOSE_BRACKET || code === CLOSE_BRACE || code === OPEN_BRACKET || code === OPEN_BRACE;
}

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
import { newObject } from '../base/json.ts';
import { Cursor } from './cursor.ts';
import { YamlFault } from './fault.ts';
import { type NumberMode, toValue } from './numbers.ts';
import { mayBeTyped, resolvePlain } from './resolve.ts';
import { scanBlockScalar } from './scan-block.ts';
import { scanQuotedScalar } from './scan-flow.ts';
import { floatKey } from './decode.ts';

/** What {@link parseQuick} gives for a text that it leaves to the whole parser. */
export const NOT_QUICK = Symbol('not quick');

const GIVE_UP = new Error('left to the whole parser');
const MAX_DEPTH = 500;
/** Keys beyond this length are left to the whole parser, which knows the limit. */
const MAX_KEY_LENGTH = 1000;

/** Characters that begin something else than a plain scalar: `-`, `?` and `:` only before a blank. */
const INDICATOR = new Uint8Array(128);
for (const char of ',[]{}#&*!|>\'"%@`') INDICATOR[char.charCodeAt(0)] = 1;
for (const char of '-?:') INDICATOR[char.charCodeAt(0)] = 2;

/**
 * The value of a text straight from its characters, for the texts that nearly all files are: block collections with plain,
 * quoted and block scalars, and flow collections. At the first sign of anything else (anchors, tags, complex keys, tabs in
 * indentation, any fault) it gives {@link NOT_QUICK}, and the whole parser takes the text from the start.
 *
 * @param text with a NUL behind its end and no exotic breaks
 */
export function parseQuick(text: string, numbers: NumberMode): unknown {
  try {
    return new QuickParser(text, numbers).document();
  } catch (error) {
    if (error === GIVE_UP || error instanceof YamlFault) return NOT_QUICK;
    throw error;
  }
}

class QuickParser extends Cursor {
  readonly #numbers: NumberMode;
  /** Column of the next content, -1 behind the document's last one. */
  #next = -1;
  #depth = 0;

  constructor(text: string, numbers: NumberMode) {
    super(text);
    this.#numbers = numbers;
  }

  document(): unknown {
    this.#advance();
    if (this.#next === -1 && this.code() === DASH) {
      this.offset += 3;
      this.#endLine();
    }
    if (this.#next === -1) {
      if (this.code() === DOT) throw GIVE_UP;
      return null;
    }
    const value = this.#block(-1);
    if (this.#next !== -1) throw GIVE_UP;
    return value;
  }

  /** Passes empty lines and comments from the start of a line on. */
  #advance(): void {
    const { text } = this;
    let offset = this.offset;
    for (;;) {
      const start = offset;
      let code = text.charCodeAt(offset);
      while (code === SPACE) {
        offset += 1;
        code = text.charCodeAt(offset);
      }
      if (code === LF) {
        offset += 1;
      } else if (code === HASH) {
        const end = text.indexOf('\n', offset);
        offset = end === -1 ? text.length - 1 : end + 1;
      } else if (code === CR) {
        offset += 2;
      } else {
        if (code === TAB) throw GIVE_UP;
        this.offset = offset;
        this.lineStart = start;
        const ended = code === END || ((code === DASH || code === DOT) && this.atDocumentIndicator());
        this.#next = ended ? -1 : offset - start;
        return;
      }
    }
  }

  /** Passes the rest of a line, in which nothing but a comment may stand, and what {@link #advance} passes. */
  #endLine(): void {
    const { text } = this;
    let offset = this.offset;
    let code = text.charCodeAt(offset);
    while (code === SPACE || code === TAB) {
      offset += 1;
      code = text.charCodeAt(offset);
    }
    if (code === HASH) {
      const end = text.indexOf('\n', offset);
      offset = end === -1 ? text.length - 1 : end;
      code = text.charCodeAt(offset);
    }
    if (code === LF) offset += 1;
    else if (code === CR) offset += 2;
    else if (code !== END) throw GIVE_UP;
    this.offset = offset;
    this.#advance();
  }

  /** A collection that begins at the next content, which lies deeper than `parent`. */
  #block(parent: number): unknown {
    const column = this.#next;
    if (column <= parent) throw GIVE_UP;
    return this.#atEntry() ? this.#sequence(column, false) : this.#mapping(column);
  }

  #atEntry(): boolean {
    if (this.text.charCodeAt(this.offset) !== DASH) return false;
    const after = this.text.charCodeAt(this.offset + 1);
    if (after === TAB) throw GIVE_UP;
    return after === SPACE || after === LF || after === CR || after === END;
  }

  #mapping(column: number): unknown {
    const object = newObject();
    this.#enter();
    do {
      const key = this.#blockKey();
      object[key] = this.#blockValue(column);
    } while (this.#next === column);
    if (this.#next > column) throw GIVE_UP;
    this.#depth -= 1;
    return object;
  }

  #sequence(column: number, indentless: boolean): unknown {
    const items: unknown[] = [];
    this.#enter();
    do {
      this.offset += 1;
      items.push(this.#item(column));
    } while (this.#next === column && this.#atEntry());
    if (this.#next > column || (this.#next === column && !indentless)) throw GIVE_UP;
    this.#depth -= 1;
    return items;
  }

  #enter(): void {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw GIVE_UP;
  }

  /** The entry behind a `-`. */
  #item(column: number): unknown {
    const { text } = this;
    let offset = this.offset;
    let code = text.charCodeAt(offset);
    while (code === SPACE) {
      offset += 1;
      code = text.charCodeAt(offset);
    }
    if (code === TAB) throw GIVE_UP;
    if (code === LF || code === CR || code === HASH || code === END) {
      this.#endLine();
      return this.#next > column ? this.#block(column) : null;
    }
    this.offset = offset;
    if (this.#atEntry()) return this.#sequence(offset - this.lineStart, false);
    if (this.#isKey(code)) {
      this.#next = offset - this.lineStart;
      return this.#mapping(this.#next);
    }
    return this.#content(code, column);
  }

  /** True if a key stands here; leaves the place. */
  #isKey(first: number): boolean {
    const { offset } = this;
    if (first === DOUBLE_QUOTE || first === SINGLE_QUOTE) {
      this.#quoted();
      if (this.lineStart > offset) throw GIVE_UP;
      const key = this.#passColon();
      this.offset = offset;
      return key;
    }
    if (first < 128 && INDICATOR[first] === 1) return false;
    this.#plainEnd();
    const key = this.text.charCodeAt(this.offset) === COLON;
    this.offset = offset;
    return key;
  }

  /** Passes blanks and a `:` with a blank behind, if they follow. */
  #passColon(): boolean {
    let code = this.code();
    while (code === SPACE || code === TAB) {
      this.offset += 1;
      code = this.code();
    }
    if (code !== COLON || !isSpaceOrEnd(this.code(1))) return false;
    this.offset += 1;
    return true;
  }

  /** A key on this line, passed with its `:`. */
  #blockKey(): string {
    const { text, offset } = this;
    const first = text.charCodeAt(offset);
    if (first === DOUBLE_QUOTE || first === SINGLE_QUOTE) {
      const key = this.#quoted();
      if (this.lineStart > offset || this.offset - offset > MAX_KEY_LENGTH || !this.#passColon()) throw GIVE_UP;
      return key;
    }
    this.#checkPlainStart(first);
    const end = this.#plainEnd();
    if (text.charCodeAt(this.offset) !== COLON || this.offset - offset > MAX_KEY_LENGTH) throw GIVE_UP;
    this.offset += 1;
    return keyOf(text.slice(offset, end));
  }

  #checkPlainStart(first: number): void {
    if (first >= 128) return;
    const indicator = INDICATOR[first];
    if (indicator === 1 || (indicator === 2 && isSpaceOrEnd(this.text.charCodeAt(this.offset + 1)))) throw GIVE_UP;
  }

  /** The value behind a key's `:` in a mapping at `column`. */
  #blockValue(column: number): unknown {
    const { text } = this;
    let offset = this.offset;
    let code = text.charCodeAt(offset);
    while (code === SPACE || code === TAB) {
      offset += 1;
      code = text.charCodeAt(offset);
    }
    if (code === LF || code === CR || code === HASH || code === END) {
      this.#endLine();
      if (this.#next > column) return this.#block(column);
      return this.#next === column && this.#atEntry() ? this.#sequence(column, true) : null;
    }
    this.offset = offset;
    return this.#content(code, column);
  }

  /** A scalar or a flow collection, in a block collection at `column`. */
  #content(code: number, column: number): unknown {
    let value: unknown;
    switch (code) {
      case DOUBLE_QUOTE:
      case SINGLE_QUOTE:
        value = this.#quoted();
        break;
      case OPEN_BRACKET:
      case OPEN_BRACE:
        value = this.#flowCollection(code);
        break;
      case 0x7c:
      case 0x3e:
        value = scanBlockScalar(this, code === 0x7c, column);
        if (this.code() !== END) this.offset = this.lineStart;
        this.#advance();
        if (this.#next > column) throw GIVE_UP;
        return value;
      default:
        this.#checkPlainStart(code);
        return this.#plain(column);
    }
    this.#endLine();
    if (this.#next > column) throw GIVE_UP;
    return value;
  }

  #quoted(): string {
    const { text, offset } = this;
    const quote = text.charCodeAt(offset);
    let end = offset + 1;
    for (;;) {
      const code = text.charCodeAt(end);
      if (code === quote) {
        if (quote === SINGLE_QUOTE && text.charCodeAt(end + 1) === SINGLE_QUOTE) break;
        this.offset = end + 1;
        return text.slice(offset + 1, end);
      }
      if (code === LF || code === CR || code === END || (code === 0x5c && quote === DOUBLE_QUOTE)) break;
      end += 1;
    }
    return scanQuotedScalar(this);
  }

  #plain(column: number): unknown {
    const { text, offset } = this;
    const end = this.#plainEnd();
    const stop = this.offset;
    const code = text.charCodeAt(stop);
    if (code === COLON) throw GIVE_UP;
    const value = text.slice(offset, end);
    this.#endLine();
    if (this.#next <= column) return this.#resolve(value);
    if (code === HASH) throw GIVE_UP;
    this.offset = stop;
    return this.#resolve(this.#furtherLines(value, column));
  }

  /** The lines of a plain scalar behind its first one; the place is the end of that. */
  #furtherLines(first: string, column: number): string {
    const { text } = this;
    let out = first;
    for (;;) {
      let empty = -1;
      let start = this.offset;
      let code = text.charCodeAt(start);
      while (code === LF || code === CR || code === SPACE) {
        if (code === LF) {
          empty += 1;
          this.lineStart = start + 1;
        }
        start += 1;
        code = text.charCodeAt(start);
      }
      if (code === TAB) throw GIVE_UP;
      if (code === END || code === HASH || start - this.lineStart <= column) break;
      this.offset = start;
      const end = this.#plainEnd();
      const stop = text.charCodeAt(this.offset);
      if (stop === COLON) throw GIVE_UP;
      out += (empty === 0 ? ' ' : '\n'.repeat(empty)) + text.slice(start, end);
      if (stop === HASH) break;
    }
    this.#endLine();
    if (this.#next > column) throw GIVE_UP;
    return out;
  }

  /**
   * Passes a line's plain text up to its end, a comment or a `:` with a blank behind.
   *
   * @returns the end of the text without the blanks behind it
   */
  #plainEnd(): number {
    const { text } = this;
    let offset = this.offset;
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
    this.offset = offset;
    return end;
  }

  #resolve(text: string): unknown {
    return resolveQuick(text, this.#numbers);
  }

  #flowCollection(code: number): unknown {
    this.#enter();
    this.offset += 1;
    const value = code === OPEN_BRACKET ? this.#flowSequence() : this.#flowMapping();
    this.#depth -= 1;
    return value;
  }

  #flowSequence(): unknown {
    const items: unknown[] = [];
    for (;;) {
      if (this.#flowCode() === CLOSE_BRACKET) break;
      items.push(this.#flowValue());
      const code = this.#flowCode();
      if (code === CLOSE_BRACKET) break;
      if (code !== COMMA) throw GIVE_UP;
      this.offset += 1;
    }
    this.offset += 1;
    return items;
  }

  #flowMapping(): unknown {
    const object = newObject();
    for (;;) {
      if (this.#flowCode() === CLOSE_BRACE) break;
      const key = this.#flowKey();
      let code = this.#flowCode();
      let value: unknown = null;
      if (code === COLON) {
        this.offset += 1;
        code = this.#flowCode();
        if (code !== COMMA && code !== CLOSE_BRACE) value = this.#flowValue();
        code = this.#flowCode();
      }
      object[key] = value;
      if (code === CLOSE_BRACE) break;
      if (code !== COMMA) throw GIVE_UP;
      this.offset += 1;
    }
    this.offset += 1;
    return object;
  }

  /** A key of a flow mapping; a `:` behind it must stand on its line. */
  #flowKey(): string {
    const { offset } = this;
    const code = this.code();
    const quoted = code === DOUBLE_QUOTE || code === SINGLE_QUOTE;
    const key = quoted ? this.#quoted() : keyOf(this.#flowPlain());
    const { lineStart } = this;
    const next = this.#flowCode();
    if (this.lineStart !== lineStart || lineStart > offset || this.offset - offset > MAX_KEY_LENGTH) throw GIVE_UP;
    if (next !== COLON && next !== COMMA && next !== CLOSE_BRACE) throw GIVE_UP;
    return key;
  }

  /** Passes white space and comments; the code of what follows. */
  #flowCode(): number {
    for (;;) {
      const code = this.code();
      if (code === SPACE || code === TAB) {
        this.offset += 1;
      } else if (code === HASH) {
        const end = this.text.indexOf('\n', this.offset);
        this.offset = end === -1 ? this.text.length - 1 : end;
      } else if (code === LF || code === CR) {
        this.skipBreak();
        const first = this.code();
        if (first === DASH || first === DOT || first === 0x25) throw GIVE_UP;
      } else {
        return code;
      }
    }
  }

  #flowValue(): unknown {
    const code = this.code();
    if (code === DOUBLE_QUOTE || code === SINGLE_QUOTE) return this.#quoted();
    if (code === OPEN_BRACKET || code === OPEN_BRACE) return this.#flowCollection(code);
    return this.#resolve(this.#flowPlain());
  }

  /** A plain scalar in a flow collection, on one line: a second one shows as a missing comma. */
  #flowPlain(): string {
    const { text } = this;
    const start = this.offset;
    const first = text.charCodeAt(start);
    if (first === QUESTION || first === COLON || first === END) throw GIVE_UP;
    this.#checkPlainStart(first);
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
    this.offset = offset;
    return text.slice(start, end);
  }
}

function isSpaceOrEnd(code: number): boolean {
  return code === SPACE || code === LF || code === CR || code === TAB || code === END;
}

function isBracket(code: number): boolean {
  return code === CLOSE_BRACKET || code === CLOSE_BRACE || code === OPEN_BRACKET || code === OPEN_BRACE;
}

function resolveQuick(text: string, numbers: NumberMode): unknown {
  if (!mayBeTyped(text)) return text;
  const { type, value } = resolvePlain(text);
  if (typeof value === 'string') return value;
  // The whole parser words the fault.
  if (type === 'float' && !Number.isFinite(value)) throw GIVE_UP;
  return toValue(value, numbers);
}

function keyOf(text: string): string {
  if (text === '<<') throw GIVE_UP;
  if (!mayBeTyped(text)) return text;
  const { value } = resolvePlain(text);
  if (typeof value === 'string') return value;
  if (value === null || (typeof value === 'bigint' && value >= 2n ** 63n)) throw GIVE_UP;
  return typeof value === 'number' ? floatKey(value) : String(value);
}

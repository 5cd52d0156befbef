import { newObject } from '../base/json.ts';
import {
  COLON,
  CR,
  DASH,
  DOT,
  DOUBLE_QUOTE,
  END,
  HASH,
  LF,
  OPEN_BRACE,
  OPEN_BRACKET,
  SINGLE_QUOTE,
  SPACE,
  TAB,
} from './characters.ts';
import { Cursor } from './cursor.ts';
import { YamlFault } from './fault.ts';
import type { NumberMode } from './numbers.ts';
import { parseQuickFlow } from './quick-flow.ts';
import {
  GIVE_UP,
  INDICATOR,
  MAX_QUICK_KEY,
  checkDepth,
  checkPlainStart,
  isSpaceOrEnd,
  quickKey,
  quickPlainEnd,
  quickQuoted,
  quickValue,
} from './quick-scan.ts';
import { scanBlockScalar } from './scan-block.ts';

/** What {@link parseQuick} gives for a text that it leaves to the whole parser. */
export const NOT_QUICK = Symbol('not quick');

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

  /** A collection, of either style, that begins at the next content, which lies deeper than `parent`. */
  #block(parent: number): unknown {
    const column = this.#next;
    if (column <= parent) throw GIVE_UP;
    if (this.#atEntry()) return this.#sequence(column, false);
    const code = this.code();
    if (code !== OPEN_BRACE && code !== OPEN_BRACKET) return this.#mapping(column);
    // A flow collection on a line of its own, as templates write `{}`.
    const value = parseQuickFlow(this, this.#numbers, this.#depth);
    this.#endLine();
    if (this.#next > parent) throw GIVE_UP;
    return value;
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
    checkDepth(this.#depth);
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
      quickQuoted(this);
      if (this.lineStart > offset) throw GIVE_UP;
      const key = this.#passColon();
      this.offset = offset;
      return key;
    }
    if (first < 128 && INDICATOR[first] === 1) return false;
    quickPlainEnd(this);
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
      const key = quickQuoted(this);
      if (this.lineStart > offset || this.offset - offset > MAX_QUICK_KEY || !this.#passColon()) throw GIVE_UP;
      return key;
    }
    checkPlainStart(this, first);
    const end = quickPlainEnd(this);
    if (text.charCodeAt(this.offset) !== COLON || this.offset - offset > MAX_QUICK_KEY) throw GIVE_UP;
    this.offset += 1;
    return quickKey(text.slice(offset, end));
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
        value = quickQuoted(this);
        break;
      case OPEN_BRACKET:
      case OPEN_BRACE:
        value = parseQuickFlow(this, this.#numbers, this.#depth);
        break;
      case 0x7c:
      case 0x3e:
        value = scanBlockScalar(this, code === 0x7c, column);
        if (this.code() !== END) this.offset = this.lineStart;
        this.#advance();
        if (this.#next > column) throw GIVE_UP;
        return value;
      default:
        checkPlainStart(this, code);
        return this.#plain(column);
    }
    this.#endLine();
    if (this.#next > column) throw GIVE_UP;
    return value;
  }

  #plain(column: number): unknown {
    const { text, offset } = this;
    const end = quickPlainEnd(this);
    const stop = this.offset;
    const code = text.charCodeAt(stop);
    if (code === COLON) throw GIVE_UP;
    const value = text.slice(offset, end);
    this.#endLine();
    if (this.#next <= column) return quickValue(value, this.#numbers);
    if (code === HASH) throw GIVE_UP;
    this.offset = stop;
    return quickValue(this.#furtherLines(value, column), this.#numbers);
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
      const end = quickPlainEnd(this);
      const stop = text.charCodeAt(this.offset);
      if (stop === COLON) throw GIVE_UP;
      out += (empty === 0 ? ' ' : '\n'.repeat(empty)) + text.slice(start, end);
      if (stop === HASH) break;
    }
    this.#endLine();
    if (this.#next > column) throw GIVE_UP;
    return out;
  }
}

import {
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  DASH,
  DOUBLE_QUOTE,
  HASH,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUESTION,
  SINGLE_QUOTE,
  SPACE,
  TAB,
  isBlank,
  isBlankOrEnd,
  isBreak,
  isBreakOrEnd,
} from './characters.ts';
import type { CommentScanner, ScannerState } from './comment-scanner.ts';
import { Cursor } from './cursor.ts';
import { type Mark, YamlFault } from './fault.ts';
import type { YamlInput } from './input.ts';
import { scanBlockScalar } from './scan-block.ts';
import { scanPlainScalar, scanQuotedScalar } from './scan-flow.ts';
import { scanAnchor, scanDirective, scanTag } from './scan-properties.ts';
import { SimpleKeys } from './simple-keys.ts';
import type { ScalarStyle, Token, TokenKind } from './token.ts';

const MAX_DEPTH = 10_000;
/**
 * Turns a text into tokens by libyaml's rules, with the complaints of go-yaml v2's copy of it (scannerc.go). Indentation and
 * keys are found by looking back: where a `:` shows that a key went before, its tokens are put into the queue behind it.
 */
export class Scanner extends Cursor {
  readonly #limit: number;
  readonly #limitFault: YamlFault | undefined;
  #tokens: Token[] = [];
  #head = 0;
  /** Tokens taken so far. */
  #taken = 0;
  #indent = -1;
  readonly #indents: number[] = [];
  #flowLevel = 0;
  #keyAllowed = true;
  readonly #keys = new SimpleKeys(this);
  readonly comments: CommentScanner | undefined;

  /** @param comments gets the comments; absent: they are skipped */
  constructor(input: YamlInput, comments?: CommentScanner) {
    super(input.text);
    this.comments = comments;
    this.#limit = input.limit;
    this.#limitFault = input.limitFault;
  }

  /** The next token, which stays. */
  peek(): Token {
    const head = this.#tokens[this.#head];
    if (head !== undefined && this.#isAhead() && !this.#keys.mayBegin(this.#taken)) return head;
    return this.#fill();
  }

  /** Takes the token that {@link peek} gave. */
  take(): void {
    this.#head += 1;
    this.#taken += 1;
    if (this.#head === this.#tokens.length && this.comments === undefined) {
      this.#tokens = [];
      this.#head = 0;
    }
  }

  #fill(): Token {
    for (;;) {
      this.#fetch();
      const head = this.#tokens[this.#head];
      if (head !== undefined && this.#isAhead() && !this.#keys.mayBegin(this.#taken)) return head;
    }
  }

  /** Comments show what they belong to by the two tokens behind. */
  #isAhead(): boolean {
    return this.comments === undefined || this.#head < this.#tokens.length - 2;
  }

  #state(): ScannerState {
    return {
      last: this.#tokens.at(-1),
      beforeLast: this.#tokens.at(-2),
      indent: this.#indent,
      inFlow: this.#flowLevel > 0,
    };
  }

  /** The number of the token that comes next into the queue. */
  #nextNumber(): number {
    return this.#taken + this.#tokens.length - this.#head;
  }

  #saveKey(): void {
    if (this.#keyAllowed) this.#keys.save(this.#nextNumber(), this.#flowLevel === 0 && this.#indent === this.column);
  }

  #push(kind: TokenKind, start: Mark, value = '', suffix = '', style: ScalarStyle = 'plain'): void {
    this.#tokens.push({ kind, start, end: this.mark(), value, suffix, style });
  }

  /** Puts a token before the one of that number, or behind all if that one is taken already. */
  #insert(kind: TokenKind, mark: Mark, number: number): void {
    const token: Token = { kind, start: mark, end: mark, value: '', suffix: '', style: 'plain' };
    if (number < this.#taken) this.#tokens.push(token);
    else this.#tokens.splice(this.#head + number - this.#taken, 0, token);
  }

  #roll(kind: TokenKind, mark: Mark, number = this.#nextNumber()): void {
    if (this.#flowLevel > 0 || this.#indent >= mark.column) return;
    this.#indents.push(this.#indent);
    this.#indent = mark.column;
    if (this.#indents.length > MAX_DEPTH) throw this.fault(`exceeded max depth of ${MAX_DEPTH}`);
    this.#insert(kind, mark, number);
  }

  #unroll(column: number, scanStart?: Mark): void {
    if (this.#flowLevel > 0) return;
    const { comments } = this;
    const from = comments === undefined ? undefined : (scanStart ?? this.mark());
    let blockEnd = from === undefined ? undefined : { ...from, offset: from.offset - 1 };
    while (this.#indent > column) {
      if (comments !== undefined && blockEnd !== undefined) {
        blockEnd = comments.blockEnd(blockEnd, this.#indent);
        this.#insert('block-end', blockEnd, this.#nextNumber());
      } else {
        this.#push('block-end', this.mark());
      }
      this.#indent = this.#indents.pop() ?? -1;
    }
  }

  #fetch(): void {
    if (this.#limitFault === undefined) {
      this.#fetchToken();
      return;
    }
    // The text cannot be read to its end: what the reader delivers comes in chunks, and the fault shows with its chunk.
    try {
      this.#fetchToken();
    } catch (error) {
      if (error instanceof YamlFault && this.offset + 1 <= this.#limit) throw error;
      throw this.#limitFault;
    }
    if (this.offset + 1 > this.#limit) throw this.#limitFault;
  }

  #fetchToken(): void {
    const { comments } = this;
    const scanStart = comments === undefined ? undefined : this.mark();
    this.#skipToToken(scanStart);
    this.#unroll(this.column, scanStart);
    if (this.#limitFault !== undefined && this.offset + 4 > this.#limit) throw this.#limitFault;
    const code = this.code();
    if (code === 0) {
      this.#endStream();
    } else if (this.offset === this.lineStart && code === 0x25) {
      this.#directive();
    } else if (this.atDocumentIndicator()) {
      this.#documentIndicator(code === DASH ? 'document-start' : 'document-end');
    } else {
      const start = comments === undefined ? undefined : this.#commentMark(code);
      if (!this.#indicator(code)) this.#plainScalar(code);
      // Behind the dash of an entry comments go with what follows.
      if (start !== undefined && this.#tokens.at(-1)?.kind !== 'block-entry') comments?.line(this, start);
    }
  }

  /** The token that a comment on the line goes with: behind `:` and `,` the one before. */
  #commentMark(code: number): Mark {
    const goesBack = this.#flowLevel === 0 ? code === COLON : code === COMMA;
    const before = goesBack ? this.#tokens.at(-1) : undefined;
    return before?.start ?? this.mark();
  }

  #skipToToken(scanStart?: Mark): void {
    const { comments } = this;
    for (;;) {
      // The test for a byte order mark looks at the start of the buffer, which is the start of the text at most.
      if (this.offset === 0 && this.code() === 0xfeff) this.offset += 1;
      let code = this.code();
      while (code === SPACE || (code === TAB && (this.#flowLevel > 0 || !this.#keyAllowed))) {
        this.offset += 1;
        code = this.code();
      }
      comments?.moveUp(this, this.#state());
      if (code === HASH) {
        if (comments !== undefined && scanStart !== undefined) comments.block(this, scanStart, this.#state());
        else while (!isBreakOrEnd(this.code())) this.offset += 1;
        code = this.code();
      }
      if (!isBreak(code)) return;
      this.skipBreak();
      if (this.#flowLevel === 0) this.#keyAllowed = true;
    }
  }

  /** Scans what an indicator begins; false if a plain scalar stands here, or nothing that can. */
  #indicator(code: number): boolean {
    switch (code) {
      case OPEN_BRACKET:
        return this.#flowStart('flow-sequence-start');
      case OPEN_BRACE:
        return this.#flowStart('flow-mapping-start');
      case CLOSE_BRACKET:
        return this.#flowEnd('flow-sequence-end');
      case CLOSE_BRACE:
        return this.#flowEnd('flow-mapping-end');
      case COMMA:
        return this.#flowEntry();
      case DASH:
        return isBlankOrEnd(this.code(1)) && this.#blockEntry();
      case QUESTION:
        return (this.#flowLevel > 0 || isBlankOrEnd(this.code(1))) && this.#explicitKey();
      case COLON:
        return (this.#flowLevel > 0 || isBlankOrEnd(this.code(1))) && this.#value();
      case 0x2a:
        return this.#anchor('alias');
      case 0x26:
        return this.#anchor('anchor');
      case 0x21:
        return this.#tag();
      case 0x7c:
        return this.#flowLevel === 0 && this.#blockScalar('literal');
      case 0x3e:
        return this.#flowLevel === 0 && this.#blockScalar('folded');
      case SINGLE_QUOTE:
        return this.#quotedScalar('single');
      case DOUBLE_QUOTE:
        return this.#quotedScalar('double');
      default:
        return false;
    }
  }

  #endStream(): void {
    if (this.column !== 0) {
      this.line += 1;
      this.lineStart = this.offset;
    }
    this.#unroll(-1);
    this.#keys.remove();
    this.#keyAllowed = false;
    this.#push('stream-end', this.mark());
  }

  #directive(): void {
    this.#unroll(-1);
    this.#keys.remove();
    this.#keyAllowed = false;
    const start = this.mark();
    const { kind, value, suffix } = scanDirective(this);
    this.#push(kind, start, value, suffix);
  }

  #documentIndicator(kind: TokenKind): void {
    this.#unroll(-1);
    this.#keys.remove();
    this.#keyAllowed = false;
    const start = this.mark();
    this.offset += 3;
    this.#push(kind, start);
  }

  #single(kind: TokenKind): true {
    const start = this.mark();
    this.offset += 1;
    this.#push(kind, start);
    return true;
  }

  #flowStart(kind: TokenKind): true {
    this.#saveKey();
    this.#keys.enter(this.#nextNumber());
    this.#flowLevel += 1;
    if (this.#flowLevel > MAX_DEPTH) throw this.fault(`exceeded max depth of ${MAX_DEPTH}`);
    this.#keyAllowed = true;
    return this.#single(kind);
  }

  #flowEnd(kind: TokenKind): true {
    this.#keys.remove();
    if (this.#flowLevel > 0) {
      this.#flowLevel -= 1;
      this.#keys.leave();
    }
    this.#keyAllowed = false;
    return this.#single(kind);
  }

  #flowEntry(): true {
    this.#keys.remove();
    this.#keyAllowed = true;
    return this.#single('flow-entry');
  }

  #blockEntry(): true {
    if (this.#flowLevel === 0) {
      if (!this.#keyAllowed) throw this.fault('block sequence entries are not allowed in this context', this.mark());
      this.#roll('block-sequence-start', this.mark());
    }
    this.#keys.remove();
    this.#keyAllowed = true;
    return this.#single('block-entry');
  }

  #explicitKey(): true {
    if (this.#flowLevel === 0) {
      if (!this.#keyAllowed) throw this.fault('mapping keys are not allowed in this context', this.mark());
      this.#roll('block-mapping-start', this.mark());
    }
    this.#keys.remove();
    this.#keyAllowed = this.#flowLevel === 0;
    return this.#single('key');
  }

  #value(): true {
    const key = this.#keys.current();
    if (key !== undefined) {
      this.#insert('key', key.mark, key.token);
      this.#roll('block-mapping-start', key.mark, key.token);
      this.#keys.found(key);
      this.#keyAllowed = false;
    } else {
      if (this.#flowLevel === 0) {
        if (!this.#keyAllowed) throw this.fault('mapping values are not allowed in this context', this.mark());
        this.#roll('block-mapping-start', this.mark());
      }
      this.#keyAllowed = this.#flowLevel === 0;
    }
    return this.#single('value');
  }

  #anchor(kind: 'alias' | 'anchor'): true {
    this.#saveKey();
    this.#keyAllowed = false;
    const start = this.mark();
    this.#push(kind, start, scanAnchor(this));
    return true;
  }

  #tag(): true {
    this.#saveKey();
    this.#keyAllowed = false;
    const start = this.mark();
    const { handle, suffix } = scanTag(this);
    this.#push('tag', start, handle, suffix);
    return true;
  }

  #blockScalar(style: 'literal' | 'folded'): true {
    this.#keys.remove();
    this.#keyAllowed = true;
    const start = this.mark();
    const value = scanBlockScalar(this, style === 'literal', this.#indent, this.comments);
    this.#push('scalar', start, value, '', style);
    return true;
  }

  #quotedScalar(style: 'single' | 'double'): true {
    this.#saveKey();
    this.#keyAllowed = false;
    const start = this.mark();
    this.#push('scalar', start, scanQuotedScalar(this), '', style);
    return true;
  }

  #plainScalar(first: number): void {
    const indicator = PLAIN_FORBIDDEN.has(first) || isBreak(first);
    const dash = first === DASH && !isBlank(this.code(1));
    const keyLike = this.#flowLevel === 0 && (first === QUESTION || first === COLON) && !isBlankOrEnd(this.code(1));
    if (indicator && !dash && !keyLike) {
      throw this.fault('found character that cannot start any token', this.mark());
    }
    this.#saveKey();
    this.#keyAllowed = false;
    const start = this.mark();
    const { text, broken, end } = scanPlainScalar(this, this.#indent + 1, this.#flowLevel > 0);
    this.#tokens.push({ kind: 'scalar', start, end, value: text, suffix: '', style: 'plain' });
    if (broken) this.#keyAllowed = true;
  }
}

/** No plain scalar begins with one of these (`-`, `?` and `:` may, with a text right behind). */
const PLAIN_FORBIDDEN: ReadonlySet<number> = new Set(
  Array.from(' \t-?:,[]{}#&*!|>\'"%@`', (each) => each.charCodeAt(0)),
);

import { isPrint, quote } from '../runtime/quote.ts';
import { KEYWORDS, T, type Token, type TokenType } from './token.ts';

const LEFT = '{{';
const RIGHT = '}}';
export const TRIM_LENGTH = 2;
/** Longer actions are seldom written twice. */
const MAX_LIKELY = 300;

/** ASCII letters, digits and underscores; a pattern runs as machine code where a loop would be interpreted. */
const WORD_RUN = /\w*/y;
const SIMPLE_STRING = /"[^"\\\n]*"/y;
const SPACE_RUN = /[ \t\r\n]*/y;

/** Which words are keywords although functions may be called so. */
export interface LexOptions {
  readonly breakIsKeyword: boolean;
  readonly continueIsKeyword: boolean;
}

/** What stands next outside of actions. */
export const Item = { end: 0, text: 1, action: 2, fault: 3 } as const;
export type ItemKind = (typeof Item)[keyof typeof Item];

/**
 * The scanner of templates (Go: parse/lex.go). {@link item} walks over text and comments; what an action holds is either read as
 * tokens, by {@link enter} and {@link next}, or passed over by {@link skip}. Positions are UTF-16 offsets, those of tokens from the
 * left delimiter of their action on.
 */
export class Lexer {
  readonly #input: string;
  readonly #options: LexOptions;
  #pos = 0;
  #start = 0;
  /** Where the last item or token begins. */
  #last = 0;
  #base = 0;
  #end = 0;
  #parenDepth = 0;
  #failed = false;
  /** True if the action that was read last takes the space behind it away. */
  trims = false;
  /** The text of the last {@link Item.text}. */
  text = '';
  /** The message of the last {@link Item.fault}. */
  fault = '';

  constructor(input: string, options: LexOptions) {
    this.#input = input;
    this.#options = options;
  }

  /** Where the last item or token begins. */
  get start(): number {
    return this.#last;
  }

  /** The line of a place, from 1; by default that of the last item or token. */
  line(offset = this.#last): number {
    let line = 1;
    for (let i = this.#input.indexOf('\n'); i !== -1 && i < offset; i = this.#input.indexOf('\n', i + 1)) line += 1;
    return line;
  }

  /** Where the action begins that is read, or was passed over last. */
  get base(): number {
    return this.#base;
  }

  /** The length of the action that {@link next} has read to its end. */
  get length(): number {
    return this.#end - this.#base;
  }

  /** Goes on to the next text, action or end; an action is left to be entered or skipped. */
  item(): ItemKind {
    const input = this.#input;
    for (;;) {
      const start = this.#pos;
      this.#last = start;
      const delim = input.indexOf(LEFT, start);
      if (delim === -1) {
        this.#pos = input.length;
        if (start === input.length) return Item.end;
        this.text = input.slice(start);
        return Item.text;
      }
      let end = delim;
      const marker = leftTrimMarkerAt(input, delim + LEFT.length) ? TRIM_LENGTH : 0;
      if (marker !== 0) while (end > start && isSpace(input.charCodeAt(end - 1))) end -= 1;
      this.#pos = delim;
      if (end > start) {
        this.text = input.slice(start, end);
        return Item.text;
      }
      this.#last = delim;
      this.#base = delim;
      if (!input.startsWith('/*', delim + LEFT.length + marker)) return Item.action;
      this.#last = delim + LEFT.length + marker;
      const fault = this.#comment();
      if (fault !== undefined) {
        this.fault = fault;
        return Item.fault;
      }
    }
  }

  /** Passes over a comment; gives what is wrong with it. */
  #comment(): string | undefined {
    const input = this.#input;
    const close = input.indexOf('*/', this.#last + 2);
    if (close === -1) return 'unclosed comment';
    this.#pos = close + 2;
    const trim = this.#rightTrimHere();
    if (!trim && !input.startsWith(RIGHT, this.#pos)) return 'comment ends before closing delimiter';
    this.#pos += RIGHT.length + (trim ? TRIM_LENGTH : 0);
    if (trim) this.#skipSpaces();
    return undefined;
  }

  /**
   * The text from the left delimiter to what is likely the right one, if it is of a length worth looking up; actions of the same text are
   * the same.
   */
  likelyAction(): string | undefined {
    const input = this.#input;
    let start = this.#pos + LEFT.length;
    // Braces as text are a raw string, as a rule.
    if (input.charCodeAt(start) === 0x60) start = Math.max(start, input.indexOf('`', start + 1));
    const end = input.indexOf(RIGHT, start) + RIGHT.length;
    return end > start && end - this.#pos <= MAX_LIKELY ? input.slice(this.#pos, end) : undefined;
  }

  /** Passes over the action that {@link item} has come to. */
  skip(length: number, trims: boolean): void {
    this.#pos += length;
    this.#last = this.#pos - RIGHT.length;
    if (trims) this.#skipSpaces();
  }

  /** Begins to read the tokens of the action that {@link item} has come to. */
  enter(): void {
    this.#pos += LEFT.length;
    if (leftTrimMarkerAt(this.#input, this.#pos)) this.#pos += TRIM_LENGTH;
    this.#start = this.#pos;
    this.#parenDepth = 0;
  }

  /** The next token of an action; after an error it is `eof` again and again. */
  next(): Token {
    return this.#failed ? { type: T.eof, pos: 0, value: 'EOF' } : this.#insideAction();
  }

  #emit(type: TokenType): Token {
    const start = this.#start;
    this.#start = this.#pos;
    this.#last = start;
    return { type, pos: start - this.#base, value: this.#input.slice(start, this.#pos) };
  }

  #error(message: string): Token {
    this.#failed = true;
    this.#last = this.#start;
    return { type: T.error, pos: 0, value: message };
  }

  #rightTrimHere(): boolean {
    const input = this.#input;
    return (
      input.charCodeAt(this.#pos + 1) === 0x2d &&
      isSpace(input.charCodeAt(this.#pos)) &&
      input.startsWith(RIGHT, this.#pos + TRIM_LENGTH)
    );
  }

  #skipSpaces(): void {
    SPACE_RUN.lastIndex = this.#pos;
    SPACE_RUN.test(this.#input);
    this.#pos = SPACE_RUN.lastIndex;
  }

  #rightDelim(): Token {
    this.trims = this.#rightTrimHere();
    if (this.trims) {
      this.#pos += TRIM_LENGTH;
      this.#start = this.#pos;
    }
    this.#pos += RIGHT.length;
    this.#end = this.#pos;
    const token = this.#emit(T.rightDelim);
    if (this.trims) this.#skipSpaces();
    return token;
  }

  #insideAction(): Token {
    const input = this.#input;
    const code = input.charCodeAt(this.#pos);
    if (code === 0x20 && isWordStart(input.charCodeAt(this.#pos + 1))) return this.#one(T.space);
    if (isWordStart(code)) return this.#identifier();
    if (input.startsWith(RIGHT, this.#pos) || this.#rightTrimHere()) {
      return this.#parenDepth === 0 ? this.#rightDelim() : this.#error('unclosed left paren');
    }
    if (Number.isNaN(code)) return this.#error('unclosed action');
    if (isSpace(code)) return this.#space();
    const c = input[this.#pos];
    switch (c) {
      case '"':
        return this.#quoted(T.string, 'unterminated quoted string');
      case "'":
        return this.#quoted(T.charConstant, 'unterminated character constant');
      case '`':
        return this.#rawString();
      case '$':
        this.#pos += 1;
        return this.#fieldOrVariable(T.variable);
      case '.':
        if (this.#pos + 1 >= input.length || !isDigit(input.charCodeAt(this.#pos + 1))) {
          if (this.#pos + 1 < input.length) {
            this.#pos += 1;
            return this.#fieldOrVariable(T.field);
          }
        }
        return this.#number();
      case '+':
      case '-':
        return this.#number();
      default:
        return isDigit(code) ? this.#number() : this.#sign(code);
    }
  }

  #sign(code: number): Token {
    switch (this.#input[this.#pos]) {
      case '=':
        return this.#one(T.assign);
      case ':':
        this.#pos += 1;
        if (this.#input[this.#pos] !== '=') return this.#error('expected :=');
        return this.#one(T.declare);
      case '|':
        return this.#one(T.pipe);
      case '(':
        this.#parenDepth += 1;
        return this.#one(T.leftParen);
      case ')':
        this.#parenDepth -= 1;
        return this.#parenDepth < 0 ? this.#error('unexpected right paren') : this.#one(T.rightParen);
      default:
        break;
    }
    if (code < 0x80 && isPrint(code)) return this.#one(T.char);
    const point = this.#input.codePointAt(this.#pos) ?? 0;
    if (isWordPoint(point)) return this.#identifier();
    return this.#error(`unrecognized character in action: ${unicodeName(point)}`);
  }

  #one(type: TokenType): Token {
    this.#pos += 1;
    return this.#emit(type);
  }

  #space(): Token {
    const input = this.#input;
    let count = 0;
    while (isSpace(input.charCodeAt(this.#pos))) {
      this.#pos += 1;
      count += 1;
    }
    // The last space may belong to a trim marker: " -}}".
    if (input[this.#pos] === '-' && input.startsWith(RIGHT, this.#pos + 1)) {
      this.#pos -= 1;
      if (count === 1) return this.#rightDelim();
    }
    return this.#emit(T.space);
  }

  #skipWord(): void {
    const input = this.#input;
    for (;;) {
      WORD_RUN.lastIndex = this.#pos;
      WORD_RUN.test(input);
      this.#pos = WORD_RUN.lastIndex;
      if (!(input.charCodeAt(this.#pos) >= 0x80)) return;
      const point = input.codePointAt(this.#pos) ?? 0;
      if (!isWordPoint(point)) return;
      this.#pos += point > 0xffff ? 2 : 1;
    }
  }

  #identifier(): Token {
    this.#skipWord();
    const word = this.#input.slice(this.#start, this.#pos);
    if (!this.#atTerminator()) return this.#badCharacter();
    const keyword = KEYWORDS.get(word);
    if (keyword !== undefined) {
      const free =
        (keyword === T.break && !this.#options.breakIsKeyword) ||
        (keyword === T.continue && !this.#options.continueIsKeyword);
      return this.#emit(free ? T.identifier : keyword);
    }
    return this.#emit(word === 'true' || word === 'false' ? T.bool : T.identifier);
  }

  #fieldOrVariable(type: TokenType): Token {
    if (this.#atTerminator()) return this.#emit(type === T.variable ? T.variable : T.dot);
    this.#skipWord();
    return this.#atTerminator() ? this.#emit(type) : this.#badCharacter();
  }

  #badCharacter(): Token {
    return this.#error(`bad character ${unicodeName(this.#input.codePointAt(this.#pos) ?? 0)}`);
  }

  #atTerminator(): boolean {
    const input = this.#input;
    if (this.#pos >= input.length) return true;
    const code = input.charCodeAt(this.#pos);
    switch (code) {
      case 0x09:
      case 0x0a:
      case 0x0d:
      case 0x20:
      case 0x28:
      case 0x29:
      case 0x2c:
      case 0x2e:
      case 0x3a:
      case 0x7c:
        return true;
      case 0x7d:
        return input.charCodeAt(this.#pos + 1) === 0x7d;
      default:
        return false;
    }
  }

  #quoted(type: TokenType, message: string): Token {
    const input = this.#input;
    const mark = input.charCodeAt(this.#pos);
    SIMPLE_STRING.lastIndex = this.#pos;
    if (SIMPLE_STRING.test(input)) {
      this.#pos = SIMPLE_STRING.lastIndex;
      return this.#emit(type);
    }
    for (let i = this.#pos + 1; i < input.length; i += 1) {
      const code = input.charCodeAt(i);
      if (code === 0x5c) {
        i += 1;
        if (input.charCodeAt(i) === 0x0a) break;
      } else if (code === 0x0a) break;
      else if (code === mark) {
        this.#pos = i + 1;
        return this.#emit(type);
      }
    }
    return this.#error(message);
  }

  #rawString(): Token {
    const close = this.#input.indexOf('`', this.#pos + 1);
    if (close === -1) return this.#error('unterminated raw quoted string');
    this.#pos = close + 1;
    return this.#emit(T.rawString);
  }

  #number(): Token {
    if (!this.#scanNumber()) return this.#badNumber();
    const sign = this.#input[this.#pos];
    if (sign !== '+' && sign !== '-') return this.#emit(T.number);
    // Complex numbers: 1+2i.
    if (!this.#scanNumber() || this.#input[this.#pos - 1] !== 'i') return this.#badNumber();
    return this.#emit(T.complex);
  }

  #badNumber(): Token {
    return this.#error(`bad number syntax: ${quote(this.#input.slice(this.#start, this.#pos))}`);
  }

  #scanNumber(): boolean {
    const form =
      /[+-]?(?:0[xX][0-9a-fA-F_]*(?:\.[0-9a-fA-F_]*)?(?:[pP][+-]?[0-9_]*)?|0[oO][0-7_]*(?:\.[0-7_]*)?|0[bB][01_]*(?:\.[01_]*)?|[0-9_]*(?:\.[0-9_]*)?(?:[eE][+-]?[0-9_]*)?)i?/y;
    form.lastIndex = this.#pos;
    form.exec(this.#input);
    this.#pos = form.lastIndex;
    const next = this.#input.codePointAt(this.#pos);
    if (next === undefined || !isWordPoint(next)) return true;
    this.#pos += next > 0xffff ? 2 : 1;
    return false;
  }
}

function leftTrimMarkerAt(input: string, at: number): boolean {
  return input[at] === '-' && isSpace(input.charCodeAt(at + 1));
}

function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13 && code !== 11 && code !== 12);
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** What a word begins with, in ASCII. */
function isWordStart(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95;
}

function isWordUnit(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95 || isDigit(code);
}

function isWordPoint(point: number): boolean {
  return point < 0x80 ? isWordUnit(point) : /[\p{L}\p{Nd}_]/u.test(String.fromCodePoint(point));
}

/** A character as Go's `%#U` prints it: `U+0040 '@'`. */
function unicodeName(point: number): string {
  const text = `U+${point.toString(16).toUpperCase().padStart(4, '0')}`;
  return isPrint(point) ? `${text} '${String.fromCodePoint(point)}'` : text;
}

import { type Lexer, TRIM_LENGTH } from './lex.ts';
import { quickTokens, quickType } from './quick-tokens.ts';
import { T, type TokenType } from './token.ts';

/**
 * The tokens of one action. They are all there at once or, for an action with a fault in it or something unusual, read by the lexer one by
 * one, so that a fault shows where the parser comes to it.
 */
export class TokenStream {
  readonly #lexer: Lexer;
  readonly #types: TokenType[] = [];
  readonly #values: string[] = [];
  readonly #starts: number[] = [];
  /** How many tokens there are; the arrays keep their room. */
  #count = 0;
  #next = 0;

  constructor(lexer: Lexer) {
    this.#lexer = lexer;
  }

  /** Begins with the action that the lexer has come to, which the lexer is to read. */
  enter(): void {
    this.#lexer.enter();
    this.#count = 0;
    this.#next = 0;
  }

  /**
   * Begins with an action that is all there.
   *
   * @param text the action with its delimiters
   * @returns false if the lexer is to read it
   */
  enterQuick(text: string): boolean {
    this.#next = 0;
    const start = text.charCodeAt(2) === 0x2d && isSpace(text.charCodeAt(3)) ? 2 + TRIM_LENGTH : 2;
    let end = text.length - 2;
    if (trimsRight(text)) end -= TRIM_LENGTH;
    if (end < start) return false;
    const tokens = quickTokens(text.slice(start, end));
    if (tokens === undefined) return false;
    const count = tokens.length;
    const types = this.#types;
    const values = this.#values;
    const starts = this.#starts;
    let pos = start;
    for (let i = 0; i < count; i += 1) {
      const value = tokens[i] ?? '';
      const type = quickType(value);
      // Functions may have these names.
      if (type === T.break || type === T.continue) return false;
      types[i] = type;
      values[i] = value;
      starts[i] = pos;
      pos += value.length;
    }
    types[count] = T.rightDelim;
    values[count] = '}}';
    starts[count] = text.length - 2;
    this.#count = count + 1;
    return true;
  }

  /** The token that was taken last. */
  get value(): string {
    return this.#values[this.#next - 1] ?? '';
  }

  /** Where the token that was taken last begins, from the start of the action. */
  get pos(): number {
    return this.#starts[this.#next - 1] ?? 0;
  }

  /** The place among the tokens, to come back to by {@link rewind}. */
  get place(): number {
    return this.#next;
  }

  rewind(place: number): void {
    this.#next = place;
  }

  next(): TokenType {
    const type = this.peek();
    this.#next += 1;
    return type;
  }

  peek(): TokenType {
    return this.#next < this.#count ? (this.#types[this.#next] ?? T.error) : this.#read();
  }

  #read(): TokenType {
    const { type, value, pos } = this.#lexer.next();
    this.#types[this.#count] = type;
    this.#values[this.#count] = value;
    this.#starts[this.#count] = pos;
    this.#count += 1;
    return type;
  }

  /** Where the next token begins. */
  peekPos(): number {
    this.peek();
    return this.#starts[this.#next] ?? 0;
  }

  peekValue(): string {
    this.peek();
    return this.#values[this.#next] ?? '';
  }

  nextNonSpace(): TokenType {
    const type = this.peekNonSpace();
    this.#next += 1;
    return type;
  }

  peekNonSpace(): TokenType {
    let type = this.peek();
    while (type === T.space) {
      this.#next += 1;
      type = this.peek();
    }
    return type;
  }

  backup(): void {
    this.#next -= 1;
  }
}

/** True if an action ends with a trim marker. */
export function trimsRight(text: string): boolean {
  const { length } = text;
  return text.charCodeAt(length - 3) === 0x2d && isSpace(text.charCodeAt(length - 4));
}

function isSpace(code: number): boolean {
  return code === 32 || code === 9 || code === 10 || code === 13;
}

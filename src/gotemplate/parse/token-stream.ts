import type { Lexer } from './lex.ts';
import { T, type Token } from './token.ts';

/** The tokens of an action with a look-ahead of three, as Go's parser keeps it. */
export class TokenStream {
  readonly #lexer: Lexer;
  readonly #tokens: [Token, Token, Token];
  #count = 0;

  constructor(lexer: Lexer) {
    this.#lexer = lexer;
    const none: Token = { type: T.error, pos: 0, value: '' };
    this.#tokens = [none, none, none];
  }

  /** Begins with the next action. */
  enter(): void {
    this.#lexer.enter();
    this.#count = 0;
  }

  next(): Token {
    if (this.#count > 0) this.#count -= 1;
    else this.#tokens[0] = this.#lexer.next();
    return this.#tokens[this.#count as 0 | 1 | 2];
  }

  peek(): Token {
    if (this.#count === 0) {
      this.#count = 1;
      this.#tokens[0] = this.#lexer.next();
    }
    return this.#tokens[(this.#count - 1) as 0 | 1 | 2];
  }

  nextNonSpace(): Token {
    let token = this.next();
    while (token.type === T.space) token = this.next();
    return token;
  }

  peekNonSpace(): Token {
    let token = this.peek();
    while (token.type === T.space) {
      this.#count -= 1;
      token = this.peek();
    }
    return token;
  }

  backup(): void {
    this.#count += 1;
  }

  /** Takes back two tokens; slot 0 has the second. */
  backup2(first: Token): void {
    this.#tokens[1] = first;
    this.#count = 2;
  }

  /** Takes back three tokens; slot 0 has the third. */
  backup3(first: Token, second: Token): void {
    this.#tokens[1] = second;
    this.#tokens[2] = first;
    this.#count = 3;
  }
}

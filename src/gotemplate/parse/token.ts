import { byteLength } from '../../base/go-string.ts';
import { quote } from '../runtime/quote.ts';

/** Kinds of tokens (Go: the itemType constants of parse/lex.go). */
export const T = {
  error: 0,
  bool: 1,
  char: 2,
  charConstant: 3,
  complex: 4,
  assign: 5,
  declare: 6,
  eof: 7,
  field: 8,
  identifier: 9,
  leftDelim: 10,
  leftParen: 11,
  number: 12,
  pipe: 13,
  rawString: 14,
  rightDelim: 15,
  rightParen: 16,
  space: 17,
  string: 18,
  text: 19,
  variable: 20,
  // Keywords are behind this one.
  keyword: 21,
  block: 22,
  break: 23,
  continue: 24,
  dot: 25,
  define: 26,
  else: 27,
  end: 28,
  if: 29,
  nil: 30,
  range: 31,
  template: 32,
  with: 33,
} as const;

/** One of the numbers of {@link T}. */
export type TokenType = (typeof T)[keyof typeof T];

/** The words that are keywords. */
export const KEYWORDS: ReadonlyMap<string, TokenType> = new Map<string, TokenType>([
  ['.', T.dot],
  ['block', T.block],
  ['break', T.break],
  ['continue', T.continue],
  ['define', T.define],
  ['else', T.else],
  ['end', T.end],
  ['if', T.if],
  ['nil', T.nil],
  ['range', T.range],
  ['template', T.template],
  ['with', T.with],
]);

/** A token; `pos` is a UTF-16 offset from where its action begins. */
export interface Token {
  readonly type: TokenType;
  readonly pos: number;
  readonly value: string;
}

/** A token as Go's error messages show it. */
export function tokenText(type: TokenType, value: string): string {
  if (type === T.eof) return 'EOF';
  if (type === T.error) return value;
  if (type > T.keyword) return `<${value}>`;
  if (byteLength(value) > 10) return `${quote(Array.from(value).slice(0, 10).join(''))}...`;
  return quote(value);
}

import { KEYWORDS, T, type TokenType } from './token.ts';

/** The usual tokens; names and numbers only where they end as they must. */
const TOKENS =
  /[ \t\r\n]+|\.(?:[A-Za-z_]\w*)?(?=[\t\n\r (),.:|]|$)|\$\w*(?=[\t\n\r (),.:|]|$)|[A-Za-z_]\w*(?=[\t\n\r (),.:|]|$)|"(?:[^"\\\n]|\\[^\n])*"|`[^`]*`|[+-]?[0-9]+(?:\.[0-9]+)?(?=[\t\n\r (),:|]|$)|:=|[=|(),]/g;

/**
 * Cuts what stands between the delimiters of an action into tokens, all at once by a pattern: that is machine code from the second time
 * on, where the lexer would be interpreted. Undefined if there is anything that only the lexer knows, faults above all.
 */
export function quickTokens(body: string): string[] | undefined {
  const tokens = body.match(TOKENS);
  if (tokens === null) return body === '' ? [] : undefined;
  let length = 0;
  let depth = 0;
  for (const token of tokens) {
    length += token.length;
    if (token === '(') depth += 1;
    else if (token === ')') {
      depth -= 1;
      if (depth < 0) return undefined;
    }
  }
  return depth === 0 && length === body.length ? tokens : undefined;
}

/** The kind of one of {@link quickTokens}. */
export function quickType(token: string): TokenType {
  switch (token.charCodeAt(0)) {
    case 0x09:
    case 0x0a:
    case 0x0d:
    case 0x20:
      return T.space;
    case 0x22:
      return T.string;
    case 0x24:
      return T.variable;
    case 0x28:
      return T.leftParen;
    case 0x29:
      return T.rightParen;
    case 0x2c:
      return T.char;
    case 0x2e:
      return token.length === 1 ? T.dot : T.field;
    case 0x3a:
      return T.declare;
    case 0x3d:
      return T.assign;
    case 0x60:
      return T.rawString;
    case 0x7c:
      return T.pipe;
    default:
      break;
  }
  if (token.charCodeAt(0) < 0x40) return T.number;
  return KEYWORDS.get(token) ?? (token === 'true' || token === 'false' ? T.bool : T.identifier);
}

import { compareStrings } from '../base/json.ts';
import { SelectorError, checkRequirement, type LabelOperator, type LabelRequirement } from './label-requirement.ts';
import { isQualifiedName } from './names.ts';

type TokenKind = LabelOperator | ')' | '(' | ',' | '>' | '<' | 'identifier' | 'end';

interface Token {
  readonly kind: TokenKind;
  readonly text: string;
}

const SPECIAL = '=!(),><';
const WHITESPACE = ' \t\r\n';
const SYMBOLS: ReadonlySet<string> = new Set(['=', '==', '!=', '!', '(', ')', ',', '>', '<']);
const OPERATORS = 'in, notin, =, ==, !=, gt, lt';

/**
 * The terms of a selector text, in the order in which they are written. apimachinery: pkg/labels/selector.go (Lexer, Parser).
 *
 * @throws SelectorError
 */
export function parseRequirements(text: string): LabelRequirement[] {
  return new SelectorParser(scan(text)).parse();
}

function scan(text: string): Token[] {
  const tokens: Token[] = [];
  let position = 0;
  while (position < text.length) {
    const character = text.charAt(position);
    if (WHITESPACE.includes(character)) {
      position += 1;
      continue;
    }
    const token = SPECIAL.includes(character) ? scanSymbol(text, position) : scanWord(text, position);
    tokens.push(token);
    position += token.text.length;
  }
  tokens.push({ kind: 'end', text: '' });
  return tokens;
}

function scanSymbol(text: string, start: number): Token {
  const two = text.slice(start, start + 2);
  const symbol = SYMBOLS.has(two) ? two : text.charAt(start);
  return { kind: symbol as TokenKind, text: symbol };
}

function scanWord(text: string, start: number): Token {
  let end = start;
  while (end < text.length && !SPECIAL.includes(text.charAt(end)) && !WHITESPACE.includes(text.charAt(end))) end += 1;
  const word = text.slice(start, end);
  return { kind: word === 'in' || word === 'notin' ? word : 'identifier', text: word };
}

class SelectorParser {
  readonly #tokens: readonly Token[];
  #position = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  parse(): LabelRequirement[] {
    const requirements: LabelRequirement[] = [];
    for (;;) {
      const { kind, text } = this.#peek();
      if (kind === 'end') return requirements;
      if (kind !== 'identifier' && kind !== '!') {
        throw new SelectorError(`found '${text}', expected: !, identifier, or 'end of string'`);
      }
      requirements.push(this.#requirementWithContext());
      const next = this.#take();
      if (next.kind === 'end') return requirements;
      if (next.kind !== ',') throw new SelectorError(`found '${next.text}', expected: ',' or 'end of string'`);
      const following = this.#peek();
      if (following.kind !== 'identifier' && following.kind !== '!') {
        throw new SelectorError(`found '${following.text}', expected: identifier after ','`);
      }
    }
  }

  #requirementWithContext(): LabelRequirement {
    try {
      const requirement = this.#requirement();
      checkRequirement(requirement);
      return requirement;
    } catch (error) {
      if (error instanceof SelectorError) throw new SelectorError(`unable to parse requirement: ${error.message}`);
      throw error;
    }
  }

  #requirement(): LabelRequirement {
    let token = this.#take();
    const negated = token.kind === '!';
    if (negated) token = this.#take();
    if (token.kind !== 'identifier') throw new SelectorError(`found '${token.text}', expected: identifier`);
    const key = token.text;
    const faults = isQualifiedName(key);
    if (faults.length > 0) {
      throw new SelectorError(`<nil>: Invalid value: ${JSON.stringify(key)}: ${faults.join('; ')}`);
    }
    if (negated) return { key, operator: '!', values: [] };
    const after = this.#peek().kind;
    if (after === 'end' || after === ',') return { key, operator: 'exists', values: [] };
    const operator = this.#operator();
    const values = operator === 'in' || operator === 'notin' ? this.#valueList() : [this.#exactValue()];
    return { key, operator, values };
  }

  #operator(): LabelOperator {
    const { kind, text } = this.#takeRaw();
    switch (kind) {
      case 'in':
      case 'notin':
      case '=':
      case '==':
      case '!=':
        return kind;
      case '>':
        return 'gt';
      case '<':
        return 'lt';
      default:
        throw new SelectorError(`found '${text}', expected: ${OPERATORS}`);
    }
  }

  #exactValue(): string {
    const { kind } = this.#peek();
    if (kind === 'end' || kind === ',') return '';
    const token = this.#take();
    if (token.kind !== 'identifier') throw new SelectorError(`found '${token.text}', expected: identifier`);
    return token.text;
  }

  #valueList(): string[] {
    const open = this.#take();
    if (open.kind !== '(') throw new SelectorError(`found '${open.text}' expected: '('`);
    const first = this.#peek();
    if (first.kind === ')') {
      this.#take();
      return [''];
    }
    if (first.kind !== 'identifier' && first.kind !== ',') {
      throw new SelectorError(`found '${first.text}', expected: ',', ')' or identifier`);
    }
    const values = this.#identifiers();
    if (this.#take().kind !== ')') throw new SelectorError(`found '${first.text}', expected: ')'`);
    return [...values].sort(compareStrings);
  }

  #identifiers(): Set<string> {
    const values = new Set<string>();
    for (;;) {
      const token = this.#take();
      if (token.kind === 'identifier') {
        values.add(token.text);
        const next = this.#peek();
        if (next.kind === ',') continue;
        if (next.kind === ')') return values;
        throw new SelectorError(`found '${next.text}', expected: ',' or ')'`);
      }
      if (token.kind !== ',') throw new SelectorError(`found '${token.text}', expected: ',', or identifier`);
      if (values.size === 0) values.add('');
      const next = this.#peek().kind;
      if (next === ',' || next === ')') values.add('');
      if (next === ')') return values;
    }
  }

  /** The next token; words that are operators elsewhere count as identifiers. */
  #peek(): Token {
    return asValue(this.#tokens[this.#position] ?? END);
  }

  #take(): Token {
    return asValue(this.#takeRaw());
  }

  #takeRaw(): Token {
    const token = this.#tokens[this.#position] ?? END;
    this.#position += 1;
    return token;
  }
}

const END: Token = { kind: 'end', text: '' };

function asValue(token: Token): Token {
  return token.kind === 'in' || token.kind === 'notin' ? { kind: 'identifier', text: token.text } : token;
}

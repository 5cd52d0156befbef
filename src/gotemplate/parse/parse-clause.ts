import { quote, unquote } from '../runtime/quote.ts';
import { KnownClauses, type Clause } from './clause.ts';
import { Lexer } from './lex.ts';
import { nodeText } from './node-text.ts';
import { parseCharConstant, parseNumber } from './number.ts';
import { syntaxError } from './syntax-error.ts';
import { TokenStream } from './token-stream.ts';
import { T, tokenText, type Token, type TokenType } from './token.ts';
import type { CommandNode, Operand, PipeNode } from './node.ts';

/** The functions that templates may name. */
export interface FunctionNames {
  readonly has: (name: string) => boolean;
  /** What was parsed with these names. */
  readonly clauses: KnownClauses;
}

/** Names of functions by a predicate, with nothing parsed yet. */
export function namesOf(has: (name: string) => boolean): FunctionNames {
  return { has, clauses: new KnownClauses() };
}

/** Deepest nesting of parentheses. */
const MAX_DEPTH = 10_000;

type Context = 'if' | 'range' | 'with' | 'command' | 'block clause' | 'template clause' | 'parenthesized pipeline';

/** The block around an action: `{{define}}` stands at the root alone, `{{else if}}` in an `if`, `{{else with}}` in a `with`. */
export type Place = 'root' | 'if' | 'with' | 'other';

/** Variables and loops of the template that is being parsed. */
export interface ParseScope {
  readonly vars: string[];
  rangeDepth: number;
  /** Where the action begins that is being read, -1 outside. */
  actionStart: number;
}

/** A scope in which only `$` is known. */
export function newScope(): ParseScope {
  return { vars: ['$'], rangeDepth: 0, actionStart: -1 };
}

/** Reads single actions: keywords and pipelines (the second half of Go's parse/parse.go). Throws PintleError `template-syntax`. */
export class ClauseParser {
  readonly lexer: Lexer;
  readonly #name: string;
  readonly #text: string;
  readonly #names: FunctionNames;
  readonly #stream: TokenStream;
  scope: ParseScope = newScope();
  #depth = 0;
  /** Variables that the action reads and does not declare, and how many variables there were before it. */
  #reads: string[] = [];
  #before = 0;
  /** The variables that the action reads, and whether parentheses in it declare some. */
  #used: string[] = [];
  #declaresInside = false;

  constructor(name: string, text: string, names: FunctionNames) {
    this.#name = name;
    this.#text = text;
    this.#names = names;
    this.lexer = new Lexer(text, {
      breakIsKeyword: !names.has('break'),
      continueIsKeyword: !names.has('continue'),
    });
    this.#stream = new TokenStream(this.lexer);
  }

  fail(message: string): never {
    throw syntaxError(this.#name, this.#text, this.lexer.line(), message);
  }

  /** Fails for what the lexer could not read. */
  failLexing(message: string): never {
    const { actionStart } = this.scope;
    if (actionStart === -1) this.fail(message);
    const started = this.lexer.line(actionStart);
    if (started === this.lexer.line()) this.fail(message);
    const start = ` started at ${this.#name}:${started}`;
    this.fail(message.endsWith(' action') ? message + start : `${message} in action${start}`);
  }

  #unexpected(token: Token, context: string): never {
    if (token.type === T.error) this.failLexing(token.value);
    this.fail(`unexpected ${tokenText(token)} in ${context}`);
  }

  #expect(type: TokenType, context: string): Token {
    const token = this.#stream.nextNonSpace();
    if (token.type !== type) this.#unexpected(token, context);
    return token;
  }

  /** Fails because an `{{else if}}` or `{{else with}}` stands where it is not taken for one. */
  failElse(): never {
    this.#unexpected(this.#stream.nextNonSpace(), 'input');
  }

  /** The action that the lexer has come to. */
  clause(place: Place): Clause {
    const { lexer, scope } = this;
    const text = lexer.likelyAction();
    if (text !== undefined) {
      const known = this.#names.clauses.get(text);
      if (known !== undefined && fits(known.clause, place) && known.reads.every((name) => scope.vars.includes(name))) {
        lexer.skip(text.length, known.trims);
        for (const name of known.declares) scope.vars.push(name);
        return known.clause;
      }
    }
    const before = scope.vars.length;
    this.#before = before;
    this.#reads = [];
    this.#used = [];
    this.#declaresInside = false;
    this.#stream.enter();
    const clause = this.#read(place);
    if (clause.pipe !== undefined && !this.#declaresInside) clause.pipe.variables = this.#used;
    if (text !== undefined && text.length === lexer.length && fits(clause, place) && clause.type !== 'define') {
      this.#names.clauses.add(text, {
        clause,
        reads: this.#reads,
        declares: scope.vars.slice(before),
        trims: lexer.trims,
      });
    }
    return clause;
  }

  #read(place: Place): Clause {
    const token = this.#stream.nextNonSpace();
    switch (token.type) {
      case T.block:
        return this.#named('block', 'block clause');
      case T.break:
        return this.#loopControl(token, 'break');
      case T.continue:
        return this.#loopControl(token, 'continue');
      case T.else:
        return this.#else(place);
      case T.end:
        return { type: 'end', pos: this.#expect(T.rightDelim, 'end').pos };
      case T.if:
        return this.#branch('if', 'if');
      case T.range:
        return this.#branch('range', 'range');
      case T.template:
        return this.#named('template', 'template clause');
      case T.with:
        return this.#branch('with', 'with');
      case T.define:
        if (place === 'root') return this.#definition();
        break;
      default:
        break;
    }
    this.#stream.backup();
    const { pos } = this.#stream.peek();
    return { type: 'action', pos, pipe: this.#pipeline('command', T.rightDelim) };
  }

  #definition(): Clause {
    const context = 'define clause';
    this.scope.actionStart = -1;
    const token = this.#stream.nextNonSpace();
    const name = this.#templateName(token, context);
    this.#expect(T.rightDelim, context);
    return { type: 'define', pos: token.pos, name };
  }

  #loopControl(token: Token, type: 'break' | 'continue'): Clause {
    const next = this.#stream.nextNonSpace();
    if (next.type !== T.rightDelim) this.#unexpected(next, `{{${type}}}`);
    return { type, pos: token.pos };
  }

  #else(place: Place): Clause {
    const next = this.#stream.peekNonSpace();
    if (next.type === T.if || next.type === T.with) {
      const chained = next.type === T.if ? 'if' : 'with';
      // Left as it is: whoever asked for the action fails for it, one way or the other.
      if (chained !== place) return { type: `else ${chained}`, pos: next.pos };
      this.#stream.next();
      return this.#branch(`else ${chained}`, chained);
    }
    return { type: 'else', pos: this.#expect(T.rightDelim, 'else').pos };
  }

  #branch(type: Clause['type'], context: 'if' | 'range' | 'with'): Clause {
    const pipe = this.#pipeline(context, T.rightDelim);
    return { type, pos: pipe.pos, pipe };
  }

  #named(type: 'block' | 'template', context: 'block clause' | 'template clause'): Clause {
    const token = this.#stream.nextNonSpace();
    const { pos } = token;
    const name = this.#templateName(token, context);
    if (type === 'template' && this.#stream.nextNonSpace().type === T.rightDelim) return { type, pos, name };
    if (type === 'template') this.#stream.backup();
    return { type, pos, name, pipe: this.#pipeline(context, T.rightDelim) };
  }

  #templateName(token: Token, context: string): string {
    if (token.type !== T.string && token.type !== T.rawString) this.#unexpected(token, context);
    return this.#unquote(token);
  }

  #unquote(token: Token): string {
    return unquote(token.value) ?? this.fail('invalid syntax');
  }

  #pipeline(context: Context, end: TokenType): PipeNode {
    const { pos } = this.#stream.peekNonSpace();
    const pipe: PipeNode = { type: 'pipe', pos, isAssign: false, decl: [], cmds: [], variables: undefined };
    this.#declarations(pipe, context);
    for (;;) {
      const token = this.#stream.nextNonSpace();
      if (token.type === end) {
        this.#checkPipeline(pipe, context);
        return pipe;
      }
      if (!startsOperand(token.type)) this.#unexpected(token, context);
      this.#stream.backup();
      pipe.cmds.push(this.#command());
    }
  }

  #declarations(pipe: PipeNode, context: Context): void {
    while (this.#stream.peekNonSpace().type === T.variable) {
      const variable = this.#stream.nextNonSpace();
      // "$x foo" needs three tokens of look-ahead, since a space is one.
      const after = this.#stream.peek();
      const next = this.#stream.peekNonSpace();
      if (next.type === T.assign || next.type === T.declare) {
        pipe.isAssign = next.type === T.assign;
        this.#stream.nextNonSpace();
        this.#declare(pipe, variable);
        return;
      }
      if (next.type !== T.char || next.value !== ',') {
        if (after.type === T.space) this.#stream.backup3(variable, after);
        else this.#stream.backup2(variable);
        return;
      }
      this.#stream.nextNonSpace();
      this.#declare(pipe, variable);
      if (context !== 'range' || pipe.decl.length >= 2) this.fail(`too many declarations in ${context}`);
      const { type } = this.#stream.peekNonSpace();
      if (type !== T.variable && type !== T.rightDelim && type !== T.rightParen) {
        this.fail('range can only initialize variables');
      }
    }
  }

  #declare(pipe: PipeNode, token: Token): void {
    pipe.decl.push({ type: 'variable', pos: token.pos, ident: [token.value] });
    this.scope.vars.push(token.value);
    if (this.#depth > 0) this.#declaresInside = true;
  }

  #use(variable: string): void {
    const found = this.scope.vars.lastIndexOf(variable);
    if (found === -1) this.fail(`undefined variable ${quote(variable)}`);
    if (variable === '$') return;
    if (found < this.#before) this.#reads.push(variable);
    if (!this.#used.includes(variable)) this.#used.push(variable);
  }

  #checkPipeline(pipe: PipeNode, context: Context): void {
    if (pipe.cmds.length === 0) this.fail(`missing value for ${context}`);
    pipe.cmds.forEach((command, i) => {
      const first = command.args[0]?.type;
      if (
        i > 0 &&
        (first === 'bool' || first === 'dot' || first === 'nil' || first === 'number' || first === 'string')
      ) {
        this.fail(`non executable command in pipeline stage ${i + 1}`);
      }
    });
  }

  #command(): CommandNode {
    const command: CommandNode = { type: 'command', pos: this.#stream.peekNonSpace().pos, args: [] };
    for (;;) {
      this.#stream.peekNonSpace();
      const operand = this.#operand();
      if (operand !== undefined) command.args.push(operand);
      const token = this.#stream.next();
      if (token.type === T.space) continue;
      if (token.type === T.rightDelim || token.type === T.rightParen) this.#stream.backup();
      else if (token.type !== T.pipe) this.#unexpected(token, 'operand');
      break;
    }
    if (command.args.length === 0) this.fail('empty command');
    return command;
  }

  #operand(): Operand | undefined {
    const node = this.#term();
    if (node === undefined || this.#stream.peek().type !== T.field) return node;
    const { pos } = this.#stream.peek();
    const field: string[] = [];
    while (this.#stream.peek().type === T.field) field.push(this.#stream.next().value.slice(1));
    switch (node.type) {
      case 'field':
        return { type: 'field', pos, ident: [...node.ident, ...field] };
      case 'variable':
        return { type: 'variable', pos, ident: [...node.ident, ...field] };
      case 'bool':
      case 'string':
      case 'number':
      case 'nil':
      case 'dot':
        return this.fail(`unexpected . after term ${quote(nodeText(node))}`);
      default:
        return { type: 'chain', pos, node, field };
    }
  }

  #term(): Operand | undefined {
    const token = this.#stream.nextNonSpace();
    const { pos, value } = token;
    switch (token.type) {
      case T.identifier:
        if (!this.#names.has(value)) this.fail(`function ${quote(value)} not defined`);
        return { type: 'identifier', pos, ident: value };
      case T.dot:
        return { type: 'dot', pos };
      case T.nil:
        return { type: 'nil', pos };
      case T.variable:
        this.#use(value);
        return { type: 'variable', pos, ident: [value] };
      case T.field:
        return { type: 'field', pos, ident: [value.slice(1)] };
      case T.bool:
        return { type: 'bool', pos, value: value === 'true' };
      case T.charConstant:
        return this.#number(() => parseCharConstant(pos, value));
      case T.complex:
      case T.number:
        return this.#number(() => parseNumber(pos, value));
      case T.string:
      case T.rawString:
        return { type: 'string', pos, quoted: value, text: this.#unquote(token) };
      case T.leftParen:
        return this.#parenthesized();
      default:
        this.#stream.backup();
        return undefined;
    }
  }

  #number(parseIt: () => Operand): Operand {
    try {
      return parseIt();
    } catch (error) {
      return this.fail((error as Error).message);
    }
  }

  #parenthesized(): PipeNode {
    if (this.#depth >= MAX_DEPTH) this.fail('max expression depth exceeded');
    this.#depth += 1;
    const pipe = this.#pipeline('parenthesized pipeline', T.rightParen);
    this.#depth -= 1;
    return pipe;
  }
}

/** False for an `{{else if}}` or `{{else with}}` at a place where it is not taken for one. */
function fits({ type }: Clause, place: Place): boolean {
  return (type !== 'else if' || place === 'if') && (type !== 'else with' || place === 'with');
}

function startsOperand(type: TokenType): boolean {
  switch (type) {
    case T.bool:
    case T.charConstant:
    case T.complex:
    case T.dot:
    case T.field:
    case T.identifier:
    case T.number:
    case T.nil:
    case T.rawString:
    case T.string:
    case T.variable:
    case T.leftParen:
      return true;
    default:
      return false;
  }
}


import { quote, unquote } from '../runtime/quote.ts';
import { KnownClauses, type Clause } from './clause.ts';
import { Lexer } from './lex.ts';
import { nodeText } from './node-text.ts';
import { parseCharConstant, parseNumber } from './number.ts';
import { syntaxError } from './syntax-error.ts';
import { TokenStream, trimsRight } from './token-stream.ts';
import { T, tokenText, type TokenType } from './token.ts';
import type { CommandNode, Operand, PipeNode, VariableNode } from './node.ts';
import { Pile } from './pile.ts';

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

/** Thrown where an action turns out to be one that the lexer must read. */
const RETRY: unique symbol = Symbol('retry');

const NONE: readonly string[] = [];
const NO_NODES: readonly never[] = [];
const END: Clause = { type: 'end', pos: 0 };
const ELSE: Clause = { type: 'else', pos: 0 };

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
  #reads: string[] | undefined;
  #before = 0;
  /** The variables that the action reads, and whether parentheses in it declare some. */
  #used: string[] | undefined;
  #declaresInside = false;
  readonly #commands = new Pile<CommandNode>();
  readonly #operands = new Pile<Operand>();
  readonly #fields = new Pile<string>();
  /** True while an action is read that is all there. */
  #quick = false;

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
    if (this.#quick) throw RETRY;
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

  /** Fails for the token that was taken last. */
  #unexpected(type: TokenType, context: string): never {
    const { value } = this.#stream;
    if (type === T.error) this.failLexing(value);
    this.fail(`unexpected ${tokenText(type, value)} in ${context}`);
  }

  #expect(type: TokenType, context: string): void {
    const found = this.#stream.nextNonSpace();
    if (found !== type) this.#unexpected(found, context);
  }

  /** Fails because an `{{else if}}` or `{{else with}}` stands where it is not taken for one. */
  failElse(): never {
    this.#unexpected(this.#stream.nextNonSpace(), 'input');
  }

  /** The action that the lexer has come to. */
  clause(place: Place): Clause {
    const { lexer, scope } = this;
    const text = lexer.likelyAction();
    if (text === undefined) return this.#slowly(place);
    const known = this.#names.clauses.get(text);
    if (known !== undefined && fits(known.clause, place) && areKnown(known.reads, scope.vars)) {
      lexer.skip(text.length, known.trims);
      for (const name of known.declares) scope.vars.push(name);
      return known.clause;
    }
    const before = scope.vars.length;
    const quick = this.#quickly(text, place);
    const clause = quick ?? this.#slowly(place);
    const trims = quick === undefined ? lexer.trims : trimsRight(text);
    if (quick !== undefined) lexer.skip(text.length, trims);
    else if (text.length !== lexer.length || !fits(clause, place)) return clause;
    if (clause.type === 'define') return clause;
    const declares = scope.vars.length === before ? NONE : scope.vars.slice(before);
    this.#names.clauses.add(text, { clause, reads: this.#reads ?? NONE, declares, trims });
    return clause;
  }

  /** Reads an action that is all there; undefined if the lexer is to read it, for its faults or whatever else is unusual. */
  #quickly(text: string, place: Place): Clause | undefined {
    if (!this.#stream.enterQuick(text)) return undefined;
    const before = this.scope.vars.length;
    this.#quick = true;
    try {
      return this.#whole(place);
    } catch (error) {
      if (error !== RETRY) throw error;
      this.scope.vars.length = before;
      this.#depth = 0;
      this.#commands.take(0);
      this.#operands.take(0);
      this.#fields.take(0);
      return undefined;
    } finally {
      this.#quick = false;
    }
  }

  /** Reads an action token by token. */
  #slowly(place: Place): Clause {
    this.#stream.enter();
    return this.#whole(place);
  }

  #whole(place: Place): Clause {
    this.#before = this.scope.vars.length;
    this.#reads = undefined;
    this.#used = undefined;
    this.#declaresInside = false;
    const clause = this.#read(place);
    if (clause.pipe !== undefined && !this.#declaresInside) clause.pipe.variables = this.#used ?? NONE;
    return clause;
  }

  #read(place: Place): Clause {
    const stream = this.#stream;
    switch (stream.nextNonSpace()) {
      case T.block:
        return this.#named('block', 'block clause');
      case T.break:
        return this.#loopControl('break');
      case T.continue:
        return this.#loopControl('continue');
      case T.else:
        return this.#else(place);
      case T.end:
        this.#expect(T.rightDelim, 'end');
        return END;
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
    stream.backup();
    return { type: 'action', pos: stream.peekPos(), pipe: this.#pipeline('command', T.rightDelim) };
  }

  #definition(): Clause {
    const context = 'define clause';
    this.scope.actionStart = -1;
    const name = this.#templateName(context);
    const { pos } = this.#stream;
    this.#expect(T.rightDelim, context);
    return { type: 'define', pos, name };
  }

  #loopControl(type: 'break' | 'continue'): Clause {
    const { pos } = this.#stream;
    this.#expect(T.rightDelim, `{{${type}}}`);
    return { type, pos };
  }

  #else(place: Place): Clause {
    const next = this.#stream.peekNonSpace();
    if (next === T.if || next === T.with) {
      const chained = next === T.if ? 'if' : 'with';
      if (chained !== place) {
        // Left as it is: whoever asked for the action fails for it, one way or the other.
        if (this.#quick) throw RETRY;
        return { type: `else ${chained}`, pos: this.#stream.peekPos() };
      }
      this.#stream.next();
      return this.#branch(`else ${chained}`, chained);
    }
    this.#expect(T.rightDelim, 'else');
    return ELSE;
  }

  #branch(type: Clause['type'], context: 'if' | 'range' | 'with'): Clause {
    const pipe = this.#pipeline(context, T.rightDelim);
    return { type, pos: pipe.pos, pipe };
  }

  #named(type: 'block' | 'template', context: 'block clause' | 'template clause'): Clause {
    const stream = this.#stream;
    const name = this.#templateName(context);
    const { pos } = stream;
    if (type === 'template') {
      if (stream.nextNonSpace() === T.rightDelim) return { type, pos, name };
      stream.backup();
    }
    return { type, pos, name, pipe: this.#pipeline(context, T.rightDelim) };
  }

  #templateName(context: string): string {
    const type = this.#stream.nextNonSpace();
    if (type !== T.string && type !== T.rawString) this.#unexpected(type, context);
    return this.#unquote(this.#stream.value);
  }

  #unquote(text: string): string {
    return unquote(text) ?? this.fail('invalid syntax');
  }

  #pipeline(context: Context, end: TokenType): PipeNode {
    const stream = this.#stream;
    stream.peekNonSpace();
    const pos = stream.peekPos();
    const pipe: PipeNode = { type: 'pipe', pos, isAssign: false, decl: NO_NODES, cmds: NO_NODES, variables: undefined };
    this.#declarations(pipe, context);
    const mark = this.#commands.mark;
    for (;;) {
      const type = stream.nextNonSpace();
      if (type === end) {
        pipe.cmds = this.#commands.take(mark);
        this.#checkPipeline(pipe, context);
        return pipe;
      }
      if (!startsOperand(type)) this.#unexpected(type, context);
      stream.backup();
      this.#commands.add(this.#command());
    }
  }

  #declarations(pipe: PipeNode, context: Context): void {
    const stream = this.#stream;
    while (stream.peekNonSpace() === T.variable) {
      const { place } = stream;
      stream.next();
      const { value, pos } = stream;
      const next = stream.peekNonSpace();
      if (next === T.assign || next === T.declare) {
        pipe.isAssign = next === T.assign;
        stream.next();
        this.#declare(pipe, value, pos);
        return;
      }
      if (next !== T.char || stream.peekValue() !== ',') {
        // No declaration but an operand, which a space may end.
        stream.rewind(place);
        return;
      }
      stream.next();
      this.#declare(pipe, value, pos);
      if (context !== 'range' || pipe.decl.length >= 2) this.fail(`too many declarations in ${context}`);
      const type = stream.peekNonSpace();
      if (type !== T.variable && type !== T.rightDelim && type !== T.rightParen) {
        this.fail('range can only initialize variables');
      }
    }
  }

  #declare(pipe: PipeNode, name: string, pos: number): void {
    const variable: VariableNode = { type: 'variable', pos, ident: [name] };
    pipe.decl = pipe.decl.length === 0 ? [variable] : [...pipe.decl, variable];
    this.scope.vars.push(name);
    if (this.#depth > 0) this.#declaresInside = true;
  }

  /** Notes that the action reads a variable. */
  #use(variable: string): void {
    const found = this.scope.vars.lastIndexOf(variable);
    if (found === -1) this.fail(`undefined variable ${quote(variable)}`);
    if (variable === '$') return;
    if (found < this.#before) (this.#reads ??= []).push(variable);
    this.#used ??= [];
    if (!this.#used.includes(variable)) this.#used.push(variable);
  }

  #checkPipeline(pipe: PipeNode, context: Context): void {
    if (pipe.cmds.length === 0) this.fail(`missing value for ${context}`);
    for (let i = 1; i < pipe.cmds.length; i += 1) {
      const first = pipe.cmds[i]?.args[0]?.type;
      if (first === 'bool' || first === 'dot' || first === 'nil' || first === 'number' || first === 'string') {
        this.fail(`non executable command in pipeline stage ${i + 1}`);
      }
    }
  }

  #command(): CommandNode {
    const stream = this.#stream;
    stream.peekNonSpace();
    const command: CommandNode = { type: 'command', pos: stream.peekPos(), args: NO_NODES };
    const mark = this.#operands.mark;
    for (;;) {
      const operand = this.#operand();
      if (operand !== undefined) this.#operands.add(operand);
      const type = stream.next();
      if (type === T.space) continue;
      if (type === T.rightDelim || type === T.rightParen) stream.backup();
      else if (type !== T.pipe) this.#unexpected(type, 'operand');
      break;
    }
    command.args = this.#operands.take(mark);
    if (command.args.length === 0) this.fail('empty command');
    return command;
  }

  #operand(): Operand | undefined {
    const stream = this.#stream;
    const node = this.#term();
    if (node === undefined || stream.peek() !== T.field) return node;
    const pos = stream.peekPos();
    const mark = this.#fields.mark;
    if (node.type === 'field' || node.type === 'variable') for (const name of node.ident) this.#fields.add(name);
    while (stream.peek() === T.field) {
      stream.next();
      this.#fields.add(stream.value.slice(1));
    }
    const names = this.#fields.take(mark);
    switch (node.type) {
      case 'field':
      case 'variable':
        return { type: node.type, pos, ident: names };
      case 'bool':
      case 'string':
      case 'number':
      case 'nil':
      case 'dot':
        return this.fail(`unexpected . after term ${quote(nodeText(node))}`);
      default:
        return { type: 'chain', pos, node, field: names };
    }
  }

  #term(): Operand | undefined {
    const stream = this.#stream;
    const type = stream.nextNonSpace();
    const { pos, value } = stream;
    switch (type) {
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
        return { type: 'string', pos, quoted: value, text: this.#unquote(value) };
      case T.leftParen:
        return this.#parenthesized();
      default:
        stream.backup();
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

function areKnown(names: readonly string[], variables: readonly string[]): boolean {
  for (const name of names) if (!variables.includes(name)) return false;
  return true;
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

import { quote, unquote } from '../runtime/quote.ts';
import { Lexer } from './lex.ts';
import { nodeText } from './node-text.ts';
import { parseCharConstant, parseNumber } from './number.ts';
import { isStackOverflow, syntaxError } from './syntax-error.ts';
import { TokenStream } from './token-stream.ts';
import { T, tokenText, type Token, type TokenType } from './token.ts';
import type {
  ActionNode,
  BreakNode,
  CommandNode,
  ContinueNode,
  ElseNode,
  EndNode,
  ListNode,
  Operand,
  PipeNode,
  Statement,
  TemplateNode,
} from './node.ts';

/** One template: the root of a source, or one of its `define` or `block` parts. */
export interface Tree {
  readonly name: string;
  /** The name of the source, which errors mention. */
  readonly parseName: string;
  readonly text: string;
  readonly root: ListNode;
}

/** Deepest nesting of parentheses. */
const MAX_DEPTH = 10_000;

type Context = 'if' | 'range' | 'with' | 'command' | 'block clause' | 'template clause' | 'parenthesized pipeline';

/** Variables and loops of the template that is being parsed. */
interface Scope {
  vars: string[];
  rangeDepth: number;
  /** Line of the action that is being read, 0 outside. */
  actionLine: number;
}

/**
 * Parses a source into its templates, by name: the source itself and whatever it defines (Go: parse/parse.go).
 * Throws PintleError `template-syntax` with Go's text.
 */
export function parse(name: string, text: string, hasFunction: (name: string) => boolean): ReadonlyMap<string, Tree> {
  const parser = new Parser(name, text, hasFunction);
  try {
    return parser.run();
  } catch (error) {
    // The stack of the JS engine ends earlier than Go's limit.
    if (isStackOverflow(error)) throw syntaxError(name, text, parser.line, 'max expression depth exceeded');
    throw error;
  }
}

class Parser {
  readonly #name: string;
  readonly #text: string;
  readonly #hasFunction: (name: string) => boolean;
  readonly #trees = new Map<string, Tree>();
  readonly #stream: TokenStream;
  #scope: Scope = newScope();
  #depth = 0;

  /** The line that is being read. */
  get line(): number {
    return this.#stream.line;
  }

  constructor(name: string, text: string, hasFunction: (name: string) => boolean) {
    this.#name = name;
    this.#text = text;
    this.#hasFunction = hasFunction;
    const lexer = new Lexer(text, {
      breakIsKeyword: !hasFunction('break'),
      continueIsKeyword: !hasFunction('continue'),
    });
    this.#stream = new TokenStream(lexer);
  }

  run(): ReadonlyMap<string, Tree> {
    const root: ListNode = { type: 'list', pos: this.#stream.peek().pos, nodes: [] };
    while (this.#stream.peek().type !== T.eof) {
      if (this.#stream.peek().type === T.leftDelim) {
        const delim = this.#stream.next();
        if (this.#stream.nextNonSpace().type === T.define) {
          this.#definition();
          continue;
        }
        this.#stream.backup2(delim);
      }
      const node = this.#textOrAction();
      if (node.type === 'end' || node.type === 'else') this.#fail(`unexpected ${nodeText(node)}`);
      root.nodes.push(node);
    }
    this.#add(this.#name, root);
    return this.#trees;
  }

  #fail(message: string): never {
    throw syntaxError(this.#name, this.#text, this.#stream.line, message);
  }

  #expect(type: TokenType, context: string): Token {
    const token = this.#stream.nextNonSpace();
    if (token.type !== type) this.#unexpected(token, context);
    return token;
  }

  #unexpected(token: Token, context: string): never {
    if (token.type !== T.error) this.#fail(`unexpected ${tokenText(token)} in ${context}`);
    const line = this.#scope.actionLine;
    let extra = '';
    if (line !== 0 && line !== token.line) {
      const start = ` started at ${this.#name}:${line}`;
      extra = token.value.endsWith(' action') ? start : ` in action${start}`;
    }
    this.#fail(tokenText(token) + extra);
  }

  #add(name: string, root: ListNode): void {
    const existing = this.#trees.get(name);
    if (existing === undefined || isEmptyTree(existing.root)) {
      this.#trees.set(name, { name, parseName: this.#name, text: this.#text, root });
    } else if (!isEmptyTree(root)) {
      this.#fail(`template: multiple definition of template ${quote(name)}`);
    }
  }

  /** Parses with a scope of its own, for `define` and `block`. */
  #withScope<Result>(run: () => Result): Result {
    const outer = this.#scope;
    this.#scope = newScope();
    const result = run();
    this.#scope = outer;
    return result;
  }

  #definition(): void {
    const context = 'define clause';
    this.#withScope(() => {
      const token = this.#stream.nextNonSpace();
      if (token.type !== T.string && token.type !== T.rawString) this.#unexpected(token, context);
      const name = this.#unquote(token);
      this.#expect(T.rightDelim, context);
      const [root, end] = this.#itemList();
      if (end.type !== 'end') this.#fail(`unexpected ${nodeText(end)} in ${context}`);
      this.#add(name, root);
    });
  }

  #unquote(token: Token): string {
    return unquote(token.value) ?? this.#fail('invalid syntax');
  }

  #itemList(): [ListNode, EndNode | ElseNode] {
    const list: ListNode = { type: 'list', pos: this.#stream.peekNonSpace().pos, nodes: [] };
    while (this.#stream.peekNonSpace().type !== T.eof) {
      const node = this.#textOrAction();
      if (node.type === 'end' || node.type === 'else') return [list, node];
      list.nodes.push(node);
    }
    return this.#fail('unexpected EOF');
  }

  #textOrAction(): Statement | EndNode | ElseNode {
    const token = this.#stream.nextNonSpace();
    if (token.type === T.text) return { type: 'text', pos: token.pos, text: token.value };
    if (token.type !== T.leftDelim) this.#unexpected(token, 'input');
    this.#scope.actionLine = token.line;
    const node = this.#action();
    this.#scope.actionLine = 0;
    return node;
  }

  #action(): Statement | EndNode | ElseNode {
    const token = this.#stream.nextNonSpace();
    switch (token.type) {
      case T.block:
        return this.#block();
      case T.break:
      case T.continue:
        return this.#loopControl(token);
      case T.else:
        return this.#else();
      case T.end:
        return { type: 'end', pos: this.#expect(T.rightDelim, 'end').pos };
      case T.if:
        return this.#branch('if');
      case T.range:
        return this.#branch('range');
      case T.template:
        return this.#template();
      case T.with:
        return this.#branch('with');
      default:
        break;
    }
    this.#stream.backup();
    const { pos } = this.#stream.peek();
    // Variables persist until the next end.
    const node: ActionNode = { type: 'action', pos, pipe: this.#pipeline('command', T.rightDelim) };
    return node;
  }

  #loopControl(token: Token): BreakNode | ContinueNode {
    const type = token.type === T.break ? 'break' : 'continue';
    const next = this.#stream.nextNonSpace();
    if (next.type !== T.rightDelim) this.#unexpected(next, `{{${type}}}`);
    if (this.#scope.rangeDepth === 0) this.#fail(`{{${type}}} outside {{range}}`);
    return { type, pos: token.pos };
  }

  #else(): ElseNode {
    const next = this.#stream.peekNonSpace();
    // "{{else if" and "{{else with" leave their keyword for the branch.
    if (next.type === T.if || next.type === T.with) return { type: 'else', pos: next.pos };
    return { type: 'else', pos: this.#expect(T.rightDelim, 'else').pos };
  }

  #branch<Type extends 'if' | 'range' | 'with'>(
    type: Type,
  ): { type: Type; pos: number; pipe: PipeNode; list: ListNode; elseList: ListNode | undefined } {
    const mark = this.#scope.vars.length;
    const pipe = this.#pipeline(type, T.rightDelim);
    if (type === 'range') this.#scope.rangeDepth += 1;
    const [list, next] = this.#itemList();
    if (type === 'range') this.#scope.rangeDepth -= 1;
    const elseList = next.type === 'else' ? this.#elseList(type, next) : undefined;
    this.#scope.vars.length = mark;
    return { type, pos: pipe.pos, pipe, list, elseList };
  }

  #elseList(type: 'if' | 'range' | 'with', start: ElseNode): ListNode {
    const chained = type === 'if' ? T.if : type === 'with' ? T.with : undefined;
    if (type !== 'range' && this.#stream.peek().type === chained) {
      // One {{end}} closes the whole chain.
      this.#stream.next();
      return { type: 'list', pos: start.pos, nodes: [this.#branch(type)] };
    }
    const [list, end] = this.#itemList();
    if (end.type !== 'end') this.#fail(`expected end; found ${nodeText(end)}`);
    return list;
  }

  #block(): TemplateNode {
    const context = 'block clause';
    const token = this.#stream.nextNonSpace();
    const name = this.#templateName(token, context);
    const pipe = this.#pipeline(context, T.rightDelim);
    this.#withScope(() => {
      const [root, end] = this.#itemList();
      if (end.type !== 'end') this.#fail(`unexpected ${nodeText(end)} in ${context}`);
      this.#add(name, root);
    });
    return { type: 'template', pos: token.pos, name, pipe };
  }

  #template(): TemplateNode {
    const context = 'template clause';
    const token = this.#stream.nextNonSpace();
    const name = this.#templateName(token, context);
    let pipe: PipeNode | undefined;
    if (this.#stream.nextNonSpace().type !== T.rightDelim) {
      this.#stream.backup();
      pipe = this.#pipeline(context, T.rightDelim);
    }
    return { type: 'template', pos: token.pos, name, pipe };
  }

  #templateName(token: Token, context: string): string {
    if (token.type !== T.string && token.type !== T.rawString) this.#unexpected(token, context);
    return this.#unquote(token);
  }

  #pipeline(context: Context, end: TokenType): PipeNode {
    const pipe: PipeNode = { type: 'pipe', pos: this.#stream.peekNonSpace().pos, isAssign: false, decl: [], cmds: [] };
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
      if (context !== 'range' || pipe.decl.length >= 2) this.#fail(`too many declarations in ${context}`);
      const { type } = this.#stream.peekNonSpace();
      if (type !== T.variable && type !== T.rightDelim && type !== T.rightParen) {
        this.#fail('range can only initialize variables');
      }
    }
  }

  #declare(pipe: PipeNode, token: Token): void {
    pipe.decl.push({ type: 'variable', pos: token.pos, ident: [token.value] });
    this.#scope.vars.push(token.value);
  }

  #checkPipeline(pipe: PipeNode, context: Context): void {
    if (pipe.cmds.length === 0) this.#fail(`missing value for ${context}`);
    pipe.cmds.forEach((command, i) => {
      const first = command.args[0]?.type;
      if (
        i > 0 &&
        (first === 'bool' || first === 'dot' || first === 'nil' || first === 'number' || first === 'string')
      ) {
        this.#fail(`non executable command in pipeline stage ${i + 1}`);
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
    if (command.args.length === 0) this.#fail('empty command');
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
        return this.#fail(`unexpected . after term ${quote(nodeText(node))}`);
      default:
        return { type: 'chain', pos, node, field };
    }
  }

  #term(): Operand | undefined {
    const token = this.#stream.nextNonSpace();
    const { pos, value } = token;
    switch (token.type) {
      case T.identifier:
        if (!this.#hasFunction(value)) this.#fail(`function ${quote(value)} not defined`);
        return { type: 'identifier', pos, ident: value };
      case T.dot:
        return { type: 'dot', pos };
      case T.nil:
        return { type: 'nil', pos };
      case T.variable:
        if (!this.#scope.vars.includes(value)) this.#fail(`undefined variable ${quote(value)}`);
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
      return this.#fail((error as Error).message);
    }
  }

  #parenthesized(): PipeNode {
    if (this.#depth >= MAX_DEPTH) this.#fail('max expression depth exceeded');
    this.#depth += 1;
    const pipe = this.#pipeline('parenthesized pipeline', T.rightParen);
    this.#depth -= 1;
    return pipe;
  }
}

function newScope(): Scope {
  return { vars: ['$'], rangeDepth: 0, actionLine: 0 };
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

/** True if a template holds nothing but space. */
export function isEmptyTree(list: ListNode): boolean {
  return list.nodes.every(
    (node) => node.type === 'text' && /^[\s\u0085]*$/.test(node.text) && !node.text.includes('\ufeff'),
  );
}

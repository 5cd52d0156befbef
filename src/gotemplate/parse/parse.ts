import { quote } from '../runtime/quote.ts';
import type { Clause } from './clause.ts';
import { Item, type Lexer } from './lex.ts';
import { Pile } from './pile.ts';
import { isStackOverflow } from '../../base/stack-overflow.ts';
import { syntaxError } from './syntax-error.ts';
import { ClauseParser, newScope, type FunctionNames, type Place } from './parse-clause.ts';
import type { IfNode, ListNode, PipeNode, RangeNode, Statement, TemplateNode, WithNode } from './node.ts';

/** One template: the root of a source, or one of its `define` or `block` parts. */
export interface Tree {
  readonly name: string;
  /** The name of the source, which errors mention. */
  readonly parseName: string;
  readonly text: string;
  readonly root: ListNode;
}

/**
 * Parses a source into its templates, by name: the source itself and whatever it defines (Go: parse/parse.go).
 * Throws PintleError `template-syntax` with Go's text.
 */
export function parse(name: string, text: string, names: FunctionNames): ReadonlyMap<string, Tree> {
  const parser = new Parser(name, text, names);
  try {
    return parser.run();
  } catch (error) {
    // The stack of the JS engine ends earlier than Go's limit.
    if (isStackOverflow(error)) throw syntaxError(name, text, parser.line, 'max expression depth exceeded');
    throw error;
  }
}

type BranchType = 'if' | 'range' | 'with';

/** Reads lists of texts and actions; what single actions hold is read by {@link ClauseParser}. */
class Parser {
  readonly #name: string;
  readonly #text: string;
  readonly #clauses: ClauseParser;
  readonly #lexer: Lexer;
  readonly #trees = new Map<string, Tree>();
  readonly #nodes = new Pile<Statement>();
  /** The variables there were before the clause that ended the last list. */
  #mark = 0;

  constructor(name: string, text: string, names: FunctionNames) {
    this.#name = name;
    this.#text = text;
    this.#clauses = new ClauseParser(name, text, names);
    this.#lexer = this.#clauses.lexer;
  }

  /** The line that is being read. */
  get line(): number {
    return this.#lexer.line();
  }

  run(): ReadonlyMap<string, Tree> {
    const root = newList();
    const mark = this.#nodes.mark;
    for (;;) {
      const closing = this.#items(root, 'root');
      if (closing === undefined) break;
      if (closing.type !== 'define') this.#fail(`unexpected ${textOf(closing)}`);
      this.#definition(closing.name ?? '', 'define clause');
    }
    root.nodes = this.#nodes.take(mark);
    this.#add(this.#name, root);
    return this.#trees;
  }

  #fail(message: string): never {
    this.#clauses.fail(message);
  }

  #add(name: string, root: ListNode): void {
    const existing = this.#trees.get(name);
    if (existing === undefined || isEmptyTree(existing.root)) {
      this.#trees.set(name, { name, parseName: this.#name, text: this.#text, root });
    } else if (!isEmptyTree(root)) {
      this.#fail(`template: multiple definition of template ${quote(name)}`);
    }
  }

  /** What follows a `define` or `block`: a list with variables of its own. */
  #definition(name: string, context: string): void {
    const outer = this.#clauses.scope;
    this.#clauses.scope = newScope();
    const root = newList();
    const end = this.#list(root, 'other');
    if (end.type !== 'end') this.#fail(`unexpected ${textOf(end)} in ${context}`);
    this.#add(name, root);
    this.#clauses.scope = outer;
  }

  /** Reads up to an `end` or `else`, which is given back. */
  #list(list: ListNode, place: Place): Clause {
    const mark = this.#nodes.mark;
    const closing = this.#items(list, place) ?? this.#fail('unexpected EOF');
    list.nodes = this.#nodes.take(mark);
    return closing;
  }

  /** Adds nodes up to a clause that is no statement, which is given back, or to the end of the source. */
  #items(list: ListNode, place: Place): Clause | undefined {
    const lexer = this.#lexer;
    const { scope } = this.#clauses;
    const nodes = this.#nodes;
    for (;;) {
      const item = lexer.item();
      if (list.pos === -1) list.pos = lexer.start;
      if (item === Item.text) {
        nodes.add({ type: 'text', pos: lexer.start, text: lexer.text });
        continue;
      }
      if (item === Item.end) return undefined;
      if (item === Item.fault) this.#clauses.failLexing(lexer.fault);
      const { base } = lexer;
      const mark = scope.vars.length;
      scope.actionStart = base;
      const clause = this.#clauses.clause(place);
      const statement = this.#statement(clause, base, mark);
      scope.actionStart = -1;
      if (statement === undefined) {
        this.#mark = mark;
        return clause;
      }
      nodes.add(statement);
    }
  }

  /**
   * The statement that a clause begins.
   *
   * @param base where its action begins
   * @param mark the number of variables before it
   */
  #statement(clause: Clause, base: number, mark: number): Statement | undefined {
    const { type, pos } = clause;
    switch (type) {
      case 'action':
        // Variables persist until the next end.
        return { type, base, pos, pipe: pipeOf(clause) };
      case 'if':
      case 'range':
      case 'with':
        return this.#branch(type, clause, base, mark);
      case 'template':
        return { type, base, pos, name: clause.name ?? '', pipe: clause.pipe };
      case 'block':
        return this.#block(clause, base);
      case 'break':
      case 'continue':
        if (this.#clauses.scope.rangeDepth === 0) this.#fail(`{{${type}}} outside {{range}}`);
        return { type, base, pos };
      default:
        return undefined;
    }
  }

  #block(clause: Clause, base: number): TemplateNode {
    const name = clause.name ?? '';
    this.#definition(name, 'block clause');
    return { type: 'template', base, pos: clause.pos, name, pipe: clause.pipe };
  }

  #branch(type: BranchType, clause: Clause, base: number, mark: number): IfNode | RangeNode | WithNode {
    const { scope } = this.#clauses;
    const list = newList();
    if (type === 'range') scope.rangeDepth += 1;
    const closing = this.#list(list, type === 'range' ? 'other' : type);
    if (type === 'range') scope.rangeDepth -= 1;
    const elseList = closing.type === 'end' ? undefined : this.#elseList(type, closing);
    scope.vars.length = mark;
    return { type, base, pos: clause.pos, pipe: pipeOf(clause), list, elseList };
  }

  #elseList(type: BranchType, start: Clause): ListNode {
    const list = newList();
    if (type !== 'range' && start.type === `else ${type}`) {
      // One {{end}} closes the whole chain.
      const { base } = this.#lexer;
      list.pos = base;
      list.nodes = [this.#branch(type, start, base, this.#mark)];
      return list;
    }
    if (start.type !== 'else') this.#clauses.failElse();
    const end = this.#list(list, 'other');
    if (end.type !== 'end') this.#fail(`expected end; found ${textOf(end)}`);
    return list;
  }
}

const NO_NODES: readonly never[] = [];

/** A list whose place is not known yet. */
function newList(): ListNode {
  return { type: 'list', pos: -1, nodes: NO_NODES };
}

const NO_PIPE: PipeNode = {
  type: 'pipe',
  pos: 0,
  isAssign: false,
  decl: NO_NODES,
  cmds: NO_NODES,
  variables: NO_NODES,
};

function pipeOf({ pipe }: Clause): PipeNode {
  return pipe ?? NO_PIPE;
}

/** A clause that ends a list, as errors show it. */
function textOf({ type }: Clause): string {
  return type === 'end' ? '{{end}}' : '{{else}}';
}

/** True if a template holds nothing but space. */
export function isEmptyTree(list: ListNode): boolean {
  return list.nodes.every(
    (node) => node.type === 'text' && /^[\s\u0085]*$/.test(node.text) && !node.text.includes('\ufeff'),
  );
}

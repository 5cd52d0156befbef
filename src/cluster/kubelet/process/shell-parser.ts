import { type ShellToken, tokenizeShell } from './shell-lexer.ts';
import {
  type Branch,
  type CaseBranch,
  type ListItem,
  type Redirection,
  type ShellNode,
  ShellSyntaxError,
  type Word,
} from './shell-syntax.ts';

/**
 * Reads a script.
 *
 * @throws ShellSyntaxError
 */
export function parseShell(script: string): ShellNode {
  return new Parser(tokenizeShell(script)).script();
}

const REDIRECTIONS: ReadonlySet<string> = new Set(['>', '>>', '<', '2>', '2>>', '&>', '<<<']);
const WITHOUT_TARGET: ReadonlySet<string> = new Set(['2>&1', '1>&2', '>&2']);

class Parser {
  readonly #tokens: readonly ShellToken[];
  #at = 0;

  constructor(tokens: readonly ShellToken[]) {
    this.#tokens = tokens;
  }

  script(): ShellNode {
    const node = this.#list([]);
    if (this.#peek().kind !== 'end') throw new ShellSyntaxError(`syntax error: unexpected "${this.#show()}"`);
    return node;
  }

  #peek(): ShellToken {
    return this.#tokens[this.#at] ?? { kind: 'end' };
  }

  #show(): string {
    const token = this.#peek();
    if (token.kind === 'operator') return token.text;
    return token.kind === 'word' ? (token.plain ?? 'word') : 'end of file';
  }

  #isOperator(...texts: readonly string[]): boolean {
    const token = this.#peek();
    return token.kind === 'operator' && texts.includes(token.text);
  }

  /** True at a reserved word; quoted ones are not. */
  #isWord(...texts: readonly string[]): boolean {
    const token = this.#peek();
    return token.kind === 'word' && token.plain !== undefined && texts.includes(token.plain);
  }

  #expectWord(text: string): void {
    if (!this.#isWord(text))
      throw new ShellSyntaxError(`syntax error: unexpected "${this.#show()}" (expecting "${text}")`);
    this.#at += 1;
  }

  #skipNewlines(): void {
    while (this.#isOperator('\n', ';')) this.#at += 1;
  }

  /** Commands up to one of the reserved words, a closing bracket or the end. */
  #list(stops: readonly string[]): ShellNode {
    const items: ListItem[] = [];
    let when: ListItem['when'] = 'always';
    for (;;) {
      if (when === 'always') this.#skipNewlines();
      else while (this.#isOperator('\n')) this.#at += 1;
      if (this.#peek().kind === 'end' || this.#isOperator(')', ';;') || this.#isWord(...stops)) break;
      const node = this.#pipeline();
      const background = this.#isOperator('&');
      if (background) this.#at += 1;
      items.push({ node, when, background });
      when = 'always';
      if (this.#isOperator('&&')) when = 'success';
      else if (this.#isOperator('||')) when = 'failure';
      if (when !== 'always') this.#at += 1;
      else if (
        !background &&
        !this.#isOperator(';', '\n', ')', ';;') &&
        this.#peek().kind !== 'end' &&
        !this.#isWord(...stops)
      ) {
        throw new ShellSyntaxError(`syntax error: unexpected "${this.#show()}"`);
      }
    }
    const [only] = items;
    return items.length === 1 && only !== undefined && !only.background ? only.node : { kind: 'list', items };
  }

  #pipeline(): ShellNode {
    let negated = false;
    while (this.#isWord('!')) {
      negated = !negated;
      this.#at += 1;
    }
    const commands = [this.#command()];
    while (this.#isOperator('|')) {
      this.#at += 1;
      while (this.#isOperator('\n')) this.#at += 1;
      commands.push(this.#command());
    }
    const [only] = commands;
    return commands.length === 1 && only !== undefined && !negated ? only : { kind: 'pipeline', commands, negated };
  }

  #command(): ShellNode {
    if (this.#isOperator('(')) return this.#group(')');
    if (this.#isWord('{')) return this.#group('}');
    if (this.#isWord('if')) return this.#if();
    if (this.#isWord('while', 'until')) return this.#loop();
    if (this.#isWord('for')) return this.#for();
    if (this.#isWord('case')) return this.#case();
    return this.#simple();
  }

  #group(close: string): ShellNode {
    this.#at += 1;
    const body = this.#list(close === '}' ? ['}'] : []);
    if (close === '}') this.#expectWord('}');
    else if (this.#isOperator(')')) this.#at += 1;
    else throw new ShellSyntaxError('syntax error: missing ")"');
    this.#redirections();
    return body;
  }

  #if(): ShellNode {
    const branches: Branch[] = [];
    let otherwise: ShellNode | undefined;
    do {
      this.#at += 1;
      const condition = this.#list(['then']);
      this.#expectWord('then');
      branches.push({ condition, body: this.#list(['elif', 'else', 'fi']) });
    } while (this.#isWord('elif'));
    if (this.#isWord('else')) {
      this.#at += 1;
      otherwise = this.#list(['fi']);
    }
    this.#expectWord('fi');
    this.#redirections();
    return { kind: 'if', branches, otherwise };
  }

  #loop(): ShellNode {
    const until = this.#isWord('until');
    this.#at += 1;
    const condition = this.#list(['do']);
    return { kind: 'loop', until, condition, body: this.#doneBlock() };
  }

  #doneBlock(): ShellNode {
    this.#expectWord('do');
    const body = this.#list(['done']);
    this.#expectWord('done');
    this.#redirections();
    return body;
  }

  #for(): ShellNode {
    this.#at += 1;
    const token = this.#peek();
    if (token.kind !== 'word' || token.plain === undefined)
      throw new ShellSyntaxError('syntax error: bad for loop variable');
    this.#at += 1;
    const words: Word[] = [];
    this.#skipNewlines();
    if (this.#isWord('in')) {
      this.#at += 1;
      for (let next = this.#peek(); next.kind === 'word'; next = this.#peek()) {
        words.push(next.word);
        this.#at += 1;
      }
    }
    this.#skipNewlines();
    return { kind: 'for', name: token.plain, words, body: this.#doneBlock() };
  }

  #case(): ShellNode {
    this.#at += 1;
    const token = this.#peek();
    if (token.kind !== 'word') throw new ShellSyntaxError('syntax error: bad case word');
    this.#at += 1;
    this.#skipNewlines();
    this.#expectWord('in');
    const branches: CaseBranch[] = [];
    this.#skipNewlines();
    while (!this.#isWord('esac') && this.#peek().kind !== 'end') {
      if (this.#isOperator('(')) this.#at += 1;
      const patterns: Word[] = [];
      for (let next = this.#peek(); next.kind === 'word'; next = this.#peek()) {
        patterns.push(next.word);
        this.#at += 1;
        if (this.#isOperator('|')) this.#at += 1;
      }
      if (!this.#isOperator(')')) throw new ShellSyntaxError('syntax error: bad case pattern');
      this.#at += 1;
      branches.push({ patterns, body: this.#list(['esac']) });
      if (this.#isOperator(';;')) this.#at += 1;
      this.#skipNewlines();
    }
    this.#expectWord('esac');
    return { kind: 'case', word: token.word, branches };
  }

  #redirections(): Redirection[] {
    const found: Redirection[] = [];
    for (;;) {
      const token = this.#peek();
      if (token.kind !== 'operator') return found;
      if (WITHOUT_TARGET.has(token.text)) {
        this.#at += 1;
        found.push({ operator: token.text, target: [] });
        continue;
      }
      if (!REDIRECTIONS.has(token.text)) return found;
      this.#at += 1;
      const target = this.#peek();
      if (target.kind !== 'word') throw new ShellSyntaxError('syntax error: redirection without a target');
      this.#at += 1;
      found.push({ operator: token.text, target: target.word });
    }
  }

  #simple(): ShellNode {
    const assignments: { name: string; value: Word }[] = [];
    const words: Word[] = [];
    const redirections: Redirection[] = [];
    for (;;) {
      redirections.push(...this.#redirections());
      const token = this.#peek();
      if (token.kind !== 'word') break;
      const assignment = words.length === 0 ? assignmentOf(token.word) : undefined;
      if (assignment === undefined) words.push(token.word);
      else assignments.push(assignment);
      this.#at += 1;
      if (words.length === 1 && this.#isOperator('(') && token.plain !== undefined) return this.#function(token.plain);
    }
    if (assignments.length === 0 && words.length === 0 && redirections.length === 0) {
      throw new ShellSyntaxError(`syntax error: unexpected "${this.#show()}"`);
    }
    return { kind: 'simple', assignments, words, redirections };
  }

  #function(name: string): ShellNode {
    this.#at += 1;
    if (!this.#isOperator(')')) throw new ShellSyntaxError('syntax error: bad function');
    this.#at += 1;
    while (this.#isOperator('\n')) this.#at += 1;
    return { kind: 'function', name, body: this.#command() };
  }
}

function assignmentOf(word: Word): { readonly name: string; readonly value: Word } | undefined {
  const [first, ...rest] = word;
  if (first?.kind !== 'text' || first.quoted) return undefined;
  const match = /^([A-Za-z_]\w*)(\+?)=([\s\S]*)$/.exec(first.text);
  if (match === null) return undefined;
  const [, name = '', appends = '', text = ''] = match;
  const before: Word = appends === '' ? [] : [{ kind: 'variable', name, operator: '', operand: '', quoted: true }];
  return {
    name,
    value: [...before, ...(text === '' ? [] : [{ kind: 'text', text, quoted: false } as const]), ...rest],
  };
}

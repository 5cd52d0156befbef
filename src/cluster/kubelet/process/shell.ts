import { newObject } from '../../../base/json.ts';
import { type FileChange, WrittenText } from './file-changes.ts';
import { type LogLine, MOST_TEXT, OutOfMemory, ShellOutput } from './shell-output.ts';
import { expandVariable, splitFields } from './shell-expand.ts';
import { parseShell } from './shell-parser.ts';
import type { ListItem, Redirection, ShellNode, Word } from './shell-syntax.ts';
import { ShellSyntaxError } from './shell-syntax.ts';
import type { Surroundings } from './surroundings.ts';
import type { ToolShell } from './tool.ts';
import { runTool } from './tools.ts';

/** When a script runs, and how far it is followed. */
export interface ShellTimes {
  /** Its first instant, ms since the epoch; undefined: nobody knows, and `date` says nothing. */
  readonly startedAt?: number | undefined;
  /** ms from its start up to which a loop that does not end is followed; default: a few hundred rounds. */
  readonly until?: number | undefined;
}

/** What came of a script. */
export interface ShellResult {
  readonly exitCode: number;
  /** ms until it ended; undefined: it does not end. */
  readonly millis: number | undefined;
  readonly lines: readonly LogLine[];
  readonly files: readonly FileChange[];
  /** It became, or started, a server. */
  readonly serves: boolean;
  /** It handles SIGTERM. */
  readonly trapsTerm: boolean;
  /** The last program that it ran is one that nobody knows. */
  readonly endsUnknown: boolean;
  /** It waits for something in the network and would go on if that came. */
  readonly waitsForNetwork: boolean;
}

/** Ends a script. */
class Exit extends Error {
  readonly exitCode: number;
  constructor(exitCode: number) {
    super('exit');
    this.exitCode = exitCode;
  }
}

/** A script that does not end. */
class Endless extends Error {
  readonly serves: boolean;
  constructor(serves: boolean) {
    super('endless');
    this.serves = serves;
  }
}

/** Ends a function. */
class Return extends Error {
  readonly exitCode: number;
  constructor(exitCode: number) {
    super('return');
    this.exitCode = exitCode;
  }
}

class LoopControl extends Error {
  readonly kind: 'break' | 'continue';
  constructor(kind: 'break' | 'continue') {
    super(kind);
    this.kind = kind;
  }
}

/** Where programs are looked for when nobody says it. */
export const SEARCH_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

const MOST_STEPS = 5000;
const MOST_LINES = 2000;
/** Steps and lines of a script that is followed for its log. */
const MOST_FOLLOWED = 50_000;
/** A loop that goes round more often is one that does not end. */
const MOST_ROUNDS = 200;
/** A script that runs longer is one that does not end. */
const LONGEST = 400 * 86_400_000;

/** A shell that runs a script in no time and says what would have come of it, and when. */
export class Shell implements ToolShell {
  readonly surroundings: Surroundings;
  readonly variables: Record<string, string>;
  readonly functions = new Map<string, ShellNode>();
  readonly changes: FileChange[] = [];
  /** Files that the script wrote, or found written; undefined once removed. */
  readonly #written = new Map<string, WrittenText | undefined>();
  elapsed = 0;
  readonly times: ShellTimes;
  readonly #output: ShellOutput;
  readonly #mostSteps: number;
  readonly #mostRounds: number;
  #steps = 0;
  #status = 0;
  #errexit = false;
  #trapsTerm = false;
  #waitsForNetwork = false;
  #background: 'none' | 'waits' | 'serves' = 'none';
  #backgroundEnd = 0;
  #networkFailed = false;
  #unknown = false;

  constructor(surroundings: Surroundings, times: ShellTimes = {}) {
    this.surroundings = surroundings;
    this.times = times;
    const followed = times.until !== undefined;
    this.#mostSteps = followed ? MOST_FOLLOWED : MOST_STEPS;
    this.#mostRounds = followed ? MOST_FOLLOWED : MOST_ROUNDS;
    this.#output = new ShellOutput(followed ? MOST_FOLLOWED : MOST_LINES);
    const { hostname, user } = surroundings;
    this.variables = Object.assign(
      newObject<string>(),
      { PATH: SEARCH_PATH, HOSTNAME: hostname, HOME: (user?.uid ?? 0) === 0 ? '/root' : '/' },
      surroundings.env,
    );
  }

  /** Runs a script; one that is not understood counts as one that succeeds at once. */
  run(script: string, args: readonly string[] = []): ShellResult {
    args.forEach((arg, i) => {
      this.variables[String(i)] = arg;
    });
    let exitCode = 0;
    let endless = false;
    let serves = false;
    try {
      exitCode = this.#node(parseShell(script));
    } catch (error) {
      if (error instanceof Exit || error instanceof Return) exitCode = error.exitCode;
      else if (error instanceof Endless) {
        endless = true;
        serves = error.serves;
      } else if (error instanceof ShellSyntaxError) this.#writeError(`sh: ${error.message}`);
      else if (error instanceof OutOfMemory || error instanceof RangeError) {
        // Texts that double and functions that call themselves without end are scripts' own mistakes.
        this.#writeError('sh: out of memory');
        exitCode = 2;
      } else if (!(error instanceof LoopControl)) throw error;
    }
    // Longer than anybody waits.
    if (this.elapsed > LONGEST) endless = true;
    if (!endless) this.#output.end(this.elapsed);
    // What runs in the background comes between what the others do.
    this.changes.sort((a, b) => a.at - b.at);
    return {
      exitCode,
      millis: endless ? undefined : this.elapsed,
      lines: this.#output.lines,
      files: this.changes,
      serves: serves || (endless && this.#background === 'serves'),
      trapsTerm: this.#trapsTerm,
      endsUnknown: !endless && this.#unknown,
      waitsForNetwork: endless && this.#waitsForNetwork,
    };
  }

  /** Runs one command with its arguments. */
  command(argv: readonly string[]): ShellResult {
    return this.run(argv.map(quote).join(' '));
  }

  /** Puts a file there before the script begins; undefined: it has been removed. */
  place(path: string, text: string | undefined): void {
    this.#written.set(path, text === undefined ? undefined : new WrittenText(text));
  }

  fileExists(path: string): boolean {
    if (this.#written.has(path)) return this.#written.get(path) !== undefined;
    const mounted = this.surroundings.files.exists(path);
    return (
      mounted ??
      /^\/(?:$|bin|usr|etc|proc|sys|dev|lib|lib64|sbin|tmp$|var$|var\/run\/secrets|home$|root$|opt$)/.test(path)
    );
  }

  listFolder(path: string): readonly string[] | undefined {
    const folder = path.replace(/(.)\/+$/, '$1');
    const names = new Set(this.surroundings.files.list?.(folder));
    const prefix = folder === '/' ? '/' : `${folder}/`;
    for (const [file, text] of this.#written) {
      const [name = ''] = file.startsWith(prefix) ? file.slice(prefix.length).split('/') : [];
      if (name === '') continue;
      if (text === undefined) names.delete(name);
      else names.add(name);
    }
    return names.size > 0 || this.surroundings.files.list?.(folder) !== undefined ? [...names].sort() : undefined;
  }

  readFile(path: string): string | undefined {
    if (this.#written.has(path)) return this.#written.get(path)?.read();
    return this.surroundings.files.read(path);
  }

  writeFile(path: string, text: string | undefined): void {
    this.#fits(text?.length ?? 0);
    this.place(path, text);
    // A loop that writes the same over and over makes one change of it.
    const last = this.changes.at(-1);
    if (last?.path === path && last.exists && last.appends !== true && last.text === text) return;
    const change = { at: this.elapsed, path, exists: text !== undefined };
    this.changes.push(text === undefined ? change : { ...change, text });
  }

  appendFile(path: string, text: string): void {
    let known = this.#written.get(path);
    if (known === undefined) {
      const before = this.readFile(path) ?? '';
      if (before !== '' || text === '') this.writeFile(path, before);
      known = new WrittenText(before);
      this.#written.set(path, known);
    }
    if (text === '') return;
    this.#fits(known.length + text.length);
    known.append(text);
    this.changes.push({ at: this.elapsed, path, exists: true, text, appends: true });
  }

  makeFolder(path: string): void {
    this.place(path, '');
    this.changes.push({ at: this.elapsed, path, exists: true, isFolder: true });
  }

  /** @throws OutOfMemory for a text that is longer than any that a script may have */
  #fits(length: number): void {
    if (length > MOST_TEXT) throw new OutOfMemory();
  }

  #node(node: ShellNode): number {
    this.#step();
    switch (node.kind) {
      case 'simple':
        return this.#simple(node.words, node.assignments, node.redirections, undefined);
      case 'pipeline':
        return this.#pipeline(node.commands, node.negated);
      case 'list':
        return this.#list(node.items);
      case 'if':
        return this.#if(node);
      case 'loop':
        return this.#loop(node);
      case 'for':
        return this.#for(node);
      case 'case':
        return this.#case(node);
      case 'function':
        this.functions.set(node.name, node.body);
        return 0;
      default:
        return 0;
    }
  }

  #step(): void {
    this.#steps += 1;
    const { until = LONGEST } = this.times;
    if (this.#steps > this.#mostSteps || this.elapsed > until) throw new Endless(false);
  }

  #list(items: readonly ListItem[]): number {
    items.forEach((item, i) => {
      if (item.when === 'success' && this.#status !== 0) return;
      if (item.when === 'failure' && this.#status === 0) return;
      if (item.background) this.#inBackground(item.node);
      else this.#status = this.#node(item.node);
      const tested = items[i + 1] !== undefined && items[i + 1]?.when !== 'always';
      if (this.#errexit && this.#status !== 0 && !tested && item.when !== 'failure') throw new Exit(this.#status);
    });
    return this.#status;
  }

  /** What runs in the background takes no time, but may be a server, or something to wait for. */
  #inBackground(node: ShellNode): void {
    const start = this.elapsed;
    try {
      this.#node(node);
    } catch (error) {
      if (error instanceof Endless) this.#background = error.serves ? 'serves' : 'waits';
      else if (!(error instanceof Exit || error instanceof Return)) throw error;
    }
    this.#backgroundEnd = Math.max(this.#backgroundEnd, this.elapsed);
    this.elapsed = start;
    this.#status = 0;
  }

  #if(node: ShellNode & { readonly kind: 'if' }): number {
    for (const { condition, body } of node.branches) {
      if (this.#condition(condition)) return this.#node(body);
    }
    return node.otherwise === undefined ? 0 : this.#node(node.otherwise);
  }

  /** A condition's failure ends no script. */
  #condition(node: ShellNode): boolean {
    const errexit = this.#errexit;
    this.#errexit = false;
    this.#networkFailed = false;
    this.#status = this.#node(node);
    this.#errexit = errexit;
    return this.#status === 0;
  }

  #loop(node: ShellNode & { readonly kind: 'loop' }): number {
    for (let rounds = 0; ; rounds += 1) {
      const start = this.elapsed;
      if (this.#condition(node.condition) === node.until) return 0;
      if (this.#networkFailed) this.#waitsForNetwork = true;
      if (this.#body(node.body) === 'break') return 0;
      // A round in which nothing passes and nothing is decided is the first of many.
      if (this.elapsed === start && rounds > 50) throw new Endless(false);
      if (rounds > this.#mostRounds) throw new Endless(false);
      this.#step();
    }
  }

  #for(node: ShellNode & { readonly kind: 'for' }): number {
    for (const value of node.words.flatMap((word) => this.#fields(word))) {
      this.variables[node.name] = value;
      if (this.#body(node.body) === 'break') break;
    }
    return this.#status;
  }

  #body(node: ShellNode): 'break' | 'continue' {
    try {
      this.#status = this.#node(node);
      return 'continue';
    } catch (error) {
      if (error instanceof LoopControl) return error.kind;
      throw error;
    }
  }

  #case(node: ShellNode & { readonly kind: 'case' }): number {
    const value = this.#text(node.word);
    for (const { patterns, body } of node.branches) {
      if (patterns.some((pattern) => matchesPattern(value, this.#text(pattern)))) return this.#node(body);
    }
    return 0;
  }

  #pipeline(commands: readonly ShellNode[], negated: boolean): number {
    let input: string | undefined;
    let status = 0;
    commands.forEach((command, i) => {
      const last = i === commands.length - 1;
      const run = (): number =>
        command.kind === 'simple'
          ? this.#simple(command.words, command.assignments, command.redirections, input)
          : this.#node(command);
      if (last) status = run();
      else input = this.#capture(run).replace(/\n$/, '');
    });
    return negated ? Number(status === 0) : status;
  }

  /** Runs something and gives what it wrote to standard output. */
  #capture(run: () => void): string {
    return this.#output.catch(run);
  }

  #simple(
    words: readonly Word[],
    assignments: readonly { readonly name: string; readonly value: Word }[],
    redirections: readonly Redirection[],
    input: string | undefined,
  ): number {
    for (const { name, value } of assignments) {
      const text = this.#text(value);
      this.#fits(text.length);
      this.variables[name] = text;
    }
    const argv = words.flatMap((word) => this.#fields(word));
    const [name, ...args] = argv;
    const outputs = redirections.filter(({ operator }) => operator === '>' || operator === '>>' || operator === '&>');
    if (name === undefined) {
      for (const { target } of outputs) this.writeFile(this.#text(target), '');
      return assignments.length > 0 ? this.#status : 0;
    }
    if (outputs.length === 0) return this.#call(name, args, input, redirections);
    const text = this.#capture(() => {
      this.#status = this.#call(name, args, input, redirections);
    });
    for (const { target, operator } of outputs) this.#redirect(this.#text(target), text, operator === '>>');
    return this.#status;
  }

  #redirect(path: string, text: string, appends: boolean): void {
    if (/^\/(?:dev\/(?:stdout|stderr|fd\/\d)|proc\/1\/fd\/[12])$/.test(path)) this.#output.write(text, this.elapsed);
    else if (isReadOnly(path, this.surroundings)) {
      this.#writeError(`sh: can't create ${path}: Read-only file system`);
      this.#status = 1;
    } else if (!/^\/dev\/(?:null|zero|full|tty|u?random|fd\/.*)$/.test(path)) {
      if (appends) this.appendFile(path, text);
      else this.writeFile(path, text);
    }
  }

  #call(
    name: string,
    args: readonly string[],
    input: string | undefined,
    redirections: readonly Redirection[],
  ): number {
    const own = this.functions.get(name);
    if (own !== undefined) return this.#function(own, args);
    const builtin = this.#builtin(name, args);
    if (builtin !== undefined) return builtin;
    this.#unknown = false;
    const result = runTool([name, ...args], this, input);
    // A script within ends with what its own last command was.
    if (result.script !== true) this.#unknown = result.unknown === true;
    if (result.output !== undefined) {
      this.#output.write(result.raw === true ? result.output : `${result.output}\n`, this.elapsed);
    }
    const quiet = redirections.some(({ operator }) => operator === '2>' || operator === '2>>' || operator === '&>');
    if (result.error !== undefined && !quiet) this.#writeError(result.error);
    this.elapsed += result.millis ?? 0;
    if (result.network === true && result.exitCode !== 0) this.#networkFailed = true;
    if (result.endless !== undefined) throw new Endless(result.endless === 'serves');
    return result.exitCode;
  }

  /** Runs a function of the script. */
  #function(body: ShellNode, args: readonly string[]): number {
    args.forEach((arg, i) => {
      this.variables[String(i + 1)] = arg;
    });
    try {
      return this.#node(body);
    } catch (error) {
      if (error instanceof Return) return error.exitCode;
      throw error;
    }
  }

  #statusOf(args: readonly string[]): number {
    return args[0] === undefined ? this.#status : Number(args[0]) & 0xff;
  }

  /** What only the shell itself can do. */
  #builtin(name: string, args: readonly string[]): number | undefined {
    switch (name) {
      case 'exit':
        throw new Exit(this.#statusOf(args));
      case 'return':
        throw new Return(this.#statusOf(args));
      case 'break':
      case 'continue':
        throw new LoopControl(name);
      case 'set':
        if (args.some((arg) => /^-[a-z]*e/.test(arg))) this.#errexit = true;
        if (args.some((arg) => /^\+[a-z]*e/.test(arg))) this.#errexit = false;
        return 0;
      case 'trap':
        if (args.length > 1 && args.some((arg) => /^(?:SIG)?TERM$|^15$/.test(arg))) this.#trapsTerm = true;
        return 0;
      case 'wait':
        if (this.#background !== 'none') throw new Endless(this.#background === 'serves');
        this.elapsed = Math.max(this.elapsed, this.#backgroundEnd);
        return 0;
      case 'export':
      case 'local':
      case 'readonly':
      case 'declare':
        for (const arg of args) {
          const equals = arg.indexOf('=');
          if (equals > 0) this.variables[arg.slice(0, equals)] = arg.slice(equals + 1);
        }
        return 0;
      case 'unset':
        for (const arg of args) delete this.variables[arg];
        return 0;
      case 'eval':
        return this.#script(args.join(' '));
      case 'exec':
      case 'command':
      case 'nohup':
      case 'time':
        return args[0] === undefined ? 0 : this.#exec(name, args);
      default:
        return undefined;
    }
  }

  #exec(name: string, args: readonly string[]): number {
    const [program = '', ...rest] = args;
    if (name === 'command' && program === '-v') return 0;
    const status = this.#call(program, rest, undefined, []);
    if (name === 'exec') throw new Exit(status);
    return status;
  }

  /** Runs a script inside this one, as `sh -c` does. */
  #script(script: string): number {
    try {
      return this.#node(parseShell(script));
    } catch (error) {
      if (error instanceof ShellSyntaxError) return 2;
      throw error;
    }
  }

  /** `sh -c SCRIPT` inside a script: its exit ends only itself. */
  nested(script: string): number {
    try {
      return this.#script(script);
    } catch (error) {
      if (error instanceof Exit) return error.exitCode;
      throw error;
    }
  }

  #writeError(text: string): void {
    this.#output.complain(text, this.elapsed);
  }

  #text(word: Word): string {
    return this.#pieces(word)
      .map(({ text }) => text)
      .join('');
  }

  /** The arguments that a word makes: unquoted expansions are split at blanks, empty ones vanish. */
  #fields(word: Word): readonly string[] {
    return splitFields(this.#pieces(word));
  }

  #pieces(word: Word): readonly { readonly text: string; readonly splits: boolean }[] {
    return word.map((part) => {
      if (part.kind === 'text') return { text: part.text, splits: false };
      if (part.kind === 'variable') return { text: this.#variable(part), splits: !part.quoted };
      const text = this.#capture(() => {
        this.#status = this.nested(part.script);
      });
      return { text: text.replace(/\n+$/, ''), splits: !part.quoted };
    });
  }

  #variable(part: { readonly name: string; readonly operator: string; readonly operand: string }): string {
    if (part.name === '?') return String(this.#status);
    if (part.name === '$') return '1';
    const result = expandVariable(part, this.variables);
    if (result.fault !== undefined) {
      this.#writeError(`sh: ${part.name}: ${result.fault}`);
      throw new Exit(2);
    }
    return result.text;
  }
}

/** True for a path outside all volumes of a container whose own files nobody may change. */
function isReadOnly(path: string, { readOnlyRoot, files }: Surroundings): boolean {
  return readOnlyRoot === true && path.startsWith('/') && files.exists(path) === undefined;
}

function quote(argument: string): string {
  return `'${argument.replaceAll("'", `'\\''`)}'`;
}

function matchesPattern(value: string, pattern: string): boolean {
  const source = pattern
    .replaceAll(/[\\^$.+()|{}]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  try {
    return new RegExp(`^${source}$`, 's').test(value);
  } catch {
    return value === pattern;
  }
}

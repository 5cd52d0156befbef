import { newObject } from '../../../base/json.ts';
import { expandVariable, splitFields } from '../process/shell-expand.ts';
import { parseShell } from '../process/shell-parser.ts';
import type { ShellSyntaxError } from '../process/shell-syntax.ts';
import { type ListItem, type Redirection, type ShellNode, type Word } from '../process/shell-syntax.ts';
import { FileError, joinPath } from './file-system.ts';
import { expandGlob, matchesGlob } from './glob-paths.ts';
import type { ContainerWorld, Process } from './process.ts';
import { bytesInput, type Input } from './process-io.ts';

/** Runs a program that is none of the shell's own. */
export type RunProgram = (argv: readonly string[], process: Process) => Promise<number>;

/** Ends a script. */
class Exit extends Error {
  readonly code: number;
  constructor(code: number) {
    super('exit');
    this.code = code;
  }
}

class Return extends Error {
  readonly code: number;
  constructor(code: number) {
    super('return');
    this.code = code;
  }
}

class LoopControl extends Error {
  readonly kind: 'break' | 'continue';
  constructor(kind: 'break' | 'continue') {
    super(kind);
    this.kind = kind;
  }
}

interface Streams {
  readonly input: Input;
  readonly out: (bytes: Uint8Array) => void;
  readonly error: (bytes: Uint8Array) => void;
}

/** Commands that are run before others have their turn. */
const STEPS_A_TURN = 500;

/** Commands within commands: functions and scripts that call themselves without end come to theirs here. */
const MOST_DEPTH = 1500;

/** Bytes that one command hands on to the next, or to a variable. */
const MOST_CAPTURED = 64 * 1024 * 1024;

/** Bytes that a command writes to a file. */
const MOST_WRITTEN = 256 * 1024 * 1024;

/** What a shell begins with. */
export interface ExecShellOptions extends Streams {
  readonly world: ContainerWorld;
  readonly env: Readonly<Record<string, string>>;
  readonly folder: string;
  /** How the shell calls itself in messages. */
  readonly name: string;
  readonly run: RunProgram;
}

/** A shell that really runs: over files, streams and the cluster's time. */
export class ExecShell {
  readonly #options: ExecShellOptions;
  readonly #variables = newObject<string>();
  readonly #exported = new Set<string>();
  readonly #functions = new Map<string, ShellNode>();
  #folder: string;
  #args: readonly string[] = [];
  #status = 0;
  #errexit = false;

  constructor(options: ExecShellOptions) {
    this.#options = options;
    this.#folder = options.folder;
    for (const [name, value] of Object.entries(options.env)) {
      this.#variables[name] = value;
      this.#exported.add(name);
    }
  }

  get folder(): string {
    return this.#folder;
  }

  /** Sets `$0`, `$1`, … */
  setArguments(args: readonly string[]): void {
    this.#args = args;
  }

  /**
   * Runs a script.
   *
   * @throws ShellSyntaxError before anything has run
   */
  async run(script: string): Promise<number> {
    return await this.runNode(parseShell(script));
  }

  /** Runs what has been read; gives the exit code, and says whether the script ended the shell. */
  async runNode(node: ShellNode): Promise<number> {
    try {
      return await this.#node(node, this.#options);
    } catch (error) {
      if (error instanceof Exit || error instanceof Return) return error.code;
      if (error instanceof LoopControl) return 0;
      throw error;
    }
  }

  /** One line of a dialogue; undefined when it has ended the shell. */
  async step(node: ShellNode): Promise<number | undefined> {
    try {
      this.#status = await this.#node(node, this.#options);
      return this.#status;
    } catch (error) {
      if (!(error instanceof Exit)) throw error;
      this.#status = error.code;
      return undefined;
    }
  }

  get status(): number {
    return this.#status;
  }

  async #node(node: ShellNode, streams: Streams): Promise<number> {
    const { world } = this.#options;
    const { work } = world;
    work.steps += 1;
    // A loop that waits for nothing leaves the others their time, and hears that its client has gone.
    if (work.steps % STEPS_A_TURN === 0) await world.turn();
    if (world.signal.aborted) throw new Exit(130);
    if (work.depth >= MOST_DEPTH) {
      this.#complain(streams, 'out of stack space');
      throw new Exit(2);
    }
    work.depth += 1;
    try {
      return await this.#run(node, streams);
    } finally {
      work.depth -= 1;
    }
  }

  async #run(node: ShellNode, streams: Streams): Promise<number> {
    switch (node.kind) {
      case 'simple':
        return await this.#simple(node, streams);
      case 'pipeline':
        return await this.#pipeline(node.commands, node.negated, streams);
      case 'list':
        return await this.#list(node.items, streams);
      case 'if':
        for (const { condition, body } of node.branches) {
          if (await this.#condition(condition, streams)) return await this.#node(body, streams);
        }
        return node.otherwise === undefined ? 0 : await this.#node(node.otherwise, streams);
      case 'loop':
        while ((await this.#condition(node.condition, streams)) !== node.until) {
          if ((await this.#body(node.body, streams)) === 'break') break;
        }
        return this.#status;
      case 'for':
        return await this.#for(node, streams);
      case 'case':
        return await this.#case(node, streams);
      default:
        this.#functions.set(node.name, node.body);
        return 0;
    }
  }

  async #list(items: readonly ListItem[], streams: Streams): Promise<number> {
    for (const [i, item] of items.entries()) {
      if (item.when === 'success' && this.#status !== 0) continue;
      if (item.when === 'failure' && this.#status === 0) continue;
      this.#status = await this.#node(item.node, streams);
      const next = items[i + 1];
      const tested = next !== undefined && next.when !== 'always';
      if (this.#errexit && this.#status !== 0 && !tested) throw new Exit(this.#status);
    }
    return this.#status;
  }

  async #condition(node: ShellNode, streams: Streams): Promise<boolean> {
    const errexit = this.#errexit;
    this.#errexit = false;
    try {
      this.#status = await this.#node(node, streams);
    } finally {
      this.#errexit = errexit;
    }
    return this.#status === 0;
  }

  async #body(node: ShellNode, streams: Streams): Promise<'break' | 'continue'> {
    try {
      this.#status = await this.#node(node, streams);
      return 'continue';
    } catch (error) {
      if (error instanceof LoopControl) return error.kind;
      throw error;
    }
  }

  async #for(node: ShellNode & { readonly kind: 'for' }, streams: Streams): Promise<number> {
    const values: string[] = [];
    for (const word of node.words) values.push(...(await this.#fields(word)));
    for (const value of node.words.length === 0 ? this.#args.slice(1) : values) {
      this.#variables[node.name] = value;
      if ((await this.#body(node.body, streams)) === 'break') break;
    }
    return this.#status;
  }

  async #case(node: ShellNode & { readonly kind: 'case' }, streams: Streams): Promise<number> {
    const value = await this.#text(node.word);
    for (const { patterns, body } of node.branches) {
      for (const pattern of patterns) {
        if (matchesGlob(value, await this.#text(pattern))) return await this.#node(body, streams);
      }
    }
    return 0;
  }

  /** One program after the other: what the first has written is what the next reads. */
  async #pipeline(commands: readonly ShellNode[], negated: boolean, streams: Streams): Promise<number> {
    let { input } = streams;
    let status = 0;
    for (const [i, command] of commands.entries()) {
      if (i === commands.length - 1) {
        status = await this.#node(command, { ...streams, input });
        break;
      }
      const captured = await this.#capture((out) => this.#node(command, { ...streams, input, out }));
      input = bytesInput(captured);
    }
    return negated ? Number(status === 0) : status;
  }

  async #capture(run: (out: (bytes: Uint8Array) => void) => Promise<number>): Promise<Buffer> {
    const chunks: Uint8Array[] = [];
    let length = 0;
    try {
      this.#status = await run((bytes) => {
        length += bytes.length;
        if (length > MOST_CAPTURED) {
          this.#complain(this.#options, 'out of memory');
          throw new Exit(2);
        }
        chunks.push(bytes);
      });
    } catch (error) {
      // The exit of a part ends only the part.
      if (!(error instanceof Exit)) throw error;
      this.#status = error.code;
    }
    return Buffer.concat(chunks);
  }

  async #simple(node: ShellNode & { readonly kind: 'simple' }, streams: Streams): Promise<number> {
    const assigned = newObject<string>();
    for (const { name, value } of node.assignments) assigned[name] = await this.#text(value);
    const argv: string[] = [];
    for (const word of node.words) argv.push(...(await this.#fields(word)));
    const redirected = await this.#redirect(node.redirections, streams);
    if (redirected === undefined) return 1;
    if (argv.length === 0) {
      Object.assign(this.#variables, assigned);
      redirected.done();
      return Object.keys(assigned).length > 0 ? this.#status : 0;
    }
    try {
      return await this.#call(argv, assigned, redirected.streams);
    } finally {
      redirected.done();
    }
  }

  /** The streams with redirections; undefined when a file cannot be opened. */
  async #redirect(
    redirections: readonly Redirection[],
    streams: Streams,
  ): Promise<{ readonly streams: Streams; done(): void } | undefined> {
    let { input, out, error } = streams;
    const files: { readonly path: string; readonly chunks: Uint8Array[] }[] = [];
    const open = (path: string, keep: boolean): ((bytes: Uint8Array) => void) => {
      const device = /^\/(?:dev\/(null|stdout|stderr|fd\/[12])|proc\/(?:1|self)\/fd\/([12]))$/.exec(path);
      if (device !== null) {
        if (device[1] === 'null') return () => {};
        return /stderr|2$/.test(device[0]) ? streams.error : streams.out;
      }
      const { files: system } = this.#options.world;
      const chunks = keep && system.exists(path) ? [system.read(path)] : [];
      system.write(path, Buffer.concat(chunks));
      files.push({ path, chunks });
      let room = MOST_WRITTEN;
      return (bytes) => {
        room -= bytes.length;
        if (room < 0) throw new FileError('No space left on device');
        chunks.push(bytes);
      };
    };
    for (const { operator, target } of redirections) {
      const text = await this.#text(target);
      const path = joinPath(this.#folder, text);
      try {
        if (operator === '<') input = bytesInput(this.#options.world.files.read(path));
        else if (operator === '<<<') input = bytesInput(Buffer.from(`${text}\n`));
        else if (operator === '2>&1') error = out;
        else if (operator === '1>&2' || operator === '>&2') out = error;
        else {
          const sink = open(path, operator.endsWith('>>'));
          if (operator.startsWith('2')) error = sink;
          else out = sink;
          if (operator === '&>') error = sink;
        }
      } catch (failure) {
        if (!(failure instanceof FileError)) throw failure;
        this.#complain(streams, `can't open ${text}: ${failure.message}`);
        return undefined;
      }
    }
    const done = (): void => {
      for (const { path, chunks } of files) this.#options.world.files.write(path, Buffer.concat(chunks));
    };
    return { streams: { input, out, error }, done };
  }

  #complain(streams: Streams, text: string): void {
    streams.error(Buffer.from(`${this.#options.name}: ${text}\n`, 'utf8'));
  }

  async #call(argv: readonly string[], assigned: Readonly<Record<string, string>>, streams: Streams): Promise<number> {
    const [name = '', ...args] = argv;
    const own = this.#functions.get(name);
    if (own !== undefined) return await this.#function(own, args, streams);
    const builtin = await this.#builtin(name, args, streams);
    if (builtin !== undefined) return builtin;
    const env = Object.assign(this.#environment(), assigned);
    return await this.#program(argv, env, streams);
  }

  #program(argv: readonly string[], env: Readonly<Record<string, string>>, streams: Streams): Promise<number> {
    const { world, run } = this.#options;
    const process: Process = {
      world,
      env,
      folder: this.#folder,
      ...streams,
      run: (next, change = {}) => this.#program(next, change.env ?? env, { ...streams, ...change }),
    };
    return run(argv, process);
  }

  #environment(): Record<string, string> {
    const env = newObject<string>();
    for (const name of this.#exported) {
      const value = this.#variables[name];
      if (value !== undefined) env[name] = value;
    }
    return env;
  }

  async #function(body: ShellNode, args: readonly string[], streams: Streams): Promise<number> {
    const outer = this.#args;
    this.#args = [outer[0] ?? '', ...args];
    try {
      return await this.#node(body, streams);
    } catch (error) {
      if (error instanceof Return) return error.code;
      throw error;
    } finally {
      this.#args = outer;
    }
  }

  /** What only the shell itself can do; undefined: it is a program. */
  async #builtin(name: string, args: readonly string[], streams: Streams): Promise<number | undefined> {
    switch (name) {
      case 'exit':
        throw new Exit(args[0] === undefined ? this.#status : Number(args[0]) & 0xff);
      case 'return':
        throw new Return(args[0] === undefined ? this.#status : Number(args[0]) & 0xff);
      case 'break':
      case 'continue':
        throw new LoopControl(name);
      case 'cd':
        return this.#changeFolder(args[0] ?? this.#variables['HOME'] ?? '/root', streams);
      case 'set':
        if (args.some((arg) => /^-[a-z]*e/.test(arg))) this.#errexit = true;
        if (args.some((arg) => /^\+[a-z]*e/.test(arg))) this.#errexit = false;
        return 0;
      case 'export':
      case 'readonly':
      case 'local':
      case 'declare':
        this.#declare(name, args);
        return 0;
      case 'unset':
        for (const arg of args) {
          delete this.#variables[arg];
          this.#exported.delete(arg);
        }
        return 0;
      case 'read':
        return await this.#read(args, streams);
      case 'shift':
        this.#args = [this.#args[0] ?? '', ...this.#args.slice(1 + Number(args[0] ?? 1))];
        return 0;
      case 'eval':
        return await this.#node(parseShell(args.join(' ')), streams);
      case '.':
      case 'source':
        return await this.#source(args[0] ?? '', streams);
      case 'exec':
        if (args.length === 0) return 0;
        throw new Exit(await this.#program(args, this.#environment(), streams));
      case ':':
      case 'trap':
      case 'wait':
      case 'umask':
      case 'ulimit':
      case 'alias':
        return 0;
      default:
        return undefined;
    }
  }

  #changeFolder(target: string, streams: Streams): number {
    const path = target === '-' ? (this.#variables['OLDPWD'] ?? '/') : joinPath(this.#folder, target);
    if (!this.#options.world.files.isFolder(path)) {
      this.#complain(streams, `cd: can't cd to ${target}: No such file or directory`);
      return 2;
    }
    this.#variables['OLDPWD'] = this.#folder;
    this.#folder = path;
    this.#variables['PWD'] = path;
    return 0;
  }

  #declare(name: string, args: readonly string[]): void {
    for (const arg of args) {
      const [variable = '', value] = arg.split(/=(.*)/s);
      if (variable.startsWith('-')) continue;
      if (value !== undefined) this.#variables[variable] = value;
      if (name === 'export') this.#exported.add(variable);
    }
  }

  async #read(args: readonly string[], streams: Streams): Promise<number> {
    const line = await streams.input.readLine();
    const names = args.filter((arg) => !arg.startsWith('-'));
    const fields = (line ?? '').trim().split(/\s+/);
    names.forEach((name, i) => {
      this.#variables[name] = i === names.length - 1 ? fields.slice(i).join(' ') : (fields[i] ?? '');
    });
    return line === undefined ? 1 : 0;
  }

  async #source(file: string, streams: Streams): Promise<number> {
    try {
      const script = Buffer.from(this.#options.world.files.read(joinPath(this.#folder, file))).toString('utf8');
      return await this.#node(parseShell(script), streams);
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      this.#complain(streams, `.: can't open '${file}': ${error.message}`);
      return 2;
    }
  }

  async #text(word: Word): Promise<string> {
    const pieces = await this.#pieces(word);
    return pieces.map(({ text }) => text).join('');
  }

  /** The arguments that a word makes: expansions are split at blanks, patterns become the paths that they match. */
  async #fields(word: Word): Promise<readonly string[]> {
    const [only] = word;
    if (word.length === 1 && only?.kind === 'variable' && only.name === '@') return this.#args.slice(1);
    const fields = splitFields(await this.#pieces(word));
    const isPlain = word.some((part) => part.kind === 'text' && !part.quoted && /[*?[]/.test(part.text));
    if (!isPlain) return fields;
    return fields.flatMap((field) => expandGlob(field, this.#folder, this.#options.world.files));
  }

  async #pieces(word: Word): Promise<{ readonly text: string; readonly splits: boolean }[]> {
    const pieces: { readonly text: string; readonly splits: boolean }[] = [];
    for (const [i, part] of word.entries()) {
      if (part.kind === 'text') {
        const home = i === 0 && !part.quoted && /^~(?=\/|$)/.test(part.text);
        const text = home ? part.text.replace('~', this.#variables['HOME'] ?? '/root') : part.text;
        pieces.push({ text, splits: false });
      } else if (part.kind === 'variable') pieces.push({ text: this.#variable(part), splits: !part.quoted });
      else {
        const captured = await this.#capture((out) => this.#nested(part.script, { ...this.#options, out }));
        pieces.push({ text: captured.toString('utf8').replace(/\n+$/, ''), splits: !part.quoted });
      }
    }
    return pieces;
  }

  async #nested(script: string, streams: Streams): Promise<number> {
    return await this.#node(parseShell(script), streams);
  }

  #variable(part: { readonly name: string; readonly operator: string; readonly operand: string }): string {
    if (part.name === '?') return String(this.#status);
    if (part.name === '$') return '7';
    if (part.name === '#') return String(Math.max(0, this.#args.length - 1));
    if (part.name === '@' || part.name === '*') return this.#args.slice(1).join(' ');
    if (/^\d$/.test(part.name)) return this.#args[Number(part.name)] ?? '';
    if (part.name === 'PWD') return this.#folder;
    const { text, fault } = expandVariable(part, this.#variables);
    if (fault === undefined) return text;
    this.#complain(this.#options, `${part.name}: ${fault}`);
    throw new Exit(2);
  }
}

/** True when a script would be complete with more lines. */
export function isUnfinished(error: ShellSyntaxError): boolean {
  return /end of file|unterminated|missing|without an end/.test(error.message);
}

import { ShellSyntaxError } from '../process/shell-syntax.ts';
import { parseShell } from '../process/shell-parser.ts';
import { baseName } from '../process/tools.ts';
import { ExecShell, isUnfinished } from './exec-shell.ts';
import { FILE_TOOLS } from './file-tools.ts';
import { FileError } from './file-system.ts';
import { NETWORK_TOOLS } from './network-tools.ts';
import {
  complain,
  type ForeignResult,
  pathOf,
  pause,
  print,
  type Process,
  splitOptions,
  type Tool,
  untilGone,
} from './process.ts';
import { Interrupted, TerminalInput } from './process-io.ts';
import { SYSTEM_TOOLS } from './system-tools.ts';
import { TEXT_TOOLS } from './text-tools.ts';

const SHELLS: ReadonlySet<string> = new Set(['sh', 'bash', 'ash', 'dash', 'zsh']);

const { lastLines, ...texts } = TEXT_TOOLS;

const TOOLS: Readonly<Record<string, Tool>> = {
  ...FILE_TOOLS,
  ...texts,
  ...SYSTEM_TOOLS,
  ...NETWORK_TOOLS,
  tar: async (args, process) => (await import('./archive-tool.ts')).tar(args, process),
  tail: async (args, process) => {
    const follows = args.some((arg) => /^-[a-zA-Z]*[fF]/.test(arg));
    const plain = args.map((arg) => (/^-[a-zA-Z]*[fF]/.test(arg) ? arg.replaceAll(/[fF]/g, '') : arg));
    const code =
      (await lastLines?.(
        plain.filter((arg) => arg !== '-'),
        process,
      )) ?? 0;
    if (follows && code === 0) await untilGone(process);
    return code;
  },
  busybox: (args, process) => runProgram(args, process),
  which: (args, process) => {
    const missing = args.filter((name) => !isProgram(name));
    for (const name of args) if (isProgram(name)) print(process, `/bin/${baseName(name)}\n`);
    return missing.length === 0 ? 0 : 1;
  },
  command: (args, process) =>
    args[0] === '-v' ? (TOOLS['which']?.(args.slice(1), process) ?? 1) : runProgram(args, process),
  nohup: (args, process) => runProgram(args, process),
  time: (args, process) => runProgram(args, process),
};

/** Names of the programs in `/bin`. */
export function programNames(): string[] {
  return [...Object.keys(TOOLS).filter((name) => /^[a-z0-9]+$/.test(name)), 'sh'].sort();
}

/** True for programs that are simulated here. */
export function isProgram(path: string): boolean {
  const name = baseName(path);
  return SHELLS.has(name) || Object.hasOwn(TOOLS, name);
}

/** Runs a program; one that nobody knows is `not found`, 127. */
export async function runProgram(argv: readonly string[], process: Process): Promise<number> {
  const [path = '', ...args] = argv;
  const name = baseName(path);
  const { world, env } = process;
  try {
    // What the image's catalogue says of a command counts more than what the command usually does.
    const told = world.told(argv);
    if (told !== undefined) return await play(told, process);
    if (SHELLS.has(name)) return await runShell(name, args, process);
    const tool = Object.hasOwn(TOOLS, name) ? TOOLS[name] : undefined;
    if (tool !== undefined) return await tool(args, process);
    const foreign = world.foreign(argv, env);
    if (foreign !== undefined) return await play(foreign, process);
    return await runScript(path, args, process);
  } catch (error) {
    if (error instanceof FileError) return complain(process, `${name}: ${error.message}`);
    // A pattern that is none.
    if (error instanceof SyntaxError) return complain(process, `${name}: ${error.message}`, 2);
    throw error;
  }
}

/** Shows what a program came to that is not simulated in its parts. */
async function play({ output, error, millis, exitCode }: ForeignResult, process: Process): Promise<number> {
  if (output !== '') print(process, output);
  if (error !== '') process.error(Buffer.from(error, 'utf8'));
  await (millis === undefined ? untilGone(process) : pause(process, millis));
  return exitCode;
}

/** A file that begins with `#!`, or nothing. */
async function runScript(path: string, args: readonly string[], process: Process): Promise<number> {
  const { files } = process.world;
  if (path.includes('/') && files.exists(pathOf(process, path))) {
    const text = Buffer.from(files.read(pathOf(process, path))).toString('utf8');
    if (text.startsWith('#!')) return await runShell('sh', [path, ...args], process);
    return complain(process, `sh: ${path}: Permission denied`, 126);
  }
  return complain(process, `sh: ${path}: not found`, 127);
}

async function runShell(name: string, args: readonly string[], process: Process): Promise<number> {
  const shell = new ExecShell({ ...process, name, run: runProgram });
  const { flags, values, rest } = splitOptions(args, 'co');
  try {
    const script = values.get('c');
    if (script !== undefined) {
      shell.setArguments(rest.length === 0 ? [name] : rest);
      return await shell.run(script);
    }
    const [file, ...more] = rest;
    if (file !== undefined && !flags.has('s')) {
      shell.setArguments([file, ...more]);
      return await shell.run(Buffer.from(process.world.files.read(pathOf(process, file))).toString('utf8'));
    }
  } catch (error) {
    if (error instanceof ShellSyntaxError) return complain(process, `${name}: ${error.message}`, 2);
    throw error;
  }
  shell.setArguments([name]);
  return await dialogue(name, shell, process);
}

/** Reads commands from standard input until it ends; at a terminal it asks for them. */
async function dialogue(name: string, shell: ExecShell, process: Process): Promise<number> {
  const asks = process.input instanceof TerminalInput;
  const prompt = (): string => {
    if (name !== 'bash') return `${shell.folder} # `;
    return `root@${process.world.hostname}:${shell.folder}# `;
  };
  let pending = '';
  for (;;) {
    if (asks) print(process, pending === '' ? prompt() : '> ');
    let line: string | undefined;
    try {
      line = await process.input.readLine();
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
      pending = '';
      continue;
    }
    if (line === undefined) {
      if (asks) print(process, '\n');
      return shell.status;
    }
    const script = `${pending}${line}\n`;
    try {
      const node = parseShell(script);
      pending = '';
      if ((await shell.step(node)) === undefined) return shell.status;
    } catch (error) {
      if (error instanceof Interrupted) pending = '';
      else if (!(error instanceof ShellSyntaxError)) throw error;
      else if (isUnfinished(error)) pending = script;
      else {
        pending = '';
        complain(process, `${name}: ${error.message}`);
      }
    }
  }
}

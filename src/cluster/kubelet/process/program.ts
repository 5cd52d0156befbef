import type { Container } from '../../../kube/api/core-v1.generated.ts';
import { quantityValue } from '../../../kube/quantity.ts';
import type { ConditionPlace } from '../images/condition.ts';
import { resolveCases } from '../images/resolve-cases.ts';
import { behaviourOfRun, type CommandResult, type ImageBehaviour } from '../images/behaviour.ts';
import type { FileChange } from './file-changes.ts';
import { Shell, type ShellResult } from './shell.ts';
import type { LogLine } from './shell-output.ts';
import type { Surroundings } from './surroundings.ts';
import { baseName, isKnownProgram, isNoProgram } from './tools.ts';

/** How a process takes SIGTERM. */
interface StopReaction {
  readonly exitCode: number;
  /** ms until it has ended; undefined: it does not end before it is killed. */
  readonly millis: number | undefined;
}

/** What one run of a container does: known beforehand, so that nothing happens in between. */
export interface Program {
  /** Why it cannot even be started. */
  readonly startError?: string;
  /** ms until it ends; undefined: it runs on. */
  readonly runMillis: number | undefined;
  readonly exitCode: number;
  /** `OOMKilled` when memory ends it. */
  readonly reason?: 'OOMKilled';
  readonly logs: readonly LogLine[];
  readonly files: readonly FileChange[];
  /** It listens on ports. */
  readonly serves: boolean;
  readonly stop: StopReaction;
  /** It waits for something in the network: look again when that changes. */
  readonly waitsForNetwork: boolean;
  readonly behaviour: ImageBehaviour;
}

/** What decides on a {@link Program}. */
export interface ProgramInput {
  /** With `$(NAME)` expanded in command and arguments. */
  readonly container: Pick<Container, 'command' | 'args' | 'resources' | 'name' | 'stdin'>;
  readonly behaviour: ImageBehaviour;
  /** A word of the pod about this very container: its entrypoint counts whatever the command. */
  readonly forced: boolean;
  /** The pod's word has cases: one that says how the run ends counts in the same way. */
  readonly forcedCases?: boolean;
  /** ms for which the run has gone on already; default 0. */
  readonly elapsed?: number;
  /** ms after its start at which something came that it had waited for: its end is counted from there; default 0. */
  readonly waited?: number;
  /** Its first instant, ms since the epoch; undefined: nobody knows it. */
  readonly startedAt?: number;
  /** ms from its start up to which loops that do not end are followed, for their log. */
  readonly until?: number;
  /** 0 for the first run. */
  readonly run: number;
  readonly surroundings: Surroundings;
}

const UNKNOWN_RUN_MILLIS = 1000;
const MEMORY_MILLIS = 1000;

type Fate = Omit<Program, 'behaviour'>;

/** What a run of a container will do. */
export function programOf(given: ProgramInput): Program {
  const place = (): ConditionPlace => conditionPlace(given.container, given.surroundings);
  const ofRun = behaviourOfRun(given.behaviour, given.run);
  const { behaviour, decided } =
    ofRun.cases === undefined ? { behaviour: ofRun, decided: false } : resolveCases(ofRun, place(), given.elapsed);
  const input = decided && given.forcedCases === true ? { ...given, forced: true } : given;
  const fate = later(unmetNeeds(behaviour, input) ?? fateOf(behaviour, input), given.waited);
  return { ...withMemory(fate, behaviour, input), behaviour };
}

function later(fate: Fate, millis = 0): Fate {
  return fate.runMillis === undefined || millis === 0 ? fate : { ...fate, runMillis: fate.runMillis + millis };
}

/** What conditions see of a container and its surroundings. */
export function conditionPlace(
  { command = [], args = [] }: Pick<Container, 'command' | 'args'>,
  { env, files, network, requests }: Surroundings,
): ConditionPlace {
  return {
    env,
    words: [...command, ...args],
    read: (path) => files.read(path),
    dial: (host, port) => network.dial(host, port) === 'connected',
    requests: () => requests?.() ?? 0,
  };
}

/** A shell that waits for somebody to type; it does not hear SIGTERM. */
const LISTENING: Fate = {
  runMillis: undefined,
  exitCode: 0,
  logs: [],
  files: [],
  serves: false,
  stop: { exitCode: 137, millis: undefined },
  waitsForNetwork: false,
};

function fateOf(behaviour: ImageBehaviour, input: ProgramInput): Fate {
  const { command = [], args = [] } = input.container;
  if (input.forced && behaviour.entrypoint !== undefined) return ofEntrypoint(behaviour, input);
  if (input.container.stdin === true && isBareShell([...command, ...args], behaviour)) return LISTENING;
  if (command.length > 0) return ofCommand([...command, ...args], behaviour, input);
  if (behaviour.program !== undefined) return ofCommand([`/${behaviour.program}`, ...args], behaviour, input);
  const argument = args[0];
  const replaces = argument !== undefined && (behaviour.entrypoint === 'shell' || isKnownProgram(argument));
  return replaces && !argument.startsWith('-') ? ofCommand(args, behaviour, input) : ofEntrypoint(behaviour, input);
}

function ofEntrypoint(behaviour: ImageBehaviour, { surroundings, container }: ProgramInput): Fate {
  const logs = (behaviour.logs ?? []).map((text) => ({ at: 0, text }));
  const { entrypoint, ports } = behaviour;
  if (entrypoint === 'shell') return { ...ended(0, 0), logs };
  // A server that nobody gives anything else to do serves, whatever its pod is for.
  const isServer = ports !== undefined && (container.command ?? []).length + (container.args ?? []).length === 0;
  if (entrypoint === 'exit' || (entrypoint === undefined && surroundings.toCompletion && !isServer)) {
    const fate = ended(behaviour.exitCode ?? 0, behaviour.runMillis ?? UNKNOWN_RUN_MILLIS);
    return { ...fate, logs, stop: reaction(behaviour) };
  }
  return { ...serving(behaviour), logs };
}

/** A shell whose commands come from whoever attaches. */
export function isBareShell(argv: readonly string[], { entrypoint }: ImageBehaviour): boolean {
  const [program, ...more] = argv;
  if (program === undefined) return entrypoint === 'shell';
  return more.length === 0 && /^(?:.*\/)?(?:sh|bash|ash|dash|zsh)$/.test(program);
}

function ended(exitCode: number, runMillis: number): Fate {
  return {
    runMillis,
    exitCode,
    logs: [],
    files: [],
    serves: false,
    stop: { exitCode: 143, millis: 0 },
    waitsForNetwork: false,
  };
}

function serving(behaviour: ImageBehaviour): Fate {
  return { ...ended(0, 0), runMillis: undefined, serves: true, stop: reaction(behaviour) };
}

function reaction({ stopCode = 143, stopMillis = 0, ignoresTerm = false }: ImageBehaviour): StopReaction {
  return { exitCode: stopCode, millis: ignoresTerm ? undefined : stopMillis };
}

function ofCommand(argv: readonly string[], behaviour: ImageBehaviour, input: ProgramInput): Fate {
  const [path = ''] = argv;
  const told = commandResult(argv, behaviour.commands);
  if (told !== undefined) {
    const logs = told.output === undefined ? [] : linesOf(told.output);
    return { ...ended(told.exitCode, told.millis ?? 0), logs };
  }
  if (isNoProgram(path)) return { ...ended(128, 0), startError: startError(path) };
  if (!isKnownProgram(path)) return ofUnknown(behaviour, input);
  const shell = new Shell(input.surroundings, { startedAt: input.startedAt, until: input.until });
  return ofShell(shell.command(argv), behaviour, input.surroundings);
}

/** A program that nobody knows is the image's own: a server, or a job that does its work. */
function ofUnknown(behaviour: ImageBehaviour, input: ProgramInput): Fate {
  if (behaviour.entrypoint === 'exit' || input.surroundings.toCompletion) {
    return ofEntrypoint({ ...behaviour, entrypoint: 'exit' }, input);
  }
  return ofEntrypoint({ ...behaviour, entrypoint: 'serve' }, input);
}

function ofShell(result: ShellResult, behaviour: ImageBehaviour, { toCompletion }: Surroundings): Fate {
  const unknownServer = result.endsUnknown && result.exitCode === 0 && !toCompletion;
  const serves = result.serves || unknownServer;
  const work = result.endsUnknown && toCompletion ? UNKNOWN_RUN_MILLIS : 0;
  return {
    runMillis: serves || result.millis === undefined ? undefined : result.millis + work,
    exitCode: result.exitCode,
    logs: result.lines,
    files: result.files,
    serves,
    stop: serves ? reaction(behaviour) : shellReaction(result),
    waitsForNetwork: result.waitsForNetwork,
  };
}

/** The first process of a container gets SIGTERM only if it asked for it. */
function shellReaction({ trapsTerm }: ShellResult): StopReaction {
  return trapsTerm ? { exitCode: 0, millis: 0 } : { exitCode: 137, millis: undefined };
}

/** What the catalogue says of a command: of its whole line, or of its program. */
export function commandResult(
  argv: readonly string[],
  commands: Readonly<Record<string, CommandResult>> | undefined,
): CommandResult | undefined {
  if (commands === undefined) return undefined;
  for (const key of [argv.join(' '), argv[0] ?? '', baseName(argv[0] ?? '')]) {
    if (Object.hasOwn(commands, key)) return commands[key];
  }
  return undefined;
}

function startError(path: string): string {
  const cause = path.startsWith('/')
    ? `exec: ${JSON.stringify(path)}: stat ${path}: no such file or directory`
    : `exec: ${JSON.stringify(path)}: executable file not found in $PATH`;
  return `failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: ${cause}`;
}

function unmetNeeds(behaviour: ImageBehaviour, { surroundings, container }: ProgramInput): Fate | undefined {
  if (container.command !== undefined && container.command.length > 0) return undefined;
  const { env, files } = surroundings;
  const variable = behaviour.needsEnv?.find((need) => !need.split('|').some((choice) => isSet(choice, env)));
  const file = behaviour.needsFiles?.find((path) => files.exists(path) !== true && !files.touches(path));
  if (variable === undefined && file === undefined) return undefined;
  const told =
    variable === undefined
      ? `${file ?? ''}: No such file or directory`
      : `error: ${variable.split('|').join(' or ')} must be set`;
  return { ...ended(1, 0), logs: (behaviour.missingLogs ?? [told]).map((text) => ({ at: 0, text })) };
}

function isSet(choice: string, env: Readonly<Record<string, string>>): boolean {
  const [name = '', wanted] = choice.split('=');
  const value = Object.hasOwn(env, name) ? (env[name] ?? '') : '';
  return wanted === undefined ? value !== '' : value === wanted;
}

/** Memory above the limit ends a process that lives long enough to use it. */
function withMemory(fate: Fate, behaviour: ImageBehaviour, { container }: ProgramInput): Fate {
  const limit = container.resources?.limits?.memory;
  const at = limit === undefined ? undefined : fullAfter(behaviour, quantityValue(limit));
  if (at === undefined) return fate;
  if (fate.startError !== undefined || (fate.runMillis !== undefined && fate.runMillis < at)) return fate;
  return {
    ...fate,
    runMillis: at,
    exitCode: 137,
    reason: 'OOMKilled',
    logs: fate.logs.filter((line) => line.at <= at),
  };
}

function linesOf(text: string): readonly LogLine[] {
  return text
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => ({ at: 0, text: line }));
}

/** ms until a process uses more than a limit, bytes; undefined: it never does. */
function fullAfter(
  { memory = 0, memoryMillis = MEMORY_MILLIS, leak = 0 }: ImageBehaviour,
  limit: number,
): number | undefined {
  if (memory > limit) return memoryMillis;
  return leak > 0 ? Math.max(memoryMillis, Math.ceil((limit - memory) / leak)) : undefined;
}

/** True where a behaviour says what memory is in use. */
export function tellsMemory({ memory, leak = 0 }: Pick<ImageBehaviour, 'memory' | 'leak'>): boolean {
  return memory !== undefined || leak !== 0;
}

/** The memory in use, bytes, `elapsed` ms after the start; undefined when nobody knows. */
export function memoryInUse(behaviour: ImageBehaviour, elapsed: number): number | undefined {
  if (!tellsMemory(behaviour)) return undefined;
  const { memory, memoryMillis = MEMORY_MILLIS, leak = 0 } = behaviour;
  return (elapsed >= memoryMillis ? (memory ?? 0) : 0) + leak * elapsed;
}

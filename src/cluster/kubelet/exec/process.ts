import type { Clock } from '../../../base/clock.ts';
import type { Container, Pod } from '../../../kube/api/core-v1.generated.ts';
import type { ProcessUser } from '../process/surroundings.ts';
import type { FileSystem } from './file-system.ts';
import { joinPath } from './file-system.ts';
import type { Input } from './process-io.ts';

/** What is simulated around the processes of a container. */
export interface ContainerWorld {
  readonly pod: Pod;
  readonly container: Container;
  readonly files: FileSystem;
  readonly hostname: string;
  readonly user: ProcessUser;
  readonly clock: Clock;
  /** Aborts when the client has gone. */
  readonly signal: AbortSignal;
  /** How much of the scripts is under way. */
  readonly work: ScriptWork;
  /** Resolves when all others have had their turn. */
  turn(): Promise<void>;
  /** What the image's catalogue says of a command. */
  told(argv: readonly string[]): ForeignResult | undefined;
  /** What a program that asks the network, or one of the image, comes to; undefined: nobody knows it. */
  foreign(argv: readonly string[], env: Readonly<Record<string, string>>): ForeignResult | undefined;
  /** Asks an HTTP server, as containers reach it. */
  fetch(url: URL): FetchResult;
}

/** What the shells of one process have in common; they change it. */
export interface ScriptWork {
  /** Commands that have been begun. */
  steps: number;
  /** Commands within commands, at this moment. */
  depth: number;
}

/** How a program that is not simulated here ends. */
export interface ForeignResult {
  readonly exitCode: number;
  readonly output: string;
  readonly error: string;
  /** ms that it takes; undefined: it does not end. */
  readonly millis: number | undefined;
}

/** What an HTTP server answered, or why none did. */
export type FetchResult =
  | { readonly kind: 'answer'; readonly status: number; readonly type: string; readonly body: Uint8Array }
  | { readonly kind: 'unknown-host' }
  | { readonly kind: 'refused' };

/** A running program: what it is given and what it writes to. */
export interface Process {
  readonly world: ContainerWorld;
  readonly env: Readonly<Record<string, string>>;
  readonly folder: string;
  readonly input: Input;
  readonly out: (bytes: Uint8Array) => void;
  readonly error: (bytes: Uint8Array) => void;
  /** Runs another program with the same surroundings. */
  run(argv: readonly string[], change?: Partial<Pick<Process, 'input' | 'env' | 'out' | 'error'>>): Promise<number>;
}

/** A program that is simulated here; gives its exit code. */
export type Tool = (args: readonly string[], process: Process) => number | Promise<number>;

/** Writes text to standard output. */
export function print(process: Process, text: string): void {
  process.out(Buffer.from(text, 'utf8'));
}

/** Writes a line to standard error and gives an exit code. */
export function complain(process: Process, text: string, code = 1): number {
  process.error(Buffer.from(`${text}\n`, 'utf8'));
  return code;
}

/** A path of an argument as an absolute one. */
export function pathOf(process: Process, path: string): string {
  return joinPath(process.folder, path);
}

/** Waits on the cluster's clock; ends early when the client has gone. */
export function pause({ world }: Process, millis: number): Promise<void> {
  return new Promise((resolve) => {
    if (world.signal.aborted) {
      resolve();
      return;
    }
    const timer = world.clock.setTimer(millis, () => {
      world.signal.removeEventListener('abort', stop);
      resolve();
    });
    const stop = (): void => {
      timer.stop();
      resolve();
    };
    world.signal.addEventListener('abort', stop, { once: true });
  });
}

/** Waits until the client has gone. */
export function untilGone({ world }: Process): Promise<void> {
  return new Promise((resolve) => {
    if (world.signal.aborted) resolve();
    else world.signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** The letters of options (`-la` gives `l`, `a`) and what is left; `--` ends the options. */
export function splitOptions(
  args: readonly string[],
  withValue = '',
): { readonly flags: ReadonlySet<string>; readonly values: ReadonlyMap<string, string>; readonly rest: string[] } {
  const flags = new Set<string>();
  const values = new Map<string, string>();
  const rest: string[] = [];
  for (let i = 0; i < args.length; i += 1) {
    const arg = args[i] ?? '';
    if (arg === '--') {
      rest.push(...args.slice(i + 1));
      break;
    }
    if (arg.startsWith('--')) {
      const [name = '', value] = arg.slice(2).split(/=(.*)/s);
      flags.add(name);
      if (value !== undefined) values.set(name, value);
    } else if (arg.startsWith('-') && arg !== '-') {
      for (let k = 1; k < arg.length; k += 1) {
        const letter = arg.charAt(k);
        flags.add(letter);
        if (!withValue.includes(letter)) continue;
        const tail = arg.slice(k + 1);
        values.set(letter, tail === '' ? (args[i + 1] ?? '') : tail);
        if (tail === '') i += 1;
        break;
      }
    } else rest.push(arg);
  }
  return { flags, values, rest };
}

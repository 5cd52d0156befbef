import { posix, win32 } from 'node:path';
import { PintleError } from '../base/errors.ts';
import { parseDuration } from '../base/duration.ts';
import type { Io } from './io.ts';

/** Flags that every command takes. */
export interface GlobalOptions {
  readonly namespace?: string;
  readonly kubeconfig?: string;
  readonly kubeContext?: string;
  readonly kubeApiserver?: string;
  readonly kubeToken?: string;
  readonly kubeCaFile?: string;
  readonly kubeTlsServerName?: string;
  readonly kubeInsecureSkipTlsVerify?: boolean;
  readonly kubeAsUser?: string;
  readonly kubeAsGroup?: readonly string[];
  readonly burstLimit?: string;
  readonly qps?: string;
  readonly debug?: boolean;
  readonly color?: string;
  readonly colour?: string;
  readonly embedded?: boolean;
}

/** The folder of the embedded clusters: `$PINTLE_HOME`, or the platform's data folder. */
export function homeFolder(io: Io): string {
  const { env, platform } = io;
  if (env['PINTLE_HOME'] !== undefined && env['PINTLE_HOME'] !== '') return env['PINTLE_HOME'];
  if (platform === 'win32') return win32.join(env['LOCALAPPDATA'] ?? env['USERPROFILE'] ?? io.cwd, 'pintle');
  const home = env['HOME'] ?? io.cwd;
  if (platform === 'darwin') return posix.join(home, 'Library', 'Application Support', 'pintle');
  return posix.join(env['XDG_DATA_HOME'] ?? posix.join(home, '.local', 'share'), 'pintle');
}

/** The namespace of a command: the flag, `HELM_NAMESPACE`, that of the kubeconfig's context, or `default`. */
export function namespaceOf(io: Io, options: GlobalOptions, ofContext?: string): string {
  return options.namespace ?? (io.env['HELM_NAMESPACE'] || ofContext) ?? 'default';
}

/**
 * The value of a duration flag in ms.
 *
 * @throws PintleError `usage`
 */
export function durationFlag(name: string, text: string): number {
  const value = parseDuration(text);
  if (value === undefined) {
    throw new PintleError(
      'usage',
      `invalid argument "${text}" for "--${name}" flag: time: invalid duration "${text}"`,
      {
        hint: 'write a number with a unit, such as 90s, 5m or 1h30m',
      },
    );
  }
  return value;
}

/**
 * The value of an integer flag.
 *
 * @throws PintleError `usage`
 */
export function integerFlag(name: string, text: string): number {
  if (!/^[-+]?\d+$/.test(text)) {
    throw new PintleError(
      'usage',
      `invalid argument "${text}" for "${name}" flag: strconv.ParseInt: parsing "${text}": invalid syntax`,
    );
  }
  return Number(text);
}

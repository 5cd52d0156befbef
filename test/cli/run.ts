import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { main } from '../../src/cli/main.ts';
import { testIo } from './support.ts';

/** What a command line came to. */
export interface RunResult {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A place for runs of the command line: an embedded cluster of its own, and time that stands still. */
export interface CommandLine {
  readonly home: string;
  run(...args: string[]): Promise<RunResult>;
  /** With variables set. */
  runWith(env: Readonly<Record<string, string>>, ...args: string[]): Promise<RunResult>;
  close(): void;
}

/** The instant at which all commands of tests run. */
export const NOW = Date.UTC(2026, 0, 15, 12);

export function commandLine(): CommandLine {
  const home = mkdtempSync(join(tmpdir(), 'pintle-cli-'));
  const runWith = async (env: Readonly<Record<string, string>>, ...args: string[]): Promise<RunResult> => {
    const { io, out, err } = testIo({ env: { PINTLE_HOME: home, ...env }, cwd: process.cwd(), now: NOW });
    const code = await main(args, io);
    return { code, out: out(), err: err() };
  };
  return {
    home,
    runWith,
    run: (...args) => runWith({}, ...args),
    close: () => rmSync(home, { recursive: true, force: true }),
  };
}

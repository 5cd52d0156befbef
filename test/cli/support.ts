import { join } from 'node:path';
import type { Io } from '../../src/cli/io.ts';

/** An {@link Io} that keeps what is written. */
export interface TestIo {
  readonly io: Io;
  /** What was written to stdout so far. */
  readonly out: () => string;
  /** What was written to stderr so far. */
  readonly err: () => string;
}

/** The outside of a run in a test: nothing of the user's is read. */
export function testIo(
  options: {
    readonly env?: Readonly<Record<string, string>>;
    readonly cwd?: string;
    readonly now?: number;
    readonly stdin?: string;
  } = {},
): TestIo {
  let out = '';
  let err = '';
  return {
    io: {
      env: options.env ?? {},
      cwd: options.cwd ?? process.cwd(),
      platform: process.platform,
      stdout: (text) => {
        out += typeof text === 'string' ? text : Buffer.from(text).toString('utf8');
      },
      stderr: (text) => {
        err += text;
      },
      stdin: async () => Buffer.from(options.stdin ?? ''),
      columns: undefined,
      interactive: false,
      now: () => options.now ?? Date.UTC(2026, 0, 15, 12),
      pid: process.pid,
      self: [process.execPath, join(import.meta.dirname, '..', '..', 'bin', 'pintle.js')],
    },
    out: () => out,
    err: () => err,
  };
}

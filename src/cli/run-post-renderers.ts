import { spawnSync } from 'node:child_process';
import { PintleError } from '../base/errors.ts';
import type { Io } from './io.ts';

const MAX_OUTPUT = 256 * 1024 * 1024;

/** Programs that change manifests, in their order; the arguments go to each of them. */
export interface PostRenderers {
  readonly programs: readonly string[];
  readonly args: readonly string[];
}

/**
 * Sends manifests through programs, each of which reads what the one before has written. Helm has plugins for this; here any
 * program does.
 *
 * @throws PintleError `usage` for programs that cannot be started, `manifest-invalid` for those that fail or write nothing
 */
export function runPostRenderers(io: Io, { programs, args }: PostRenderers, manifests: string): string {
  return programs.reduce((text, program) => runOne(io, program, args, text), manifests);
}

function runOne(io: Io, program: string, args: readonly string[], manifests: string): string {
  const run = spawnSync(program, args, {
    cwd: io.cwd,
    input: manifests,
    encoding: 'utf8',
    maxBuffer: MAX_OUTPUT,
    env: { ...io.env },
  });
  // A program that ends before it has read everything is one that did not want to.
  const failure = run.error !== undefined && 'code' in run.error && run.error.code === 'EPIPE' ? undefined : run.error;
  if (failure !== undefined) {
    throw new PintleError('usage', `error while running post render on files: ${failure.message}`, {
      cause: failure,
      hint: '--post-renderer names a program, by its path or as it is found in PATH',
    });
  }
  if (run.stderr !== '') io.stderr(run.stderr);
  if (run.status !== 0) {
    const how = run.status === null ? `signal ${run.signal ?? ''}` : `exit status ${run.status}`;
    throw new PintleError(
      'manifest-invalid',
      `error while running post render on files: error while running command ${program}. error output:\n${run.stderr.trim()}: ${how}`,
    );
  }
  if (run.stdout.trim() === '') {
    throw new PintleError('manifest-invalid', `post-renderer "${program}" produced empty output`);
  }
  return run.stdout;
}

import { isCausedByStackOverflow } from '../base/stack-overflow.ts';
import { flagKindsOf, normalizeArguments } from './arguments.ts';
import { errorText, exitCodeOf } from './error-text.ts';
import type { Io } from './io.ts';
import { CommanderError, createProgram } from './program.ts';
import { styleOf } from './style-of.ts';

/**
 * Runs one command line.
 *
 * @param argv without the program's name
 * @returns the exit code
 */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  const program = await createProgram(io, argv);
  if (argv[0]?.startsWith('__complete') === true) {
    const { answerCompletion, isCompletion } = await import('./completion/complete.ts');
    if (isCompletion(argv)) {
      await answerCompletion(io, program, argv);
      return 0;
    }
  }
  const debug = argv.includes('--debug');
  try {
    await program.parseAsync(normalizeArguments(argv, flagKindsOf(program)), { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 1;
    // Templates may nest deeper than the engine's usual stack reaches. Nothing has been changed yet when they are rendered.
    const code = isCausedByStackOverflow(error) ? io.runDeeper?.(argv) : undefined;
    if (code !== undefined) return code;
    io.stderr(errorText(error, { style: styleOf(io, {}), debug }));
    return exitCodeOf(error);
  }
}

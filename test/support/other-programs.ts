import { existsSync } from 'node:fs';

/** True where no test may be left out: .ci/run installs the programs that npm does not bring. */
const COMPLETE = process.env['PINTLE_COMPLETE'] !== undefined;

/**
 * The path of a program that npm does not bring, or undefined where it is missing, for `skipIf`; says so on stderr.
 *
 * @param paths where it may be; the first one that exists counts
 * @throws Error where nothing may be left out
 */
export function otherProgram(name: string, paths: readonly (string | undefined)[]): string | undefined {
  const found = paths.find((path) => path !== undefined && existsSync(path));
  if (found !== undefined) return found;
  const text = `${name} is not on this machine; .ci/run says how to install it`;
  if (COMPLETE) throw new Error(text);
  process.stderr.write(`Tests are left out: ${text}\n`);
  return undefined;
}

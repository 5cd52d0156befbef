import { PintleError } from '../base/errors.ts';
import { decodeUtf8 } from '../base/go-string.ts';
import type { Io } from './io.ts';

/**
 * A password: from standard input when that is asked for, else from the terminal, where it does not show.
 *
 * @throws PintleError `usage` without a terminal
 */
export async function readPassword(io: Io, prompt: string, fromStdin: boolean): Promise<string> {
  if (fromStdin) return decodeUtf8(await io.stdin()).replace(/\r?\n$/, '');
  const text = await io.askSecret?.(prompt);
  if (text !== undefined) return text;
  throw new PintleError('usage', 'a password is needed, and there is no terminal to ask for it', {
    hint: 'give it with --password-stdin',
  });
}

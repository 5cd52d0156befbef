import type { Io } from './io.ts';

/** Writes warnings to stderr, as the log does. */
export function warnerOf(io: Io): (text: string) => void {
  return (text) => io.stderr(`Warning: ${text}\n`);
}

import { PintleError } from './errors.ts';

/** Of several failures the one whose code and hint count: an interruption, else the first that has a code; undefined: none has. */
export function decisiveError(errors: readonly unknown[]): PintleError | undefined {
  const known = errors.filter((error) => error instanceof PintleError);
  return known.find(({ code }) => code === 'interrupted') ?? known[0];
}

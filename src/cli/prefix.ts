import { PintleError } from '../base/errors.ts';

/** Runs work whose failures get a prefix, as Helm's commands give them. */
export async function prefix<T>(text: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof PintleError)) throw error;
    throw new PintleError(error.code, `${text}${error.message}`, {
      cause: error,
      trace: error.trace,
      related: error.related,
      ...(error.location === undefined ? {} : { location: error.location }),
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    });
  }
}

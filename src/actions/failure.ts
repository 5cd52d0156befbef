import { PintleError } from '../base/errors.ts';
import { StatusError } from '../kube/status-error.ts';

/** Any failure as a PintleError: answers of the API become `api-error`. */
export function failure(error: unknown): PintleError {
  if (error instanceof PintleError) return error;
  if (error instanceof StatusError) return new PintleError('api-error', error.message, { cause: error });
  if (error instanceof Error) return new PintleError('internal', error.message, { cause: error });
  return new PintleError('internal', String(error), { cause: error });
}

/** Runs a step whose failure gets a prefix. */
export async function prefixed(prefix: string, run: () => Promise<void> | void): Promise<void> {
  try {
    await run();
  } catch (error) {
    const cause = failure(error);
    throw new PintleError(cause.code, `${prefix}${cause.message}`, {
      cause,
      trace: cause.trace,
      related: cause.related,
      ...(cause.location === undefined ? {} : { location: cause.location }),
      ...(cause.hint === undefined ? {} : { hint: cause.hint }),
    });
  }
}

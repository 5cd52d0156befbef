import { PintleError } from '../base/errors.ts';
import { reword } from '../base/reword.ts';
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
    throw reword(cause, `${prefix}${cause.message}`);
  }
}

/** For the last moment at which nothing has been done yet. @throws PintleError `interrupted` */
export function stopIfInterrupted({ signal }: { readonly signal?: AbortSignal | undefined }): void {
  if (signal?.aborted === true) throw new PintleError('interrupted', 'interrupted before the release was changed');
}

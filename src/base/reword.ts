import { type ErrorCode, type ErrorDetails, PintleError } from './errors.ts';

/**
 * An error that says more than its cause, or says it otherwise, and is like it in all else: code, place, hint, trace and related faults.
 *
 * @param change what is not to be as in the cause
 */
export function reword(
  cause: PintleError,
  message: string,
  change: ErrorDetails & { readonly code?: ErrorCode } = {},
): PintleError {
  const { code, ...details } = change;
  return new PintleError(code ?? cause.code, message, {
    cause,
    trace: cause.trace,
    related: cause.related,
    ...(cause.location === undefined ? {} : { location: cause.location }),
    ...(cause.hint === undefined ? {} : { hint: cause.hint }),
    ...details,
  });
}

import { type Clock, sleep } from '../base/clock.ts';
import { StatusError } from '../kube/status-error.ts';

/** Waits between tries, ms. */
const DELAYS = [250, 500, 1000, 2000] as const;
const TRANSIENT_CODES: ReadonlySet<number> = new Set([429, 500, 502, 503, 504]);
const CONNECTION_CODES: ReadonlySet<string> = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'EPIPE',
  'ETIMEDOUT',
  'EAI_AGAIN',
]);

/** True for failures that another try may not have: a busy or failing server, a connection that broke. */
export function isTransient(error: unknown): boolean {
  if (error instanceof StatusError) return TRANSIENT_CODES.has(error.code);
  for (const { code } of causesOf(error)) if (typeof code === 'string' && CONNECTION_CODES.has(code)) return true;
  return false;
}

/** An error, and what it was caused by, the nearest first. */
export function* causesOf(error: unknown): Iterable<Error & { readonly code?: unknown }> {
  for (let each = error, depth = 0; each instanceof Error && depth < 4; each = each.cause, depth += 1) yield each;
}

/**
 * Runs a request that may be sent again (a read, an apply, a delete, an update of a whole object) and tries again after
 * failures that pass by.
 */
export async function retryTransient<T>(
  clock: Clock,
  run: () => Promise<T>,
  passes: (error: unknown) => boolean = isTransient,
): Promise<T> {
  for (const delay of DELAYS) {
    try {
      return await run();
    } catch (error) {
      if (!passes(error)) throw error;
      await clock.blockOn(sleep(clock, delay));
    }
  }
  return await run();
}

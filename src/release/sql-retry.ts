import type { Clock } from '../base/clock.ts';
import { causesOf, isTransient, retryTransient } from '../client/retry.ts';

/**
 * Conditions that may pass: lost connections, servers that start, stop, lack something or fail, transactions that met. What was
 * not done left nothing. PostgreSQL: appendix A.
 */
const PASSING = /^(?:08|53|58|XX|40001$|40P01$|57P0[123]$)/;

/** Does work on a database that may be done again, and tries again after failures that pass by. */
export function retrySql<T>(clock: Clock, run: () => Promise<T>): Promise<T> {
  return retryTransient(clock, run, passes);
}

function passes(error: unknown): boolean {
  if (isTransient(error)) return true;
  for (const { code, message } of causesOf(error)) {
    // pg gives a connection that ends in the middle no code.
    if ((typeof code === 'string' && PASSING.test(code)) || message.startsWith('Connection terminated')) return true;
  }
  return false;
}

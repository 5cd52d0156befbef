import { type Clock, sleep } from '../base/clock.ts';
import { isTransient } from '../client/retry.ts';

/** Waits between tries, ms. */
const DELAYS = [250, 500, 1000, 2000] as const;
/**
 * Conditions that may pass: lost connections, servers that start, stop, lack something or fail, transactions that met. What was
 * not done left nothing. PostgreSQL: appendix A.
 */
const PASSING = /^(?:08|53|58|XX|40001$|40P01$|57P0[123]$)/;

/** Does work on a database that may be done again, and tries again after failures that pass by. */
export async function retrySql<T>(clock: Clock, run: () => Promise<T>): Promise<T> {
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

function passes(error: unknown): boolean {
  if (isTransient(error)) return true;
  for (let each = error, depth = 0; each instanceof Error && depth < 4; each = each.cause, depth += 1) {
    if ('code' in each && typeof each.code === 'string' && PASSING.test(each.code)) return true;
    // pg gives a connection that ends in the middle no code.
    if (each.message.startsWith('Connection terminated')) return true;
  }
  return false;
}

import type { DryRun } from '../actions/context.ts';
import { PintleError } from '../base/errors.ts';

/**
 * `--dry-run[=none|client|server]`; the old spellings true and false are taken too.
 *
 * @throws PintleError `usage`
 */
export function dryRunFlag(text: string | undefined): DryRun {
  if (text === undefined || text === 'none' || NO.has(text)) return 'none';
  if (text === 'client' || YES.has(text)) return 'client';
  if (text === 'server') return 'server';
  throw new PintleError('usage', `invalid dry-run value ("${text}"). Must be "none", "server", or "client"`);
}

/** What Go takes for a boolean. */
const YES = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);
const NO = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False']);

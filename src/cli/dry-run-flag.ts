import type { DryRun } from '../actions/context.ts';
import { PintleError } from '../base/errors.ts';
import { parseGoBoolean } from './go-boolean.ts';

/** What `--dry-run` without a value is read as. */
export const DRY_RUN_ALONE = 'unset';

/**
 * `--dry-run[=client|server]` of a command that never writes.
 *
 * @param warn is told of old spellings
 * @throws PintleError `usage`
 */
export function renderingDryRunFlag(text: string | undefined, warn: (text: string) => void): DryRun {
  if (text === 'none' || (text !== undefined && parseGoBoolean(text) === false)) {
    throw new PintleError('usage', `invalid dry-run value ("${text}"). Must be "server" or "client"`);
  }
  return text === undefined ? 'client' : dryRunFlag(text, warn);
}

/**
 * `--dry-run[=none|client|server]`; the old spellings true and false are taken too.
 *
 * @param warn is told of old spellings
 * @throws PintleError `usage`
 */
export function dryRunFlag(text: string | undefined, warn: (text: string) => void): DryRun {
  if (text === undefined || text === 'none') return 'none';
  if (text === 'client' || text === 'server') return text;
  if (text === DRY_RUN_ALONE) {
    warn("--dry-run is deprecated and should be replaced with '--dry-run=client'");
    return 'client';
  }
  const value = parseGoBoolean(text);
  if (value === undefined) {
    throw new PintleError('usage', `invalid dry-run value ("${text}"). Must be "none", "server", or "client"`);
  }
  const mode = value ? 'client' : 'none';
  warn(`boolean '--dry-run=${text}' flag is deprecated and must be replaced with '--dry-run=${mode}'`);
  return mode;
}

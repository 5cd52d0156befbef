import type { DryRun } from '../actions/context.ts';
import { PintleError } from '../base/errors.ts';

/**
 * `--dry-run[=none|client|server]`; the old spellings true and false are taken too.
 *
 * @throws PintleError `usage`
 */
export function dryRunFlag(text: string | undefined): DryRun {
  switch (text) {
    case undefined:
    case 'none':
    case 'false':
      return 'none';
    case 'client':
    case 'true':
      return 'client';
    case 'server':
      return 'server';
    default:
      throw new PintleError('usage', `unknown dry-run mode "${text}"`, { hint: 'use none, client or server' });
  }
}

import type { RollbackOptions } from '../actions/rollback.ts';
import { PintleError } from '../base/errors.ts';
import { dryRunFlag } from './dry-run-flag.ts';
import type { OperationFlags } from './flags.ts';
import type { Io } from './io.ts';
import { operationOptions, refuseReplaceByServer } from './operation-options.ts';
import { readReadinessFile } from './rule-files.ts';
import type { GlobalOptions } from './settings.ts';
import { warnerOf } from './warn.ts';

/** The flags of rollback. */
export interface RollbackFlags extends GlobalOptions, OperationFlags {
  readonly cleanupOnFail?: boolean;
  readonly historyMax: string;
  readonly dryRun?: string;
}

/**
 * Arguments and flags of rollback as the action takes them.
 *
 * @throws PintleError `usage`
 */
export async function rollbackOptions(
  io: Io,
  [name, revision]: readonly [string, string | undefined],
  flags: RollbackFlags,
): Promise<RollbackOptions> {
  const warn = warnerOf(io);
  refuseReplaceByServer(flags);
  return {
    ...operationOptions(flags, { atomic: false, warn }),
    readiness: await readReadinessFile(io, flags.readiness),
    name,
    revision: revisionOf(revision),
    dryRun: dryRunFlag(flags.dryRun, warn) !== 'none',
    cleanupOnFail: flags.cleanupOnFail === true,
  };
}

function revisionOf(text: string | undefined): number {
  if (text === undefined) return 0;
  if (!/^-?\d+$/.test(text)) {
    throw new PintleError(
      'usage',
      `could not convert revision to a number: strconv.Atoi: parsing "${text}": invalid syntax`,
    );
  }
  return Number(text);
}

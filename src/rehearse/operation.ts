import type { InstallOptions } from '../actions/install.ts';
import type { RollbackOptions } from '../actions/rollback.ts';
import type { UpgradeOptions } from '../actions/upgrade.ts';
import type { PintleError } from '../base/errors.ts';
import type { RehearsedFailure } from './rehearsal.ts';

/** What is rehearsed, with the options that it would be done with. */
export type RehearsedOperation =
  | { readonly verb: 'install'; readonly options: InstallOptions }
  /** With `install`: a release that does not exist is installed. */
  | { readonly verb: 'upgrade'; readonly options: UpgradeOptions; readonly install?: InstallOptions | undefined }
  | { readonly verb: 'rollback'; readonly options: RollbackOptions };

/** A failure as a rehearsal tells of it. */
export function failureData(error: PintleError): RehearsedFailure {
  const { code, message, trace, hint } = error;
  return { code, message, trace, ...(hint === undefined ? {} : { hint }) };
}

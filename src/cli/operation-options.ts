import type { ConcurrencyOptions, OperationOptions } from '../actions/context.ts';
import { PintleError } from '../base/errors.ts';
import type { ConcurrencyFlags, OperationFlags } from './flags.ts';
import { durationFlag } from './settings.ts';

/**
 * Flags of install, upgrade and rollback as the actions take them. `--atomic` waits even when `--wait` is not given.
 *
 * @throws PintleError `usage`
 */
export function operationOptions(flags: OperationFlags, atomic: boolean): OperationOptions {
  const wait = flags.wait ?? 'hookOnly';
  if (!['watcher', 'hookOnly', 'legacy', 'true', 'false'].includes(wait)) {
    throw new PintleError(
      'usage',
      `invalid argument "${wait}" for "--wait" flag: invalid wait input "${wait}". Valid inputs are watcher, hookOnly, and legacy`,
    );
  }
  if (flags.serverSide !== 'true' && flags.serverSide !== 'false' && flags.serverSide !== 'auto') {
    throw new PintleError('usage', `invalid/unknown release server-side apply method: ${flags.serverSide}`, {
      hint: 'use true, false or auto',
    });
  }
  const forceReplace = flags.forceReplace === true || flags.force === true;
  if (forceReplace && flags.forceConflicts === true) {
    throw new PintleError(
      'usage',
      'if any flags in the group [force-replace force-conflicts] are set none of the others can be',
    );
  }
  if (forceReplace && flags.serverSide === 'true') {
    throw new PintleError('usage', 'invalid operation: cannot use server-side apply and force replace together', {
      hint: 'add --server-side=false',
    });
  }
  return {
    ...concurrencyOptions(flags),
    timeout: durationFlag('timeout', flags.timeout),
    ...(wait === 'legacy' ? { waitStrategy: 'legacy' as const } : {}),
    ...(failFast(flags) ? { failFast: durationFlag('fail-fast-after', flags.failFastAfter ?? '1m') } : {}),
    wait: atomic || !(wait === 'hookOnly' || wait === 'false'),
    waitForJobs: flags.waitForJobs === true,
    noHooks: !flags.hooks,
    serverSide: flags.serverSide,
    forceConflicts: flags.forceConflicts === true,
    forceReplace,
  };
}

function failFast(flags: OperationFlags): boolean {
  return flags.failFast === true || flags.failFastAfter !== undefined;
}

/**
 * How a command deals with others on the same release.
 *
 * @throws PintleError `usage`
 */
export function concurrencyOptions(flags: ConcurrencyFlags): ConcurrencyOptions {
  const { onInterrupted, lockTimeout } = flags;
  if (
    onInterrupted !== undefined &&
    onInterrupted !== 'rollback' &&
    onInterrupted !== 'resume' &&
    onInterrupted !== 'fail'
  ) {
    throw new PintleError('usage', `invalid argument "${onInterrupted}" for "--on-interrupted" flag`, {
      hint: 'use rollback, resume or fail',
    });
  }
  return {
    ...(onInterrupted === undefined ? {} : { onInterrupted }),
    ...(lockTimeout === undefined ? {} : { lockTimeout: durationFlag('lock-timeout', lockTimeout) }),
  };
}

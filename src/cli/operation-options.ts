import type { ConcurrencyOptions, OperationOptions } from '../actions/context.ts';
import { PintleError } from '../base/errors.ts';
import type { ConcurrencyFlags, OperationFlags } from './flags.ts';
import { durationFlag } from './settings.ts';

/** What flags are read for. */
interface OperationContext {
  readonly atomic: boolean;
  /** Is told of old spellings. */
  readonly warn: (text: string) => void;
  /** Comes before the message of what the command, not its flags, refuses. */
  readonly failure?: string;
}

/**
 * Flags of install, upgrade and rollback as the actions take them. `--atomic` waits even when `--wait` is not given.
 *
 * @throws PintleError `usage`
 */
export function operationOptions(
  flags: OperationFlags,
  { atomic, warn, failure = '' }: OperationContext,
): OperationOptions {
  const wait = waitStrategy(flags.wait, warn);
  const { serverSide } = flags;
  if (serverSide !== 'true' && serverSide !== 'false' && serverSide !== 'auto') {
    throw new PintleError('usage', `${failure}invalid/unknown release server-side apply method: ${serverSide}`, {
      hint: 'use true, false or auto',
    });
  }
  const forceReplace = flags.forceReplace === true || flags.force === true;
  if (forceReplace && flags.forceConflicts === true) {
    const flag = flags.forceReplace === true ? 'force-replace' : 'force';
    const both = ['force-conflicts', flag].sort().join(' ');
    throw new PintleError(
      'usage',
      `if any flags in the group [${flag} force-conflicts] are set none of the others can be; [${both}] were all set`,
    );
  }
  return {
    ...concurrencyOptions(flags),
    timeout: durationFlag('timeout', flags.timeout),
    ...(wait === 'legacy' ? { waitStrategy: 'legacy' as const } : {}),
    ...(failFast(flags) ? { failFast: durationFlag('fail-fast-after', flags.failFastAfter ?? '1m') } : {}),
    wait: atomic || wait !== 'hookOnly',
    waitForJobs: flags.waitForJobs === true,
    noHooks: !flags.hooks,
    serverSide,
    forceConflicts: flags.forceConflicts === true,
    forceReplace,
  };
}

/**
 * `--wait[=strategy]`; the old spellings true and false are taken too.
 *
 * @param warn is told of old spellings
 * @throws PintleError `usage`
 */
export function waitStrategy(
  text: string | undefined,
  warn: (text: string) => void,
): 'watcher' | 'hookOnly' | 'legacy' {
  switch (text) {
    case undefined:
      return 'hookOnly';
    case 'watcher':
    case 'hookOnly':
    case 'legacy':
      return text;
    case 'true':
      warn('--wait=true is deprecated (boolean value) and can be replaced with --wait=watcher');
      return 'watcher';
    case 'false':
      warn('--wait=false is deprecated (boolean value) and can be replaced with --wait=hookOnly');
      return 'hookOnly';
    default:
      throw new PintleError(
        'usage',
        `invalid argument "${text}" for "--wait" flag: invalid wait input "${text}". Valid inputs are watcher, hookOnly, and legacy`,
      );
  }
}

/**
 * What is there is either replaced or applied by the server. An installation has nothing to replace.
 *
 * @throws PintleError `usage`
 */
export function refuseReplaceByServer(flags: OperationFlags): void {
  if (flags.serverSide !== 'true' || (flags.forceReplace !== true && flags.force !== true)) return;
  throw new PintleError('usage', 'invalid operation: cannot use server-side apply and force replace together', {
    hint: 'add --server-side=false',
  });
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

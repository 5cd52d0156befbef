import type { ActionContext } from '../actions/context.ts';
import { failure } from '../actions/failure.ts';
import { rollback } from '../actions/rollback.ts';
import { uninstall } from '../actions/uninstall.ts';
import type { PintleError } from '../base/errors.ts';
import type { Observer } from './observer.ts';
import { failureData, type RehearsedOperation } from './operation.ts';
import type { RehearsedFailure, RehearsedUndo } from './rehearsal.ts';

/**
 * What `--atomic` came to, or would have come to: when it was not given and the operation failed, the operation is undone now.
 *
 * @param fault what the operation, or the rollout after it, failed with
 */
export async function undo(
  context: ActionContext,
  { operation, revision }: { readonly operation: RehearsedOperation; readonly revision: number },
  fault: PintleError | undefined,
  observer: Observer,
): Promise<RehearsedUndo> {
  const { options, verb } = operation;
  const given = 'atomic' in options && options.atomic;
  const nothing: RehearsedUndo = { action: 'nothing', given, duration: 0 };
  if (fault === undefined || verb === 'rollback') return nothing;
  const action = verb === 'install' ? 'uninstall' : 'rollback';
  const history = await context.store.historyOrEmpty(options.name);
  const last = history.at(-1);
  if (fault.code === 'rolled-back') {
    const back = /^Rollback to (\d+)$/.exec(last?.info.description ?? '')?.[1];
    return { action, given, duration: 0, ...(back === undefined ? {} : { revision: Number(back) }) };
  }
  if (fault.code === 'rollback-failed') return { action, given, duration: 0, failure: failureData(fault) };
  const good = history.findLast(({ info, version }) => {
    return (info.status === 'superseded' || info.status === 'deployed') && version < revision;
  });
  // It ended before it began.
  if (last?.version !== revision || (verb === 'upgrade' && good === undefined)) return nothing;
  const began = observer.now;
  observer.tell('step', '', `with --atomic: ${action} begins`);
  let failed: RehearsedFailure | undefined;
  try {
    if (verb === 'install') {
      const { name, timeout, noHooks } = options;
      await uninstall(context, { name, timeout, noHooks, keepHistory: false, wait: true, cascade: 'background' });
    } else {
      await rollback(context, { ...operation.options, wait: true, revision: good?.version ?? 0, dryRun: false });
    }
  } catch (error) {
    failed = failureData(failure(error));
  }
  observer.tell('end', '', failed === undefined ? `${action} is done` : `${action} failed: ${failed.message}`);
  return {
    action,
    given,
    duration: observer.now - began,
    ...(good === undefined ? {} : { revision: good.version }),
    ...(failed === undefined ? {} : { failure: failed }),
  };
}

import { PintleError } from '../base/errors.ts';
import { deleteObjects } from '../deploy/apply.ts';
import { buildResources } from '../deploy/resource.ts';
import { waitDeleted } from '../deploy/wait.ts';
import { isPending, type Release, withStatus } from '../release/release.ts';
import type { ActionContext, ConcurrencyOptions } from './context.ts';
import { failure, stopIfInterrupted } from './failure.ts';
import { describeOperation, mayHaveLeft, ReleaseLease } from './release-lease.ts';

/** How long what a hook left may take to go, ms. */
const HOOK_TIMEOUT = 60_000;

/** An operation that has a release for itself. */
interface HoldRequest extends ConcurrencyOptions {
  readonly name: string;
  readonly verb: string;
  readonly atomic: boolean;
}

/**
 * Runs an operation that has the release for itself: under its lease, which is given back at the end. An operation inside of
 * another one uses that one's lease.
 *
 * @throws PintleError `release-pending` that names who is at work; `interrupted` before the work begins
 */
export async function holdRelease<T>(
  context: ActionContext,
  request: HoldRequest,
  work: (context: ActionContext) => Promise<T>,
): Promise<T> {
  if (context.lease !== undefined) return await work(context);
  const { name, verb, atomic, lockTimeout = 0 } = request;
  const lease = await ReleaseLease.acquire(context, { name, verb, atomic, patience: lockTimeout });
  let unsettled = false;
  try {
    stopIfInterrupted(context);
    return await work({ ...context, lease });
  } catch (error) {
    unsettled = lease.interrupted !== undefined && (await isLeftUnfinished(context, name));
    throw error;
  } finally {
    await lease.release({ unsettled });
  }
}

async function isLeftUnfinished({ store }: ActionContext, name: string): Promise<boolean> {
  try {
    const last = (await store.historyOrEmpty(name)).at(-1);
    return last !== undefined && isUnfinished(last);
  } catch {
    return true;
  }
}

/** How an operation that was interrupted is undone; recovering knows no more of it. */
interface Undo {
  /** Goes back to a good revision. */
  rollback(context: ActionContext, revision: number): Promise<void>;
  /** Takes everything away: there was no good revision. */
  uninstall(context: ActionContext): Promise<void>;
}

/** What {@link settle} needs to know of the operation that begins. */
interface SettleRequest extends ConcurrencyOptions {
  readonly name: string;
  /** Works on a pending release all the same, as a rollback does, which is the way out for a release that is stuck. */
  readonly force?: boolean;
  readonly undo?: Undo;
}

/**
 * The history of a release after an operation whose client died has been dealt with.
 *
 * @throws PintleError `release-pending` when the client may be alive, or by the policy `fail`
 */
export async function settle(context: ActionContext, request: SettleRequest): Promise<Release[]> {
  const history = await context.store.historyOrEmpty(request.name);
  const last = history.at(-1);
  if (last === undefined || !isUnfinished(last)) return await failAbandoned(context, history);
  const held = context.lease?.interrupted;
  const interrupted = held !== undefined && mayHaveLeft(held, beganAt(last)) ? held : undefined;
  const isDead = context.exclusive || interrupted !== undefined || request.onInterrupted !== undefined;
  if (!isDead) {
    if (request.force === true || !isPending(last)) return history;
    throw new PintleError('release-pending', 'another operation (install/upgrade/rollback) is in progress', {
      hint: `revision ${last.version} of "${last.name}" is ${last.info.status}; if nobody is working on it, add --on-interrupted=rollback or --on-interrupted=resume`,
    });
  }
  const policy = request.onInterrupted ?? (interrupted?.atomic === true ? 'rollback' : 'resume');
  const verb = last.info.status.replace('pending-', '').replace('uninstalling', 'uninstall');
  const who = interrupted === undefined ? '' : ` (${describeOperation(interrupted, context.clock.now())})`;
  const story = `revision ${last.version} of "${last.name}" was left ${last.info.status} by a client that died${who}`;
  if (policy === 'fail') {
    throw new PintleError('release-pending', story, {
      hint: 'go on with --on-interrupted=rollback or --on-interrupted=resume',
    });
  }
  context.logger.log('warn', `${story}; it is marked failed`);
  const step = interrupted === undefined ? '' : `, at: ${interrupted.step}`;
  const settled = await failAbandoned(context, history, `Interrupted: the client died during the ${verb}${step}`);
  if (policy === 'resume' || request.undo === undefined) return settled;
  const good = settled.findLast(({ info }) => info.status === 'deployed' || info.status === 'superseded');
  if (good === undefined) await request.undo.uninstall(context);
  else await request.undo.rollback(context, good.version);
  return await context.store.historyOrEmpty(request.name);
}

/** When the operation of which a record tells began. */
function beganAt({ info }: Release): string | undefined {
  return info.status === 'uninstalling' ? info.deleted : info.last_deployed;
}

function isUnfinished(release: Release): boolean {
  return isPending(release) || release.info.status === 'uninstalling';
}

/** Marks what its clients left behind as failed. */
async function failAbandoned(context: ActionContext, history: readonly Release[], story?: string): Promise<Release[]> {
  const out: Release[] = [];
  for (const release of history) {
    const isOld = release !== history.at(-1);
    if (!isUnfinished(release) || (isOld && !context.exclusive && context.lease === undefined)) {
      out.push(release);
      continue;
    }
    await removeHooks(context, release);
    const failed = withStatus(
      release,
      'failed',
      story ?? `Interrupted: the client died while it was ${release.info.status}`,
    );
    await context.store.update(failed);
    out.push(failed);
  }
  return out;
}

/**
 * Deletes what hooks of an operation that died left behind and would have deleted: another run could not create it. Hooks that
 * are deleted before each run do not matter.
 */
async function removeHooks(context: ActionContext, release: Release): Promise<void> {
  const since = Date.parse(release.info.last_deployed ?? '');
  for (const hook of release.hooks ?? []) {
    const policies = hook.delete_policies ?? [];
    const { started_at: started, phase } = hook.last_run;
    const ran = started !== undefined && Date.parse(started) >= since;
    const isDue = policies.includes('hook-succeeded') || policies.includes('hook-failed');
    if (!ran || !isDue || (phase === 'Succeeded' && !policies.includes('hook-succeeded'))) continue;
    if (phase === 'Failed' && !policies.includes('hook-failed')) continue;
    const resources = await buildResources(context.client, hook.manifest, {
      namespace: release.namespace,
      file: hook.path,
      skipUnknown: true,
    });
    const errors: unknown[] = await deleteObjects(context, resources, 'Background');
    if (errors.length === 0) {
      // A pod goes when it has ended: until then none of its name can be made.
      const gone = waitDeleted(context, resources, { timeout: HOOK_TIMEOUT, signal: context.signal });
      await gone.catch((error: unknown) => errors.push(error));
    }
    for (const error of errors) {
      const { code, message } = failure(error);
      if (code === 'interrupted') throw error;
      context.logger.log('warn', `hook ${hook.path} is left over: ${message}`);
    }
  }
}

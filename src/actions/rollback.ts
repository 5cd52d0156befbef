import { PintleError } from '../base/errors.ts';
import { reword } from '../base/reword.ts';
import { deleteObjects, UpdateError } from '../deploy/apply.ts';
import { withOwner } from '../deploy/ownership.ts';
import { buildResources, type Resource, resourceId } from '../deploy/resource.ts';
import { type Release, withStatus } from '../release/release.ts';
import { type ActionContext, type OperationOptions, timestamp } from './context.ts';
import { failure, prefixed, stopIfInterrupted } from './failure.ts';
import { Operation, recordFailure, resourcesSince, serverSideFor, supersede } from './operation.ts';
import { holdRelease, settle } from './recover.ts';
import { checkOrder } from './order-of-release.ts';
import { checkReleaseName } from './release-name.ts';

export interface RollbackOptions extends OperationOptions {
  readonly name: string;
  /** The revision to go back to; 0: the one before the last. */
  readonly revision: number;
  readonly dryRun: boolean;
  readonly cleanupOnFail: boolean;
}

/**
 * Brings the cluster back to an earlier revision, as a new revision. Helm: pkg/action/rollback.go.
 *
 * @throws PintleError `release-not-found` when there is no such revision; what failed while rolling back
 */
export async function rollback(context: ActionContext, options: RollbackOptions): Promise<Release> {
  checkReleaseName(options.name, 'prepareRollback: Release name is invalid');
  if (options.revision < 0) {
    throw new PintleError('usage', 'invalid release revision', { hint: 'revisions count from 1' });
  }
  if (options.dryRun) return targetOf(context, await context.store.history(options.name), options).target;
  return await holdRelease(context, { ...options, verb: 'rollback', atomic: false }, (held) => run(held, options));
}

async function run(context: ActionContext, options: RollbackOptions): Promise<Release> {
  const history = await settle(context, { ...options, force: true });
  const { target, last, serverSide } = targetOf(context, history, options);
  const targets = await targetsOf(context, target);
  checkOrder(targets);
  const operation = new Operation(context, target, options);
  stopIfInterrupted(context);
  await context.store.create(target);
  try {
    await perform(context, operation, { history, targets, serverSide });
    operation.release = withStatus(operation.release, 'deployed');
    await context.store.update(operation.release);
  } catch (error) {
    return await fail(context, operation, last, options, error);
  }
  await supersede(context, history, operation.release);
  return operation.release;
}

interface RollbackTarget {
  /** The new revision. */
  readonly target: Release;
  readonly last: Release;
  readonly serverSide: boolean;
}

function targetOf(context: ActionContext, history: readonly Release[], options: RollbackOptions): RollbackTarget {
  const last = history.at(-1);
  if (last === undefined) throw new PintleError('release-not-found', 'release: not found');
  const revision = options.revision === 0 ? last.version - 1 : options.revision;
  const previous = history.find((release) => release.version === revision);
  if (previous === undefined) {
    throw new PintleError('release-not-found', `release has no ${revision} version`, {
      hint: `"history ${options.name}" lists the revisions there are`,
    });
  }
  const serverSide = serverSideFor(options.serverSide, previous.apply_method);
  const target: Release = {
    ...previous,
    info: {
      ...(last.info.first_deployed === undefined ? {} : { first_deployed: last.info.first_deployed }),
      last_deployed: timestamp(context),
      description: `Rollback to ${revision}`,
      status: 'pending-rollback',
      ...(previous.info.notes === undefined ? {} : { notes: previous.info.notes }),
    },
    version: last.version + 1,
    namespace: last.namespace,
    apply_method: serverSide ? 'ssa' : 'csa',
  };
  return { target, last, serverSide };
}

async function targetsOf(context: ActionContext, { manifest, name, namespace }: Release): Promise<Resource[]> {
  let resources: Resource[] = [];
  await prefixed('unable to build kubernetes objects from new release manifest: ', async () => {
    resources = await buildResources(context.client, manifest, { namespace });
  });
  return resources.map((each) => withOwner(each, { name, namespace }));
}

interface Work {
  readonly history: readonly Release[];
  readonly targets: readonly Resource[];
  readonly serverSide: boolean;
}

async function perform(
  context: ActionContext,
  operation: Operation,
  { history, targets, serverSide }: Work,
): Promise<void> {
  const deployed = history.findLast((release) => release.info.status === 'deployed') ?? history.at(-1);
  const originals = deployed === undefined ? [] : await resourcesSince(context, history, deployed);
  await operation.hooks('pre-rollback', serverSide);
  await operation.apply(withTargets(originals, targets), targets, { serverSide, upgradeFieldManager: serverSide });
  await operation.wait(targets);
  await operation.hooks('post-rollback', serverSide);
}

/**
 * Objects of the old revision that somebody else made again meanwhile are taken back. What the release has now counts
 * more: only from it can be told which fields go.
 */
function withTargets(originals: readonly Resource[], targets: readonly Resource[]): Resource[] {
  const known = new Set(originals.map(resourceId));
  return [...originals, ...targets.filter((target) => !known.has(resourceId(target)))];
}

async function fail(
  context: ActionContext,
  operation: Operation,
  last: Release,
  options: RollbackOptions,
  error: unknown,
): Promise<never> {
  const cause = failure(error);
  const applying = error instanceof UpdateError;
  const text = applying
    ? `Rollback "${options.name}" failed: ${cause.message}`
    : `Release "${options.name}" failed: ${cause.message}`;
  if (applying) await supersede(context, [last], operation.release);
  operation.release = await recordFailure(context, operation.release, text);
  if (applying && options.cleanupOnFail) {
    const errors = await deleteObjects(context, error.result.created, 'Background');
    if (errors.length > 0) {
      const left = errors.map(({ message }) => message).join(', ');
      const message = `an error occurred while cleaning up resources. original rollback error: ${cause.message}: unable to cleanup resources: ${left}`;
      throw reword(cause, message, { code: 'rollback-failed' });
    }
  }
  if (applying) throw cause;
  throw reword(cause, `release ${options.name} failed: ${cause.message}`);
}

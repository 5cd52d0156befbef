import { PintleError } from '../base/errors.ts';
import { deleteObjects, UpdateError, updateObjects } from '../deploy/apply.ts';
import { withOwner } from '../deploy/ownership.ts';
import { buildResources, type Resource, resourceId } from '../deploy/resource.ts';
import { type Release, withStatus } from '../release/release.ts';
import { type ActionContext, type OperationOptions, timestamp } from './context.ts';
import { failure } from './failure.ts';
import { Operation, resourcesSince, serverSideFor, settlePending } from './operation.ts';
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
  checkReleaseName(options.name);
  if (options.revision < 0) {
    throw new PintleError('usage', `invalid revision ${options.revision}: revisions count from 1`);
  }
  const stored = await context.store.history(options.name);
  const history = options.dryRun ? stored : await settlePending(context, stored, { force: true });
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
  if (options.dryRun) return target;
  const operation = new Operation(context, target, options);
  await context.store.create(target);
  try {
    await perform(context, operation, history, serverSide, options);
  } catch (error) {
    return await fail(context, operation, last, options, error);
  }
  for (const release of await context.store.historyOrEmpty(options.name)) {
    if (release.info.status === 'deployed') await context.store.update(withStatus(release, 'superseded'));
  }
  operation.release = withStatus(operation.release, 'deployed');
  await context.store.update(operation.release);
  return operation.release;
}

async function perform(
  context: ActionContext,
  operation: Operation,
  history: readonly Release[],
  serverSide: boolean,
  options: RollbackOptions,
): Promise<void> {
  const deployed = history.findLast((release) => release.info.status === 'deployed') ?? history.at(-1);
  const originals = deployed === undefined ? [] : await resourcesSince(context, history, deployed);
  const owner = { name: options.name, namespace: operation.release.namespace };
  const targets = (
    await buildResources(context.client, operation.release.manifest, { namespace: operation.release.namespace })
  ).map((each) => withOwner(each, owner));
  await operation.hooks('pre-rollback', serverSide);
  await updateObjects(context, withTargets(originals, targets), targets, {
    serverSide,
    forceConflicts: options.forceConflicts,
    forceReplace: options.forceReplace,
    upgradeFieldManager: serverSide,
  });
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
  if (applying && last.info.status === 'deployed') await context.store.update(withStatus(last, 'superseded'));
  operation.release = withStatus(operation.release, 'failed', text);
  await context.store.update(operation.release);
  if (applying && options.cleanupOnFail) await deleteObjects(context, error.result.created, 'Background');
  if (applying) throw cause;
  throw new PintleError(cause.code, `release ${options.name} failed: ${cause.message}`, { cause, trace: cause.trace });
}

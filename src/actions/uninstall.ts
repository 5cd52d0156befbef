import { decisiveError } from '../base/decisive-error.ts';
import { PintleError } from '../base/errors.ts';
import { reword } from '../base/reword.ts';
import type { PropagationPolicy } from '../client/kube-client.ts';
import { deleteObjects } from '../deploy/apply.ts';
import { deleteInOrder } from '../deploy/delete-in-order.ts';
import { findMade } from '../deploy/ownership.ts';
import { buildResources, type Resource, resourceId } from '../deploy/resource.ts';
import { waitDeleted } from '../deploy/wait.ts';
import { compareKinds, uninstallOrder } from '../kube/resource-order.ts';
import { type Release, withStatus } from '../release/release.ts';
import { type ActionContext, type ConcurrencyOptions, timestamp } from './context.ts';
import { failure } from './failure.ts';
import { leftBehind, Operation, recordFailure } from './operation.ts';
import { holdRelease } from './recover.ts';
import { checkReleaseName } from './release-name.ts';

export interface UninstallOptions extends ConcurrencyOptions {
  readonly name: string;
  /** ms */
  readonly timeout: number;
  readonly noHooks: boolean;
  readonly keepHistory: boolean;
  /** Delete what hooks have created and left behind, too. */
  readonly cleanupHooks?: boolean;
  /** Wait until the objects are gone. */
  readonly wait: boolean;
  readonly cascade: 'background' | 'foreground' | 'orphan';
  readonly description?: string | undefined;
  readonly dryRun?: boolean;
}

/** What an uninstall leaves behind on purpose. */
export interface UninstallResult {
  readonly release: Release;
  /** Objects marked `helm.sh/resource-policy: keep`. */
  readonly kept: readonly Resource[];
}

const POLICIES: Readonly<Record<UninstallOptions['cascade'], PropagationPolicy>> = {
  background: 'Background',
  foreground: 'Foreground',
  orphan: 'Orphan',
};

/**
 * Takes a release off the cluster. Helm: pkg/action/uninstall.go.
 *
 * @throws PintleError `release-not-found`, or what could not be deleted
 */
export async function uninstall(context: ActionContext, options: UninstallOptions): Promise<UninstallResult> {
  if (options.dryRun === true) return await run(context, options);
  checkReleaseName(options.name, 'uninstall: Release name is invalid');
  return await holdRelease(context, { ...options, verb: 'uninstall', atomic: false }, (held) => run(held, options));
}

async function run(context: ActionContext, options: UninstallOptions): Promise<UninstallResult> {
  const history = await context.store.historyOrEmpty(options.name);
  const last = history.at(-1);
  if (last === undefined) {
    throw new PintleError('release-not-found', `uninstall: Release not loaded: ${options.name}: release: not found`, {
      hint: '"list --all-namespaces" shows every release',
    });
  }
  if (options.dryRun === true) return { release: last, kept: [] };
  if (last.info.status === 'uninstalled') {
    if (options.keepHistory)
      throw new PintleError('release-exists', `the release named "${options.name}" is already deleted`);
    await purge(context, history);
    return { release: last, kept: [] };
  }
  return await perform(context, last, history, options);
}

async function perform(
  context: ActionContext,
  last: Release,
  history: readonly Release[],
  options: UninstallOptions,
): Promise<UninstallResult> {
  const operation = new Operation(
    context,
    {
      ...last,
      info: {
        ...last.info,
        status: 'uninstalling',
        deleted: timestamp(context),
        description: 'Deletion in progress (or silently failed)',
      },
    },
    { ...options, waitForJobs: false, serverSide: 'true', forceConflicts: false, forceReplace: false },
  );
  let kept: readonly Resource[];
  const faults: PintleError[] = [];
  try {
    kept = await takeAway(context, operation, history, { ...options, faults });
  } catch (error) {
    // What follows can go on from here.
    if (context.signal?.aborted === true) await recordFailure(context, operation.release, 'Uninstallation interrupted');
    throw error;
  }
  const done = withStatus(operation.release, 'uninstalled', options.description ?? 'Uninstallation complete');
  if (options.keepHistory) {
    await context.store.update(done);
    for (const release of history) {
      if (release.version !== done.version && release.info.status === 'deployed') {
        await context.store.update(withStatus(release, 'superseded'));
      }
    }
  } else {
    await purge(context, history);
  }
  const first = faults[0];
  if (first !== undefined) {
    throw reword(first, `uninstallation completed with ${faults.length} error(s): ${messagesOf(faults)}`);
  }
  return { release: done, kept };
}

/**
 * Takes everything off the cluster but the records.
 *
 * @param options `faults` receives what went wrong once the objects were deleted, and does not keep the release
 * @returns what was kept
 * @throws PintleError what could not be deleted; `interrupted` wherever that was
 */
async function takeAway(
  context: ActionContext,
  operation: Operation,
  history: readonly Release[],
  options: UninstallOptions & { readonly faults: PintleError[] },
): Promise<readonly Resource[]> {
  const { name, timeout, faults } = options;
  await operation.hooks('pre-delete', true);
  await context.store.update(operation.release);

  await context.lease?.step('deleting objects');
  const { remove, kept } = await plan(context, history);
  const errors = await deleteInOrder(context, remove, { policy: POLICIES[options.cascade], timeout });
  if (errors.length > 0) {
    const message = `failed to delete release: ${name}: ${messagesOf(errors)}`;
    const known = decisiveError(errors);
    throw known === undefined ? new PintleError('api-error', message, { cause: errors[0] }) : reword(known, message);
  }
  const trying = async (run: () => Promise<void>): Promise<void> => {
    try {
      await run();
    } catch (error) {
      const fault = failure(error);
      if (fault.code === 'interrupted') throw error;
      faults.push(fault);
    }
  };
  if (options.wait) await trying(() => waitDeleted(context, remove, { timeout, signal: context.signal }));
  await trying(() => operation.hooks('post-delete', true));
  if (options.cleanupHooks === true) faults.push(...(await cleanUpHooks(context, history, operation.release, options)));
  return kept;
}

function messagesOf(errors: readonly Error[]): string {
  return errors.map(({ message }) => message).join('; ');
}

/** Everything that revisions which are not superseded put on the cluster, in the order of deletion. */
async function plan(
  context: ActionContext,
  history: readonly Release[],
): Promise<{ remove: Resource[]; kept: Resource[] }> {
  const found = new Map<string, Resource>();
  for (const release of history.toReversed()) {
    if (release.info.status === 'superseded' && release !== history.at(-1)) continue;
    const resources = await buildResources(context.client, release.manifest, {
      namespace: release.namespace,
      file: `revision ${release.version}`,
      skipUnknown: true,
    });
    for (const resource of resources) {
      const id = resourceId(resource);
      if (!found.has(id)) found.set(id, resource);
    }
  }
  const all = [...found.values(), ...(await leftBehind(context, history, found))].sort((a, b) =>
    compareKinds(a.type.kind, b.type.kind, uninstallOrder),
  );
  return { remove: all.filter((resource) => !isKept(resource)), kept: all.filter(isKept) };
}

function isKept(resource: Resource): boolean {
  return (resource.object.metadata.annotations?.['helm.sh/resource-policy'] ?? '').trim().toLowerCase() === 'keep';
}

/**
 * Deletes what the hooks of all revisions have left on the cluster. Definitions stay, for with them all objects of their kind would go,
 * and so does what is marked to be kept, belongs to another release, or was made by somebody else before the hook could.
 *
 * @returns what could not be deleted
 * @throws PintleError `interrupted`
 */
async function cleanUpHooks(
  context: ActionContext,
  history: readonly Release[],
  last: Release,
  options: UninstallOptions,
): Promise<PintleError[]> {
  await context.lease?.step('deleting what hooks left');
  const found = new Map<string, Resource>();
  for (const { hooks = [], version, namespace } of [...history, last].toReversed()) {
    for (const hook of hooks) {
      if ((hook.last_run.started_at ?? '') === '' || hook.kind === 'CustomResourceDefinition') continue;
      const where = { namespace, file: `${hook.path} of revision ${version}`, skipUnknown: true };
      for (const resource of await buildResources(context.client, hook.manifest, where)) {
        if (resource.key.name !== '' && !isKept(resource)) found.set(resourceId(resource), resource);
      }
    }
  }
  const resources = await findMade(context.client, [...found.values()], last);
  const errors = await deleteObjects(context, resources, POLICIES[options.cascade], context.signal);
  if (errors.length === 0 && options.wait) {
    await waitDeleted(context, resources, { timeout: options.timeout, signal: context.signal }).catch(
      (error: unknown) => errors.push(failure(error)),
    );
  }
  const faults = errors.map(failure);
  const interruption = faults.find(({ code }) => code === 'interrupted');
  if (interruption !== undefined) throw interruption;
  return faults;
}

async function purge(context: ActionContext, history: readonly Release[]): Promise<void> {
  for (const release of history) await context.store.delete(release.name, release.version);
}

import { PintleError } from '../base/errors.ts';
import { retryTransient } from '../client/retry.ts';
import { isStatus } from '../kube/status-error.ts';
import { createObjects } from './apply.ts';
import type { DeployEnvironment } from './environment.ts';
import { getOrUndefined, type Owner, withOwner } from './ownership.ts';
import { describeResource, type Resource } from './resource.ts';
import { waitDeleted } from './wait.ts';
import { deleteObject, updateObject } from './write-object.ts';

/** How the objects of a hook are written. */
export interface BringHookOptions {
  readonly serverSide: boolean;
  /** Take over what is there already, and mark all as this release's (`--take-ownership`). */
  readonly owner?: Owner | undefined;
  /** How long an object that is made anew may take to go, ms. */
  readonly timeout: number;
  readonly signal?: AbortSignal | undefined;
}

/** They run once: one that is there would count as done. */
const RUN_ONCE = new Set(['Job', 'Pod']);

/**
 * Creates the objects of a hook. With an owner, what is there already is adopted: Jobs and Pods are made anew, so that they run,
 * others become what the hook says.
 *
 * @throws what the API answers, with a hint when an object is there already
 */
export async function bringHook(
  environment: DeployEnvironment,
  resources: readonly Resource[],
  { serverSide, owner, timeout, signal }: BringHookOptions,
): Promise<void> {
  if (owner === undefined) {
    await hinting(() => createObjects(environment, resources, { serverSide }));
    return;
  }
  for (const resource of resources) {
    const target = withOwner(resource, owner);
    const live =
      target.key.name === ''
        ? undefined
        : await retryTransient(environment.clock, () => getOrUndefined(environment.client, target));
    if (live !== undefined) environment.logger.log('info', `the hook takes over ${describeResource(target)}`);
    if (live !== undefined && !RUN_ONCE.has(target.type.kind)) {
      const options = { serverSide, forceConflicts: true, upgradeFieldManager: serverSide };
      await updateObject(environment, { original: target, target, live }, options);
      continue;
    }
    if (live !== undefined) {
      await deleteObject(environment, target, 'Background');
      await waitDeleted(environment, [target], { timeout, signal });
    }
    await createObjects(environment, [target], { serverSide });
  }
}

async function hinting(run: () => Promise<unknown>): Promise<void> {
  try {
    await run();
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    if (!(error instanceof PintleError) || !isStatus(cause, 'AlreadyExists')) throw error;
    throw new PintleError(error.code, error.message, {
      cause: error,
      hint: 'the hook finds its object there already: take it over with --take-ownership, delete it, or let it be deleted each time (helm.sh/hook-delete-policy: before-hook-creation)',
    });
  }
}

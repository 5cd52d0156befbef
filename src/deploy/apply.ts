import { isStatus, type StatusError } from '../kube/status-error.ts';
import type { PropagationPolicy } from '../client/kube-client.ts';
import { PintleError } from '../base/errors.ts';
import { retryTransient } from '../client/retry.ts';
import type { KubeObject } from '../kube/object.ts';
import { createMergePatch } from '../kube/merge-patch.ts';
import { createThreeWayMergePatch } from '../kube/strategic-merge-patch.ts';
import { upgradeManagedFieldsPatch } from '../kube/managed-fields.ts';
import { FIELD_MANAGER, type DeployEnvironment } from './environment.ts';
import { describeResource, resourceId, type Resource } from './resource.ts';
import { getOrUndefined } from './ownership.ts';

/** How objects are written. */
export interface ApplyOptions {
  /** Server-side apply; otherwise create and a three-way patch made here. */
  readonly serverSide: boolean;
  /** Server-side apply takes over fields of other managers. */
  readonly forceConflicts?: boolean;
  /** Replace instead of patching. */
  readonly forceReplace?: boolean;
  /** Turn fields that client-side applies of this manager own into server-side ones first. */
  readonly upgradeFieldManager?: boolean;
}

/** What an update did, as far as it came. */
export interface UpdateResult {
  readonly created: Resource[];
  readonly updated: Resource[];
  readonly deleted: Resource[];
}

/** An update that did not go through; {@link result} tells how far it came. */
export class UpdateError extends PintleError {
  readonly result: UpdateResult;

  constructor(message: string, result: UpdateResult, cause: unknown) {
    super('api-error', message, { cause });
    this.result = result;
  }
}

const KEEP_POLICY = 'helm.sh/resource-policy';
const CONFLICT_TRIES = 5;

/**
 * Creates objects in their order.
 *
 * @throws UpdateError after trying all objects of the kind at which it failed, as Helm does
 */
export async function createObjects(
  environment: DeployEnvironment,
  resources: readonly Resource[],
  options: ApplyOptions,
): Promise<UpdateResult> {
  const result: UpdateResult = { created: [], updated: [], deleted: [] };
  const errors: Error[] = [];
  let kind: string | undefined;
  for (const resource of resources) {
    if (errors.length > 0 && resource.type.kind !== kind) break;
    kind = resource.type.kind;
    try {
      await createObject(environment, resource, options);
      result.created.push(resource);
    } catch (error) {
      errors.push(asError(error));
    }
  }
  if (errors.length > 0) throw new UpdateError(errors.map((error) => error.message).join('\n'), result, errors[0]);
  return result;
}

async function createObject(environment: DeployEnvironment, resource: Resource, options: ApplyOptions): Promise<void> {
  const { client } = environment;
  if (options.serverSide && resource.key.name !== '') {
    await applyServerSide(environment, resource, options);
    return;
  }
  // Not sent again after a failure that may have come too late: the object might be there by then.
  await retryOnConflict(() =>
    client.create(resource.type, resource.object, { fieldManager: FIELD_MANAGER, fieldValidation: 'Strict' }),
  );
}

/**
 * Brings the cluster from the objects of one manifest to those of another: creates, patches, deletes.
 * Objects marked `helm.sh/resource-policy: keep` stay.
 *
 * @param originals what the release had, and existing objects that it takes over
 * @throws UpdateError
 */
export async function updateObjects(
  environment: DeployEnvironment,
  originals: readonly Resource[],
  targets: readonly Resource[],
  options: ApplyOptions,
): Promise<UpdateResult> {
  const result: UpdateResult = { created: [], updated: [], deleted: [] };
  const errors: Error[] = [];
  const before = new Map(originals.map((resource) => [resourceId(resource), resource]));
  for (const target of targets) {
    const live =
      target.key.name === ''
        ? undefined
        : await retryTransient(environment.clock, () => getOrUndefined(environment.client, target));
    if (live === undefined) {
      result.created.push(target);
      try {
        await createObject(environment, target, options);
      } catch (error) {
        throw new UpdateError(`failed to create resource: ${asError(error).message}`, result, error);
      }
      continue;
    }
    const original = before.get(resourceId(target));
    if (original === undefined) {
      const message = `original object ${target.type.kind} with the name "${target.key.name}" not found`;
      throw new UpdateError(message, result, undefined);
    }
    result.updated.push(target);
    try {
      await updateObject(environment, { original, target, live }, options);
    } catch (error) {
      errors.push(asError(error));
    }
  }
  if (errors.length === 0) await deleteRemoved(environment, before, targets, result, errors);
  if (errors.length > 0) throw new UpdateError(errors.map((error) => error.message).join(' && '), result, errors[0]);
  return result;
}

async function deleteRemoved(
  environment: DeployEnvironment,
  before: ReadonlyMap<string, Resource>,
  targets: readonly Resource[],
  result: UpdateResult,
  errors: Error[],
): Promise<void> {
  const wanted = new Set(targets.map(resourceId));
  for (const [id, resource] of before) {
    if (wanted.has(id)) continue;
    const live = await retryTransient(environment.clock, () => getOrUndefined(environment.client, resource));
    if (live === undefined) continue;
    if (live.metadata.annotations?.[KEEP_POLICY] === 'keep') {
      environment.logger.log('info', `kept ${describeResource(resource)}: it is marked ${KEEP_POLICY}: keep`);
      continue;
    }
    try {
      await deleteObject(environment, resource, 'Background');
      result.deleted.push(resource);
    } catch (error) {
      errors.push(
        new Error(`failed to delete resource ${resource.key.name}: ${asError(error).message}`, { cause: error }),
      );
    }
  }
}

/**
 * Deletes what exists of the objects, in their order; those that are gone count as deleted.
 *
 * @returns the failures, one an object
 */
export async function deleteObjects(
  environment: DeployEnvironment,
  resources: readonly Resource[],
  policy: PropagationPolicy,
): Promise<Error[]> {
  const errors: Error[] = [];
  for (const resource of resources) {
    try {
      await deleteObject(environment, resource, policy);
    } catch (error) {
      errors.push(asError(error));
    }
  }
  return errors;
}

async function deleteObject(
  environment: DeployEnvironment,
  resource: Resource,
  policy: PropagationPolicy,
): Promise<void> {
  try {
    await retryTransient(environment.clock, () =>
      retryOnConflict(() => environment.client.delete(resource.type, resource.key, { propagationPolicy: policy })),
    );
  } catch (error) {
    if (!isStatus(error, 'NotFound')) throw error;
  }
}

interface Change {
  readonly original: Resource;
  readonly target: Resource;
  readonly live: KubeObject;
}

async function updateObject(environment: DeployEnvironment, change: Change, options: ApplyOptions): Promise<void> {
  const { client } = environment;
  const { target, live } = change;
  if (options.forceReplace === true) {
    const object = {
      ...target.object,
      metadata: { ...target.object.metadata, resourceVersion: live.metadata.resourceVersion },
    };
    try {
      await client.update(target.type, object, { fieldManager: FIELD_MANAGER, fieldValidation: 'Strict' });
    } catch (error) {
      throw new Error(`failed to replace object: ${asError(error).message}`, { cause: error });
    }
    return;
  }
  if (options.serverSide) {
    if (options.upgradeFieldManager === true) await upgradeFieldManager(environment, change);
    await applyServerSide(environment, target, options);
    return;
  }
  await patchClientSide(environment, change);
}

async function applyServerSide(environment: DeployEnvironment, target: Resource, options: ApplyOptions): Promise<void> {
  try {
    await retryTransient(environment.clock, () =>
      retryOnConflict(() =>
        environment.client.patch(target.type, target.key, 'apply', target.object, {
          fieldManager: FIELD_MANAGER,
          fieldValidation: 'Strict',
          force: options.forceConflicts === true,
        }),
      ),
    );
  } catch (error) {
    if (isStatus(error, 'Conflict')) {
      const { group, version, kind } = target.type;
      throw new PintleError(
        'api-error',
        `conflict occurred while applying object ${target.key.namespace ?? ''}/${target.key.name} ${group}/${version}, Kind=${kind}: ${error.message}`,
        { cause: error, hint: 'somebody else changed these fields; take them over with --force-conflicts' },
      );
    }
    throw error;
  }
}

async function upgradeFieldManager(environment: DeployEnvironment, { target }: Change): Promise<void> {
  await retryOnConflict(async () => {
    const live = await environment.client.get(target.type, target.key);
    const patch = upgradeManagedFieldsPatch(live, [FIELD_MANAGER], FIELD_MANAGER);
    if (patch === undefined) return;
    await environment.client.patch(target.type, target.key, 'json', patch, { fieldManager: FIELD_MANAGER });
  });
}

async function patchClientSide(environment: DeployEnvironment, change: Change): Promise<void> {
  const { target, original, live } = change;
  const builtIn = createThreeWayMergePatch({ original: original.object, modified: target.object, current: live });
  const patch = builtIn ?? createMergePatch(original.object, target.object);
  if (Object.keys(patch).length === 0) return;
  try {
    await environment.client.patch(target.type, target.key, builtIn === undefined ? 'merge' : 'strategic', patch, {
      fieldManager: FIELD_MANAGER,
    });
  } catch (error) {
    const message = `cannot patch "${target.key.name}" with kind ${target.type.kind}: ${asError(error).message}`;
    throw new PintleError('api-error', message, { cause: error });
  }
}

/** Somebody else owns fields: trying again changes nothing. */
function isFieldConflict({ status }: StatusError): boolean {
  return status.details?.causes?.some((cause) => cause.reason === 'FieldManagerConflict') === true;
}

/** Tries again when somebody else changed the object, or a quota, in between. */
async function retryOnConflict<T>(run: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await run();
    } catch (error) {
      const isPassing = isStatus(error, 'Conflict') && !isFieldConflict(error);
      if (tries >= CONFLICT_TRIES || !isPassing) throw error;
    }
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

import { sleep } from '../base/clock.ts';
import { PintleError } from '../base/errors.ts';
import type { FieldValidation, PropagationPolicy } from '../client/kube-client.ts';
import { isTransient, retryTransient } from '../client/retry.ts';
import { upgradeManagedFieldsPatch } from '../kube/managed-fields.ts';
import { createMergePatch } from '../kube/merge-patch.ts';
import type { KubeObject } from '../kube/object.ts';
import { isStatus, StatusError } from '../kube/status-error.ts';
import { createThreeWayMergePatch } from '../kube/strategic-merge-patch.ts';
import { type DeployEnvironment, FIELD_MANAGER } from './environment.ts';
import { getOrUndefined } from './ownership.ts';
import { describeResource, type Resource } from './resource.ts';
import { waitDeleted } from './wait.ts';

/** How objects are written. */
export interface ApplyOptions {
  /** Server-side apply; otherwise create and a three-way patch made here. */
  readonly serverSide: boolean;
  /** Server-side apply takes over fields of other managers. */
  readonly forceConflicts?: boolean;
  /** Replace instead of patching, and make objects anew whose immutable fields changed. */
  readonly forceReplace?: boolean;
  /** Turn fields that client-side applies of this manager own into server-side ones first. */
  readonly upgradeFieldManager?: boolean;
  /** Drop fields that a kind does not have instead of refusing the object. */
  readonly ignoreUnknownFields?: boolean;
  /** Ask the API what it would do, and change nothing. */
  readonly dryRun?: boolean;
  /** How long the deletion of an object that is made anew may take, ms. */
  readonly timeout?: number;
}

/** One object on its way from a manifest to another. */
export interface Change {
  readonly original: Resource;
  readonly target: Resource;
  readonly live: KubeObject;
}

/** What becomes of an object when the new manifest changes a field that cannot be changed: `recreate` or `fail`. */
const ON_IMMUTABLE = 'pintle.dev/on-immutable-change';
/** Making these anew loses data or what is inside of them: only their own annotation allows it. */
const PRECIOUS = new Set(['PersistentVolumeClaim', 'PersistentVolume', 'Namespace', 'CustomResourceDefinition']);
const IMMUTABLE = /immutable|updates to \w+ spec for fields other than|may not change once set/i;
const CONFLICT_TRIES = 5;
const CREATE_TRIES = 4;
const CREATE_DELAY = 500;
const RECREATE_TIMEOUT = 60_000;

/** Creates an object. @throws what the API answers */
export async function createObject(
  environment: DeployEnvironment,
  resource: Resource,
  options: ApplyOptions,
): Promise<void> {
  if (options.serverSide && resource.key.name !== '') await applyServerSide(environment, resource, options);
  else await createOnce(environment, resource, options);
}

/**
 * A creation that may have come through although its answer did not: before it is sent again, the object is looked for.
 */
async function createOnce(environment: DeployEnvironment, resource: Resource, options: ApplyOptions): Promise<void> {
  const { client, clock } = environment;
  const started = clock.now();
  for (let tries = 1; ; tries += 1) {
    try {
      await retryOnConflict(() =>
        client.create(resource.type, resource.object, {
          fieldManager: FIELD_MANAGER,
          // As Helm's: what the server does not know of it warns of, and drops.
          fieldValidation: 'Warn',
          dryRun: options.dryRun,
        }),
      );
      return;
    } catch (error) {
      const isOurs = tries > 1 && isStatus(error, 'AlreadyExists') && (await isFresh(environment, resource, started));
      if (isOurs) return;
      // Without a name nobody can tell whether it is there.
      if (!isTransient(error) || tries >= CREATE_TRIES || resource.key.name === '') throw error;
      await clock.blockOn(sleep(clock, CREATE_DELAY * tries));
    }
  }
}

/** Whether an object was made by this program since an instant, give or take what clocks differ by. */
async function isFresh(environment: DeployEnvironment, resource: Resource, since: number): Promise<boolean> {
  const live = await retryTransient(environment.clock, () => getOrUndefined(environment.client, resource));
  const created = Date.parse(live?.metadata.creationTimestamp ?? '');
  // An object without any field of its own has no managers.
  const managers = live?.metadata.managedFields ?? [];
  const ours = managers.length === 0 || managers.some((entry) => entry.manager === FIELD_MANAGER);
  return ours && created >= since - 60_000;
}

/** Brings an object that is there to what the new manifest says. @throws what the API answers */
export async function updateObject(
  environment: DeployEnvironment,
  change: Change,
  options: ApplyOptions,
): Promise<void> {
  try {
    await changeObject(environment, change, options);
  } catch (error) {
    if (!isImmutable(error) || !mayRecreate(change.target, options)) throw error;
    if (options.dryRun === true) return;
    await recreate(environment, change, options);
  }
}

async function changeObject(environment: DeployEnvironment, change: Change, options: ApplyOptions): Promise<void> {
  const { target } = change;
  if (options.forceReplace === true) await replace(environment, change, options);
  else if (options.serverSide) {
    // Whether managers would conflict only shows once the fields are handed over.
    if (options.upgradeFieldManager === true && options.dryRun !== true) await upgradeFieldManager(environment, change);
    await applyServerSide(environment, target, options);
  } else await patchClientSide(environment, change, options);
}

async function replace(
  { client, clock }: DeployEnvironment,
  { target, live }: Change,
  options: ApplyOptions,
): Promise<void> {
  let version = live.metadata.resourceVersion;
  try {
    await retryOnConflict(() =>
      retryTransient(clock, async () => {
        const object = { ...target.object, metadata: { ...target.object.metadata, resourceVersion: version } };
        try {
          await client.update(target.type, object, {
            fieldManager: FIELD_MANAGER,
            fieldValidation: validation(options),
            dryRun: options.dryRun,
          });
        } catch (error) {
          if (isStatus(error, 'Conflict')) {
            version = (await client.get(target.type, target.key)).metadata.resourceVersion;
          }
          throw error;
        }
      }),
    );
  } catch (error) {
    throw new PintleError('api-error', `failed to replace object: ${messageOf(error)}`, { cause: error });
  }
}

/** True for the refusal of a change to a field that cannot change. */
function isImmutable(error: unknown): boolean {
  for (let each = error; each instanceof Error; each = each.cause) {
    if (each instanceof StatusError) return each.code === 422 && IMMUTABLE.test(each.message);
  }
  return false;
}

function mayRecreate({ object, type }: Resource, options: ApplyOptions): boolean {
  const wish = object.metadata.annotations?.[ON_IMMUTABLE];
  if (wish !== undefined) return wish.trim() === 'recreate';
  return options.forceReplace === true && !PRECIOUS.has(type.kind);
}

async function recreate(environment: DeployEnvironment, change: Change, options: ApplyOptions): Promise<void> {
  const { target } = change;
  environment.logger.log('info', `${describeResource(target)} is made anew: a field that cannot be changed changed`);
  await deleteObject(environment, target, 'Background');
  await waitDeleted(environment, [target], {
    timeout: options.timeout ?? RECREATE_TIMEOUT,
    signal: environment.signal,
  });
  await createObject(environment, target, options);
}

async function applyServerSide(environment: DeployEnvironment, target: Resource, options: ApplyOptions): Promise<void> {
  try {
    await retryTransient(environment.clock, () =>
      retryOnConflict(() =>
        environment.client.patch(target.type, target.key, 'apply', target.object, {
          fieldManager: FIELD_MANAGER,
          fieldValidation: validation(options),
          force: options.forceConflicts === true,
          dryRun: options.dryRun,
        }),
      ),
    );
  } catch (error) {
    if (!isStatus(error, 'Conflict')) throw error;
    const { group, version, kind } = target.type;
    throw new PintleError(
      'api-error',
      `conflict occurred while applying object ${target.key.namespace ?? ''}/${target.key.name} ${group}/${version}, Kind=${kind}: ${error.message}`,
      { cause: error, hint: 'somebody else changed these fields; take them over with --force-conflicts' },
    );
  }
}

async function upgradeFieldManager({ client, clock }: DeployEnvironment, change: Change): Promise<void> {
  const { target } = change;
  let known: KubeObject | undefined = change.live;
  await retryTransient(clock, () =>
    retryOnConflict(async () => {
      const live = known ?? (await client.get(target.type, target.key));
      // Another try looks anew.
      known = undefined;
      const patch = upgradeManagedFieldsPatch(live, [FIELD_MANAGER], FIELD_MANAGER);
      if (patch === undefined) return;
      await client.patch(target.type, target.key, 'json', patch, { fieldManager: FIELD_MANAGER });
    }),
  );
}

async function patchClientSide(
  { client, clock }: DeployEnvironment,
  change: Change,
  options: ApplyOptions,
): Promise<void> {
  const { target, original, live } = change;
  const builtIn = createThreeWayMergePatch({ original: original.object, modified: target.object, current: live });
  const patch = builtIn ?? createMergePatch(original.object, target.object);
  if (Object.keys(patch).length === 0) return;
  try {
    // Sent twice, such a patch does what it does once.
    await retryTransient(clock, () =>
      retryOnConflict(() =>
        client.patch(target.type, target.key, builtIn === undefined ? 'merge' : 'strategic', patch, {
          fieldManager: FIELD_MANAGER,
          dryRun: options.dryRun,
        }),
      ),
    );
  } catch (error) {
    const message = `cannot patch "${target.key.name}" with kind ${target.type.kind}: ${messageOf(error)}`;
    throw new PintleError('api-error', message, { cause: error });
  }
}

/** Deletes an object; one that is gone counts as deleted. @throws what the API answers */
export async function deleteObject(
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

function validation(options: ApplyOptions): FieldValidation {
  return options.ignoreUnknownFields === true ? 'Ignore' : 'Strict';
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

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

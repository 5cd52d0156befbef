import { decisiveError } from '../base/decisive-error.ts';
import { PintleError } from '../base/errors.ts';
import { inParallel } from '../base/in-parallel.ts';
import type { PropagationPolicy } from '../client/kube-client.ts';
import { retryTransient } from '../client/retry.ts';
import type { KubeObject } from '../kube/object.ts';
import type { DeployEnvironment } from './environment.ts';
import { getOrUndefined } from './ownership.ts';
import { describeResource, resourceId, type Resource } from './resource.ts';
import { type ApplyOptions, createObject, deleteObject, updateObject } from './write-object.ts';

export type { ApplyOptions } from './write-object.ts';

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
    const inner = cause instanceof PintleError ? cause : undefined;
    super(inner?.code ?? 'api-error', message, {
      cause,
      trace: inner?.trace ?? [],
      related: inner?.related ?? [],
      ...(inner?.location === undefined ? {} : { location: inner.location }),
      ...(inner?.hint === undefined ? {} : { hint: inner.hint }),
    });
    this.result = result;
  }
}

/** Hears of each object that is written. */
export interface WriteListener {
  begun(resource: Resource): void;
  /** It is written. */
  done(resource: Resource): void;
}

const KEEP_POLICY = 'helm.sh/resource-policy';
/** Objects of one kind that are written at the same time. */
const PARALLEL = 8;

/**
 * Creates objects in their order; those of one kind that follow each other at the same time.
 *
 * @throws UpdateError after trying all objects of the kind at which it failed, as Helm does
 */
export async function createObjects(
  environment: DeployEnvironment,
  resources: readonly Resource[],
  options: ApplyOptions & { readonly listener?: WriteListener },
): Promise<UpdateResult> {
  const result = nothingDone();
  for (const group of byKind(resources)) {
    const errors: unknown[] = [];
    await severally(environment, result, group, async (resource) => {
      options.listener?.begun(resource);
      try {
        await createObject(environment, resource, options);
        options.listener?.done(resource);
        return () => result.created.push(resource);
      } catch (error) {
        return () => errors.push(error);
      }
    });
    if (errors.length > 0) throw new UpdateError(errors.map(messageOf).join('\n'), result, causeOf(errors));
  }
  return result;
}

/**
 * Brings the cluster from the objects of one manifest to those of another: creates, patches, deletes.
 * Objects marked `helm.sh/resource-policy: keep` stay.
 *
 * @param originals what the release had, and existing objects that it takes over
 * @param options `keepRemoved`: delete nothing, for a part of the objects
 * @throws UpdateError
 */
export async function updateObjects(
  environment: DeployEnvironment,
  originals: readonly Resource[],
  targets: readonly Resource[],
  options: ApplyOptions & { readonly keepRemoved?: boolean; readonly listener?: WriteListener },
): Promise<UpdateResult> {
  const result = nothingDone();
  const errors: unknown[] = [];
  const before = new Map(originals.map((resource) => [resourceId(resource), resource]));
  for (const group of byKind(targets)) {
    let fatal: { readonly message: string; readonly cause: unknown } | undefined;
    await severally(environment, result, group, async (target) => {
      if (fatal !== undefined) return () => undefined;
      options.listener?.begun(target);
      const outcome = await bring(environment, before.get(resourceId(target)), target, options);
      if (outcome.error === undefined && outcome.fatal === undefined) options.listener?.done(target);
      return () => {
        if (outcome.list !== undefined) result[outcome.list].push(target);
        if (outcome.fatal !== undefined) fatal ??= { message: outcome.fatal, cause: outcome.error };
        else if (outcome.error !== undefined) errors.push(outcome.error);
      };
    });
    if (fatal !== undefined) throw new UpdateError(fatal.message, result, fatal.cause);
  }
  if (errors.length === 0 && options.keepRemoved !== true) {
    await deleteRemoved(environment, { before, targets, result, errors });
  }
  if (errors.length > 0) throw new UpdateError(errors.map(messageOf).join(' && '), result, causeOf(errors));
  return result;
}

/**
 * Deletes what a release had and its new manifest lacks, except what is marked `helm.sh/resource-policy: keep`.
 *
 * @throws UpdateError
 */
export async function removeObjects(
  environment: DeployEnvironment,
  originals: readonly Resource[],
  targets: readonly Resource[],
): Promise<UpdateResult> {
  const result = nothingDone();
  const errors: unknown[] = [];
  const before = new Map(originals.map((resource) => [resourceId(resource), resource]));
  await deleteRemoved(environment, { before, targets, result, errors });
  if (errors.length > 0) throw new UpdateError(errors.map(messageOf).join(' && '), result, causeOf(errors));
  return result;
}

interface Outcome {
  readonly list?: 'created' | 'updated';
  readonly error?: unknown;
  /** The text of an error that ends the whole update. */
  readonly fatal?: string;
}

async function bring(
  environment: DeployEnvironment,
  original: Resource | undefined,
  target: Resource,
  options: ApplyOptions,
): Promise<Outcome> {
  let live: KubeObject | undefined;
  try {
    live =
      target.key.name === ''
        ? undefined
        : await retryTransient(environment.clock, () => getOrUndefined(environment.client, target));
  } catch (error) {
    return { error, fatal: messageOf(error) };
  }
  if (live === undefined) {
    try {
      await createObject(environment, target, options);
      return { list: 'created' };
    } catch (error) {
      return { list: 'created', error, fatal: `failed to create resource: ${messageOf(error)}` };
    }
  }
  if (original === undefined) {
    const fatal = `original object ${target.type.kind} with the name "${target.key.name}" not found`;
    return { error: undefined, fatal };
  }
  try {
    await updateObject(environment, { original, target, live }, options);
    return { list: 'updated' };
  } catch (error) {
    return { list: 'updated', error };
  }
}

/** What is to be deleted at the end of an update, and what is told of it. */
interface Removal {
  readonly before: ReadonlyMap<string, Resource>;
  readonly targets: readonly Resource[];
  readonly result: UpdateResult;
  readonly errors: unknown[];
}

async function deleteRemoved(
  environment: DeployEnvironment,
  { before, targets, result, errors }: Removal,
): Promise<void> {
  const wanted = new Set(targets.map(resourceId));
  for (const [id, resource] of before) {
    if (wanted.has(id)) continue;
    stopIfInterrupted(environment, result);
    try {
      const live = await retryTransient(environment.clock, () => getOrUndefined(environment.client, resource));
      if (live === undefined) continue;
      if (live.metadata.annotations?.[KEEP_POLICY]?.trim().toLowerCase() === 'keep') {
        environment.logger.log('info', `kept ${describeResource(resource)}: it is marked ${KEEP_POLICY}: keep`);
        continue;
      }
      await deleteObject(environment, resource, 'Background');
      result.deleted.push(resource);
    } catch (error) {
      errors.push(
        new PintleError('api-error', `failed to delete resource ${resource.key.name}: ${messageOf(error)}`, {
          cause: error,
        }),
      );
    }
  }
}

/**
 * Deletes what exists of the objects, in their order; those that are gone count as deleted.
 *
 * @param signal ends it before the next object; absent: all are deleted, as where something is cleaned up after an interruption
 * @returns the failures, one an object; the last one is `interrupted` when it was ended
 */
export async function deleteObjects(
  environment: DeployEnvironment,
  resources: readonly Resource[],
  policy: PropagationPolicy,
  signal?: AbortSignal,
): Promise<Error[]> {
  const errors: Error[] = [];
  for (const resource of resources) {
    if (signal?.aborted === true) return [...errors, new PintleError('interrupted', 'context canceled')];
    try {
      await deleteObject(environment, resource, policy);
    } catch (error) {
      errors.push(error instanceof Error ? error : new Error(String(error)));
    }
  }
  return errors;
}

/** What an error of several failures is caused by. */
function causeOf(errors: readonly unknown[]): unknown {
  return decisiveError(errors) ?? errors[0];
}

function nothingDone(): UpdateResult {
  return { created: [], updated: [], deleted: [] };
}

/** Runs of objects of one kind. */
function byKind(resources: readonly Resource[]): Resource[][] {
  const out: Resource[][] = [];
  for (const resource of resources) {
    const last = out.at(-1);
    if (last?.[0]?.type.kind === resource.type.kind) last.push(resource);
    else out.push([resource]);
  }
  return out;
}

/** Works on several objects at a time; what each one did is noted in their order. */
async function severally(
  environment: DeployEnvironment,
  result: UpdateResult,
  resources: readonly Resource[],
  run: (resource: Resource) => Promise<() => unknown>,
): Promise<void> {
  const notes: (() => unknown)[] = [];
  let noted = 0;
  let isStopped = false;
  await inParallel(resources, PARALLEL, async (resource, i) => {
    isStopped ||= environment.signal?.aborted === true;
    if (isStopped) return;
    notes[i] = await run(resource);
    for (; noted in notes; noted += 1) notes[noted]?.();
  });
  if (!isStopped) return;
  for (let i = noted; i < notes.length; i += 1) notes[i]?.();
  stopIfInterrupted(environment, result);
}

function stopIfInterrupted(environment: DeployEnvironment, result: UpdateResult): void {
  if (environment.signal?.aborted !== true) return;
  throw new UpdateError('context canceled', result, new PintleError('interrupted', 'context canceled'));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

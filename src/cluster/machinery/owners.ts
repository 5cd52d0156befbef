import type { KubeClient } from '../../client/kube-client.ts';
import type { OwnerReference } from '../../kube/api/meta-v1.generated.ts';
import { controllerOf, type ResourceType } from '../../kube/object.ts';
import { isStatus, StatusError } from '../../kube/status-error.ts';
import { CONTROLLER_MANAGER } from './constants.ts';
import type { Informer } from './interfaces.ts';
import { type ApiObject, isDeleting, nameOf, namespaceOf, objectKey, uidOf } from './keys.ts';

/** Index: the uid of the owner that controls an object. */
export const CONTROLLER_UID_INDEX = 'controller-uid';
/** Index: the namespace of objects that nobody controls. */
export const UNCONTROLLED_INDEX = 'uncontrolled';

/** Declares {@link CONTROLLER_UID_INDEX} and {@link UNCONTROLLED_INDEX}. */
export function addOwnerIndexes<T extends ApiObject>(informer: Informer<T>): void {
  informer.addIndex(CONTROLLER_UID_INDEX, (object) => {
    const owner = controllerOf(object);
    return owner === undefined ? [] : [owner.uid];
  });
  informer.addIndex(UNCONTROLLED_INDEX, (object) =>
    controllerOf(object) === undefined ? [object.metadata.namespace ?? ''] : [],
  );
}

/** The objects that an owner controls, and those of its namespace that nobody controls; needs {@link addOwnerIndexes}. */
export function claimCandidates<T extends ApiObject>(informer: Informer<T>, owner: ApiObject): T[] {
  return [
    ...informer.byIndex(CONTROLLER_UID_INDEX, uidOf(owner)),
    ...informer.byIndex(UNCONTROLLED_INDEX, namespaceOf(owner)),
  ];
}

/** The reference with which `owner` controls an object. */
export function controllerReference(owner: ApiObject): OwnerReference {
  return {
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name: nameOf(owner),
    uid: uidOf(owner),
    controller: true,
    blockOwnerDeletion: true,
  };
}

/** True when `owner` controls the object. */
export function isControlledBy(object: ApiObject, owner: ApiObject): boolean {
  return controllerOf(object)?.uid === owner.metadata.uid;
}

/** What {@link claimObjects} needs. */
export interface ClaimOptions<T extends ApiObject> {
  readonly client: KubeClient;
  readonly owner: ApiObject;
  readonly ownerType: ResourceType;
  /** Resource of the objects. */
  readonly type: ResourceType;
  readonly candidates: readonly T[];
  /** True for what the owner's selector selects. */
  readonly matches: (object: T) => boolean;
  /** Finalizers that an adopted object gets. */
  readonly finalizers?: readonly string[];
}

/**
 * The candidates that the owner controls: those it did and that match, and orphans that match, which are adopted; what no
 * longer matches is let go. Before the first adoption the owner is read anew, lest a dead one adopt.
 * kubernetes: pkg/controller/controller_ref_manager.go
 */
export async function claimObjects<T extends ApiObject>(options: ClaimOptions<T>): Promise<T[]> {
  const { owner, matches } = options;
  const claimed: T[] = [];
  let mayAdopt: Promise<void> | undefined;
  for (const object of options.candidates) {
    const controller = controllerOf(object);
    if (controller !== undefined) {
      if (controller.uid !== owner.metadata.uid) continue;
      if (matches(object)) claimed.push(object);
      else if (!isDeleting(owner)) await release(options, object);
      continue;
    }
    if (isDeleting(owner) || isDeleting(object) || !matches(object)) continue;
    mayAdopt ??= checkOwner(options);
    await mayAdopt;
    if (await adopt(options, object)) claimed.push(object);
  }
  return claimed;
}

async function checkOwner<T extends ApiObject>({ client, owner, ownerType }: ClaimOptions<T>): Promise<void> {
  const fresh = await client.get(ownerType, objectKey(owner));
  const name = `${namespaceOf(owner)}/${nameOf(owner)}`;
  if (fresh.metadata.uid !== owner.metadata.uid) {
    throw new Error(`original ${owner.kind} ${name} is gone: got uid ${fresh.metadata.uid}, wanted ${uidOf(owner)}`);
  }
  if (isDeleting(fresh)) throw new Error(`${name} has just been deleted at ${fresh.metadata.deletionTimestamp}`);
}

async function adopt<T extends ApiObject>(options: ClaimOptions<T>, object: T): Promise<boolean> {
  const metadata = {
    uid: object.metadata.uid,
    ownerReferences: [controllerReference(options.owner)],
    ...(options.finalizers === undefined ? {} : { finalizers: options.finalizers }),
  };
  try {
    await patch(options, object, { metadata });
    return true;
  } catch (error) {
    if (isStatus(error, 'NotFound')) return false;
    throw error;
  }
}

async function release<T extends ApiObject>(options: ClaimOptions<T>, object: T): Promise<void> {
  const metadata = {
    uid: object.metadata.uid,
    ownerReferences: [{ $patch: 'delete', uid: uidOf(options.owner) }],
    ...(options.finalizers === undefined ? {} : { '$deleteFromPrimitiveList/finalizers': options.finalizers }),
  };
  try {
    await patch(options, object, { metadata });
  } catch (error) {
    // Gone, or made anew under the same name: nothing to let go.
    if (error instanceof StatusError && (error.reason === 'NotFound' || error.reason === 'Invalid')) return;
    throw error;
  }
}

function patch<T extends ApiObject>(options: ClaimOptions<T>, object: T, body: object): Promise<ApiObject> {
  return options.client.patch<ApiObject>(options.type, objectKey(object), 'strategic', body, {
    fieldManager: CONTROLLER_MANAGER,
  });
}

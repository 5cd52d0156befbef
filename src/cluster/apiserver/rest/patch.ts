import { isObject } from '../../../base/json.ts';
import type { PatchType } from '../../../client/kube-client.ts';
import { bareMetadata, takeManagedFields } from '../../../kube/deferred-managed-fields.ts';
import { applyJsonPatch } from '../../../kube/json-patch.ts';
import { applyMergePatch } from '../../../kube/merge-patch.ts';
import type { KubeObject } from '../../../kube/object.ts';
import { PatchError } from '../../../kube/patch-error.ts';
import { applyStrategicMergePatch } from '../../../kube/strategic-merge-patch.ts';
import type { GroupVersionKind } from '../../../kube/object.ts';
import { badRequest, conflict, notFound, requestEntityTooLarge, unsupportedMediaType } from '../../registry/status.ts';
import { decodePatched } from './body.ts';
import { type Core, type Operation, stored } from './core.ts';
import { createObject } from './create.ts';
import { applyConfiguration } from './field-managers.ts';
import { metaOf } from './object-meta.ts';
import { updateObject, type UpdateOptions } from './update.ts';

const MOST_OPERATIONS = 10_000;
const MANAGERS = '/metadata/managedFields';
const PATCH_MEDIA_TYPES = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/apply-patch+yaml',
];

/** A patch with its type. */
export interface Patch {
  readonly type: PatchType;
  readonly body: unknown;
  readonly force: boolean;
}

/**
 * Changes an object by a patch; an apply creates it when it is missing. apiserver: pkg/endpoints/handlers/patch.go
 *
 * @throws StatusError
 */
export function patchObject(
  core: Core,
  operation: Operation,
  patch: Patch,
  options: UpdateOptions = {},
): { readonly object: KubeObject; readonly created: boolean } {
  const { served, name } = operation;
  const entry = stored(core, operation);
  if (patch.type === 'apply') return applyObject(core, operation, patch);
  if (entry === undefined) throw notFound(served.type, name);
  if (patch.type === 'strategic' && served.prune !== undefined) throw strategicOnCustom();
  const keepsManagers = !isAboutManagers(patch);
  const document = keepsManagers ? { ...entry.value, metadata: bareMetadata(entry.value.metadata) } : entry.value;
  const draft = decodePatched(operation, applyPatch(served.type, document, patch), entry.value);
  if (keepsManagers) takeManagedFields(draft.metadata, entry.value.metadata);
  checkName(operation, metaOf(draft).name);
  return { object: updateObject(core, operation, entry, draft, options), created: false };
}

/** True for patches that read or write managedFields, or may. */
function isAboutManagers({ type, body }: Patch): boolean {
  if (type !== 'json') return isObject(body) && isObject(body['metadata']) && 'managedFields' in body['metadata'];
  if (!Array.isArray(body)) return false;
  return body.some((operation: unknown) => {
    const { path, from } = isObject(operation) ? operation : {};
    return [path, from].some(
      (pointer) => typeof pointer === 'string' && (MANAGERS.startsWith(pointer) || pointer.startsWith(`${MANAGERS}/`)),
    );
  });
}

/**
 * A document with a patch applied; neither is changed.
 *
 * @throws StatusError 400, 413, 422, 500
 */
export function applyPatch(gvk: GroupVersionKind, document: object, { type, body }: Patch): unknown {
  try {
    switch (type) {
      case 'json':
        if (Array.isArray(body) && body.length > MOST_OPERATIONS) {
          const text = `The allowed maximum operations in a JSON patch is ${MOST_OPERATIONS}, got ${body.length}`;
          throw requestEntityTooLarge(text);
        }
        return applyJsonPatch(document, body);
      case 'merge':
        if (!isObject(body)) throw badRequest('error decoding patch: the body of a merge patch is an object');
        return applyMergePatch(document, body);
      default:
        return applyStrategicMergePatch(gvk, document, body);
    }
  } catch (error) {
    if (error instanceof PatchError) throw error.toStatusError();
    throw error;
  }
}

function applyObject(
  core: Core,
  operation: Operation,
  { body, force }: Patch,
): { readonly object: KubeObject; readonly created: boolean } {
  if (!isObject(body)) throw badRequest('error decoding YAML: the body of an apply patch is an object');
  const entry = stored(core, operation);
  const applied = applyConfiguration(operation, { live: entry?.value, body, force, now: core.clock.now() });
  const draft = decodePatched(operation, applied, entry?.value);
  checkName(operation, metaOf(draft).name);
  if (entry !== undefined) {
    const object =
      applied === entry.value ? entry.value : updateObject(core, operation, entry, draft, { applied: true });
    return { object, created: false };
  }
  const { uid = '' } = metaOf(draft);
  if (operation.subresource !== '') throw notFound(operation.served.type, operation.name);
  if (uid !== '') {
    const reason = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`;
    throw conflict(operation.served.type, operation.name, reason);
  }
  return { object: createObject(core, operation, draft, true), created: true };
}

/** @throws StatusError 400 when the object has another name than the request */
export function checkName({ name }: Operation, own: string | undefined): void {
  if (own === undefined || own === '') throw badRequest('name must be provided');
  if (own !== name) {
    throw badRequest(`the name of the object (${own}) does not match the name on the URL (${name})`);
  }
}

function strategicOnCustom(): Error {
  return unsupportedMediaType(
    `the body of the request was in an unknown format - accepted media types include: ${PATCH_MEDIA_TYPES.join(', ')}`,
  );
}

import { ApplyOperation } from './apply-operation.ts';
import type { ManagedFieldsEntry } from './api/meta-v1.generated.ts';
import type { Applied, ApplyRequest, ManagedWrite } from './apply-request.ts';
import { createdFields, createdFieldsIfCommon, type CreatedFields, type CreatedKind } from './created-fields.ts';
import { DecodeError, emptyObject } from './decode.ts';
import {
  takeOwnership,
  withEntries,
  withManagedFields,
  withoutIgnored,
  withoutManagedFields,
} from './field-ownership.ts';
import { unionFieldSets } from './field-set.ts';
import {
  capUpdateManagers,
  isReset,
  managedTime,
  managerKey,
  readManagers,
  withoutSystemFields,
  type Manager,
  type Managers,
} from './managers.ts';
import { apiVersionOf, type GroupVersionKind, type KubeObject } from './object.ts';
import { reconcileManagers } from './reconcile-fields.ts';
import { StatusError } from './status-error.ts';
import { compareTyped, withoutFields } from './typed-compare.ts';
import { validateTyped } from './typed-validate.ts';
import { TypedError, managedType } from './typed-value.ts';

/**
 * The object after a server-side apply, before defaults are filled in; nothing that is passed in is changed.
 * structured-merge-diff: merge/update.go; apimachinery: pkg/util/managedfields.
 *
 * @throws StatusError 409 with a cause `FieldManagerConflict` for each conflict, unless forced; 400 and 500 for wrong configurations
 */
export function applyServerSide(request: ApplyRequest): Applied {
  const { gvk, config } = request;
  checkConfig(request);
  const type = request.type ?? managedType(gvk);
  const live = request.live ?? emptyObject(gvk);
  const managers = readManagers(live.metadata.managedFields);
  if (managers === undefined) throw internalError('failed to decode managed fields: malformed entry');
  const faults = validateTyped(config, type);
  if (faults.length > 0) {
    const list =
      faults.length === 1 ? (faults[0] ?? '') : ['errors:', ...faults.map((fault) => `  ${fault}`)].join('\n');
    throw internalError(`failed to create typed patch object (${objectText(config)}; ${kindText(gvk)}): ${list}`);
  }
  try {
    return new ApplyOperation(request, { type, live, managers }).run();
  } catch (error) {
    if (error instanceof TypedError) throw internalError(`failed to merge config: ${error.message}`);
    if (error instanceof DecodeError) {
      const what = `failed to convert new object (${objectText(config)}; ${kindText(gvk)}) to proper version`;
      throw internalError(`${what} (${apiVersionOf(gvk)}): ${error.message}`);
    }
    throw error;
  }
}

function checkConfig({ gvk, config }: ApplyRequest): void {
  const expected = apiVersionOf(gvk);
  if (config.kind !== gvk.kind) throw badRequest(`invalid object type: ${config.apiVersion}, Kind=${config.kind}`);
  if (config.apiVersion !== expected) {
    const versions = `Specified patch version: ${config.apiVersion}, expected: ${expected}`;
    throw badRequest(`Incorrect version specified in apply patch. ${versions}`);
  }
  if (config.metadata.managedFields !== undefined && config.metadata.managedFields !== null) {
    throw badRequest('metadata.managedFields must be nil');
  }
}

function kindText({ group, version, kind }: GroupVersionKind): string {
  return `${group}/${version}, Kind=${kind}`;
}

function objectText({ metadata }: KubeObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name ?? ''}`;
}

function badRequest(message: string): StatusError {
  return failure(message, 'BadRequest', 400);
}

function internalError(message: string): StatusError {
  return failure(message, '', 500);
}

function failure(message: string, reason: string, code: number): StatusError {
  return new StatusError({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code });
}

/** A write that is no apply: create, update, or any patch but `apply`. */
export interface UpdateRequest extends ManagedWrite {
  /** Undefined: a create. */
  readonly before: KubeObject | undefined;
  /** What will be stored, as the server writes it; its managedFields are those that the client sent, or absent. */
  readonly after: KubeObject;
  readonly operation?: 'Update';
}

/**
 * The object with the managedFields that an ordinary write makes: fields that changed become the writer's, and nobody else's.
 * Objects that were stored without managedFields stay without. Nothing that is passed in is changed.
 * apimachinery: pkg/util/managedfields/internal.
 */
export function updateManagedFields(request: UpdateRequest): KubeObject {
  const { gvk, before, after, ignoredFields } = request;
  const managers = managersBefore(request);
  if (managers.size === 0 && before !== undefined) return withoutManagedFields(after);
  const bare = withoutManagedFields(after);
  try {
    if (before === undefined && managers.size === 0) {
      return withEntries(bare, firstEntries(request, createdFields(bare, createdKind(request))));
    }
    const old = before === undefined ? emptyObject(gvk) : withoutManagedFields(before);
    const type = request.type ?? managedType(gvk);
    if (request.type !== undefined) reconcileManagers(managers, type);
    const comparison = withoutFields(compareTyped(old, bare, type), ignoredFields);
    takeOwnership(comparison, managers, undefined);
    const set = withoutSystemFields(
      withoutIgnored(unionFieldSets(comparison.modified, comparison.added), ignoredFields),
    );
    if (set !== undefined) {
      const self: Manager = {
        manager: managerName(request.manager),
        operation: 'Update',
        apiVersion: apiVersionOf(gvk),
        subresource: request.subresource ?? '',
        time: managedTime(request.now),
        set,
      };
      const key = managerKey(self);
      const previous = managers.get(key);
      managers.set(key, previous === undefined ? self : { ...self, set: unionFieldSets(previous.set, set) });
    }
  } catch (error) {
    // Lists without keys cannot be tracked; validation will refuse the object, if anything does.
    if (error instanceof TypedError) return bare;
    throw error;
  }
  capUpdateManagers(managers);
  return withManagedFields(bare, managers, before);
}

/**
 * The managedFields of a new object of a common make, for which nothing needs to be worked out any more. Undefined for others, and where
 * the client sent some.
 */
export function commonManagedFields(request: UpdateRequest): readonly ManagedFieldsEntry[] | undefined {
  const { before, after } = request;
  if (before !== undefined || after.metadata.managedFields !== undefined) return undefined;
  const fields = createdFieldsIfCommon(after, createdKind(request));
  return fields === undefined ? undefined : firstEntries(request, fields);
}

function createdKind({ gvk, type, ignoredFields }: UpdateRequest): CreatedKind {
  return { gvk, type: type ?? managedType(gvk), ignoredFields };
}

function firstEntries(
  { gvk, manager, subresource = '', now }: UpdateRequest,
  fields: CreatedFields,
): readonly ManagedFieldsEntry[] | undefined {
  return fields.entries(gvk, { manager: managerName(manager), subresource, now });
}

function managerName(manager: string): string {
  return manager === '' ? 'unknown' : manager;
}

/** The managers that the client sent, if it may and did, else those that are stored. */
function managersBefore({ before, after, subresource = '' }: UpdateRequest): Managers {
  const stored = (): Managers => readManagers(before?.metadata.managedFields) ?? new Map();
  if (subresource !== '') return stored();
  const sent = after.metadata.managedFields;
  if (sent !== before?.metadata.managedFields && isReset(sent)) return new Map();
  const managers = readManagers(sent);
  return managers === undefined || managers.size === 0 ? stored() : managers;
}

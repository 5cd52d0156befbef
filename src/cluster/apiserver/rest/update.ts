import type { KubeObject } from '../../../kube/object.ts';
import type { FieldError } from '../../registry/field-error.ts';
import { conflict, invalid, notFound } from '../../registry/status.ts';
import type { Draft } from '../../registry/strategy.ts';
import type { StoreEntry } from '../../store/store.ts';
import { admissionRequest } from './admit.ts';
import { commitDelete, commitPut } from './commit.ts';
import { type Core, type Operation, stored, strategyContext } from './core.ts';
import { isUnchanged, recordUpdate } from './field-managers.ts';
import {
  checkMetaUpdate,
  dedupOwnerReferences,
  ensureNamespace,
  metaOf,
  pendingFinalizers,
  setMeta,
} from './object-meta.ts';

/** How an update differs from a plain PUT. */
export interface UpdateOptions {
  /** A server-side apply has recorded its field manager already. */
  readonly applied?: boolean;
  /** The subresource as the strategy knows it; default: that of the operation. */
  readonly as?: string;
}

/**
 * Replaces an object by a decoded body, which it takes over: optimistic concurrency, defaults, admission, what clients may not
 * change, validation, commit. Without a change nothing is written. An object that is being deleted goes when its last finalizer
 * does. apiserver: pkg/registry/generic/registry/store.go (Update), pkg/registry/rest/update.go
 *
 * @throws StatusError
 */
export function updateObject(
  core: Core,
  operation: Operation,
  entry: StoreEntry,
  draft: Draft,
  options: UpdateOptions = {},
): KubeObject {
  const { strategy, type } = operation.served;
  const old = entry.value;
  const { name } = operation;
  checkPreconditions(operation, draft, entry);
  ensureNamespace(draft, operation.namespace);
  dedupOwnerReferences(draft, operation.warn);
  strategy.applyDefaults(draft);
  keepOtherHalf(draft, old, operation);
  keepSystemMeta(draft, old);
  if (options.applied !== true) recordUpdate(draft, old, operation, core.clock.now());
  core.admission.admit(admissionRequest(core, operation, { verb: 'UPDATE', draft, old }));

  const context = strategyContext(core, operation, options.as);
  setMeta(draft, 'generation', old.metadata.generation);
  strategy.prepareForUpdate(draft, old, context);
  const counts = context.subresource !== 'status' && strategy.changesGeneration(draft, old);
  if (counts) setMeta(draft, 'generation', (old.metadata.generation ?? 0) + 1);
  keepSystemMeta(draft, old);
  const faults: FieldError[] = [...checkMetaUpdate(draft, old).list];
  if (context.subresource === '') faults.push(...(strategy.allocate?.(draft, old, context) ?? []));
  faults.push(...strategy.validateUpdate(draft, old, context));
  if (faults.length > 0) throw invalid(type, name, faults);
  core.admission.validate(admissionRequest(core, operation, { verb: 'UPDATE', draft, old }));
  if (mayGo(draft, old)) {
    commitDelete(core, operation, old, entry.modRevision);
    return draft;
  }
  if (isUnchanged(draft, old)) return old;
  return commitPut(core, operation, draft, entry.modRevision);
}

/** True when the last finalizer of an object that is being deleted was taken away, and its grace period is over. */
function mayGo(draft: Draft, old: KubeObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = old.metadata;
  return deletionTimestamp !== undefined && deletionGracePeriodSeconds === 0 && pendingFinalizers(draft).length === 0;
}

function checkPreconditions(
  { served, name, namespace }: Operation,
  draft: Draft,
  { value, modRevision }: StoreEntry,
): void {
  const { uid = '', resourceVersion = '' } = metaOf(draft);
  const actual = value.metadata.uid ?? '';
  if (uid !== '' && uid !== actual) {
    const key = ['/registry', served.type.resource, ...(namespace === '' ? [] : [namespace]), name].join('/');
    const detail = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${actual}`;
    const text = `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: ${detail}`;
    throw conflict(served.type, name, text);
  }
  if (resourceVersion === '' || resourceVersion === '0') {
    if (served.strategy.allowUnconditionalUpdate ?? true) return;
    const { group, resource } = served.type;
    const detail = 'must be specified for an update';
    throw invalid({ group, kind: resource }, name, [
      { type: 'FieldValueInvalid', field: 'metadata.resourceVersion', badValue: 0, detail },
    ]);
  }
  if (resourceVersion !== String(modRevision)) throw conflict(served.type, name);
}

/** A write of the object leaves the status as it is, one of the status all else: what is the same need not be compared. */
function keepOtherHalf(draft: Draft, old: KubeObject, { served, subresource }: Operation): void {
  if (!served.strategy.hasStatus) return;
  if (subresource === '') {
    if (old['status'] !== undefined) draft['status'] = old['status'];
    else if ('status' in draft) delete draft['status'];
  } else if (subresource === 'status') {
    for (const key of Object.keys(draft))
      if (key !== 'metadata' && key !== 'status' && !(key in old)) delete draft[key];
    for (const key of Object.keys(old)) if (key !== 'metadata' && key !== 'status') draft[key] = old[key];
  }
}

/** Puts back what only the server sets. */
function keepSystemMeta(draft: Draft, { metadata }: KubeObject): void {
  setMeta(draft, 'uid', metadata.uid);
  setMeta(draft, 'creationTimestamp', metadata.creationTimestamp);
  setMeta(draft, 'deletionTimestamp', metadata.deletionTimestamp);
  setMeta(draft, 'deletionGracePeriodSeconds', metadata.deletionGracePeriodSeconds);
  setMeta(draft, 'resourceVersion', metadata.resourceVersion);
  setMeta(draft, 'selfLink', undefined);
}

/** @throws StatusError 404 */
export function requireStored(core: Core, operation: Operation): StoreEntry {
  const entry = stored(core, operation);
  if (entry === undefined) throw notFound(operation.served.type, operation.name);
  return entry;
}

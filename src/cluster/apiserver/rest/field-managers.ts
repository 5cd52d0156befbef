import { isObject } from '../../../base/json.ts';
import {
  deferManagedFields,
  isDeferred,
  sameManagedFields,
  setManagedFields,
} from '../../../kube/deferred-managed-fields.ts';
import { deepEqual } from '../../../kube/equality.ts';
import { fieldElement, type FieldSet, fieldSetOf } from '../../../kube/field-set.ts';
import type { KubeObject } from '../../../kube/object.ts';
import { applyServerSide, updateManagedFields, type UpdateRequest } from '../../../kube/server-side-apply.ts';
import { badRequest, invalid } from '../../registry/status.ts';
import type { Draft } from '../../registry/strategy.ts';
import type { Served } from '../served-resources.ts';
import type { Operation } from './core.ts';

/**
 * Records in managedFields which fields a create, update or patch has set.
 *
 * @param now ms since the epoch
 */
export function recordUpdate(draft: Draft, old: KubeObject | undefined, operation: Operation, now: number): void {
  const { served, fieldManager, subresource } = operation;
  const request: UpdateRequest = {
    gvk: served.type,
    manager: fieldManager,
    subresource,
    now,
    before: old,
    after: draft,
    ignoredFields: ignoredFields(served, subresource),
    type: served.applyType?.(),
  };
  // The types of custom resources may change before anybody reads.
  if (served.prune === undefined && deferManagedFields(request, served.bucket === '/events')) return;
  setManagedFields(draft.metadata, updateManagedFields(request).metadata.managedFields);
}

/** A server-side apply. */
export interface Configuration {
  readonly live: KubeObject | undefined;
  readonly body: Record<string, unknown>;
  readonly force: boolean;
  /** ms since the epoch */
  readonly now: number;
}

/**
 * What a server-side apply makes of the live object: the live object itself if nothing changes.
 *
 * @throws StatusError 400, 409
 */
export function applyConfiguration(operation: Operation, { live, body, force, now }: Configuration): KubeObject {
  const { served, fieldManager, subresource, name, namespace } = operation;
  if (fieldManager === '') {
    throw invalid({ group: 'meta.k8s.io', kind: 'PatchOptions' }, '', [
      { type: 'FieldValueRequired', field: 'fieldManager', detail: 'is required for apply patch' },
    ]);
  }
  const { apiVersion = '', kind = '' } = body;
  if (typeof apiVersion !== 'string' || typeof kind !== 'string' || kind === '') {
    throw badRequest('error decoding YAML: the body of an apply patch names its apiVersion and kind');
  }
  const metadata = isObject(body['metadata']) ? body['metadata'] : {};
  const config = { ...body, apiVersion, kind, metadata: { name, ...metadata } };
  if (live === undefined && namespace !== '') Object.assign(config.metadata, { namespace });
  return applyServerSide({
    gvk: served.type,
    manager: fieldManager,
    subresource,
    now,
    live,
    config,
    force,
    ignoredFields: ignoredFields(served, subresource),
    type: served.applyType?.(),
  }).object;
}

const STATUS_ONLY = fieldSetOf([fieldElement('status')]);
const ALL_BUT_STATUS = fieldSetOf([fieldElement('spec')]);
const ALL_BUT_CUSTOM_STATUS = fieldSetOf([fieldElement('spec')], [fieldElement('metadata')]);

/** The fields that a request does not change, whatever it says: the status, or all else. */
function ignoredFields({ strategy, prune }: Served, subresource: string): FieldSet | undefined {
  if (!strategy.hasStatus) return undefined;
  if (subresource === '') return STATUS_ONLY;
  if (subresource !== 'status') return undefined;
  return prune === undefined ? ALL_BUT_STATUS : ALL_BUT_CUSTOM_STATUS;
}

/**
 * True for a write that is none: nothing changes, or nothing but the times in managedFields.
 * apiserver: pkg/endpoints/handlers/fieldmanager/equality.go
 */
export function isUnchanged(draft: Draft, old: KubeObject): boolean {
  for (const key in draft) if (key !== 'metadata' && !deepEqual(draft[key], old[key])) return false;
  for (const key in old) if (old[key] !== undefined && draft[key] === undefined) return false;
  if (!equalButManagers(draft.metadata, old.metadata)) return false;
  const object: KubeObject = draft;
  // Managers that wait to be worked out follow from what has changed, which is nothing.
  if (isDeferred(object) || sameManagedFields(object.metadata, old.metadata)) return true;
  const [fields, before] = [object.metadata.managedFields ?? [], old.metadata.managedFields ?? []];
  return (
    fields.length === before.length &&
    fields.every((entry, i) => deepEqual({ ...entry, time: '' }, { ...before[i], time: '' }))
  );
}

function equalButManagers(a: object, b: object): boolean {
  const [first, second] = [a as Record<string, unknown>, b as Record<string, unknown>];
  for (const key in first) {
    if (key !== 'managedFields' && !deepEqual(first[key], second[key])) return false;
  }
  for (const key in second) {
    if (key !== 'managedFields' && second[key] !== undefined && first[key] === undefined) return false;
  }
  return true;
}

import { isObject } from '../../../base/json.ts';
import { deepEqual } from '../../../kube/equality.ts';
import { fieldElement, type FieldSet, fieldSetOf } from '../../../kube/field-set.ts';
import type { KubeObject } from '../../../kube/object.ts';
import { applyServerSide, updateManagedFields } from '../../../kube/server-side-apply.ts';
import { badRequest, invalid } from '../../registry/status.ts';
import type { Draft } from '../../registry/strategy.ts';
import type { Served } from '../served-resources.ts';
import type { Operation } from './core.ts';
import { metaOf, setMeta } from './object-meta.ts';

/**
 * Records in managedFields which fields a create, update or patch has set.
 *
 * @param now ms since the epoch
 */
export function recordUpdate(draft: Draft, old: KubeObject | undefined, operation: Operation, now: number): void {
  const { served, fieldManager, subresource } = operation;
  const written = updateManagedFields({
    gvk: served.type,
    manager: fieldManager,
    subresource,
    now,
    before: old,
    after: draft,
    ignoredFields: ignoredFields(served, subresource),
    type: served.applyType?.(),
  });
  setMeta(draft, 'managedFields', written.metadata.managedFields);
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

/** A write that changes nothing but the times in managedFields is none. */
export function ignoreTimes(draft: Draft, old: KubeObject): void {
  const [fields, before] = [metaOf(draft).managedFields, old.metadata.managedFields];
  if (fields === undefined || before === undefined || fields === before || fields.length !== before.length) return;
  const same = fields.every((entry, i) => {
    const other = before[i];
    return other !== undefined && deepEqual({ ...entry, time: '' }, { ...other, time: '' });
  });
  if (same) setMeta(draft, 'managedFields', before);
}

import { deepEqual } from '../../../kube/equality.ts';
import type { KubeObject } from '../../../kube/object.ts';
import { applyServerSide } from '../../../kube/server-side-apply.ts';
import { badRequest, invalid } from '../../registry/status.ts';
import type { Draft } from '../../registry/strategy.ts';
import type { Operation } from './core.ts';
import { metaOf, setMeta } from './object-meta.ts';

/** Records in managedFields which fields a create, update or patch has set. */
export function recordUpdate(draft: Draft, old: KubeObject | undefined, _operation: Operation, _now: number): void {
  setMeta(draft, 'managedFields', old?.metadata.managedFields);
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
  const { served, fieldManager, subresource, name } = operation;
  if (fieldManager === '') {
    throw invalid({ group: 'meta.k8s.io', kind: 'PatchOptions' }, '', [
      { type: 'FieldValueRequired', field: 'fieldManager', detail: 'is required for apply patch' },
    ]);
  }
  const metadata = typeof body['metadata'] === 'object' && body['metadata'] !== null ? body['metadata'] : {};
  if (body['apiVersion'] === undefined || body['kind'] === undefined) {
    throw badRequest(`invalid object type: ${String(body['apiVersion'] ?? '')}, Kind=${String(body['kind'] ?? '')}`);
  }
  const config = { ...body, metadata: { name, ...metadata } } as unknown as KubeObject;
  return applyServerSide({ gvk: served.type, manager: fieldManager, subresource, now, live, config, force }).object;
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

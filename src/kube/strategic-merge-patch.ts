import { isObject } from '../base/json.ts';
import { groupVersionKind, type GroupVersionKind } from './object.ts';
import { PatchError } from './patch-error.ts';
import { mergeMap } from './strategic-merge-apply.ts';
import { diffMaps } from './strategic-merge-diff.ts';
import type { JsonMap } from './strategic-merge-schema.ts';
import { typeOf } from './type-table.ts';

/**
 * The object after a strategic merge patch: lists merge by the keys that their types give, `$patch`, `$retainKeys`,
 * `$setElementOrder/…` and `$deleteFromPrimitiveList/…` are obeyed. Neither argument is changed.
 * apimachinery: pkg/util/strategicpatch.
 *
 * @throws PatchError also for kinds that are not built in
 */
export function applyStrategicMergePatch(
  gvk: GroupVersionKind,
  current: object,
  patch: unknown,
): Record<string, unknown> {
  const type = typeOf(gvk);
  if (type === undefined) throw new PatchError('strategic merge patch format is not supported', 400);
  if (!isObject(patch)) throw new PatchError('invalid JSON document', 400);
  return mergeMap(current as JsonMap, patch, type, { applying: true });
}

/** The strategic merge patch from one object to another; undefined for kinds that are not built in. */
export function createTwoWayMergePatch(
  gvk: GroupVersionKind,
  original: object,
  modified: object,
): Record<string, unknown> | undefined {
  const type = typeOf(gvk);
  if (type === undefined) return undefined;
  return diffMaps(original as JsonMap, modified as JsonMap, type, { changes: true, deletions: true });
}

/** What a three-way patch is made of. */
export interface ThreeWay {
  /** By default that of `modified`. */
  readonly gvk?: GroupVersionKind;
  /** What was applied last. */
  readonly original: object;
  /** What shall be applied. */
  readonly modified: object;
  /** What is in the cluster. */
  readonly current: object;
}

/**
 * The strategic merge patch that brings `current` to `modified`: it changes what differs from the current object and deletes what
 * the original had and the modified one has not. Undefined for kinds that are not built in.
 */
export function createThreeWayMergePatch(objects: ThreeWay): Record<string, unknown> | undefined {
  const original = objects.original as JsonMap;
  const modified = objects.modified as JsonMap;
  const current = objects.current as JsonMap;
  const type = typeOf(objects.gvk ?? groupVersionKind(modified as { apiVersion: string; kind: string }));
  if (type === undefined) return undefined;
  const delta = diffMaps(current, modified, type, { changes: true, deletions: false });
  const deletions = diffMaps(original, modified, type, { changes: false, deletions: true });
  return mergeMap(deletions, delta, type, { applying: false });
}

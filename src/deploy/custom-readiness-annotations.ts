import type { Resource } from './resource.ts';

/** A CEL expression over `self`: the object is ready when it is true. */
export const READY_WHEN = 'pintle.dev/ready-when';
/** A CEL expression over `self`: the object has failed when it is true. */
export const FAILED_WHEN = 'pintle.dev/failed-when';
/** `.status.phase=Running`: the object is ready when the field has this value. */
export const READY_PATH = 'pintle.dev/ready-path';

/** Whether an object brings rules of its own along. */
export function hasCustomRule({ object }: Resource): boolean {
  const { annotations } = object.metadata;
  return [READY_WHEN, FAILED_WHEN, READY_PATH].some((name) => annotations?.[name] !== undefined);
}

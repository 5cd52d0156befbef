import type { KubeClient } from '../../client/kube-client.ts';
import type { ResourceType } from '../../kube/object.ts';
import { AS_CONTROLLER_STATUS } from './constants.ts';
import { canonicalJson } from './hash.ts';
import type { ApiObject } from './keys.ts';

/**
 * Writes an object's status when it differs from the one it has; conflicts are the caller's to try again.
 *
 * @returns the object as it is then stored
 */
export async function writeStatus<T extends ApiObject & { readonly status?: unknown }>(
  client: KubeClient,
  type: ResourceType,
  object: T,
  status: NonNullable<T['status']>,
): Promise<T> {
  if (sameJson(object.status, status)) return object;
  return await client.update<T>(type, { ...object, status }, AS_CONTROLLER_STATUS);
}

/** True when two JSON values mean the same; an absent member is equal to one that is undefined. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  return canonicalJson(a) === canonicalJson(b);
}

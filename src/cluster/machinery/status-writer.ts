import type { KubeClient } from '../../client/kube-client.ts';
import { deepEqual } from '../../kube/equality.ts';
import type { ResourceType } from '../../kube/object.ts';
import { AS_CONTROLLER_STATUS } from './constants.ts';
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
  if (deepEqual(object.status, status)) return object;
  return await client.update<T>(type, { ...object, status }, AS_CONTROLLER_STATUS);
}

/** The members that are not 0: Kubernetes leaves out numbers that are. */
export function nonZero<K extends string>(numbers: Readonly<Record<K, number | undefined>>): { [N in K]?: number } {
  const out: { [N in K]?: number } = {};
  for (const key in numbers) {
    const value = numbers[key];
    if (value !== undefined && value !== 0) out[key] = value;
  }
  return out;
}

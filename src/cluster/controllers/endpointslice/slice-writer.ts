import type { KubeClient } from '../../../client/kube-client.ts';
import type { EndpointSlice } from '../../../kube/api/discovery-v1.generated.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import { isStatus } from '../../../kube/status-error.ts';
import { AS_CONTROLLER } from '../../machinery/constants.ts';
import { type ApiObject, isDeleting, objectKey } from '../../machinery/keys.ts';
import type { SlicePlan } from './slice-plan.ts';

/**
 * Carries a plan out; an owner that is being deleted gets no new slices.
 *
 * @param finish gives what is written its last touch
 */
export async function applyPlan(
  client: KubeClient,
  owner: ApiObject,
  plan: SlicePlan,
  finish: (slice: EndpointSlice) => EndpointSlice = (slice) => slice,
): Promise<void> {
  if (!isDeleting(owner)) {
    for (const slice of plan.create) await client.create(RESOURCES.endpointSlices, finish(slice), AS_CONTROLLER);
  }
  for (const slice of plan.update) await client.update(RESOURCES.endpointSlices, finish(slice), AS_CONTROLLER);
  for (const slice of plan.remove) await removeSlice(client, slice);
}

/** Deletes a slice; one that is gone already is as good. */
export async function removeSlice(client: KubeClient, slice: EndpointSlice): Promise<void> {
  try {
    await client.delete(RESOURCES.endpointSlices, objectKey(slice));
  } catch (error) {
    if (!isStatus(error, 'NotFound')) throw error;
  }
}

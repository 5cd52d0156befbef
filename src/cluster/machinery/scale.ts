import type { KubeClient } from '../../client/kube-client.ts';
import type { ObjectKey, ResourceType } from '../../kube/object.ts';
import { CONTROLLER_MANAGER } from './constants.ts';
import type { ApiObject } from './keys.ts';

/** autoscaling/v1 Scale: the size of whatever can be scaled. */
export interface Scale extends ApiObject {
  readonly spec?: { readonly replicas?: number | undefined } | undefined;
  readonly status?: { readonly replicas: number; readonly selector?: string | undefined } | undefined;
}

/** The Scale of an object, which the client's interface can only patch: an empty patch changes nothing and answers with it. */
export function readScale(client: KubeClient, type: ResourceType, key: ObjectKey): Promise<Scale> {
  return client.patch<Scale>(type, key, 'merge', {}, { subresource: 'scale', fieldManager: CONTROLLER_MANAGER });
}

/** Sets an object's number of replicas, unless the Scale has changed since it was read. */
export function writeScale(client: KubeClient, type: ResourceType, scale: Scale, replicas: number): Promise<Scale> {
  const { name = '', namespace, resourceVersion } = scale.metadata;
  const patch = { metadata: { resourceVersion }, spec: { replicas } };
  const options = { subresource: 'scale', fieldManager: CONTROLLER_MANAGER };
  return client.patch<Scale>(type, { namespace, name }, 'merge', patch, options);
}

import type { ObjectMeta } from '../../kube/api/meta-v1.generated.ts';
import type { ObjectKey } from '../../kube/object.ts';

/** What all API objects have: the typed kinds, and custom ones. */
export interface ApiObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
}

/** `namespace/name`, or `name` for cluster-scoped objects: the key that queues use. */
export function keyOf(object: { readonly metadata: ObjectMeta }): string {
  const { namespace, name } = object.metadata;
  return joinKey(namespace, name ?? '');
}

/** The key of a namespace (absent or '': none) and a name. */
export function joinKey(namespace: string | undefined, name: string): string {
  return namespace === undefined || namespace === '' ? name : `${namespace}/${name}`;
}

/** The parts of a key that {@link keyOf} made. */
export function splitKey(key: string): ObjectKey {
  const slash = key.indexOf('/');
  return slash === -1 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

/** Where an object is found. */
export function objectKey(object: { readonly metadata: ObjectMeta }): ObjectKey {
  return { namespace: object.metadata.namespace, name: object.metadata.name ?? '' };
}

/** The name, which every stored object has. */
export function nameOf(object: { readonly metadata: ObjectMeta }): string {
  return object.metadata.name ?? '';
}

/** The namespace, or '' for cluster-scoped objects. */
export function namespaceOf(object: { readonly metadata: ObjectMeta }): string {
  return object.metadata.namespace ?? '';
}

/** The uid, which every stored object has. */
export function uidOf(object: { readonly metadata: ObjectMeta }): string {
  return object.metadata.uid ?? '';
}

/** True once the object's deletion has begun. */
export function isDeleting(object: { readonly metadata: ObjectMeta }): boolean {
  return object.metadata.deletionTimestamp !== undefined;
}

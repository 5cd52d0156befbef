import type { OwnerReference } from '../../../kube/api/meta-v1.generated.ts';
import { apiVersionOf } from '../../../kube/object.ts';
import type { GraphNode } from './owner-graph.ts';

/** True when an owner may own an object: it is in the same namespace, or in none. */
export function isInReach(owner: GraphNode, object: GraphNode): boolean {
  return owner.namespace === '' || owner.namespace === object.namespace;
}

/** True when what was found is what an object's reference names. */
export function isNamed(found: GraphNode, reference: OwnerReference, object: GraphNode): boolean {
  return (
    isInReach(found, object) &&
    found.name === reference.name &&
    found.type.kind === reference.kind &&
    apiVersionOf(found.type) === reference.apiVersion
  );
}

/** Tells references apart by all that they say: what is gone under one name may be there under another. */
export function referenceKey(
  { uid, name, kind, apiVersion }: Pick<OwnerReference, 'apiVersion' | 'kind' | 'name' | 'uid'>,
  namespace: string,
): string {
  return `${apiVersion}/${kind}/${namespace}/${name}/${uid}`;
}

/** True when an owner that waits has to wait for a dependent. */
export function blocks(dependent: GraphNode, owner: GraphNode): boolean {
  return dependent.owners.some(({ uid, blockOwnerDeletion }) => uid === owner.uid && blockOwnerDeletion === true);
}

import type { OwnerReference } from '../../../kube/api/meta-v1.generated.ts';
import { deepEqual } from '../../../kube/equality.ts';
import type { ResourceType } from '../../../kube/object.ts';
import { FOREGROUND_FINALIZER, ORPHAN_FINALIZER } from '../../machinery/constants.ts';
import { type ApiObject, isDeleting, nameOf, namespaceOf, uidOf } from '../../machinery/keys.ts';

/** An object as the garbage collector knows it. */
export interface GraphNode {
  readonly uid: string;
  readonly type: ResourceType;
  readonly namespace: string;
  readonly name: string;
  readonly owners: readonly OwnerReference[];
  readonly deleting: boolean;
  /** Waits until its dependents are deleted. */
  readonly foreground: boolean;
  /** Waits until its dependents have let go of it. */
  readonly orphan: boolean;
}

const NO_OWNERS: readonly OwnerReference[] = [];

/** The node that stands for an object. */
export function toNode(type: ResourceType, object: ApiObject): GraphNode {
  const deleting = isDeleting(object);
  const finalizers = object.metadata.finalizers ?? [];
  return {
    uid: uidOf(object),
    type,
    namespace: namespaceOf(object),
    name: nameOf(object),
    owners: object.metadata.ownerReferences ?? NO_OWNERS,
    deleting,
    foreground: deleting && finalizers.includes(FOREGROUND_FINALIZER),
    orphan: deleting && finalizers.includes(ORPHAN_FINALIZER),
  };
}

/** True when an object's change cannot matter to the graph. */
export function isSameNode(a: GraphNode, b: GraphNode): boolean {
  return (
    a.deleting === b.deleting &&
    a.foreground === b.foreground &&
    a.orphan === b.orphan &&
    (a.owners === b.owners || deepEqual(a.owners, b.owners))
  );
}

/** Who owns whom, by uid. Owners may be named that do not exist. */
export class OwnerGraph {
  readonly #nodes = new Map<string, GraphNode>();
  readonly #dependents = new Map<string, Set<string>>();

  get(uid: string): GraphNode | undefined {
    return this.#nodes.get(uid);
  }

  put(node: GraphNode): void {
    this.remove(node.uid);
    this.#nodes.set(node.uid, node);
    for (const { uid } of node.owners) {
      const dependents = this.#dependents.get(uid);
      if (dependents === undefined) this.#dependents.set(uid, new Set([node.uid]));
      else dependents.add(node.uid);
    }
  }

  remove(uid: string): void {
    const node = this.#nodes.get(uid);
    if (node === undefined) return;
    this.#nodes.delete(uid);
    for (const owner of node.owners) {
      const dependents = this.#dependents.get(owner.uid);
      dependents?.delete(uid);
      if (dependents?.size === 0) this.#dependents.delete(owner.uid);
    }
  }

  /** The objects that name this uid as an owner. */
  dependents(uid: string): GraphNode[] {
    const out: GraphNode[] = [];
    for (const dependent of this.#dependents.get(uid) ?? []) {
      const node = this.#nodes.get(dependent);
      if (node !== undefined) out.push(node);
    }
    return out;
  }
}

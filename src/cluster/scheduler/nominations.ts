import type { PodInfo } from './pod-info.ts';

const NONE: readonly PodInfo[] = [];

/** Nodes for which pods were promised room, by the pods' status. */
export class Nominations {
  readonly #byNode = new Map<string, Map<string, PodInfo>>();
  readonly #byPod = new Map<string, string>();

  /** No pod was promised a node. */
  get isEmpty(): boolean {
    return this.#byNode.size === 0;
  }

  /** The pod is promised the node, or none. */
  set(info: PodInfo, node: string): void {
    this.delete(info.uid);
    if (node === '') return;
    this.#byPod.set(info.uid, node);
    const pods = this.#byNode.get(node);
    if (pods === undefined) this.#byNode.set(node, new Map([[info.uid, info]]));
    else pods.set(info.uid, info);
  }

  delete(uid: string): void {
    const node = this.#byPod.get(uid);
    if (node === undefined) return;
    this.#byPod.delete(uid);
    const pods = this.#byNode.get(node);
    pods?.delete(uid);
    if (pods?.size === 0) this.#byNode.delete(node);
  }

  on(node: string): readonly PodInfo[] {
    const pods = this.#byNode.get(node);
    return pods === undefined ? NONE : [...pods.values()];
  }
}

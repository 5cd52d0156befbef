import type { Node } from '../../kube/api/core-v1.generated.ts';
import { resourceAmounts } from '../machinery/pod-amounts.ts';
import type { PodInfo } from './pod-info.ts';

/** A node with its pods; totals are kept up to date as pods come and go. */
export class NodeInfo {
  readonly name: string;
  readonly pods = new Map<string, PodInfo>();
  readonly requested = new Map<string, number>();
  /** cpu and memory, with a default for containers that ask for nothing. */
  readonly nonZero = { cpu: 0, memory: 0 };
  /** Pods by the uid of their controller. */
  readonly byOwner = new Map<string, number>();
  /** Pods with (anti-)affinity. */
  readonly withAffinity = new Set<PodInfo>();
  /** Pods that take ports of the node. */
  readonly withPorts = new Set<PodInfo>();
  #node: Node | undefined;
  #allocatable: ReadonlyMap<string, number> = new Map();
  #images: ReadonlyMap<string, number> = new Map();

  constructor(name: string) {
    this.name = name;
  }

  /** Undefined when pods are known of a node that is not. */
  get node(): Node | undefined {
    return this.#node;
  }

  get labels(): Readonly<Record<string, string>> {
    return this.#node?.metadata.labels ?? NO_LABELS;
  }

  get allocatable(): ReadonlyMap<string, number> {
    return this.#allocatable;
  }

  /** Bytes by image name. */
  get images(): ReadonlyMap<string, number> {
    return this.#images;
  }

  setNode(node: Node | undefined): void {
    const old = this.#node;
    this.#node = node;
    if (node?.status?.allocatable !== old?.status?.allocatable) {
      this.#allocatable = resourceAmounts(node?.status?.allocatable);
    }
    if (node?.status?.images !== old?.status?.images) {
      const images = new Map<string, number>();
      for (const { names = [], sizeBytes = 0 } of node?.status?.images ?? []) {
        for (const name of names) images.set(name, sizeBytes);
      }
      this.#images = images;
    }
  }

  add(info: PodInfo): void {
    this.remove(info.uid);
    this.pods.set(info.uid, info);
    this.#count(info, 1);
    if (info.hasAffinity) this.withAffinity.add(info);
    if (info.ports.length > 0) this.withPorts.add(info);
  }

  /** The pod that was there, if any. */
  remove(uid: string): PodInfo | undefined {
    const info = this.pods.get(uid);
    if (info === undefined) return undefined;
    this.pods.delete(uid);
    this.#count(info, -1);
    this.withAffinity.delete(info);
    this.withPorts.delete(info);
    return info;
  }

  /** A node like this one, on which pods can be tried out. */
  copy(): NodeInfo {
    const copy = new NodeInfo(this.name);
    copy.setNode(this.#node);
    for (const info of this.pods.values()) copy.add(info);
    return copy;
  }

  #count(info: PodInfo, sign: 1 | -1): void {
    for (const [name, amount] of info.requests) {
      this.requested.set(name, (this.requested.get(name) ?? 0) + sign * amount);
    }
    this.nonZero.cpu += sign * info.nonZero.cpu;
    this.nonZero.memory += sign * info.nonZero.memory;
    if (info.ownerUid !== undefined) {
      this.byOwner.set(info.ownerUid, (this.byOwner.get(info.ownerUid) ?? 0) + sign);
    }
  }
}

const NO_LABELS: Readonly<Record<string, string>> = {};

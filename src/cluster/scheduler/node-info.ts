import type { Node, Taint } from '../../kube/api/core-v1.generated.ts';
import { ZONE_LABEL } from '../machinery/constants.ts';
import { resourceAmounts } from '../machinery/pod-amounts.ts';
import type { NodeVersions } from './node-versions.ts';
import type { PodGroups } from './pod-groups.ts';
import type { PodInfo } from './pod-info.ts';

const NO_LABELS: Readonly<Record<string, string>> = {};

/** The label that tells a node's name, as a rule. */
export const HOSTNAME = 'kubernetes.io/hostname';

/** What all nodes of a cluster keep together. */
export interface SharedCounts {
  readonly groups: PodGroups;
  readonly versions: NodeVersions;
}

/** A node with its pods; totals are kept up to date as pods come and go. */
export class NodeInfo {
  readonly name: string;
  readonly pods = new Map<string, PodInfo>();
  readonly requested = new Map<string, number>();
  /** cpu and memory, with a default for containers that ask for nothing. */
  readonly nonZero = { cpu: 0, memory: 0 };
  // What every pod is measured by, where it is quickly found: a search looks at hundreds of nodes.
  cpuTotal = 0;
  cpuUsed = 0;
  memoryTotal = 0;
  memoryUsed = 0;
  mostPods = 0;
  labels: Readonly<Record<string, string>> = NO_LABELS;
  /** Undefined: none. */
  taints: readonly Taint[] | undefined;
  isUnschedulable = false;
  /** It has the label with its name. */
  hasHostname = false;
  /** Undefined: in none. */
  zone: string | undefined;
  /** Pods that take ports of the node. */
  readonly withPorts = new Set<PodInfo>();
  #node: Node | undefined;
  #allocatable: ReadonlyMap<string, number> = new Map();
  #images: ReadonlyMap<string, number> = new Map();
  /** Its place among {@link NodeVersions}; -1 for a node that is only thought of. */
  readonly slot: number;
  readonly #shared: SharedCounts | undefined;

  /** @param shared what counts the pods of this node too; none for a node that is only thought of */
  constructor(name: string, shared?: SharedCounts) {
    this.name = name;
    this.slot = shared?.versions.take() ?? -1;
    this.#shared = shared;
  }

  /** Undefined when pods are known of a node that is not. */
  get node(): Node | undefined {
    return this.#node;
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
    this.#shared?.versions.touch(this.slot);
    const taints = node?.spec?.taints;
    this.labels = node?.metadata.labels ?? NO_LABELS;
    this.taints = taints === undefined || taints.length === 0 ? undefined : taints;
    this.zone = Object.hasOwn(this.labels, ZONE_LABEL) ? this.labels[ZONE_LABEL] : undefined;
    this.hasHostname = Object.hasOwn(this.labels, HOSTNAME);
    this.isUnschedulable = node?.spec?.unschedulable === true;
    if (node?.status?.allocatable !== old?.status?.allocatable) {
      this.#allocatable = resourceAmounts(node?.status?.allocatable);
      this.cpuTotal = this.#allocatable.get('cpu') ?? 0;
      this.memoryTotal = this.#allocatable.get('memory') ?? 0;
      this.mostPods = this.#allocatable.get('pods') ?? 0;
    }
    if (node?.status?.images !== old?.status?.images) {
      const images = new Map<string, number>();
      for (const { names, sizeBytes = 0 } of node?.status?.images ?? []) {
        // Somebody may have written null.
        for (const name of names ?? []) images.set(name, sizeBytes);
      }
      this.#images = images;
    }
  }

  add(info: PodInfo): void {
    this.remove(info.uid);
    this.pods.set(info.uid, info);
    this.#count(info, 1);
    this.#shared?.groups.add(info, this);
    if (info.ports.length > 0) this.withPorts.add(info);
  }

  /** The pod that was there, if any. */
  remove(uid: string): PodInfo | undefined {
    const info = this.pods.get(uid);
    if (info === undefined) return undefined;
    this.pods.delete(uid);
    this.#count(info, -1);
    this.#shared?.groups.remove(info, this);
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
      const now = (this.requested.get(name) ?? 0) + sign * amount;
      this.requested.set(name, now);
      if (name === 'cpu') this.cpuUsed = now;
      else if (name === 'memory') this.memoryUsed = now;
    }
    this.nonZero.cpu += sign * info.nonZero.cpu;
    this.nonZero.memory += sign * info.nonZero.memory;
    this.#shared?.versions.touch(this.slot);
  }
}

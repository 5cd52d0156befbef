import type { Node, Pod } from '../../kube/api/core-v1.generated.ts';
import { nameOf, uidOf } from '../machinery/keys.ts';
import { isPodFinished } from '../machinery/pods.ts';
import { NodeInfo } from './node-info.ts';
import { NodeVersions } from './node-versions.ts';
import { type PodGroup, PodGroups } from './pod-groups.ts';
import { PodInfo } from './pod-info.ts';

/** What is known of a label of nodes. */
interface Topology {
  readonly values: ReadonlySet<string>;
  /** True when every node has the label. */
  readonly isComplete: boolean;
}

/** Nodes and their pods as the scheduler counts them: those that are bound, and those that it has given a node already. */
export class ClusterState {
  readonly #nodes = new Map<string, NodeInfo>();
  /** Where each pod is counted. */
  readonly #places = new Map<string, NodeInfo>();
  readonly #assumed = new Set<string>();
  readonly #shared = { groups: new PodGroups(), versions: new NodeVersions() };
  /** How many nodes have an image, by its name. */
  readonly #images = new Map<string, number>();
  /** Nodes with a taint that only asks pods to stay away. */
  readonly #discouraging = new Set<NodeInfo>();
  readonly #topologies = new Map<string, Topology>();
  #list: readonly NodeInfo[] | undefined;
  #podsBySlot = new Float64Array();
  /** The places in it that are not 0. */
  readonly #counted: number[] = [];

  /** The nodes that are there: one of each zone in turn, so that a share of them has all zones; by name within a zone. */
  get nodes(): readonly NodeInfo[] {
    this.#list ??= inTurn([...this.#nodes.values()].filter(({ node }) => node !== undefined));
    return this.#list;
  }

  /** The pods on all nodes, those that are alike together. */
  get groups(): PodGroups {
    return this.#shared.groups;
  }

  /** Tells which nodes have changed. */
  get versions(): NodeVersions {
    return this.#shared.versions;
  }

  /** True when a node is known to have images. */
  get hasImages(): boolean {
    return this.#images.size > 0;
  }

  /** On how many nodes an image is known to be. */
  nodesWith(image: string): number {
    return this.#images.get(image) ?? 0;
  }

  /** True when a node has a taint that only asks pods to stay away. */
  get discourages(): boolean {
    return this.#discouraging.size > 0;
  }

  /** The values that a label of the nodes has. */
  topology(key: string): Topology {
    let topology = this.#topologies.get(key);
    if (topology === undefined) {
      const labelled = this.nodes.filter(({ labels }) => Object.hasOwn(labels, key));
      const values = new Set(labelled.map(({ labels }) => labels[key] ?? ''));
      topology = { values, isComplete: labelled.length === this.nodes.length };
      this.#topologies.set(key, topology);
    }
    return topology;
  }

  /** How many pods of these groups each node has, by its slot; until it is asked for the next time. */
  podsBySlot(groups: Iterable<PodGroup>): Float64Array {
    if (this.#podsBySlot.length < this.versions.size) this.#podsBySlot = new Float64Array(this.versions.size);
    const pods = this.#podsBySlot;
    for (const slot of this.#counted) pods[slot] = 0;
    this.#counted.length = 0;
    for (const group of groups) {
      for (const [{ slot }, count] of group.places) {
        pods[slot] = (pods[slot] ?? 0) + count;
        this.#counted.push(slot);
      }
    }
    return pods;
  }

  get(name: string): NodeInfo | undefined {
    const info = this.#nodes.get(name);
    return info?.node === undefined ? undefined : info;
  }

  setNode(node: Node): NodeInfo {
    const info = this.#infoOf(nameOf(node));
    this.#change(info, node);
    return info;
  }

  removeNode(name: string): void {
    const info = this.#nodes.get(name);
    if (info === undefined) return;
    this.#change(info, undefined);
    this.#drop(info);
  }

  /**
   * Takes note of a pod that has a node.
   *
   * @returns how it is counted, when that is new or has changed
   */
  setPod(pod: Pod): PodInfo | undefined {
    const uid = uidOf(pod);
    const nodeName = pod.spec?.nodeName ?? '';
    if (nodeName === '') return undefined;
    if (isPodFinished(pod)) return this.removePod(uid);
    const place = this.#places.get(uid);
    const known = place?.pods.get(uid);
    this.#assumed.delete(uid);
    if (place?.name === nodeName && known !== undefined && sameForScheduling(known.pod, pod)) {
      known.pod = pod;
      return undefined;
    }
    this.removePod(uid);
    const info = new PodInfo(pod);
    this.#put(info, this.#infoOf(nodeName));
    return info;
  }

  /** Counts a pod on the node that it is about to be bound to. */
  assume(info: PodInfo, nodeName: string): void {
    this.#assumed.add(info.uid);
    this.#put(info, this.#infoOf(nodeName));
  }

  isAssumed(uid: string): boolean {
    return this.#assumed.has(uid);
  }

  /** The pod that was counted, if it was. */
  removePod(uid: string): PodInfo | undefined {
    const place = this.#places.get(uid);
    if (place === undefined) return undefined;
    this.#places.delete(uid);
    this.#assumed.delete(uid);
    const info = place.remove(uid);
    this.#drop(place);
    return info;
  }

  #put(info: PodInfo, place: NodeInfo): void {
    place.add(info);
    this.#places.set(info.uid, place);
  }

  #infoOf(name: string): NodeInfo {
    let info = this.#nodes.get(name);
    if (info === undefined) {
      info = new NodeInfo(name, this.#shared);
      this.#nodes.set(name, info);
    }
    return info;
  }

  #change(info: NodeInfo, node: Node | undefined): void {
    const before = info.labels;
    const wasThere = info.node !== undefined;
    const { images } = info;
    info.setNode(node);
    if (info.images !== images) {
      this.#countImages(images, -1);
      this.#countImages(info.images, 1);
    }
    if (info.taints?.some(({ effect }) => effect === 'PreferNoSchedule') === true) this.#discouraging.add(info);
    else this.#discouraging.delete(info);
    if (wasThere !== (node !== undefined) || !sameLabels(before, info.labels)) {
      this.#topologies.clear();
      this.#list = undefined;
    }
    if (info.pods.size === 0 || sameLabels(before, info.labels)) return;
    this.#shared.groups.forgetTopologies();
  }

  /** Forgets a node that is gone and empty. */
  #drop(info: NodeInfo): void {
    if (info.node !== undefined || info.pods.size > 0) return;
    if (this.#nodes.delete(info.name)) this.#shared.versions.free(info.slot);
  }

  #countImages(images: ReadonlyMap<string, number>, sign: 1 | -1): void {
    for (const name of images.keys()) {
      const count = (this.#images.get(name) ?? 0) + sign;
      if (count === 0) this.#images.delete(name);
      else this.#images.set(name, count);
    }
  }
}

const REGION = 'topology.kubernetes.io/region';

/** kubernetes: pkg/scheduler/backend/cache/node_tree.go */
function inTurn(nodes: NodeInfo[]): readonly NodeInfo[] {
  nodes.sort((a, b) => (a.name < b.name ? -1 : 1));
  const zones = new Map<string, NodeInfo[]>();
  for (const node of nodes) {
    const zone = `${node.labels[REGION] ?? ''}\n${node.zone ?? ''}`;
    const known = zones.get(zone);
    if (known === undefined) zones.set(zone, [node]);
    else known.push(node);
  }
  if (zones.size <= 1) return nodes;
  const list: NodeInfo[] = [];
  for (let i = 0; list.length < nodes.length; i += 1) {
    for (const members of zones.values()) {
      const member = members[i];
      if (member !== undefined) list.push(member);
    }
  }
  return list;
}

/** True when the scheduler counts the two alike: status and bookkeeping do not matter to it. */
function sameForScheduling(a: Pod, b: Pod): boolean {
  return (
    a === b ||
    (a.metadata.generation !== undefined &&
      a.metadata.generation === b.metadata.generation &&
      sameLabels(a.metadata.labels, b.metadata.labels))
  );
}

type LabelMap = Readonly<Record<string, string>> | undefined;

function sameLabels(a: LabelMap, b: LabelMap): boolean {
  if (a === b) return true;
  const keys = Object.keys(a ?? {});
  return keys.length === Object.keys(b ?? {}).length && keys.every((key) => a?.[key] === b?.[key]);
}

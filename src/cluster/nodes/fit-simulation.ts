import type { Node } from '../../kube/api/core-v1.generated.ts';
import { nameOf } from '../machinery/keys.ts';
import { ClusterState } from '../scheduler/cluster-state.ts';
import type { Cycle, Failure } from '../scheduler/cycle.ts';
import type { NodeInfo } from '../scheduler/node-info.ts';
import { firstFailure, kindOf, NodeMemos } from '../scheduler/node-memo.ts';
import { filtersOf, splitFilters } from '../scheduler/placement.ts';
import type { NamespaceLabels, PodInfo } from '../scheduler/pod-info.ts';
import { defaultProfile } from '../scheduler/profiles/create-profile.ts';
import type { VolumeLookup } from '../scheduler/volumes/volume-lookup.ts';
import type { PlacedPod } from './pod-lookup.ts';

/** What a simulation knows besides nodes and pods. */
export interface FitContext {
  readonly namespaceLabels: NamespaceLabels;
  readonly volumes: VolumeLookup;
}

/**
 * Where pods would go, by the scheduler's own filters; nothing of it happens. It is made once for all that is asked at one instant:
 * each question is a {@link FitSimulation.trial} that leaves no trace.
 */
export class FitSimulation {
  readonly #state = new ClusterState();
  readonly #context: FitContext;
  readonly #memos = new NodeMemos();
  readonly #profile = defaultProfile();
  /** What pods are alike in, for filters that look at nothing but them and a node. */
  readonly #kinds = new Map<PodInfo, string>();
  /** Takes back what was done, the last first. */
  readonly #undo: (() => void)[] = [];

  constructor(nodes: readonly Node[], pods: Iterable<PlacedPod>, context: FitContext) {
    this.#context = context;
    for (const node of nodes) this.#state.setNode(node);
    for (const [node, pod] of pods) this.#state.assume(pod, node);
  }

  /** Does what is taken back when it has ended. */
  trial<T>(work: () => T): T {
    const before = this.#undo.length;
    try {
      return work();
    } finally {
      while (this.#undo.length > before) this.#undo.pop()?.();
    }
  }

  /** Puts a pod on the first node that takes it. */
  place(pod: PodInfo): boolean {
    const cycle = this.#cycle(pod);
    const { filters, failure, only } = filtersOf(cycle);
    if (failure !== undefined) return false;
    const { local, others } = splitFilters(filters);
    const memo = this.#memos.of(cycle);
    const node = this.#state.nodes.find(
      (each) =>
        (only === undefined || only.nodes.has(each.name)) &&
        memo.check(local, each) === undefined &&
        firstFailure(others, each) === undefined,
    );
    if (node === undefined) return false;
    this.#put(pod, node);
    return true;
  }

  /** Why a pod cannot be on a node; undefined when it can. */
  refusal(pod: PodInfo, nodeName: string): Failure | undefined {
    const cycle = this.#cycle(pod);
    const { filters, failure } = filtersOf(cycle);
    const node = this.#state.get(nodeName);
    if (failure !== undefined || node === undefined) return failure;
    return firstFailure(filters, node);
  }

  /** Adds a node, and gives which of the pods would go there. */
  fill(node: Node, pods: readonly PodInfo[]): readonly PodInfo[] {
    const info = this.#state.setNode(node);
    this.#undo.push(() => this.#state.removeNode(info.name));
    // A node that has no room for a pod, or is not one for it, will not be later: it only fills up.
    const refused = new Set<string>();
    return pods.filter((pod) => {
      const kind = this.#kindOf(pod);
      if (refused.has(kind)) return false;
      const cycle = this.#cycle(pod);
      const { filters, failure } = filtersOf(cycle);
      if (failure !== undefined) return false;
      const { local, others } = splitFilters(filters);
      if (firstFailure(local, info) !== undefined) {
        refused.add(kind);
        return false;
      }
      if (firstFailure(others, info) !== undefined) return false;
      this.#put(pod, info);
      return true;
    });
  }

  /** Takes a node away with all that is on it. */
  remove(node: Node): void {
    const name = nameOf(node);
    const pods = [...(this.#state.get(name)?.pods.values() ?? [])];
    for (const { uid } of pods) this.#state.removePod(uid);
    this.#state.removeNode(name);
    this.#undo.push(() => {
      this.#state.setNode(node);
      for (const pod of pods) this.#state.assume(pod, name);
    });
  }

  #put(pod: PodInfo, node: NodeInfo): void {
    this.#state.assume(pod, node.name);
    this.#undo.push(() => this.#state.removePod(pod.uid));
  }

  #kindOf(pod: PodInfo): string {
    let kind = this.#kinds.get(pod);
    if (kind === undefined) {
      kind = kindOf(pod);
      this.#kinds.set(pod, kind);
    }
    return kind;
  }

  #cycle(pod: PodInfo): Cycle {
    return {
      pod,
      state: this.#state,
      profile: this.#profile,
      ...this.#context,
      defaultSelector: () => undefined,
    };
  }
}

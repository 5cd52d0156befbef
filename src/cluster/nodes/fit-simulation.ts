import type { Node, Pod } from '../../kube/api/core-v1.generated.ts';
import { nameOf } from '../machinery/keys.ts';
import { ClusterState } from '../scheduler/cluster-state.ts';
import type { Cycle, Failure } from '../scheduler/cycle.ts';
import type { NodeInfo } from '../scheduler/node-info.ts';
import { checkNode, filtersOf } from '../scheduler/placement.ts';
import { type NamespaceLabels, PodInfo } from '../scheduler/pod-info.ts';
import { defaultProfile } from '../scheduler/profiles/create-profile.ts';
import type { VolumeLookup } from '../scheduler/volumes/volume-lookup.ts';

/** What a simulation knows besides nodes and pods. */
export interface FitContext {
  readonly namespaceLabels: NamespaceLabels;
  readonly volumes: VolumeLookup;
}

/** Where pods would go, by the scheduler's own filters; nothing of it happens. */
export class FitSimulation {
  readonly #state = new ClusterState();
  readonly #context: FitContext;

  constructor(nodes: readonly Node[], pods: readonly Pod[], context: FitContext) {
    this.#context = context;
    for (const node of nodes) this.#state.setNode(node);
    for (const pod of pods) this.#state.setPod(pod);
  }

  /** Puts a pod on the first node that takes it. */
  place(pod: Pod): boolean {
    const info = new PodInfo(pod);
    const cycle = this.#cycle(info);
    const { filters, failure, only } = filtersOf(cycle);
    if (failure !== undefined) return false;
    const node = this.#state.nodes.find(
      (each) => (only === undefined || only.nodes.has(each.name)) && checkNode(cycle, each, filters, []) === undefined,
    );
    if (node === undefined) return false;
    this.#state.assume(info, node.name);
    return true;
  }

  /** Why a pod cannot be on a node; undefined when it can. */
  refusal(pod: Pod, nodeName: string): Failure | undefined {
    const cycle = this.#cycle(new PodInfo(pod));
    const { filters, failure } = filtersOf(cycle);
    const node = this.#state.get(nodeName);
    if (failure !== undefined || node === undefined) return failure;
    return checkNode(cycle, node, filters, []);
  }

  /** Adds a node, and gives which of the pods would go there. */
  fill(node: Node, pods: readonly Pod[]): readonly Pod[] {
    const info = this.#state.setNode(node);
    return pods.filter((pod) => this.#put(pod, info));
  }

  remove(node: Node): void {
    this.#state.removeNode(nameOf(node));
  }

  #put(pod: Pod, node: NodeInfo): boolean {
    const info = new PodInfo(pod);
    const cycle = this.#cycle(info);
    const { filters, failure } = filtersOf(cycle);
    if (failure !== undefined || checkNode(cycle, node, filters, []) !== undefined) return false;
    this.#state.assume(info, node.name);
    return true;
  }

  #cycle(pod: PodInfo): Cycle {
    return {
      pod,
      state: this.#state,
      profile: defaultProfile(),
      ...this.#context,
      defaultSelector: () => undefined,
    };
  }
}

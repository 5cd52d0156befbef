import type { Node, Pod } from '../../kube/api/core-v1.generated.ts';
import { RESOURCES } from '../../kube/resources.ts';
import { isStatus } from '../../kube/status-error.ts';
import type { ComponentContext, EventRecorder } from '../machinery/interfaces.ts';
import { nameOf } from '../machinery/keys.ts';
import type { PodInfo } from '../scheduler/pod-info.ts';

/** Where events about the pools stand. */
export const STATUS_OBJECT = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace: 'kube-system', name: 'cluster-autoscaler-status' },
};

const TAINT = 'ToBeDeletedByClusterAutoscaler';
/** ms after which a node keeps pods that do not go. kubernetes/autoscaler: --max-pod-eviction-time */
const PATIENCE = 120_000;

/** Takes a node away: no new pods, evictions as budgets allow them, and then the node itself. */
export class NodeRemoval {
  readonly #context: ComponentContext;
  readonly #recorder: EventRecorder;
  readonly #moving: (node: string) => readonly PodInfo[];
  #node: string | undefined;
  #since = 0;
  readonly #told = new Set<string>();

  /** @param moving the pods of a node that have to move before it goes */
  constructor(context: ComponentContext, recorder: EventRecorder, moving: (node: string) => readonly PodInfo[]) {
    this.#context = context;
    this.#recorder = recorder;
    this.#moving = moving;
  }

  /** True while a node is on its way out. */
  get isBusy(): boolean {
    return this.#node !== undefined;
  }

  concerns(node: string): boolean {
    return this.#node === node;
  }

  async begin(node: Node): Promise<void> {
    const name = nameOf(node);
    const moving = this.#moving(name);
    const text =
      moving.length === 0
        ? `Scale-down: removing empty node "${name}"`
        : `Scale-down: removing node ${name}, pods to reschedule: ${moving.map(({ key }) => key).join(',')}`;
    this.#recorder.event(STATUS_OBJECT, 'Normal', moving.length === 0 ? 'ScaleDownEmpty' : 'ScaleDown', text);
    const seconds = String(Math.floor(this.#context.clock.now() / 1000));
    await this.#setTaints(node, [...taintsOf(node), { key: TAINT, value: seconds, effect: 'NoSchedule' }]);
    this.#recorder.event(node, 'Normal', 'ScaleDown', 'marked the node as toBeDeleted/unschedulable');
    this.#node = name;
    this.#since = this.#context.clock.now();
    this.#told.clear();
  }

  /** The next step, if a node is on its way out. */
  async goOn(find: (name: string) => Node | undefined): Promise<void> {
    const node = this.#node === undefined ? undefined : find(this.#node);
    if (node === undefined) {
      this.#node = undefined;
      return;
    }
    const moving = this.#moving(nameOf(node));
    if (moving.length === 0) {
      this.#recorder.event(node, 'Normal', 'ScaleDown', 'node removed by cluster autoscaler');
      await this.#ignoringAbsence(() => this.#context.client.delete(RESOURCES.nodes, { name: nameOf(node) }));
      this.#node = undefined;
    } else if (this.#context.clock.now() - this.#since > PATIENCE) {
      await this.#giveUp(node);
    } else {
      for (const { pod } of moving) await this.#evict(pod);
    }
  }

  /** Takes back what was begun by a process that has ended. */
  async cleanUp(node: Node): Promise<void> {
    const left = taintsOf(node).filter(({ key }) => key !== TAINT);
    if (left.length < taintsOf(node).length) await this.#setTaints(node, left);
  }

  async #evict(pod: Pod): Promise<void> {
    const { namespace, name, uid = '', deletionTimestamp } = pod.metadata;
    if (deletionTimestamp !== undefined) return;
    const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { namespace, name } };
    try {
      await this.#context.client.create(RESOURCES.pods, eviction, { subresource: 'eviction' });
      if (this.#told.has(uid)) return;
      this.#told.add(uid);
      this.#recorder.event(pod, 'Normal', 'ScaleDown', 'deleting pod for node scale down');
    } catch (error) {
      // A budget that does not allow it now may do so later.
      if (!isStatus(error, 'TooManyRequests') && !isStatus(error, 'NotFound')) throw error;
    }
  }

  async #giveUp(node: Node): Promise<void> {
    this.#node = undefined;
    await this.cleanUp(node);
    this.#recorder.event(
      node,
      'Warning',
      'ScaleDownFailed',
      'failed to drain the node, aborting ScaleDown: pods remaining after timeout',
    );
  }

  async #setTaints(node: Node, taints: readonly object[]): Promise<void> {
    await this.#ignoringAbsence(() =>
      this.#context.client.patch(RESOURCES.nodes, { name: nameOf(node) }, 'merge', { spec: { taints } }),
    );
  }

  async #ignoringAbsence(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error;
    }
  }
}

function taintsOf(node: Node): readonly { readonly key: string }[] {
  return node.spec?.taints ?? [];
}

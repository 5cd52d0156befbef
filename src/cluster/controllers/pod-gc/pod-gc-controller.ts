import type { Node, Pod, PodCondition } from '../../../kube/api/core-v1.generated.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import { isStatus } from '../../../kube/status-error.ts';
import { AS_CONTROLLER_STATUS } from '../../machinery/constants.ts';
import { Controller } from '../../machinery/controller.ts';
import type { Component, ComponentContext, Informer, InformerFactory } from '../../machinery/interfaces.ts';
import { compareStrings } from '../../../base/json.ts';
import { isDeleting, nameOf, objectKey, uidOf } from '../../machinery/keys.ts';
import { isPodFinished, withPodCondition } from '../../machinery/pods.ts';
import { formatTime } from '../../machinery/time.ts';

/** ms between looks, and for which a node must be gone. kubernetes: pkg/controller/podgc/gc_controller.go */
const CHECK_PERIOD = 20_000;
const QUARANTINE = 40_000;
/** Finished pods above this number are deleted, the oldest first. */
const TERMINATED_THRESHOLD = 12_500;
const OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service';
const NODE_INDEX = 'node';
const KEY = 'pods';

/** What is said of a pod that is given up. */
interface Verdict {
  readonly pod: Pod;
  readonly message?: string;
}

/** See {@link createPodGarbageCollector}. */
class PodGarbageCollector {
  readonly controller: Controller;
  readonly #context: ComponentContext;
  readonly #pods: Informer<Pod>;
  readonly #nodes: Informer<Node>;
  /** Since when (ms) nodes that pods name have been missing. */
  readonly #missing = new Map<string, number>();
  readonly #threshold: number;
  #finished = 0;

  constructor(context: ComponentContext, informers: InformerFactory, threshold: number) {
    this.#threshold = threshold;
    this.#context = context;
    this.#pods = informers.informer<Pod>(RESOURCES.pods);
    this.#nodes = informers.informer<Node>(RESOURCES.nodes);
    this.controller = new Controller({
      name: 'pod-garbage-collector',
      context,
      informers: [this.#pods, this.#nodes],
      reconcile: () => this.#collect(),
    });
    this.#pods.addIndex(NODE_INDEX, (pod) => [pod.spec?.nodeName ?? '']);
    this.#pods.onEvent(({ type, object, old }) => {
      if (old !== undefined && isPodFinished(old)) this.#finished -= 1;
      if (type !== 'deleted' && isPodFinished(object)) this.#finished += 1;
      if (type !== 'deleted' && this.#concerns(object)) this.#lookLater();
    });
    this.#nodes.onEvent(({ type, object }) => {
      const isOut = type !== 'deleted' && isOutOfService(object);
      if ((type === 'deleted' || isOut) && this.#pods.byIndex(NODE_INDEX, nameOf(object)).length > 0) this.#lookLater();
    });
  }

  /** Nothing is looked at while there is nothing to find. */
  #concerns(pod: Pod): boolean {
    if (this.#threshold > 0 && this.#finished > this.#threshold) return true;
    const nodeName = pod.spec?.nodeName ?? '';
    if (nodeName === '') return isDeleting(pod);
    const node = this.#nodes.get({ name: nodeName });
    return node === undefined || (isDeleting(pod) && isOutOfService(node));
  }

  #lookLater(): void {
    this.controller.queue.addAfter(KEY, CHECK_PERIOD);
  }

  async #collect(): Promise<void> {
    const verdicts = new Map<string, Verdict>();
    for (const verdict of [...this.#surplus(), ...this.#outOfService(), ...this.#orphaned(), ...this.#unscheduled()]) {
      if (!verdicts.has(uidOf(verdict.pod))) verdicts.set(uidOf(verdict.pod), verdict);
    }
    for (const verdict of verdicts.values()) await this.#give(verdict);
    if (this.#missing.size > 0) this.#lookLater();
  }

  #surplus(): Verdict[] {
    const surplus = this.#finished - this.#threshold;
    if (this.#threshold <= 0 || surplus <= 0) return [];
    return this.#pods
      .list()
      .filter(isPodFinished)
      .sort(byEvictionAndAge)
      .slice(0, surplus)
      .map((pod) => ({ pod }));
  }

  #outOfService(): Verdict[] {
    const out: Verdict[] = [];
    for (const node of this.#nodes.list()) {
      if (!isOutOfService(node) || isNodeReady(node)) continue;
      for (const pod of this.#pods.byIndex(NODE_INDEX, nameOf(node))) if (isDeleting(pod)) out.push({ pod });
    }
    return out;
  }

  #orphaned(): Verdict[] {
    const now = this.#context.clock.now();
    const out: Verdict[] = [];
    const missing = new Set<string>();
    for (const pod of this.#pods.list()) {
      const nodeName = pod.spec?.nodeName ?? '';
      if (nodeName === '' || this.#nodes.get({ name: nodeName }) !== undefined) continue;
      missing.add(nodeName);
      const since = this.#missing.get(nodeName);
      if (since === undefined) this.#missing.set(nodeName, now);
      else if (now - since >= QUARANTINE) out.push({ pod, message: 'PodGC: node no longer exists' });
    }
    for (const name of this.#missing.keys()) if (!missing.has(name)) this.#missing.delete(name);
    return out;
  }

  #unscheduled(): Verdict[] {
    return this.#pods
      .byIndex(NODE_INDEX, '')
      .filter(isDeleting)
      .map((pod) => ({ pod }));
  }

  /** Marks a pod as failed, if it has not come to its end, and deletes it at once. */
  async #give({ pod, message }: Verdict): Promise<void> {
    const { client } = this.#context;
    try {
      if (!isPodFinished(pod)) {
        const status = { ...pod.status, phase: 'Failed', ...this.#disruption(pod, message) };
        await client.update(RESOURCES.pods, { ...pod, status }, AS_CONTROLLER_STATUS);
      }
      await client.delete(RESOURCES.pods, objectKey(pod), {
        gracePeriodSeconds: 0,
        preconditions: { uid: pod.metadata.uid },
      });
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error;
    }
  }

  #disruption(pod: Pod, message: string | undefined): { readonly conditions?: readonly PodCondition[] } {
    if (message === undefined) return {};
    const condition: PodCondition = {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'DeletionByPodGC',
      message,
      lastTransitionTime: formatTime(this.#context.clock.now()),
    };
    return { conditions: withPodCondition(pod.status?.conditions, condition) };
  }
}

/** Evicted pods first, then the oldest. */
function byEvictionAndAge(a: Pod, b: Pod): number {
  const evicted = ({ status }: Pod): number => Number(status?.reason === 'Evicted');
  return (
    evicted(b) - evicted(a) ||
    compareStrings(a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? '') ||
    compareStrings(nameOf(a), nameOf(b))
  );
}

function isOutOfService(node: Node): boolean {
  return node.spec?.taints?.some(({ key }) => key === OUT_OF_SERVICE) === true;
}

function isNodeReady(node: Node): boolean {
  return node.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true;
}

/**
 * Deletes pods that nobody else will: those of nodes that are gone or out of service, deleted ones that never had a node,
 * and finished ones beyond the threshold; 0: all of them are kept. kubernetes: pkg/controller/podgc
 */
export function createPodGarbageCollector(
  context: ComponentContext,
  informers: InformerFactory,
  threshold = TERMINATED_THRESHOLD,
): Component {
  return new PodGarbageCollector(context, informers, threshold).controller;
}

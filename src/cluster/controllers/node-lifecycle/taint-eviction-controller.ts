import type { Node, Pod, Taint, Toleration } from '../../../kube/api/core-v1.generated.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import { isStatus } from '../../../kube/status-error.ts';
import { AS_CONTROLLER_STATUS } from '../../machinery/constants.ts';
import { Controller } from '../../machinery/controller.ts';
import { createEventRecorder } from '../../machinery/event-recorder.ts';
import type {
  Component,
  ComponentContext,
  EventRecorder,
  Informer,
  InformerFactory,
} from '../../machinery/interfaces.ts';
import { isDeleting, keyOf, nameOf, namespaceOf, objectKey, splitKey } from '../../machinery/keys.ts';
import { withPodCondition } from '../../machinery/pods.ts';
import { formatTime } from '../../machinery/time.ts';
import { addNodeIndex, NODE_INDEX } from './node-lifecycle-controller.ts';
import { tolerates } from '../../machinery/tolerations.ts';

/**
 * How long a pod bears the NoExecute taints of its node, ms: 0 when one is not tolerated, Infinity when all are for ever;
 * kubernetes: pkg/controller/tainteviction/taint_eviction.go.
 */
export function tolerationTime(taints: readonly Taint[], tolerations: readonly Toleration[]): number {
  let shortest = Number.POSITIVE_INFINITY;
  for (const taint of taints) {
    const toleration = tolerations.find((candidate) => tolerates(candidate, taint));
    if (toleration === undefined) return 0;
    if (toleration.tolerationSeconds !== undefined) {
      shortest = Math.min(shortest, Math.max(0, toleration.tolerationSeconds) * 1000);
    }
  }
  return shortest;
}

/** Deletes pods that do not tolerate the NoExecute taints of their node, each when its time is up. */
export function createTaintEvictionController(context: ComponentContext, informers: InformerFactory): Component {
  const nodes = informers.informer<Node>(RESOURCES.nodes);
  const pods = informers.informer<Pod>(RESOURCES.pods);
  addNodeIndex(pods);
  const evictor = new TaintEvictor(context, nodes);
  const controller = new Controller({
    name: 'taint-eviction-controller',
    context,
    informers: [nodes, pods],
    reconcile: async (key) => {
      const delay = await evictor.check(key, pods.get(splitKey(key)));
      if (delay !== undefined) controller.queue.addAfter(key, delay);
    },
  });
  nodes.onEvent(({ type, object, old }) => {
    if (type === 'deleted' || object.spec?.taints === old?.spec?.taints) return;
    const now = noExecuteTaints(object);
    if (now.length === 0 && noExecuteTaints(old).length === 0) return;
    for (const pod of pods.byIndex(NODE_INDEX, nameOf(object))) controller.queue.add(keyOf(pod));
  });
  pods.onEvent(({ type, object, old }) => {
    const { nodeName } = object.spec ?? {};
    if (type === 'deleted') {
      evictor.forget(keyOf(object));
    } else if (nodeName !== undefined && (old === undefined || hasMoved(object, old))) {
      if (noExecuteTaints(nodes.get({ name: nodeName })).length > 0) controller.queue.add(keyOf(object));
    }
  });
  return controller;
}

function hasMoved(pod: Pod, old: Pod): boolean {
  return pod.spec?.nodeName !== old.spec?.nodeName || pod.spec?.tolerations !== old.spec?.tolerations;
}

function noExecuteTaints(node: Node | undefined): readonly Taint[] {
  return node?.spec?.taints?.filter(({ effect }) => effect === 'NoExecute') ?? [];
}

class TaintEvictor {
  readonly #context: ComponentContext;
  readonly #nodes: Informer<Node>;
  readonly #recorder: EventRecorder;
  /** By pod: since when it bears the taints of its node. */
  readonly #since = new Map<string, number>();

  constructor(context: ComponentContext, nodes: Informer<Node>) {
    this.#context = context;
    this.#nodes = nodes;
    this.#recorder = createEventRecorder(context, { component: 'taint-eviction-controller' });
  }

  forget(key: string): void {
    this.#since.delete(key);
  }

  /** Deletes the pod if its time is up; gives ms until then. */
  async check(key: string, pod: Pod | undefined): Promise<number | undefined> {
    if (pod === undefined || isDeleting(pod)) {
      this.forget(key);
      return undefined;
    }
    const taints = noExecuteTaints(this.#nodes.get({ name: pod.spec?.nodeName ?? '' }));
    const bearable =
      taints.length === 0 ? Number.POSITIVE_INFINITY : tolerationTime(taints, pod.spec?.tolerations ?? []);
    if (bearable === Number.POSITIVE_INFINITY) {
      if (this.#since.delete(key)) {
        const message = `Cancelling deletion of Pod ${namespaceOf(pod)}/${nameOf(pod)}`;
        this.#recorder.event(pod, 'Normal', 'TaintManagerEviction', message);
      }
      return undefined;
    }
    const now = this.#context.clock.now();
    const since = this.#since.get(key) ?? now;
    if (since + bearable > now) {
      this.#since.set(key, since);
      return since + bearable - now;
    }
    this.forget(key);
    await this.#evict(pod, formatTime(now));
    return undefined;
  }

  async #evict(pod: Pod, now: string): Promise<void> {
    const { client } = this.#context;
    const message = `Marking for deletion Pod ${namespaceOf(pod)}/${nameOf(pod)}`;
    this.#recorder.event(pod, 'Normal', 'TaintManagerEviction', message);
    const conditions = withPodCondition(pod.status?.conditions, {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'DeletionByTaintManager',
      message: 'Taint manager: deleting due to NoExecute taint',
      lastTransitionTime: now,
    });
    try {
      const body = { ...pod, status: { ...pod.status, conditions } };
      await client.update(RESOURCES.pods, body, AS_CONTROLLER_STATUS);
      await client.delete(RESOURCES.pods, objectKey(pod), { preconditions: { uid: pod.metadata.uid } });
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error;
    }
  }
}

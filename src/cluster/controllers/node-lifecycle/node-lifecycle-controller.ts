import type { Lease } from '../../../kube/api/coordination-v1.generated.ts';
import type { Node, NodeCondition, Pod } from '../../../kube/api/core-v1.generated.ts';
import { isSteady, lastHeartbeat } from '../../machinery/heartbeat.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import { isStatus } from '../../../kube/status-error.ts';
import { AS_CONTROLLER, AS_CONTROLLER_STATUS } from '../../machinery/constants.ts';
import { Controller } from '../../machinery/controller.ts';
import { createEventRecorder } from '../../machinery/event-recorder.ts';
import type {
  Component,
  ComponentContext,
  EventRecorder,
  Informer,
  InformerEvent,
  InformerFactory,
} from '../../machinery/interfaces.ts';
import { nameOf, objectKey, uidOf } from '../../machinery/keys.ts';
import { isPodFinished, podCondition } from '../../machinery/pods.ts';
import { formatTime } from '../../machinery/time.ts';
import { conditionStatus, evictionTaint, hasEvictionTaint, wantedTaints } from './node-taints.ts';
import { evictionIntervals, INTERVAL, zoneOf } from './zone-state.ts';

/** ms without a sign of life after which a node is unknown. */
const MONITOR_GRACE = 50_000;
/** The same for a node that has not yet told its state. */
const STARTUP_GRACE = 60_000;
/** Namespace of the leases that kubelets renew. */
const LEASE_NAMESPACE = 'kube-node-lease';
const KUBELET_CONDITIONS = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'];
/** Index of pods: the node they run on. */
export const NODE_INDEX = 'node';

/** Declares {@link NODE_INDEX}. */
export function addNodeIndex(pods: Informer<Pod>): void {
  pods.addIndex(NODE_INDEX, ({ spec }) =>
    spec?.nodeName === undefined || spec.nodeName === '' ? [] : [spec.nodeName],
  );
}

/**
 * Notices nodes that give no sign of life, and taints nodes by their conditions; kubernetes:
 * pkg/controller/nodelifecycle/node_lifecycle_controller.go. Instead of looking every 5 s it looks when a node's grace ends.
 */
export function createNodeLifecycleController(context: ComponentContext, informers: InformerFactory): Component {
  return new NodeLifecycleController(context, informers).controller;
}

class NodeLifecycleController {
  readonly controller: Controller;
  readonly #context: ComponentContext;
  readonly #nodes: Informer<Node>;
  readonly #pods: Informer<Pod>;
  readonly #leases: Informer<Lease>;
  readonly #recorder: EventRecorder;
  /** By node: when its last sign of life was noticed, ms since the epoch. */
  readonly #seen = new Map<string, number>();
  /** By node: whether it was ready when last looked at. */
  readonly #ready = new Map<string, boolean>();
  #started = false;
  /** By zone: when the pods of another node may be driven off. */
  readonly #nextEviction = new Map<string, number>();

  constructor(context: ComponentContext, informers: InformerFactory) {
    this.#context = context;
    this.#nodes = informers.informer<Node>(RESOURCES.nodes);
    this.#pods = informers.informer<Pod>(RESOURCES.pods);
    addNodeIndex(this.#pods);
    this.#leases = informers.informer<Lease>(RESOURCES.leases);
    this.#recorder = createEventRecorder(context, { component: 'node-controller' });
    this.controller = new Controller({
      name: 'node-lifecycle-controller',
      context,
      informers: [this.#nodes, this.#pods, this.#leases],
      reconcile: (name) => this.#reconcile(name),
      started: () => {
        this.#started = true;
      },
    });
    this.#nodes.onEvent((event) => this.#nodeEvent(event));
    this.#leases.onEvent(({ type, object }) => {
      if (type !== 'deleted' && object.metadata.namespace === LEASE_NAMESPACE) {
        const name = nameOf(object);
        this.#seen.set(name, lastHeartbeat(object, context.clock.now()) ?? context.clock.now());
        this.controller.queue.add(name);
      }
    });
  }

  #nodeEvent({ type, object: node, old }: InformerEvent<Node>): void {
    const name = nameOf(node);
    const { clock } = this.#context;
    if (type === 'deleted') {
      this.#seen.delete(name);
      this.#ready.delete(name);
      this.#recorder.event(
        nodeReference(node),
        'Normal',
        'RemovingNode',
        `Node ${name} event: Removing Node ${name} from Controller`,
      );
      this.#lookAtAll();
      return;
    }
    if (type === 'added') {
      this.#seen.set(name, clock.now());
      // Nodes that are there from the start are known from an earlier process.
      if (this.#started) {
        const message = `Node ${name} event: Registered Node ${name} in Controller`;
        this.#recorder.event(nodeReference(node), 'Normal', 'RegisteredNode', message);
      }
    } else if (old !== undefined && heartbeatOf(node) !== heartbeatOf(old)) {
      this.#seen.set(name, clock.now());
    }
    const readinessChanged = old === undefined || conditionStatus(node, 'Ready') !== conditionStatus(old, 'Ready');
    // What one zone may do depends on all nodes.
    if (readinessChanged) this.#lookAtAll();
    else if (isTaintingChanged(node, old)) this.controller.queue.add(name);
  }

  #lookAtAll(): void {
    for (const node of this.#nodes.list()) this.controller.queue.add(nameOf(node));
  }

  async #reconcile(name: string): Promise<void> {
    const node = this.#nodes.get({ name });
    if (node === undefined) return;
    const current = await this.#checkHealth(node);
    await this.#updateTaints(current);
    const ready = conditionStatus(current, 'Ready') === 'True';
    const before = this.#ready.get(name);
    if (!ready && before !== false && conditionStatus(current, 'Ready') !== undefined) {
      await this.#markPodsNotReady(name);
      if (before === true) {
        const message = `Node ${name} status is now: NodeNotReady`;
        this.#recorder.event(nodeReference(node), 'Normal', 'NodeNotReady', message);
      }
    }
    this.#ready.set(name, ready);
  }

  /** Makes the conditions of a silent node unknown; gives the node as it then is. */
  async #checkHealth(node: Node): Promise<Node> {
    const { clock, client } = this.#context;
    const name = nameOf(node);
    const now = clock.now();
    const lease = this.#leases.get({ namespace: LEASE_NAMESPACE, name });
    if (lease !== undefined && isSteady(lease)) return node;
    const grace = conditionStatus(node, 'Ready') === undefined ? STARTUP_GRACE : MONITOR_GRACE;
    const deadline = (this.#seen.get(name) ?? now) + grace;
    if (now < deadline) {
      this.controller.queue.addAfter(name, deadline - now);
      return node;
    }
    const conditions = unknownConditions(node, formatTime(now));
    if (conditions === undefined) return node;
    const body = { ...node, status: { ...node.status, conditions } };
    return await client.update<Node>(RESOURCES.nodes, body, AS_CONTROLLER_STATUS);
  }

  async #updateTaints(node: Node): Promise<void> {
    const { clock, client } = this.#context;
    const now = clock.now();
    const taints = wantedTaints(node, this.#evictionAllowed(node, now), formatTime(now));
    if (taints === undefined) return;
    const body = { ...node, spec: { ...node.spec, taints } };
    await client.update(RESOURCES.nodes, body, AS_CONTROLLER);
  }

  /** The NoExecute taint that the node gets now; nodes of a zone get theirs one after the other. */
  #evictionAllowed(node: Node, now: number): string | undefined {
    const taint = evictionTaint(node);
    if (taint === undefined) return undefined;
    const zone = zoneOf(node);
    const intervals = evictionIntervals(this.#nodes.list());
    const interval = intervals.has(zone) ? intervals.get(zone) : INTERVAL;
    if (interval === undefined) {
      // Nothing is taken back while some node works.
      return this.#anyReady() && hasEvictionTaint(node) ? taint : undefined;
    }
    if (hasEvictionTaint(node)) return taint;
    const next = this.#nextEviction.get(zone) ?? 0;
    if (next > now) {
      this.controller.queue.addAfter(nameOf(node), next - now);
      return undefined;
    }
    this.#nextEviction.set(zone, now + interval);
    return taint;
  }

  #anyReady(): boolean {
    return this.#nodes.list().some((node) => conditionStatus(node, 'Ready') === 'True');
  }

  /** Services stop sending to pods on a node that is not ready. */
  async #markPodsNotReady(nodeName: string): Promise<void> {
    const time = formatTime(this.#context.clock.now());
    for (const pod of this.#pods.byIndex(NODE_INDEX, nodeName)) {
      if (podCondition(pod, 'Ready')?.status !== 'True' || isPodFinished(pod)) continue;
      const conditions = (pod.status?.conditions ?? []).map((condition) =>
        condition.type === 'Ready' ? { ...condition, status: 'False', lastTransitionTime: time } : condition,
      );
      const body = { ...pod, status: { ...pod.status, conditions } };
      try {
        await this.#context.client.update(RESOURCES.pods, body, AS_CONTROLLER_STATUS);
      } catch (error) {
        if (isStatus(error, 'NotFound')) continue;
        throw error;
      }
      this.#recorder.event(pod, 'Warning', 'NodeNotReady', 'Node is not ready');
    }
  }
}

/** Events about nodes name the node as its own uid, so that kubectl finds them. */
function nodeReference(node: Node): object {
  return { kind: 'Node', name: nameOf(node), uid: uidOf(node), apiVersion: 'v1', namespace: objectKey(node).namespace };
}

/** Changes with every status that the kubelet posts. */
function heartbeatOf(node: Node): string | undefined {
  const ready = node.status?.conditions?.find(({ type }) => type === 'Ready');
  // What this controller writes is no sign of life.
  return ready?.reason === 'NodeStatusUnknown' ? undefined : (ready?.lastHeartbeatTime ?? ready?.status);
}

function isTaintingChanged(node: Node, old: Node | undefined): boolean {
  if (old === undefined || node.spec?.unschedulable !== old.spec?.unschedulable) return true;
  if (node.spec?.taints !== old.spec?.taints) return true;
  const text = ({ status }: Node): string =>
    (status?.conditions ?? []).map(({ type, status: value }) => `${type}=${value}`).join(',');
  return text(node) !== text(old);
}

/** The conditions of a node from which nothing is heard, or undefined when they say so already. */
function unknownConditions(node: Node, now: string): readonly NodeCondition[] | undefined {
  const conditions = node.status?.conditions ?? [];
  const missing = KUBELET_CONDITIONS.filter((type) => !conditions.some((condition) => condition.type === type));
  const outdated = conditions.some(({ type, status }) => KUBELET_CONDITIONS.includes(type) && status !== 'Unknown');
  if (missing.length === 0 && !outdated) return undefined;
  return [
    ...conditions.map((condition) =>
      KUBELET_CONDITIONS.includes(condition.type) && condition.status !== 'Unknown'
        ? {
            ...condition,
            status: 'Unknown',
            reason: 'NodeStatusUnknown',
            message: 'Kubelet stopped posting node status.',
            lastTransitionTime: now,
          }
        : condition,
    ),
    ...missing.map((type) => ({
      type,
      status: 'Unknown',
      reason: 'NodeStatusNeverUpdated',
      message: 'Kubelet never posted node status.',
      lastHeartbeatTime: node.metadata.creationTimestamp,
      lastTransitionTime: now,
    })),
  ];
}

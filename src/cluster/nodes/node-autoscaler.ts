import type { Namespace, Node, Pod } from '../../kube/api/core-v1.generated.ts';
import type { PodDisruptionBudget } from '../../kube/api/policy-v1.generated.ts';
import { RESOURCES } from '../../kube/resources.ts';
import type { NodeOptions } from '../kubelet/kubelet.ts';
import { newNode, nodeStatus } from '../kubelet/node/node-object.ts';
import { Controller } from '../machinery/controller.ts';
import { createEventRecorder } from '../machinery/event-recorder.ts';
import type { Component, ComponentContext, EventRecorder, Informer, InformerFactory } from '../machinery/interfaces.ts';
import { nameOf } from '../machinery/keys.ts';
import { isPodFinished } from '../machinery/pods.ts';
import { ClusterState } from '../scheduler/cluster-state.ts';
import { VolumeState } from '../scheduler/volumes/volume-state.ts';
import { type FitContext, FitSimulation } from './fit-simulation.ts';
import { INDEX_ANNOTATION, type NodePool, POOL_LABEL } from './node-pool.ts';
import { NodeRemoval, STATUS_OBJECT } from './node-removal.ts';
import { isUnneeded } from './scale-down.ts';
import { planScaleUp, type PoolState, type ScaleUp } from './scale-up.ts';

/** What pools are scaled with. */
export interface AutoscalerOptions {
  readonly pools: readonly NodePool[];
  /** The first number that no other node has. */
  readonly firstIndex: number;
  /** Switches a machine on: its kubelet registers the node. */
  readonly startNode: (options: NodeOptions) => Promise<void>;
  /** The machine is gone. */
  readonly stopNode: (name: string) => void;
}

/** ms between two looks. kubernetes/autoscaler: --scan-interval */
const SCAN_MILLIS = 10_000;
const BOOT_MILLIS = 45_000;
/** kubernetes/autoscaler: --scale-down-unneeded-time, --scale-down-delay-after-add */
const IDLE_MILLIS = 600_000;
const KEY = 'scan';

/** A machine that has been ordered. */
interface Ordered {
  readonly pool: NodePool;
  readonly options: NodeOptions;
}

/**
 * Keeps pools of nodes: more when pods find no room and a node of a pool would have it, fewer when nobody needs them. It looks
 * every 10 s, and only while there is something to see. kubernetes/autoscaler: cluster-autoscaler/core
 */
class NodeAutoscaler {
  readonly controller: Controller;
  readonly #context: ComponentContext;
  readonly #options: AutoscalerOptions;
  readonly #recorder: EventRecorder;
  readonly #pods: Informer<Pod>;
  readonly #nodes: Informer<Node>;
  readonly #namespaces: Informer<Namespace>;
  readonly #budgets: Informer<PodDisruptionBudget>;
  readonly #fit: FitContext;
  readonly #removal: NodeRemoval;
  /** Machines that are not registered yet, by node. */
  readonly #ordered = new Map<string, Ordered>();
  /** Since when nobody needs a node. */
  readonly #unneeded = new Map<string, number>();
  #lastScaleUp = Number.NEGATIVE_INFINITY;

  constructor(context: ComponentContext, informers: InformerFactory, options: AutoscalerOptions) {
    this.#context = context;
    this.#options = options;
    this.#recorder = createEventRecorder(context, { component: 'cluster-autoscaler' });
    this.#pods = informers.informer<Pod>(RESOURCES.pods);
    this.#nodes = informers.informer<Node>(RESOURCES.nodes);
    this.#namespaces = informers.informer<Namespace>(RESOURCES.namespaces);
    this.#budgets = informers.informer<PodDisruptionBudget>(RESOURCES.podDisruptionBudgets);
    const volumes = new VolumeState(informers, new ClusterState());
    this.#fit = { namespaceLabels: (name) => this.#namespaces.get({ name })?.metadata.labels, volumes };
    this.#removal = new NodeRemoval(context, this.#recorder);
    this.controller = new Controller({
      name: 'cluster-autoscaler',
      context,
      informers: [this.#pods, this.#nodes, this.#namespaces, this.#budgets, volumes],
      started: () => this.#begin(),
      reconcile: () => this.#scan(),
    });
    const look = (): void => this.#lookSoon();
    this.#pods.onEvent(look);
    this.#budgets.onEvent(look);
    this.#nodes.onEvent(({ type, object }) => {
      this.#ordered.delete(nameOf(object));
      if (type === 'deleted' && object.metadata.labels?.[POOL_LABEL] !== undefined) options.stopNode(nameOf(object));
      this.#lookSoon();
    });
  }

  /** Machines that were on go on; each pool has its least number from the beginning. */
  async #begin(): Promise<void> {
    for (const pool of this.#options.pools) {
      const nodes = this.#nodesOf(pool);
      for (const node of nodes) {
        const index = Number(node.metadata.annotations?.[INDEX_ANNOTATION] ?? this.#freeIndex());
        await this.#removal.cleanUp(node);
        await this.#options.startNode(optionsOf(pool, nameOf(node), index));
      }
      for (let size = nodes.length; size < pool.min; size += 1) await this.#options.startNode(this.#newNode(pool));
    }
    this.#lookSoon();
  }

  #lookSoon(): void {
    const now = this.#context.clock.now();
    this.controller.queue.addAfter(KEY, Math.floor(now / SCAN_MILLIS + 1) * SCAN_MILLIS - now);
  }

  #nodesOf(pool: NodePool): readonly Node[] {
    return this.#nodes.list().filter(({ metadata }) => metadata.labels?.[POOL_LABEL] === pool.name);
  }

  #sizeOf(pool: NodePool): number {
    return this.#nodesOf(pool).length + [...this.#ordered.values()].filter((each) => each.pool === pool).length;
  }

  #freeIndex(): number {
    const taken = new Set([...this.#ordered.values()].map(({ options }) => options.index));
    for (const { metadata } of this.#nodes.list()) taken.add(Number(metadata.annotations?.[INDEX_ANNOTATION] ?? -1));
    let index = this.#options.firstIndex;
    while (taken.has(index)) index += 1;
    return index;
  }

  /** The next node of a pool, which has its place from now on. */
  #newNode(pool: NodePool): NodeOptions {
    const taken = (name: string): boolean => this.#ordered.has(name) || this.#nodes.get({ name }) !== undefined;
    let number = 1;
    while (taken(`${pool.name}-${number}`)) number += 1;
    const options = optionsOf(pool, `${pool.name}-${number}`, this.#freeIndex());
    this.#ordered.set(options.nodeName, { pool, options });
    return options;
  }

  async #scan(): Promise<void> {
    const all = this.#pods.list().filter((pod) => !isPodFinished(pod));
    await this.#scaleUp(all);
    await this.#removal.goOn(all, (name) => this.#nodes.get({ name }));
    if (this.#removal.isBusy) this.#lookSoon();
    else await this.#scaleDown(all);
  }

  async #scaleUp(all: readonly Pod[]): Promise<void> {
    const waiting = all.filter(isUnschedulable);
    if (waiting.length === 0) return;
    const nodes = [
      ...this.#nodes.list().filter(({ metadata }) => !this.#removal.concerns(metadata.name ?? '')),
      ...[...this.#ordered.values()].map(({ options }) => futureNode(options, this.#context.clock.now())),
    ];
    const pods = all.filter(({ spec }) => (spec?.nodeName ?? '') !== '');
    const present = new FitSimulation(nodes, pods, this.#fit);
    const unfit = waiting.filter((pod) => !present.place(pod));
    if (unfit.length === 0) return;
    const pools = this.#options.pools.map((pool) => this.#stateOf(pool));
    const { best, helpless } = planScaleUp(unfit, pools, { nodes, pods, context: this.#fit });
    for (const { pod, reason } of helpless) {
      this.#recorder.event(pod, 'Normal', 'NotTriggerScaleUp', `pod didn't trigger scale-up: ${reason}`);
    }
    if (best !== undefined) this.#order(best);
  }

  #stateOf(pool: NodePool): PoolState {
    const now = this.#context.clock.now();
    return {
      pool,
      size: this.#sizeOf(pool),
      node: (number) => futureNode(optionsOf(pool, `template-node-for-${pool.name}-${number}`, 0), now),
    };
  }

  #order({ pool: { pool, size }, count, pods }: ScaleUp): void {
    const { clock } = this.#context;
    this.#lastScaleUp = clock.now();
    const wanted = size + count;
    const group = (text: string): void =>
      this.#recorder.event(STATUS_OBJECT, 'Normal', 'ScaledUpGroup', `Scale-up: ${text} (max: ${pool.max})`);
    group(`setting group ${pool.name} size to ${wanted} instead of ${size}`);
    for (let i = 0; i < count; i += 1) {
      const options = this.#newNode(pool);
      clock.setTimer(pool.bootMillis ?? BOOT_MILLIS, () => {
        this.#options.startNode(options).catch((error: unknown) => {
          this.#ordered.delete(options.nodeName);
          this.#context.logger.log('warn', `cluster-autoscaler: ${String(error)}`, { node: options.nodeName });
        });
      });
    }
    group(`group ${pool.name} size set to ${wanted} instead of ${size}`);
    const message = `pod triggered scale-up: [{${pool.name} ${size}->${wanted} (max: ${pool.max})}]`;
    for (const pod of pods) this.#recorder.event(pod, 'Normal', 'TriggeredScaleUp', message);
    this.#lookSoon();
  }

  async #scaleDown(all: readonly Pod[]): Promise<void> {
    const { clock } = this.#context;
    const now = clock.now();
    const pods = all.filter(({ spec }) => (spec?.nodeName ?? '') !== '');
    const situation = { nodes: this.#nodes.list(), pods, budgets: this.#budgets.list(), context: this.#fit };
    let next = Number.POSITIVE_INFINITY;
    for (const pool of this.#options.pools) {
      const nodes = this.#nodesOf(pool);
      for (const node of nodes) {
        const name = nameOf(node);
        if (nodes.length <= pool.min || !isUnneeded(node, situation)) {
          this.#unneeded.delete(name);
          continue;
        }
        const since = this.#unneeded.get(name) ?? now;
        this.#unneeded.set(name, since);
        const due = Math.max(since, this.#lastScaleUp) + (pool.idleMillis ?? IDLE_MILLIS);
        if (due > now) next = Math.min(next, due);
        else {
          this.#unneeded.delete(name);
          await this.#removal.begin(node, pods);
          this.#lookSoon();
          return;
        }
      }
    }
    if (Number.isFinite(next)) this.controller.queue.addAfter(KEY, next - now);
  }
}

/** A pod for which the scheduler has found no node. */
function isUnschedulable({ metadata, spec, status }: Pod): boolean {
  if ((spec?.nodeName ?? '') !== '' || metadata.deletionTimestamp !== undefined) return false;
  if (status?.nominatedNodeName !== undefined && status.nominatedNodeName !== '') return false;
  return status?.conditions?.some(({ type, reason }) => type === 'PodScheduled' && reason === 'Unschedulable') === true;
}

function optionsOf({ name, template }: NodePool, nodeName: string, index: number): NodeOptions {
  return {
    ...template,
    nodeName,
    index,
    labels: { ...template.labels, [POOL_LABEL]: name },
    annotations: { ...template.annotations, [INDEX_ANNOTATION]: String(index) },
  };
}

/** A node as it will be once it is there. */
function futureNode(options: NodeOptions, now: number): Node {
  return { ...newNode(options), status: nodeStatus(options, undefined, now, []) };
}

/** Makes pools of nodes grow and shrink. */
export function createNodeAutoscaler(
  context: ComponentContext,
  informers: InformerFactory,
  options: AutoscalerOptions,
): Component {
  return new NodeAutoscaler(context, informers, options).controller;
}

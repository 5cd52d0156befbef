import type { Timer } from '../../base/clock.ts';
import type { Namespace, Node, Pod } from '../../kube/api/core-v1.generated.ts';
import type { PodDisruptionBudget } from '../../kube/api/policy-v1.generated.ts';
import { RESOURCES } from '../../kube/resources.ts';
import type { NodeOptions } from '../kubelet/kubelet.ts';
import { newNode, nodeStatus } from '../kubelet/node/node-object.ts';
import { Controller } from '../machinery/controller.ts';
import { createEventRecorder } from '../machinery/event-recorder.ts';
import type { Component, ComponentContext, EventRecorder, Informer, InformerFactory } from '../machinery/interfaces.ts';
import { nameOf } from '../machinery/keys.ts';
import { ClusterState } from '../scheduler/cluster-state.ts';
import type { PodInfo } from '../scheduler/pod-info.ts';
import { VolumeState } from '../scheduler/volumes/volume-state.ts';
import { type FitContext, FitSimulation } from './fit-simulation.ts';
import { INDEX_ANNOTATION, type NodePool, POOL_LABEL } from './node-pool.ts';
import { NodeRemoval, STATUS_OBJECT } from './node-removal.ts';
import { PodLookup } from './pod-lookup.ts';
import { type DownSituation, isUnneeded, movingPods } from './scale-down.ts';
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
  readonly #pods: PodLookup;
  readonly #nodes: Informer<Node>;
  readonly #namespaces: Informer<Namespace>;
  readonly #budgets: Informer<PodDisruptionBudget>;
  readonly #fit: FitContext;
  readonly #removal: NodeRemoval;
  /** Machines that are not registered yet, by node. */
  readonly #ordered = new Map<string, Ordered>();
  /** Since when nobody needs a node. */
  readonly #unneeded = new Map<string, number>();
  /** Machines that are on their way. */
  readonly #boots = new Set<Timer>();
  #stopped = false;
  #lastScaleUp = Number.NEGATIVE_INFINITY;

  constructor(context: ComponentContext, informers: InformerFactory, options: AutoscalerOptions) {
    this.#context = context;
    this.#options = options;
    this.#recorder = createEventRecorder(context, { component: 'cluster-autoscaler' });
    const pods = informers.informer<Pod>(RESOURCES.pods);
    this.#pods = new PodLookup(pods);
    this.#nodes = informers.informer<Node>(RESOURCES.nodes);
    this.#namespaces = informers.informer<Namespace>(RESOURCES.namespaces);
    this.#budgets = informers.informer<PodDisruptionBudget>(RESOURCES.podDisruptionBudgets);
    const volumes = new VolumeState(informers, new ClusterState());
    this.#fit = { namespaceLabels: (name) => this.#namespaces.get({ name })?.metadata.labels, volumes };
    this.#removal = new NodeRemoval(context, this.#recorder, (node) => this.#moving(node));
    this.controller = new Controller({
      name: 'cluster-autoscaler',
      context,
      informers: [pods, this.#nodes, this.#namespaces, this.#budgets, volumes],
      started: () => this.#begin(),
      stopped: () => this.#end(),
      reconcile: () => this.#scan(),
    });
    const look = (): void => this.#lookSoon();
    pods.onEvent(look);
    this.#budgets.onEvent(look);
    this.#nodes.onEvent(({ type, object }) => {
      const name = nameOf(object);
      this.#ordered.delete(name);
      if (type === 'deleted') {
        // Names are used again; what was found out about this node is not true of the next one.
        this.#unneeded.delete(name);
        if (object.metadata.labels?.[POOL_LABEL] !== undefined) options.stopNode(name);
      }
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
        if (this.#stopped) return;
        await this.#options.startNode(optionsOf(pool, nameOf(node), index));
      }
      for (let size = nodes.length; size < pool.min && !this.#stopped; size += 1)
        await this.#options.startNode(this.#newNode(pool));
    }
    this.#lookSoon();
  }

  /** Machines that were ordered and are not on yet do not come any more. */
  #end(): void {
    this.#stopped = true;
    for (const timer of this.#boots) timer.stop();
    this.#boots.clear();
    this.#ordered.clear();
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

  #moving(node: string): readonly PodInfo[] {
    return movingPods(this.#pods.on(node));
  }

  async #scan(): Promise<void> {
    this.#scaleUp();
    await this.#removal.goOn((name) => this.#nodes.get({ name }));
    if (this.#stopped) return;
    if (this.#removal.isBusy) this.#lookSoon();
    else await this.#scaleDown();
  }

  #scaleUp(): void {
    const waiting = this.#pods.waiting();
    if (waiting.length === 0) return;
    const now = this.#context.clock.now();
    const nodes = [
      ...this.#nodes.list().filter(({ metadata }) => !this.#removal.concerns(metadata.name ?? '')),
      ...[...this.#ordered.values()].map(({ options }) => futureNode(options, now)),
    ];
    const simulation = new FitSimulation(nodes, this.#pods.placed(), this.#fit);
    const unfit = simulation.trial(() => waiting.filter((pod) => !simulation.place(pod)));
    if (unfit.length === 0) return;
    const pools = this.#options.pools.map((pool) => this.#stateOf(pool));
    const { best, helpless } = planScaleUp(unfit, pools, simulation);
    for (const { pod, reason } of helpless) {
      this.#recorder.event(pod.pod, 'Normal', 'NotTriggerScaleUp', `pod didn't trigger scale-up: ${reason}`);
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
      this.#boot(this.#newNode(pool), pool.bootMillis ?? BOOT_MILLIS);
    }
    group(`group ${pool.name} size set to ${wanted} instead of ${size}`);
    const message = `pod triggered scale-up: [{${pool.name} ${size}->${wanted} (max: ${pool.max})}]`;
    for (const { pod } of pods) this.#recorder.event(pod, 'Normal', 'TriggeredScaleUp', message);
    this.#lookSoon();
  }

  /** Switches a machine on that takes so long to come up, ms. */
  #boot(options: NodeOptions, duration: number): void {
    const { clock, logger } = this.#context;
    const timer = clock.setTimer(duration, () => {
      this.#boots.delete(timer);
      this.#options.startNode(options).catch((error: unknown) => {
        this.#ordered.delete(options.nodeName);
        logger.log('warn', `cluster-autoscaler: ${String(error)}`, { node: options.nodeName });
        this.#lookSoon();
      });
    });
    this.#boots.add(timer);
  }

  async #scaleDown(): Promise<void> {
    const now = this.#context.clock.now();
    let simulation: FitSimulation | undefined;
    const situation: DownSituation = {
      moving: (node) => this.#moving(node),
      budgets: this.#budgets.list(),
      simulation: () => (simulation ??= new FitSimulation(this.#nodes.list(), this.#pods.placed(), this.#fit)),
    };
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
          await this.#removal.begin(node);
          this.#lookSoon();
          return;
        }
      }
    }
    if (Number.isFinite(next)) this.controller.queue.addAfter(KEY, next - now);
  }
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

import { silentLogger, type Logger } from '../../../../src/base/logger.ts';
import { SeededRandom } from '../../../../src/base/random.ts';
import { VirtualClock } from '../../../../src/base/virtual-clock.ts';
import type { KubeClient } from '../../../../src/client/kube-client.ts';
import { ApiServer } from '../../../../src/cluster/apiserver/api-server.ts';
import { createGarbageCollector } from '../../../../src/cluster/controllers/garbage-collector/garbage-collector.ts';
import { createInformerFactory } from '../../../../src/cluster/machinery/informer.ts';
import type { Component, ComponentContext, InformerFactory } from '../../../../src/cluster/machinery/interfaces.ts';

import { MemoryStore } from '../../../../src/cluster/store/memory-store.ts';
import type { Event, Pod } from '../../../../src/kube/api/core-v1.generated.ts';
import type { ResourceType } from '../../../../src/kube/object.ts';
import { RESOURCES } from '../../../../src/kube/resources.ts';
import { isStatus } from '../../../../src/kube/status-error.ts';
import { type PodCourse, runPods } from './pod-runner.ts';
import { builtinStrategies } from '../../../../src/cluster/registry/builtins.ts';

/** 2026-01-05T10:00:00Z, a Monday. */
export const START = Date.UTC(2026, 0, 5, 10);
export const NAMESPACE = 'default';

/** What {@link workloadCluster} starts. */
export interface WorkloadClusterOptions {
  readonly controllers: readonly ((context: ComponentContext, informers: InformerFactory) => Component)[];
  /** How pods go; default: they run on. Undefined `runPods`: nothing runs them. */
  readonly course?: (pod: Pod) => PodCourse;
  readonly runPods?: boolean;
  readonly collectGarbage?: boolean;
  readonly logger?: Logger;
}

/** An API server with controllers, and something that runs pods, on a virtual clock. */
export class WorkloadCluster {
  readonly client: KubeClient;
  readonly clock: VirtualClock;
  readonly context: ComponentContext;
  readonly informers: InformerFactory;
  #components: readonly Component[] = [];

  constructor(options: WorkloadClusterOptions) {
    const { logger = silentLogger } = options;
    this.clock = new VirtualClock({ start: START });
    const random = new SeededRandom(1);
    const server = new ApiServer({
      store: new MemoryStore(),
      strategies: builtinStrategies(),
      clock: this.clock,
      random,
      logger,
    });
    this.client = server.client({ fieldManager: 'test' });
    this.context = { client: this.client, clock: this.clock, random, logger };
    this.informers = createInformerFactory(this.context);
  }

  async start(options: WorkloadClusterOptions): Promise<void> {
    await this.client.create(RESOURCES.namespaces, {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: NAMESPACE },
    });
    try {
      const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: NAMESPACE } };
      await this.client.create(RESOURCES.serviceAccounts, account);
    } catch (error) {
      if (!isStatus(error, 'AlreadyExists')) throw error;
    }
    const { client, clock, informers } = this;
    if (options.runPods !== false) runPods({ client, clock, informers, course: options.course ?? (() => ({})) });
    const made = options.controllers.map((create) => create(this.context, informers));
    if (options.collectGarbage === true) made.push(createGarbageCollector(this.context, informers));
    this.#components = made;
    await clock.blockOn(Promise.all(made.map((component) => component.start())));
  }

  stop(): void {
    for (const component of this.#components) component.stop();
    this.informers.stop();
  }

  /** Lets so many seconds pass. */
  async pass(seconds: number): Promise<void> {
    await this.clock.advance(seconds * 1000);
  }

  async create<T extends object>(type: ResourceType, object: object): Promise<T> {
    return await this.client.create<T>(type, object);
  }

  async get<T extends object>(type: ResourceType, name: string): Promise<T> {
    return await this.client.get<T>(type, type.namespaced ? { namespace: NAMESPACE, name } : { name });
  }

  async find<T extends object>(type: ResourceType, name: string): Promise<T | undefined> {
    try {
      return await this.get<T>(type, name);
    } catch (error) {
      if (isStatus(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  async list<T extends object>(type: ResourceType): Promise<readonly T[]> {
    return (await this.client.list<T>(type)).items;
  }

  /** A merge patch. */
  async patch(type: ResourceType, name: string, body: object, subresource?: string): Promise<void> {
    const key = type.namespaced ? { namespace: NAMESPACE, name } : { name };
    await this.client.patch(type, key, 'merge', body, subresource === undefined ? {} : { subresource });
  }

  async delete(type: ResourceType, name: string): Promise<void> {
    await this.client.delete(type, type.namespaced ? { namespace: NAMESPACE, name } : { name });
  }

  /** `name phase`, sorted; pods that are being deleted have a `-` behind them. */
  async pods(): Promise<string[]> {
    const pods = await this.list<Pod>(RESOURCES.pods);
    return pods.map(({ metadata, status }) => {
      return `${metadata.name} ${status?.phase}${metadata.deletionTimestamp === undefined ? '' : '-'}`;
    });
  }

  /** `reason: message` of the events about an object, with their count when above 1. */
  async events(name: string): Promise<string[]> {
    const events = await this.list<Event>(RESOURCES.events);
    return events
      .filter(({ involvedObject }) => involvedObject.name === name)
      .toSorted((a, b) => ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1))
      .map(({ reason, message, count = 1 }) => `${reason}: ${message}${count > 1 ? ` (${count})` : ''}`);
  }
}

/** A running {@link WorkloadCluster}. */
export async function workloadCluster(options: WorkloadClusterOptions): Promise<WorkloadCluster> {
  const cluster = new WorkloadCluster(options);
  await cluster.start(options);
  return cluster;
}

import { silentLogger } from '../../../src/base/logger.ts';
import { SeededRandom } from '../../../src/base/random.ts';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import type { KubeClient } from '../../../src/client/kube-client.ts';
import { ApiServer } from '../../../src/cluster/apiserver/api-server.ts';
import { type CatalogueOptions, createCatalogue } from '../../../src/cluster/kubelet/images/catalogue.ts';
import { createKubelet, type KubeletOptions, type NodeOptions } from '../../../src/cluster/kubelet/kubelet.ts';
import { createInformerFactory } from '../../../src/cluster/machinery/informer.ts';
import type { Component, ComponentContext, SkipNews } from '../../../src/cluster/machinery/interfaces.ts';
import { builtinStrategies } from '../../../src/cluster/registry/builtins.ts';
import { MemoryStore } from '../../../src/cluster/store/memory-store.ts';
import type { Container, Event, Pod, PodSpec } from '../../../src/kube/api/core-v1.generated.ts';
import { RESOURCES } from '../../../src/kube/resources.ts';

/** 2025-01-01T00:00:00Z */
export const START = Date.UTC(2025, 0, 1);

const NODE: NodeOptions = {
  nodeName: 'node-1',
  index: 0,
  capacity: { cpu: '4', memory: '8Gi', pods: '110' },
};

/** An API server with one kubelet, and nobody else. */
export interface Bench {
  readonly client: KubeClient;
  readonly clock: VirtualClock;
  /** Number of writes to pods' status. */
  statusWrites(): number;
  /** Creates a pod bound to the node; `spec` is laid over one container named `c`. */
  run(
    name: string,
    container: Partial<Container>,
    spec?: Partial<PodSpec>,
    annotations?: Record<string, string>,
  ): Promise<void>;
  pod(name: string): Promise<Pod>;
  /** `type reason: message` of a pod's events, oldest first, with the count when above 1. */
  events(name: string): Promise<string[]>;
  /** Ends the kubelet and starts one anew, as another process would. */
  restart(): Promise<void>;
  stop(): void;
}

export interface BenchOptions {
  readonly catalogue?: CatalogueOptions;
  readonly node?: Partial<KubeletOptions>;
  readonly skips?: SkipNews;
}

export async function bench(options: BenchOptions = {}): Promise<Bench> {
  const clock = new VirtualClock({ start: START });
  const random = new SeededRandom(1);
  const server = new ApiServer({
    store: new MemoryStore(),
    strategies: builtinStrategies(),
    clock,
    random,
    logger: silentLogger,
  });
  const client = server.client({ fieldManager: 'test' });
  let writes = 0;
  const kubeletClient = counting(server.client({ fieldManager: 'kubelet' }), () => {
    writes += 1;
  });
  for (const name of ['default', 'kube-node-lease']) await client.create(RESOURCES.namespaces, { metadata: { name } });
  await client.create(RESOURCES.serviceAccounts, { metadata: { name: 'default', namespace: 'default' } });
  const { skips } = options;
  const context: ComponentContext = { client: kubeletClient, clock, random, logger: silentLogger, skips };
  let stop: () => void = () => {};
  const start = async (): Promise<void> => {
    const informers = createInformerFactory(context);
    const kubelet: Component = createKubelet(context, informers, {
      ...NODE,
      ...options.node,
      catalogue: createCatalogue(options.catalogue),
    });
    stop = () => {
      kubelet.stop();
      informers.stop();
    };
    await kubelet.start();
    await clock.settle();
  };
  await start();
  return {
    client,
    clock,
    statusWrites: () => writes,
    run: async (name, container, spec = {}, annotations = {}) => {
      await client.create(RESOURCES.pods, {
        metadata: { name, namespace: 'default', annotations },
        spec: {
          nodeName: NODE.nodeName,
          containers: [{ name: 'c', image: 'shop/app:1', ...container }],
          ...spec,
        },
      });
      await clock.settle();
    },
    pod: (name) => client.get<Pod>(RESOURCES.pods, { namespace: 'default', name }),
    events: async (name) => {
      const { items } = await client.list<Event>(RESOURCES.events, { namespace: 'default' });
      return items
        .filter(({ involvedObject }) => involvedObject.name === name)
        .sort((a, b) => (a.metadata.name ?? '').localeCompare(b.metadata.name ?? ''))
        .map(
          ({ type, reason, message, count }) =>
            `${type} ${reason}: ${message}${(count ?? 1) > 1 ? ` (x${count})` : ''}`,
        );
    },
    restart: async () => {
      stop();
      await start();
    },
    stop: () => stop(),
  };
}

/** A Service with the port 5432 and nobody behind it. */
export async function service({ client }: Bench, name: string): Promise<void> {
  await client.create(RESOURCES.services, {
    metadata: { name, namespace: 'default' },
    spec: { selector: { app: name }, ports: [{ name: 'tcp', port: 5432 }] },
  });
}

/** Somebody behind the Service. */
export async function endpoints({ client }: Bench, name: string): Promise<void> {
  await client.create(RESOURCES.endpointSlices, {
    metadata: { name: `${name}-1`, namespace: 'default', labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    ports: [{ name: 'tcp', port: 5432, protocol: 'TCP' }],
    endpoints: [{ addresses: ['10.244.0.9'], conditions: { ready: true } }],
  });
}

function counting(client: KubeClient, count: () => void): KubeClient {
  return new Proxy(client, {
    get(target, property) {
      const member: unknown = Reflect.get(target, property);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]): unknown => {
        if (property === 'update' && args[0] === RESOURCES.pods) count();
        return Reflect.apply(member, target, args);
      };
    },
  });
}

/** The status of a pod in short: phase, then `name=state` of each container, then `ready`. */
export function summary(pod: Pod): string {
  const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  const states = statuses.map(({ name, state, restartCount }) => {
    const text =
      state?.running !== undefined
        ? 'running'
        : state?.terminated !== undefined
          ? `${state.terminated.reason ?? ''}(${state.terminated.exitCode})`
          : (state?.waiting?.reason ?? '');
    return `${name}=${text}${restartCount > 0 ? `/${restartCount}` : ''}`;
  });
  const ready = pod.status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True';
  return [pod.status?.phase ?? '', ...states, ...(ready ? ['ready'] : [])].join(' ');
}

import { silentLogger } from '../../../src/base/logger.ts';
import { SeededRandom } from '../../../src/base/random.ts';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import type { KubeClient } from '../../../src/client/kube-client.ts';
import { ApiServer } from '../../../src/cluster/apiserver/api-server.ts';
import { createInformerFactory } from '../../../src/cluster/machinery/informer.ts';
import type { ComponentContext } from '../../../src/cluster/machinery/interfaces.ts';
import { builtinStrategies } from '../../../src/cluster/registry/builtins.ts';
import type { SchedulerConfiguration } from '../../../src/cluster/scheduler/profiles/settings.ts';
import { createScheduler } from '../../../src/cluster/scheduler/scheduler.ts';
import { MemoryStore } from '../../../src/cluster/store/memory-store.ts';
import type { Event, Node, Pod, PodSpec, Taint } from '../../../src/kube/api/core-v1.generated.ts';
import { RESOURCES } from '../../../src/kube/resources.ts';

/** A node in short. */
export interface NodeSketch {
  readonly cpu?: string;
  readonly memory?: string;
  readonly pods?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly Taint[];
  readonly unschedulable?: boolean;
  /** Further resources. */
  readonly more?: Readonly<Record<string, string>>;
}

/** A pod in short; `spec` is laid over one container. */
export interface PodSketch {
  readonly cpu?: string;
  readonly memory?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly spec?: Partial<PodSpec>;
}

/** An API server with a scheduler; pods stay as they are bound. */
export interface Bench {
  readonly client: KubeClient;
  readonly clock: VirtualClock;
  readonly node: (name: string, sketch?: NodeSketch) => Promise<void>;
  readonly pod: (name: string, sketch?: PodSketch) => Promise<void>;
  /** The node of each pod, `-` for none. */
  readonly places: (...names: readonly string[]) => Promise<string>;
  readonly get: (name: string) => Promise<Pod>;
  /** The message of the condition PodScheduled. */
  readonly why: (name: string) => Promise<string>;
  readonly events: (name: string) => Promise<string[]>;
  readonly stop: () => void;
}

/** @param scheduler how it works; default: as nobody has configured it */
export async function bench(scheduler?: SchedulerConfiguration): Promise<Bench> {
  const clock = new VirtualClock({ start: Date.UTC(2025, 0, 1) });
  const server = new ApiServer({
    store: new MemoryStore(),
    strategies: builtinStrategies(),
    clock,
    random: new SeededRandom(1),
    logger: silentLogger,
  });
  const client = server.client({ fieldManager: 'test' });
  await client.create(RESOURCES.namespaces, { metadata: { name: 'default' } });
  await client.create(RESOURCES.serviceAccounts, { metadata: { name: 'default', namespace: 'default' } });
  const context: ComponentContext = {
    client: server.client({ fieldManager: 'kube-scheduler' }),
    clock,
    random: new SeededRandom(2),
    logger: silentLogger,
  };
  const informers = createInformerFactory(context);
  const component = createScheduler(context, informers, scheduler);
  await component.start();
  const get = (name: string): Promise<Pod> => client.get<Pod>(RESOURCES.pods, { namespace: 'default', name });
  return {
    client,
    clock,
    node: async (name, sketch = {}) => {
      const { cpu = '4', memory = '8Gi', pods = '110', labels = {}, taints, unschedulable, more = {} } = sketch;
      const node = await client.create<Node>(RESOURCES.nodes, {
        metadata: { name, labels: { 'kubernetes.io/hostname': name, ...labels } },
        spec: {
          ...(taints === undefined ? {} : { taints }),
          ...(unschedulable === undefined ? {} : { unschedulable }),
        },
      });
      const amounts = { cpu, memory, pods, ...more };
      await client.update(
        RESOURCES.nodes,
        { ...node, status: { ...node.status, capacity: amounts, allocatable: amounts } },
        { subresource: 'status' },
      );
      await clock.settle();
    },
    pod: async (name, { cpu, memory, labels = {}, spec = {} } = {}) => {
      const requests = { ...(cpu === undefined ? {} : { cpu }), ...(memory === undefined ? {} : { memory }) };
      await client.create(RESOURCES.pods, {
        metadata: { name, namespace: 'default', labels },
        spec: { containers: [{ name: 'c', image: 'shop/app:1', resources: { requests } }], ...spec },
      });
      await clock.settle();
    },
    places: async (...names) => {
      const places: string[] = [];
      for (const name of names) places.push((await get(name)).spec?.nodeName ?? '-');
      return places.join(' ');
    },
    get,
    why: async (name) => {
      const condition = (await get(name)).status?.conditions?.find(({ type }) => type === 'PodScheduled');
      return condition?.status === 'True' ? '' : `${condition?.reason ?? ''}: ${condition?.message ?? ''}`;
    },
    events: async (name) => {
      const { items } = await client.list<Event>(RESOURCES.events, { namespace: 'default' });
      return items
        .filter(({ involvedObject }) => involvedObject.name === name)
        .map(({ type, reason, message }) => `${type} ${reason}: ${message}`);
    },
    stop: () => {
      component.stop();
      informers.stop();
    },
  };
}

import { silentLogger } from '../../../src/base/logger.ts';
import { SeededRandom } from '../../../src/base/random.ts';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import type { KubeClient } from '../../../src/client/kube-client.ts';
import { ApiServer } from '../../../src/cluster/apiserver/api-server.ts';
import { type CoreControllersOptions, coreControllers } from '../../../src/cluster/controllers/index.ts';
import { createInformerFactory } from '../../../src/cluster/machinery/informer.ts';
import type {
  Component,
  ComponentContext,
  Informer,
  InformerFactory,
} from '../../../src/cluster/machinery/interfaces.ts';
import { isDeleting, nameOf, objectKey } from '../../../src/cluster/machinery/keys.ts';
import { formatTime } from '../../../src/cluster/machinery/time.ts';
import { builtinStrategies } from '../../../src/cluster/registry/builtins.ts';
import { MemoryStore } from '../../../src/cluster/store/memory-store.ts';
import type { Deployment, ReplicaSet } from '../../../src/kube/api/apps-v1.generated.ts';
import type { Event, Pod } from '../../../src/kube/api/core-v1.generated.ts';
import { RESOURCES } from '../../../src/kube/resources.ts';
import { StatusError } from '../../../src/kube/status-error.ts';

/** 2025-01-01T00:00:00Z */
export const START = Date.UTC(2025, 0, 1);

/** What the pretended nodes do. */
export interface NodeBehaviour {
  /** ms from a pod's creation to its being ready; undefined: never. By default 1000, never for images with `broken`. */
  readonly readyAfter?: (pod: Pod) => number | undefined;
  /** ms from a pod's deletion to its end; default 500. */
  readonly stopAfter?: number;
}

/** A cluster of the API server, the core controllers and pretended nodes. */
export interface TestCluster {
  readonly client: KubeClient;
  readonly clock: VirtualClock;
  readonly context: ComponentContext;
  readonly informers: InformerFactory;
  readonly components: readonly Component[];
  pods(): readonly Pod[];
  /** `reason: message` of all events, oldest first, with the count when above 1. */
  events(kind: string, name: string): Promise<string[]>;
  deployment(name: string): Promise<Deployment>;
  /** ReplicaSets by age. */
  replicaSets(): Promise<ReplicaSet[]>;
  stop(): void;
}

export interface TestClusterOptions extends NodeBehaviour {
  /** While true, no pod is let in. */
  readonly refusePods?: () => boolean;
  readonly nodes?: readonly string[];
  readonly core?: CoreControllersOptions;
}

/** A running cluster with namespace `default`. */
export async function testCluster(options: TestClusterOptions = {}): Promise<TestCluster> {
  const clock = new VirtualClock({ start: START });
  const random = new SeededRandom(1);
  const logger = silentLogger;
  const server = new ApiServer({ store: new MemoryStore(), strategies: builtinStrategies(), clock, random, logger });
  const client = refusing(server.client({ fieldManager: 'test' }), options.refusePods);
  const context: ComponentContext = { client, clock, random, logger };
  const informers = createInformerFactory(context);
  const components = coreControllers(context, informers, options.core);
  await client.create(RESOURCES.namespaces, { metadata: { name: 'default' } });
  const nodes = options.nodes ?? ['node-1', 'node-2', 'node-3'];
  for (const name of nodes) await client.create(RESOURCES.nodes, { metadata: { name } });
  await Promise.all(components.map((component) => component.start()));
  const pods = informers.informer<Pod>(RESOURCES.pods);
  pretendNodes(context, pods, nodes, options);
  await clock.settle();
  return {
    client,
    clock,
    context,
    informers,
    components,
    pods: () => pods.list(),
    events: async (kind, name) => {
      const { items } = await client.list<Event>(RESOURCES.events);
      return items
        .filter(({ involvedObject }) => involvedObject.kind === kind && involvedObject.name === name)
        .sort((a, b) => Number(a.metadata.resourceVersion) - Number(b.metadata.resourceVersion))
        .map(({ reason, message, count }) => `${reason}: ${message}${(count ?? 1) > 1 ? ` (x${count})` : ''}`);
    },
    deployment: (name) => client.get<Deployment>(RESOURCES.deployments, { namespace: 'default', name }),
    replicaSets: async () =>
      (await client.list<ReplicaSet>(RESOURCES.replicaSets, { namespace: 'default' })).items.toSorted(
        (a, b) => Number(a.metadata.annotations?.[REVISION] ?? 0) - Number(b.metadata.annotations?.[REVISION] ?? 0),
      ),
    stop: () => {
      for (const component of components) component.stop();
      informers.stop();
    },
  };
}

/** The client, whose creations of pods fail as those beyond a quota do. */
function refusing(client: KubeClient, refuse: (() => boolean) | undefined): KubeClient {
  if (refuse === undefined) return client;
  return new Proxy(client, {
    get(target, property) {
      const member: unknown = Reflect.get(target, property);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]): unknown => {
        if (property === 'create' && args[0] === RESOURCES.pods && refuse()) {
          const message = 'pods "web" is forbidden: exceeded quota: q';
          const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', code: 403 } as const;
          return Promise.reject(new StatusError({ ...status, reason: 'Forbidden', message }));
        }
        return Reflect.apply(member, target, args);
      };
    },
  });
}

const REVISION = 'deployment.kubernetes.io/revision';

/** Binds pods to nodes in turn, makes them ready and lets them end, after the time that is asked for. */
function pretendNodes(
  { client, clock }: ComponentContext,
  pods: Informer<Pod>,
  nodes: readonly string[],
  { readyAfter = defaultReadyAfter, stopAfter = 500 }: NodeBehaviour,
): void {
  let next = 0;
  let address = 0;
  const ended = new Set<string>();
  pods.onEvent(({ type, object: pod }) => {
    const uid = pod.metadata.uid ?? '';
    if (type === 'deleted') return;
    if (isDeleting(pod) && pod.spec?.nodeName !== undefined) {
      if (ended.has(uid)) return;
      ended.add(uid);
      clock.setTimer(stopAfter, () => {
        ignoreMissing(client.delete(RESOURCES.pods, objectKey(pod), { gracePeriodSeconds: 0 }));
      });
      return;
    }
    if (type !== 'added' || nodes.length === 0) return;
    const node = nodes[next % nodes.length] ?? '';
    next += 1;
    address += 1;
    const ip = `10.244.${address >> 8}.${address & 255}`;
    const { namespace, name } = pod.metadata;
    const target = { apiVersion: 'v1', kind: 'Node', name: node };
    const binding = { apiVersion: 'v1', kind: 'Binding', metadata: { namespace, name }, target };
    ignoreMissing(client.create(RESOURCES.pods, binding, { subresource: 'binding' }));
    const delay = readyAfter(pod);
    if (delay === undefined) return;
    clock.setTimer(delay, () => {
      const current = pods.get(objectKey(pod));
      if (current !== undefined && current.metadata.uid === uid && !isDeleting(current)) {
        ignoreMissing(setReady({ client, clock }, current, ip));
      }
    });
  });
}

function defaultReadyAfter(pod: Pod): number | undefined {
  return pod.spec?.containers.some(({ image }) => image?.includes('broken')) === true ? undefined : 1000;
}

/** Writes the status of a running, ready pod. */
export async function setReady(
  { client, clock }: Pick<ComponentContext, 'client' | 'clock'>,
  pod: Pod,
  ip: string,
  ready = true,
): Promise<void> {
  const lastTransitionTime = formatTime(clock.now());
  const condition = (type: string, status: boolean): object => ({
    type,
    status: status ? 'True' : 'False',
    lastTransitionTime,
  });
  const others = (pod.status?.conditions ?? []).filter(({ type }) => type === 'PodScheduled');
  const status = {
    ...pod.status,
    phase: 'Running',
    podIP: ip,
    podIPs: [{ ip }],
    startTime: pod.status?.startTime ?? lastTransitionTime,
    conditions: [
      ...others,
      condition('Initialized', true),
      condition('ContainersReady', ready),
      condition('Ready', ready),
    ],
  };
  await client.update(RESOURCES.pods, { ...pod, status }, { subresource: 'status' });
}

function ignoreMissing(promise: Promise<unknown>): void {
  promise.catch((error: unknown) => {
    if (!(error instanceof StatusError)) throw error;
  });
}

/** A Deployment named `web` of nginx. */
export function deployment(spec: object = {}, image = 'nginx:1', name = 'web'): object {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'default' },
    spec: {
      replicas: 3,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: 'c', image, ports: [{ name: 'http', containerPort: 80 }] }] },
      },
      ...spec,
    },
  };
}

/** Changes a Deployment by a merge patch. */
export async function patchDeployment({ client }: TestCluster, patch: object, name = 'web'): Promise<void> {
  await client.patch(RESOURCES.deployments, { namespace: 'default', name }, 'merge', patch);
}

/** The patch of another image. */
export function imagePatch(image: string): { readonly spec: object } {
  return {
    spec: { template: { spec: { containers: [{ name: 'c', image, ports: [{ name: 'http', containerPort: 80 }] }] } } },
  };
}

/** `name` by `names` of the objects. */
export function names(objects: readonly { readonly metadata: { readonly name?: string | undefined } }[]): string[] {
  return objects.map((object) => nameOf(object));
}

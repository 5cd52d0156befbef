import type { Logger } from '../base/logger.ts';
import { silentLogger } from '../base/logger.ts';
import { SeededRandom } from '../base/random.ts';
import { RealClock } from '../base/real-clock.ts';
import { VirtualClock } from '../base/virtual-clock.ts';
import type { KubeClient } from '../client/kube-client.ts';
import { kubeconfigText } from '../client/http/kubeconfig-text.ts';
import {
  type AdvanceOptions,
  Cluster as SimulatedCluster,
  type ClusterOptions,
  type ClusterServeOptions,
} from '../cluster/cluster.ts';
import { clusterNodes } from '../cluster/cluster-nodes.ts';
import { type CatalogueOptions, createCatalogue } from '../cluster/kubelet/images/catalogue.ts';
import type { NodeOptions } from '../cluster/kubelet/kubelet.ts';
import type { RequestTrace } from '../cluster/network/hops.ts';
import type { NodePlan } from '../cluster/nodes/node-pool.ts';
import type { SchedulerConfiguration } from '../cluster/scheduler/profiles/settings.ts';
import type { ClusterKeys } from '../cluster/serve/cluster-keys.ts';
import type { ServedCluster } from '../cluster/serve/serve-cluster.ts';
import { MemoryStore } from '../cluster/store/memory-store.ts';

/** What a cluster in memory begins with; everything has a default. */
export interface CreateOptions {
  /** How many nodes, or which (`parseNodes` reads a file of them); default 3, or those of the snapshot. */
  readonly nodes?: number | readonly NodeOptions[] | NodePlan;
  /** What it says it is: `1.34`, `v1.34.3`; default v1.35.2, or what the snapshot says. */
  readonly kubernetesVersion?: string;
  /** Chance follows from it: the same seed and the same calls give the same names; default 1. */
  readonly seed?: number;
  /** The first instant, ms since the epoch; default: now, in whole seconds, or when the snapshot was taken. */
  readonly start?: number | Date;
  /** What images do besides the built-in ones. */
  readonly images?: CatalogueOptions;
  /** How the scheduler works (`parseSchedulerConfiguration` reads a file of it); default: as usual, or as in the snapshot. */
  readonly scheduler?: SchedulerConfiguration;
  /** What `snapshot()` or `pintle cluster snapshot` gave: the cluster goes on from there. */
  readonly snapshot?: Uint8Array;
  /** Default: silent. */
  readonly logger?: Logger;
  /** For messages; default `test`. */
  readonly name?: string;
}

/** How a cluster is served; everything has a default. */
export interface LibraryServeOptions extends Partial<ClusterServeOptions> {
  /** Of the context in the kubeconfig; default: that of the cluster. */
  readonly context?: string;
}

/** How a request is sent; everything has a default. */
export interface RequestOptions {
  /** The pod that sends it, `NAME` or `NAMESPACE/NAME`; default: a client of the namespace, or the world outside. */
  readonly from?: string;
  /** Default `default`. */
  readonly namespace?: string;
  /** `host` decides on the Ingress, others on canaries. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Where a served cluster is. */
export interface ServedAt extends ServedCluster {
  /** A kubeconfig for it, whose context is the current one. */
  readonly kubeconfig: string;
}

/**
 * A simulated Kubernetes cluster in this process. {@link Cluster.create} makes one in memory with everything running; the
 * constructor takes it to pieces for those who bring a store or a clock of their own.
 *
 * Its time stands still until somebody lets it pass: with {@link Cluster.advance}, by waiting with `clock.blockOn`, or, once it is
 * served, by itself.
 */
export class Cluster {
  readonly #cluster: SimulatedCluster;
  readonly #context: string;
  readonly #served = new Set<ServedCluster>();

  /** @throws PintleError `usage` for a version of Kubernetes that it cannot be */
  constructor(options: ClusterOptions) {
    this.#cluster = new SimulatedCluster(options);
    this.#context = `pintle-${/"([^"]+)"/.exec(options.description)?.[1] ?? 'test'}`;
  }

  /**
   * Makes a cluster in memory and starts all its parts.
   *
   * @throws PintleError `usage`, `store-corrupt` for what is no snapshot
   */
  static async create(options: CreateOptions = {}): Promise<Cluster> {
    const restored = options.snapshot === undefined ? undefined : await restore(options.snapshot);
    const store = restored?.store ?? new MemoryStore();
    const plan = planOf(options.nodes ?? restored?.plan ?? restored?.nodes ?? 3);
    const start = options.start ?? SimulatedCluster.storedTime(store) ?? Math.trunc(Date.now() / 1000) * 1000;
    const cluster = new Cluster({
      store,
      clock: new VirtualClock({ start: Number(start) }),
      random: new SeededRandom(options.seed ?? 1),
      logger: options.logger ?? silentLogger,
      nodes: plan.nodes,
      pools: plan.pools,
      catalogue: createCatalogue(options.images),
      description: `embedded cluster "${options.name ?? 'test'}"`,
      kubernetesVersion: options.kubernetesVersion ?? restored?.kubernetesVersion,
      scheduler: options.scheduler ?? restored?.scheduler,
    });
    await cluster.start();
    return cluster;
  }

  /** Everything that can be asked of the cluster and done to it. */
  get client(): KubeClient {
    return this.#cluster.client;
  }

  /** Its clock; `clock.blockOn(promise)` lets time pass until the promise settles. */
  get clock(): VirtualClock {
    return this.#cluster.clock;
  }

  /** Makes what every cluster has, starts all parts, and lets what is due at this instant happen. */
  start(): Promise<void> {
    return this.#cluster.start();
  }

  /**
   * Lets time pass, ms, with all that happens meanwhile; while nobody watches, runs of CronJobs that leave no trace are passed over
   * unless `everyRun` is set.
   */
  async advance(duration: number, options?: AdvanceOptions): Promise<void> {
    await this.#cluster.advance(duration, options);
  }

  /**
   * Sends one request through names, Ingresses, Services and policies to a container, and tells each step, as
   * `pintle cluster curl` does; no time passes.
   *
   * @throws TypeError for what is no URL
   */
  request(url: string | URL, options: RequestOptions = {}): Promise<RequestTrace> {
    const { from, namespace = 'default', headers = {} } = options;
    const named = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
    const [space, name] = from?.includes('/') === true ? from.split('/') : [namespace, from];
    return this.#cluster.request({
      url: new URL(url),
      namespace,
      headers: Object.fromEntries(named),
      ...(name === undefined ? {} : { from: { namespace: space ?? namespace, name } }),
    });
  }

  /** All that it is, for {@link CreateOptions.snapshot} and `pintle cluster restore`. */
  snapshot(): Promise<Uint8Array> {
    return this.#cluster.snapshot();
  }

  /**
   * Serves it over HTTPS for kubectl, helm and other clients; its time then passes by itself, `speed` times as fast as the wall
   * clock's.
   *
   * @throws PintleError `target` when the port is taken
   */
  async serve(options: LibraryServeOptions = {}): Promise<ServedAt> {
    const { context = this.#context, ...rest } = options;
    const served = await this.#cluster.serve({
      wallClock: systemClock,
      ...rest,
      keys: rest.keys ?? (await sharedKeys()),
    });
    this.#served.add(served);
    const { url, keys } = served;
    const authority = keys.authority.certificate;
    return {
      ...served,
      kubeconfig: kubeconfigText({ name: context, server: url, authority, token: keys.token }),
      close: async () => {
        this.#served.delete(served);
        await served.close();
      },
    };
  }

  /** Ends it: connections are closed and nothing happens any more; a cluster in memory is forgotten. */
  async stop(): Promise<void> {
    const all = [...this.#served];
    this.#served.clear();
    try {
      await Promise.all(all.map((served) => served.close()));
    } finally {
      this.#cluster.stop();
    }
  }
}

const systemClock = new RealClock({
  now: () => Date.now(),
  setTimeout: (callback, delay) => setTimeout(callback, delay),
  clearTimeout: (handle) => clearTimeout(handle as NodeJS.Timeout),
});

let keys: Promise<ClusterKeys> | undefined;

/** All clusters of a process have one authority: making keys takes longer than making a cluster. */
function sharedKeys(): Promise<ClusterKeys> {
  keys ??= import('../cluster/serve/cluster-keys.ts')
    .then(({ completeKeys }) => completeKeys({}, Date.now()))
    .catch((error: unknown) => {
      keys = undefined;
      throw error;
    });
  return keys;
}

function planOf(nodes: number | readonly NodeOptions[] | NodePlan): NodePlan {
  if (typeof nodes === 'number') return { nodes: clusterNodes(nodes), pools: [] };
  return 'pools' in nodes ? nodes : { nodes, pools: [] };
}

interface Restored {
  readonly store: MemoryStore;
  readonly nodes: number;
  readonly plan?: NodePlan;
  readonly kubernetesVersion: string;
  readonly scheduler?: SchedulerConfiguration;
}

async function restore(bytes: Uint8Array): Promise<Restored> {
  const { readSnapshot, storeOfSnapshot } = await import('../cluster/store/snapshot.ts');
  const snapshot = await readSnapshot(bytes, 'given to Cluster.create');
  const { plan, scheduler, ...about } = snapshot.about;
  return {
    store: storeOfSnapshot(snapshot),
    ...about,
    ...(plan === undefined ? {} : { plan: plan as NodePlan }),
    ...(scheduler === undefined ? {} : { scheduler: await configurationOf(scheduler) }),
  };
}

async function configurationOf(scheduler: object): Promise<SchedulerConfiguration> {
  const { readSchedulerConfiguration } = await import('../cluster/scheduler/profiles/read-configuration.ts');
  return readSchedulerConfiguration(scheduler);
}

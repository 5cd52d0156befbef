import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import { withNow } from '../base/clock.ts';
import type { VirtualClock } from '../base/virtual-clock.ts';
import type { KubeClient, ServerVersion } from '../client/kube-client.ts';
import { RESOURCES } from '../kube/resources.ts';
import { ApiServer } from './apiserver/api-server.ts';
import type { UserInfo } from './apiserver/request.ts';
import type { UsageProvider } from './apiserver/usage-provider.ts';
import type { WebhookClient } from './apiserver/webhooks/webhook-client.ts';
import { bootstrap } from './bootstrap.ts';
import { coreControllers } from './controllers/index.ts';
import { apiMetricsProvider, type MetricsProvider } from './controllers/hpa/metrics-provider.ts';
import { workloadControllers } from './controllers/workload-controllers.ts';
import type { ImageCatalogue } from './kubelet/images/catalogue.ts';
import { createPodAccess, type PodAccess, type PodAccessOptions } from './kubelet/container-access.ts';
import { KUBERNETES_VERSION, parseKubernetesVersion } from './kubernetes-version.ts';
import { createKubelet, type NodeKubelet, type NodeOptions } from './kubelet/kubelet.ts';
import type { PodAccount } from './kubelet/pods/made-secret.ts';
import { AccessLog } from './kubelet/logs/access-log.ts';
import { createPodLogs, type PodLogs } from './kubelet/pod-logs.ts';
import { podUsages, USAGE_WINDOW, usageInstant, type UsageSource } from './kubelet/usage/container-usage.ts';
import { simulatedMetrics } from './kubelet/usage/simulated-metrics.ts';
import { createEventRecorder } from './machinery/event-recorder.ts';
import { createInformerFactory } from './machinery/informer.ts';
import type { Component, ComponentContext, InformerFactory, TimeSkip } from './machinery/interfaces.ts';
import { Watchdog } from './machinery/watchdog.ts';
import { createNodeAutoscaler } from './nodes/node-autoscaler.ts';
import { silenceLostNodes } from './nodes/lost-nodes.ts';
import type { NodePool } from './nodes/node-pool.ts';
import type { RequestTrace } from './network/hops.ts';
import type { NetworkRequest } from './network/request.ts';
import { createIngressController } from './network/ingress-controller.ts';
import { builtinStrategies } from './registry/builtins.ts';
import { createFaultController } from './faults/fault-controller.ts';
import { FaultState } from './faults/fault-state.ts';
import { FaultyClient, withFaults } from './faults/faulty-client.ts';
import { withRegistryFaults } from './faults/faulty-catalogue.ts';
import type { SchedulerConfiguration } from './scheduler/profiles/settings.ts';
import { createScheduler } from './scheduler/scheduler.ts';
import type { ServedCluster, ServeOptions } from './serve/serve-cluster.ts';
import type { Store } from './store/store.ts';

/** What a simulated cluster is made of. */
export interface ClusterOptions {
  /** Kept open by the caller, who closes it. */
  readonly store: Store;
  readonly clock: VirtualClock;
  readonly random: Random;
  readonly logger: Logger;
  readonly nodes: readonly NodeOptions[];
  /** Nodes that come and go as they are needed. */
  readonly pools?: readonly NodePool[];
  /** What containers do. */
  readonly catalogue: ImageCatalogue;
  /** For messages: `embedded cluster "default"`. */
  readonly description: string;
  /** What it says it is; default: the version whose API it serves. See {@link parseKubernetesVersion}. */
  readonly kubernetesVersion?: string | undefined;
  /** How the scheduler works; default: as kube-scheduler does that nobody has configured. */
  readonly scheduler?: SchedulerConfiguration | undefined;
}

/** How time passes. */
export interface AdvanceOptions {
  /** Every run of a CronJob is lived through, also those of which nothing is left at the end; default: false. */
  readonly everyRun?: boolean | undefined;
}

/** How a cluster is served. */
export type ClusterServeOptions = Omit<
  ServeOptions,
  'apiServer' | 'clock' | 'containers' | 'control' | 'informersFault' | 'logger' | 'storeFault'
>;

/** Components with a clock of their own. */
const COMPONENTS: ReadonlySet<string> = new Set(['kube-controller-manager', 'kube-scheduler']);

/** Who asks for metrics. */
const AUTOSCALER: UserInfo = {
  name: 'system:serviceaccount:kube-system:horizontal-pod-autoscaler',
  groups: ['system:serviceaccounts', 'system:authenticated'],
};

/** Longer gaps are not lived through, ms: the simulated machines were off. */
const LONGEST_CATCH_UP = 24 * 3_600_000;

/**
 * A simulated Kubernetes cluster in this process: API server, controllers, scheduler and kubelets on one virtual clock.
 * Without {@link start} it only answers reads and writes, and nothing reacts to them.
 */
export class Cluster {
  readonly client: KubeClient;
  readonly clock: VirtualClock;
  readonly apiServer: ApiServer;
  readonly #options: ClusterOptions;
  readonly #faults: FaultState;
  readonly #watchdog: Watchdog;
  readonly #version: ServerVersion;
  readonly #accesses = new AccessLog();
  /** Those who remember instants. */
  readonly #skipListeners = new Set<(skip: TimeSkip) => void>();
  #informers: InformerFactory | undefined;
  #components: readonly Component[] = [];
  #logs: PodLogs | undefined;
  /** By node. */
  readonly #kubelets = new Map<string, NodeKubelet>();
  #access: PodAccess | undefined;
  #token: PodAccessOptions['token'];
  #webhooks: WebhookClient | undefined;
  /** {@link start} has come to its end. */
  #started = false;
  /** Servers on ports: while there is one, time passes by itself. */
  #serving = 0;

  /** @throws PintleError `usage` for a version of Kubernetes that it cannot be */
  constructor(options: ClusterOptions) {
    this.#options = options;
    this.#version = parseKubernetesVersion(options.kubernetesVersion ?? KUBERNETES_VERSION);
    this.clock = options.clock;
    this.apiServer = new ApiServer({
      store: options.store,
      strategies: builtinStrategies(),
      clock: options.clock,
      random: options.random,
      logger: options.logger,
      version: this.#version,
    });
    this.apiServer.setLogsProvider({ lines: (...asked) => this.#podLogs().lines(...asked) });
    this.apiServer.setUsageProvider(this.#usage());
    this.apiServer.setMetricProvider(
      simulatedMetrics({ list: (type, namespace) => this.apiServer.listNow(type, namespace) }),
    );
    this.#faults = new FaultState(options.random);
    this.#faults.onMachinesChange(() => {
      for (const kubelet of this.#kubelets.values()) kubelet.faultsChanged();
    });
    const { clock, logger } = options;
    this.#watchdog = new Watchdog({
      clock,
      logger,
      recorder: () =>
        createEventRecorder({ client: this.#plainClient(), clock, logger }, { component: 'pintle-watchdog' }),
    });
    this.apiServer.setInterceptor((request, run) => {
      const { verb, type, namespace } = request;
      const name = 'name' in request ? request.name : undefined;
      const about = { verb, resource: type.resource, namespace, name };
      return withFaults({ state: this.#faults, clock: options.clock }, about, run);
    });
    this.apiServer.setWebhookClient({
      post: async (...call) => (await this.#openWebhooks()).post(...call),
    });
    this.apiServer.onMutation((webhook, object) => this.#watchdog.witness(`webhook ${webhook}`, object));
    this.client = new FaultyClient(this.#plainClient(), {
      state: this.#faults,
      clock,
      name: 'user',
      watchdog: this.#watchdog,
      yieldTurn: () => clock.turn(),
    });
  }

  /** The instant at which a stored cluster stood still, or undefined for a new one. */
  static storedTime(store: Store): number | undefined {
    const time = store.meta('time');
    return typeof time === 'number' ? time : undefined;
  }

  /** Makes what every cluster has, starts all parts, and lets what is due at this instant happen. */
  async start(): Promise<void> {
    await bootstrap(this.#plainClient(), this.#options.logger);
    const state = this.#faults;
    const { nodes } = this.#options;
    const version = this.#version.gitVersion;
    const catalogue = withRegistryFaults(this.#options.catalogue, (registry) => state.isRegistryDown(registry));
    const controllers = this.#context('kube-controller-manager');
    const informers = this.#informers ?? createInformerFactory(controllers);
    this.#informers = informers;
    const kubeletOf = (node: NodeOptions): NodeKubelet =>
      createKubelet(this.#context('kubelet'), informers, {
        version,
        ...node,
        catalogue,
        faults: { diskFactor: () => state.diskFactor(node.nodeName), skew: () => state.skew(node.nodeName) },
        mayMakeSecrets: (account, namespace) => this.#mayMakeSecrets(account, namespace),
      });
    const kubelets = nodes.map(kubeletOf);
    for (const [i, node] of nodes.entries()) {
      const kubelet = kubelets[i];
      if (kubelet !== undefined) this.#kubelets.set(node.nodeName, kubelet);
    }
    const plain = { ...controllers, clock: this.clock, client: this.#plainClient() };
    this.#components = [
      createFaultController(plain, informers, state),
      ...coreControllers(controllers, informers, { metrics: this.#autoscalerMetrics(controllers) }),
      ...workloadControllers(controllers, informers),
      createIngressController(controllers, informers),
      createScheduler(this.#context('kube-scheduler'), informers, this.#options.scheduler),
      ...kubelets,
      ...this.#autoscalers(informers, kubeletOf),
    ];
    await Promise.all(this.#components.map((each) => each.start()));
    await silenceLostNodes(plain, new Set(this.#kubelets.keys()));
    await this.clock.settle();
    this.#started = true;
  }

  /** Built-in roles count also where the cluster has not been served yet, and has none of them stored. */
  async #mayMakeSecrets(account: PodAccount, namespace: string): Promise<boolean> {
    const release = this.clock.hold();
    try {
      const { mayCreate } = await import('./apiserver/auth/may-create.ts');
      return mayCreate(this.apiServer, account, { type: RESOURCES.secrets, namespace });
    } finally {
      release();
    }
  }

  /** What autoscalers ask, as the faults in force let them. */
  #autoscalerMetrics({ client, clock }: ComponentContext): MetricsProvider {
    const { apiServer } = this;
    const state = this.#faults;
    return apiMetricsProvider(client, {
      version: (group) => apiServer.metricsVersion(group),
      ask: (question) => {
        const { namespace, name, resource } = question;
        const about = { verb: 'get' as const, resource, namespace, name, client: 'kube-controller-manager' };
        return withFaults({ state, clock }, about, () => apiServer.metricsNow({ ...question, user: AUTOSCALER }));
      },
    });
  }

  /** What makes pools of nodes grow and shrink, where there are any. */
  #autoscalers(informers: InformerFactory, kubeletOf: (node: NodeOptions) => NodeKubelet): readonly Component[] {
    const { nodes, pools = [] } = this.#options;
    if (pools.length === 0) return [];
    const stopNode = (name: string): void => {
      this.#kubelets.get(name)?.stop();
      this.#kubelets.delete(name);
    };
    const startNode = async (options: NodeOptions): Promise<void> => {
      const { nodeName } = options;
      stopNode(nodeName);
      const kubelet = kubeletOf(options);
      this.#kubelets.set(nodeName, kubelet);
      try {
        await kubelet.start();
      } catch (error) {
        if (this.#kubelets.get(nodeName) === kubelet) stopNode(nodeName);
        throw error;
      }
    };
    const options = { pools, firstIndex: nodes.length, startNode, stopNode };
    return [createNodeAutoscaler(this.#context('cluster-autoscaler'), informers, options)];
  }

  /** What a part of the cluster works with; `name` is its field manager. */
  #context(name: string): ComponentContext {
    const { clock, random, logger, description } = this.#options;
    const client = this.apiServer.client({ description, fieldManager: name, isPart: true });
    const state = this.#faults;
    const watchdog = this.#watchdog;
    const own = COMPONENTS.has(name) ? withNow(clock, () => clock.now() + state.skew(name)) : clock;
    const faulty = new FaultyClient(client, { state, clock, name, watchdog });
    const skips = {
      onSkip: (listener: (skip: TimeSkip) => void) => {
        this.#skipListeners.add(listener);
        return () => void this.#skipListeners.delete(listener);
      },
    };
    return { client: faulty, clock: own, random, logger, watchdog, skips };
  }

  /** A client that faults do not concern. */
  #plainClient(): KubeClient {
    return this.apiServer.client({ description: this.#options.description });
  }

  /** Loaded when a webhook is called first. */
  async #openWebhooks(): Promise<WebhookClient> {
    const { ClusterWebhooks } = await import('./serve/cluster-webhooks.ts');
    const { catalogue, random } = this.#options;
    this.#webhooks ??= new ClusterWebhooks({
      service: (namespace, name) => this.apiServer.readNow(RESOURCES.services, namespace, name),
      trace: async (url) => {
        const { traceRequest } = await import('./trace-request.ts');
        const context = { ...this.#context('kube-apiserver'), client: this.#plainClient(), catalogue, random };
        return (await traceRequest(context, { url, namespace: 'default' })).outcome;
      },
      // Where time passes by itself, a webhook may wait for what the cluster does meanwhile.
      hold: () => (this.#serving > 0 ? () => {} : this.clock.hold()),
    });
    return this.#webhooks;
  }

  /** Works without {@link start} too: what containers wrote follows from what the store holds. */
  #podLogs(): PodLogs {
    const context = this.#context('kubelet');
    this.#informers ??= createInformerFactory(context);
    const { major, minor } = this.#version;
    this.#logs ??= createPodLogs({
      context,
      informers: this.#informers,
      catalogue: this.#options.catalogue,
      accesses: this.#accesses,
      version: `${major}.${minor}`,
    });
    return this.#logs;
  }

  /** What pods use, from what the API server holds. */
  #usage(): UsageProvider {
    const { apiServer } = this;
    const { clock, catalogue } = this.#options;
    const source: UsageSource = {
      catalogue,
      now: () => clock.now(),
      pods: () => apiServer.listNow(RESOURCES.pods),
      services: () => apiServer.listNow(RESOURCES.services),
    };
    return { window: USAGE_WINDOW, instant: () => usageInstant(clock.now()), pods: () => podUsages(source) };
  }

  /** Lets others into containers: exec, attach, port-forward. */
  get containers(): PodAccess {
    const context = this.#context('kubelet');
    this.#informers ??= createInformerFactory(context);
    this.#access ??= createPodAccess({
      context,
      informers: this.#informers,
      catalogue: this.#options.catalogue,
      logs: { lines: (...asked) => this.#podLogs().lines(...asked) },
      turn: () => this.clock.turn(),
      accesses: this.#accesses,
      token: async (pod, wish) => (await this.#token?.(pod, wish)) ?? '',
      ended: (pod, container, exitCode) => {
        for (const kubelet of this.#kubelets.values())
          kubelet.endContainer(pod.metadata.uid ?? '', container, exitCode);
      },
    });
    return this.#access;
  }

  /**
   * Serves the API over HTTPS on a port of this machine, for kubectl, helm and other clients, and lets the cluster's time
   * pass meanwhile.
   *
   * @throws PintleError `target` when the port is taken
   */
  async serve(options: ClusterServeOptions): Promise<ServedCluster> {
    const { serveCluster } = await import('./serve/serve-cluster.ts');
    const { logger, store } = this.#options;
    const served = await serveCluster({
      logger,
      ...options,
      apiServer: this.apiServer,
      clock: this.clock,
      containers: this.containers,
      storeFault: () => store.fault?.message,
      // Starting ends once every part has seen all that there is.
      informersFault: () => (this.#started ? undefined : 'the parts of the cluster have not started'),
      control: {
        now: () => this.clock.now(),
        advance: (duration, how) => this.advance(duration, how),
        snapshot: () => this.snapshot(),
        flush: () => this.flush(),
      },
    });
    this.#token = served.podToken;
    this.#serving += 1;
    return {
      ...served,
      close: async () => {
        this.#serving -= 1;
        await served.close();
      },
    };
  }

  /** Sends one request through the network as it stands now, and tells each step; nothing is changed by it. */
  async request(request: NetworkRequest): Promise<RequestTrace> {
    const { traceRequest } = await import('./trace-request.ts');
    const { catalogue } = this.#options;
    return await traceRequest({ ...this.#context('network'), client: this.#plainClient(), catalogue }, request);
  }

  /**
   * Lets the time up to an instant pass, such as the wall clock's; one that has passed changes nothing. Answers with how much of it
   * was passed over, ms.
   */
  async catchUp(instant: number, { everyRun = false }: AdvanceOptions = {}): Promise<number> {
    if (!this.#started || everyRun) {
      await this.clock.advanceTo(instant);
      return 0;
    }
    const { passTime } = await import('./routine/pass-time.ts');
    return await passTime(
      {
        clock: this.clock,
        store: this.#options.store,
        apiServer: this.apiServer,
        client: this.#plainClient(),
        isUnobserved: () => this.#faults.active.length === 0 && this.apiServer.openWatches === 0,
        skipped: (skip) => {
          for (const listener of this.#skipListeners) listener(skip);
        },
      },
      instant,
    );
  }

  /**
   * Lets time pass, ms. Runs of CronJobs that would have left no trace at its end are not lived through while nobody watches:
   * answers with how much was passed over, ms.
   */
  advance(duration: number, options?: AdvanceOptions): Promise<number> {
    return this.catchUp(this.clock.now() + duration, options);
  }

  /** All that the cluster is, as a file: see {@link writeSnapshot}. */
  async snapshot(): Promise<Uint8Array> {
    await this.clock.settle();
    const { store, nodes, pools = [], scheduler } = this.#options;
    store.setMeta('time', this.clock.now());
    const { writeSnapshot } = await import('./store/snapshot.ts');
    return await writeSnapshot(store, {
      nodes: nodes.length,
      kubernetesVersion: this.#version.gitVersion,
      plan: { nodes, pools },
      ...(scheduler === undefined ? {} : { scheduler: scheduler.source }),
    });
  }

  /** Resolves when all that was done has happened and is where the store keeps it. */
  async flush(): Promise<void> {
    await this.clock.settle();
    await this.#options.store.flush();
  }

  /** Ends all parts; the time is kept in the store. */
  stop(): void {
    this.#started = false;
    for (const each of [...this.#components, ...this.#kubelets.values()]) each.stop();
    this.#informers?.stop();
    this.#components = [];
    this.#informers = undefined;
    this.#logs = undefined;
    this.#access = undefined;
    this.#kubelets.clear();
    this.#skipListeners.clear();
    this.#options.store.setMeta('time', this.clock.now());
  }
}

/**
 * The instant at which the clock of a stored cluster goes on: where it stood, but at most a day ago. A cluster that was off for
 * longer wakes up as a real one does: what was missed then was missed.
 */
export function resumeTime(stored: number | undefined, now: number): number {
  if (stored === undefined) return now;
  return Math.max(stored, now - LONGEST_CATCH_UP);
}

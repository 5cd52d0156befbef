import type { KubeClient, LogOptions, ServerVersion } from '../../client/kube-client.ts';
import type { WrittenLine } from '../../client/log-cursor.ts';
import {
  groupResource,
  type GroupVersionKind,
  type KubeObject,
  type ObjectKey,
  type ResourceType,
} from '../../kube/object.ts';
import { PintleError } from '../../base/errors.ts';
import { RESOURCES } from '../../kube/resources.ts';
import { badRequest, unknownPath } from '../registry/status.ts';
import { CelSource } from './cel/cel-source.ts';
import { nothingOutside, PendingWork, RequestAttempts } from './outside.ts';
import { type MutationListener, NO_WEBHOOKS, type WebhookClient } from './webhooks/webhook-client.ts';
import { AdmissionChain, noAdmission } from './admission/chain.ts';
import { defaultPlugins } from './admission/default-plugins.ts';
import { answerComputed, type ComputedResource } from './computed-resources.ts';
import type { MetricProvider } from './custom-metrics/metric-provider.ts';
import { MetricsApi, metricsTypeOf, type MetricRequest, type MetricValueList } from './custom-metrics/metrics-api.ts';
import { componentStatuses } from './component-statuses.ts';
import { CustomResources } from './custom-resources/custom-resources.ts';
import { EventExpiry } from './event-expiry.ts';
import { tellFlowSchemas } from './flow-schema-status.ts';
import { asksOthers, handleRequest } from './handle-request.ts';
import { InProcessClient } from './in-process-client.ts';
import { type LogRequest, type LogsProvider, nanoTime } from './logs-provider.ts';
import { ipAddresses } from './ip-addresses.ts';
import type { ApiServerOptions, ClientOptions } from './options.ts';
import type { ApiRequest, ApiResponse, ServedWatch, UserInfo, WatchRequest } from './request.ts';
import { type Core, type Hooks, objectsOf, readObject } from './rest/core.ts';
import { asStatusError, watchObjects } from './rest/watch.ts';
import { bucketOf, ServedResources } from './served-resources.ts';
import type { Column } from './table/columns.ts';
import { logContainer } from './subresources/logs.ts';
import type { UsageProvider } from './usage-provider.ts';
import { usageResources } from './usage-resources.ts';

/** Does a request, lets it wait, or fails it. */
export type Interceptor = <T>(request: ApiRequest, run: () => T | Promise<T>) => Promise<T>;

const VERSION: ServerVersion = { major: '1', minor: '35', gitVersion: 'v1.35.2' };

function byBucket(resources: readonly ComputedResource[]): ReadonlyMap<string, ComputedResource> {
  return new Map(resources.map((each) => [bucketOf(each.type), each]));
}

/**
 * The API server of a simulated cluster: strategies and admission over a store. Requests are done synchronously; clients in
 * this process and the HTTP face both come through {@link ApiServer.handle} and {@link ApiServer.watch}.
 */
export class ApiServer {
  readonly version: ServerVersion;
  readonly #core: Core;
  #logs: LogsProvider | undefined;
  #interceptor: Interceptor | undefined;
  #webhooks: WebhookClient = NO_WEBHOOKS;
  #mutated: MutationListener | undefined;
  #metrics: MetricsApi | undefined;
  /** What no store holds, by `group/resource`. */
  #computed: ReadonlyMap<string, ComputedResource>;

  constructor(options: ApiServerOptions) {
    const { store, clock, random, logger } = options;
    this.version = options.version ?? VERSION;
    this.#logs = options.logsProvider;
    this.#computed = byBucket([componentStatuses(), ipAddresses(() => this.listNow(RESOURCES.services))]);
    const cel = new CelSource();
    const custom = new CustomResources(store, cel, () => this.#webhooks);
    const expiry = new EventExpiry();
    const served = new ServedResources(options.strategies, custom);
    const admission = new AdmissionChain(defaultPlugins());
    const hooks: Hooks = {
      // What the server does of its own accord is not asked of admission.
      beforeDelete: (core, operation) => custom.beforeDelete({ ...core, admission: noAdmission() }, operation),
      afterCommit: (core, operation) => {
        custom.afterCommit({ ...core, admission: noAdmission() }, operation);
        expiry.afterCommit(this.#core, operation);
        tellFlowSchemas(core, operation);
      },
    };
    this.#core = {
      store,
      clock,
      random,
      logger,
      served,
      admission,
      hooks,
      outside: nothingOutside,
      cel,
      watches: { open: 0 },
      webhooks: () => this.#webhooks,
      mutated: (webhook, object) => this.#mutated?.(webhook, object),
    };
  }

  /** Revision of the newest commit. */
  get revision(): number {
    return this.#core.store.revision;
  }

  /**
   * Resolves when everything that was answered so far would survive the end of the process.
   *
   * @throws PintleError `store-full`, `io`
   */
  written(): Promise<void> {
    return this.#core.store.written();
  }

  /** A client of this server; any number of them. */
  client(options: ClientOptions = {}): KubeClient {
    return new InProcessClient(this, options);
  }

  /** Whoever can read what containers wrote; the last one counts. */
  setLogsProvider(provider: LogsProvider): void {
    this.#logs = provider;
  }

  /** Whoever calls webhooks; the last one counts. */
  setWebhookClient(client: WebhookClient): void {
    this.#webhooks = client;
  }

  /** Whoever is told of each change that a webhook makes to an object; the last one counts. */
  onMutation(listener: MutationListener): void {
    this.#mutated = listener;
  }

  /** Whoever can tell what pods use: metrics.k8s.io is served from then on. */
  setUsageProvider(provider: UsageProvider): void {
    const usage = usageResources(provider, () => this.listNow(RESOURCES.nodes));
    this.#computed = byBucket([...this.#computed.values(), ...usage]);
  }

  /** Whoever knows the numbers of monitoring: custom.metrics.k8s.io and external.metrics.k8s.io are answered from then on. */
  setMetricProvider(provider: MetricProvider): void {
    const { clock, store } = this.#core;
    this.#metrics = new MetricsApi({
      provider,
      now: () => clock.now(),
      revision: () => store.revision,
      apiService: (name) => readObject(store, RESOURCES.apiServices, undefined, name),
    });
  }

  /** Whoever comes between requests from outside of this process and their work; the last one counts. */
  setInterceptor(interceptor: Interceptor): void {
    this.#interceptor = interceptor;
  }

  /**
   * Answers one request.
   *
   * @throws StatusError for all that is wrong with it; PintleError `store-full` and the like when the store refuses
   */
  async handle(request: ApiRequest): Promise<ApiResponse> {
    if (this.#interceptor !== undefined) return await this.#interceptor(request, () => this.handleNow(request));
    return this.handleNow(request);
  }

  /** As {@link handle}; the answer is there at once unless something outside of the server has to be asked. */
  handleNow(request: ApiRequest): ApiResponse | Promise<ApiResponse> {
    const computed = this.#computedOf(request.type);
    if (computed !== undefined) return answerComputed(computed, request);
    const isWrite = request.verb !== 'get' && request.verb !== 'list';
    const attempts = isWrite && asksOthers(this.#core) ? this.#attempts() : undefined;
    try {
      return this.#attempt(attempts === undefined ? this.#core : this.#coreOf(attempts), request);
    } catch (error) {
      if (error instanceof PendingWork) return this.#finish(request, error, attempts ?? this.#attempts());
      throw this.#failure(error);
    }
  }

  #attempts(): RequestAttempts {
    return new RequestAttempts(this.#core.random, this.#core.clock);
  }

  #coreOf(attempts: RequestAttempts): Core {
    const { outside, clock } = attempts;
    return { ...this.#core, outside, clock, random: attempts.replay() };
  }

  /** Does a request again and again, each time with more of what it has to wait for. */
  async #finish(request: ApiRequest, first: PendingWork, attempts: RequestAttempts): Promise<ApiResponse> {
    let pending = first;
    for (;;) {
      await attempts.settle(pending);
      try {
        return this.#attempt(this.#coreOf(attempts), request);
      } catch (error) {
        if (!(error instanceof PendingWork)) throw this.#failure(error);
        pending = error;
      }
    }
  }

  /** Does a request; what it tells its client is told once it has come to an end. */
  #attempt(core: Core, request: ApiRequest): ApiResponse {
    const { warn, audit } = request;
    if (warn === undefined && audit === undefined) return handleRequest(core, request);
    const told: (() => void)[] = [];
    const listening: ApiRequest = {
      ...request,
      ...(warn === undefined ? {} : { warn: (message) => told.push(() => warn(message)) }),
      ...(audit === undefined ? {} : { audit: (key, value) => told.push(() => audit(key, value)) }),
    };
    let isOver = true;
    try {
      return handleRequest(core, listening);
    } catch (error) {
      isOver = !(error instanceof PendingWork);
      throw error;
    } finally {
      if (isOver) for (const tell of told) tell();
    }
  }

  #failure(error: unknown): Error {
    return error instanceof PintleError ? error : asStatusError(error, this.#core.logger);
  }

  /** Tells an observer what happens; failures reach it as `closed`. */
  watch(request: WatchRequest): ServedWatch {
    return watchObjects(this.#core, request);
  }

  /** How many watches are open of those who are no part of the cluster. */
  get openWatches(): number {
    return this.#core.watches.open;
  }

  /** An object as it is now; undefined when it is not there. */
  readNow(type: ResourceType, namespace: string | undefined, name: string): KubeObject | undefined {
    return readObject(this.#core.store, type, namespace, name);
  }

  /** The objects of a resource as they are now. */
  listNow(type: Pick<ResourceType, 'group' | 'resource'>, namespace?: string): readonly KubeObject[] {
    return objectsOf(this.#core.store.list(bucketOf(type), namespace));
  }

  /** How many objects are stored, by resource: `deployments.apps`. */
  counts(): ReadonlyMap<string, number> {
    const { store } = this.#core;
    return new Map(
      store.buckets().map((bucket) => {
        const [group = '', resource = ''] = bucket.split('/');
        return [groupResource({ group, resource }), store.count(bucket)];
      }),
    );
  }

  /** Every resource served now, but for {@link metricTypes}. */
  resources(): readonly ResourceType[] {
    return [...this.#core.served.all(), ...this.#computed.values()].map(({ type }) => type);
  }

  /** What discovery shows of custom.metrics.k8s.io and external.metrics.k8s.io; worked out from the objects there are. */
  metricTypes(): readonly ResourceType[] {
    return this.#metrics?.types() ?? [];
  }

  /** The resource of a path; undefined when it is not served. */
  resource(path: Pick<ResourceType, 'group' | 'version' | 'resource'>): ResourceType | undefined {
    const stored = this.#core.served.lookUp(path)?.type;
    if (stored !== undefined) return stored;
    const { group, version, resource } = path;
    return this.resources().find(
      (type) => type.group === group && type.version === version && type.resource === resource,
    );
  }

  /** The version of custom.metrics.k8s.io or external.metrics.k8s.io that answers; undefined when none does. */
  metricsVersion(group: string): string | undefined {
    return this.#metrics?.versionOf(group);
  }

  /**
   * Answers a question about the numbers of monitoring.
   *
   * @throws StatusError
   */
  metricsNow(request: MetricRequest): MetricValueList {
    if (this.#metrics === undefined) throw unknownPath();
    return this.#metrics.answer(request);
  }

  /** As {@link metricsNow}, for requests from outside of this process. */
  async metrics(request: MetricRequest): Promise<MetricValueList> {
    if (this.#interceptor === undefined) return this.metricsNow(request);
    const { namespace, name, user } = request;
    const about: ApiRequest = { verb: 'get', type: metricsTypeOf(request), namespace, name, user };
    return await this.#interceptor(about, () => this.metricsNow(request));
  }

  #computedOf(type: Pick<ResourceType, 'group' | 'resource'>): ComputedResource | undefined {
    return this.#computed.get(bucketOf(type));
  }

  /** The columns that a definition declares for its resource; undefined for built-in resources. */
  columnsOf(type: ResourceType): readonly Column[] | undefined {
    return this.#computedOf(type)?.columns ?? this.#core.served.lookUp(type)?.columns?.();
  }

  /** The resource of a kind, if it is served. */
  resourceFor(kind: GroupVersionKind): ResourceType | undefined {
    const computed = [...this.#computed.values()].find(
      ({ type }) => type.kind === kind.kind && type.group === kind.group,
    );
    return computed?.type ?? this.#core.served.ofKind(kind)?.type;
  }

  /** What a container wrote; nothing for a pod that no node has. */
  async logs(user: UserInfo, pod: ObjectKey, options: LogOptions): Promise<string> {
    const lines = await this.logLines(user, pod, options);
    return lines
      .map(({ at, text }) => (options.timestamps === true ? `${nanoTime(at)} ${text}\n` : `${text}\n`))
      .join('');
  }

  /** As {@link logs}, line by line. */
  async logLines(user: UserInfo, pod: ObjectKey, wish: LogRequest): Promise<readonly WrittenLine[]> {
    const { body } = await this.handle({ verb: 'get', type: RESOURCES.pods, ...pod, user });
    if (!('spec' in body)) throw badRequest(`pod ${pod.name} has no spec`);
    const container = logContainer(body, wish);
    const { nodeName = '' } = body.spec as { readonly nodeName?: string };
    if (nodeName === '' || this.#logs === undefined) return [];
    const { previous, since, tailLines } = wish;
    return await this.#logs.lines(body, container, { previous, since, tailLines });
  }
}

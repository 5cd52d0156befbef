import type { Gauge, Registry } from 'prom-client';
import type { Clock } from '../../../base/clock.ts';
import type { ResourceRequestInfo } from './request-info.ts';
import type { RequestObserver } from './request-observer.ts';
import { type RequestLabels, RequestTallies } from './request-tallies.ts';

/** What is told besides requests; read when somebody asks. */
export interface ServerFacts {
  /** Objects by resource, `deployments.apps`. */
  objects(): ReadonlyMap<string, number>;
  /** Of the newest commit. */
  revision(): number;
  /** The cluster's time, ms since the epoch. */
  time(): number;
  /** Seconds of the cluster's in one real second. */
  readonly speed: number;
  /** `v1.35.2` */
  readonly version: string;
  /** False for paths that lead nowhere: anybody can name as many as they like. */
  isServed(info: ResourceRequestInfo): boolean;
}

/** Counts requests as Kubernetes' API server does, for Prometheus. apiserver: pkg/endpoints/metrics/metrics.go */
export class RequestMetrics {
  readonly #wallClock: Clock;
  readonly #facts: ServerFacts;
  readonly #tallies = new RequestTallies();
  #registry: Promise<Registry> | undefined;
  #inFlight = 0;
  #longRunning = 0;

  constructor(wallClock: Clock, facts: ServerFacts) {
    this.#wallClock = wallClock;
    this.#facts = facts;
  }

  readonly observe: RequestObserver = ({ method }) => {
    const begun = this.#wallClock.now();
    let isLong = false;
    this.#inFlight += 1;
    return {
      started: () => {
        isLong = true;
        this.#inFlight -= 1;
        this.#longRunning += 1;
      },
      completed: (facts, code) => {
        if (isLong) this.#longRunning -= 1;
        else this.#inFlight -= 1;
        const seconds = Math.max(0, this.#wallClock.now() - begun) / 1000;
        const { info } = facts;
        const labels = info !== undefined && this.#facts.isServed(info) ? labelsOf(info) : unknownLabels(method);
        this.#tallies.add(labels, code, isLong ? undefined : seconds);
      },
    };
  };

  /** All metrics in Prometheus' text format. */
  async text(): Promise<string> {
    this.#registry ??= this.#make();
    const registry = await this.#registry;
    return `${await registry.metrics()}\n${this.#tallies.text()}`;
  }

  async #make(): Promise<Registry> {
    const client = await import('prom-client');
    const registry = new client.Registry();
    const registers = [registry];
    const gauge = (name: string, help: string, labelNames: readonly string[], read: (own: Gauge) => void): void => {
      const made: Gauge = new client.Gauge({
        name,
        help,
        labelNames: [...labelNames],
        registers,
        collect: () => read(made),
      });
    };
    const facts = this.#facts;
    gauge('kubernetes_build_info', 'Always 1; its label names the version that is served.', ['git_version'], (own) =>
      own.set({ git_version: facts.version }, 1),
    );
    gauge('apiserver_current_inflight_requests', 'Requests that are being answered.', ['request_kind'], (own) =>
      // The one that asks is not counted.
      own.set({ request_kind: 'any' }, Math.max(0, this.#inFlight - 1)),
    );
    gauge('apiserver_longrunning_requests', 'Watches, followed logs and streams that are open.', [], (own) =>
      own.set(this.#longRunning),
    );
    gauge('apiserver_storage_objects', 'Objects that are stored, by resource.', ['resource'], (own) => {
      own.reset();
      for (const [resource, count] of facts.objects()) own.set({ resource }, count);
    });
    gauge('pintle_store_revision', 'Revision of the newest commit.', [], (own) => own.set(facts.revision()));
    gauge('pintle_cluster_time_seconds', "The cluster's time, seconds since the epoch.", [], (own) =>
      own.set(facts.time() / 1000),
    );
    gauge('pintle_cluster_speed', "Seconds of the cluster's in one real second.", [], (own) => own.set(facts.speed));
    client.collectDefaultMetrics({ register: registry });
    return registry;
  }
}

function labelsOf({
  verb,
  group,
  version,
  resource,
  subresource,
  namespace,
  name,
}: ResourceRequestInfo): RequestLabels {
  return {
    verb: CONNECTIONS.has(subresource) ? 'CONNECT' : (VERBS.get(verb) ?? OTHER),
    group,
    version,
    resource,
    subresource,
    scope: name !== '' || verb === 'create' ? 'resource' : namespace === '' ? 'cluster' : 'namespace',
  };
}

function unknownLabels(method: string): RequestLabels {
  const verb = method === 'HEAD' ? 'GET' : METHODS.has(method) ? method : OTHER;
  return { verb, group: '', version: '', resource: '', subresource: '', scope: '' };
}

const CONNECTIONS: ReadonlySet<string> = new Set(['attach', 'exec', 'log', 'portforward', 'proxy']);
const METHODS: ReadonlySet<string> = new Set(['DELETE', 'GET', 'PATCH', 'POST', 'PUT']);
const OTHER = 'other';
const VERBS: ReadonlyMap<string, string> = new Map([
  ['create', 'POST'],
  ['update', 'PUT'],
  ...['delete', 'deletecollection', 'get', 'list', 'patch', 'watch'].map((verb) => [verb, verb.toUpperCase()] as const),
]);

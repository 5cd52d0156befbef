import type { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Clock } from '../../../base/clock.ts';
import type { RequestFacts, RequestObserver } from './request-observer.ts';

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
}

type Labels = Readonly<Record<'verb' | 'group' | 'version' | 'resource' | 'subresource' | 'scope', string>>;

interface Sample {
  readonly labels: Labels;
  readonly code: number;
  readonly seconds: number;
  /** Watches and streams: how long they last says nothing of the server. */
  readonly isLong: boolean;
}

/** Samples kept until there is a registry: nobody who never asks pays for one. */
const MOST_PENDING = 1000;

interface Instruments {
  readonly registry: Registry;
  readonly total: Counter;
  readonly durations: Histogram;
}

const LABELS = ['verb', 'group', 'version', 'resource', 'subresource', 'scope'] as const;

/** Counts requests as Kubernetes' API server does, for Prometheus. apiserver: pkg/endpoints/metrics/metrics.go */
export class RequestMetrics {
  readonly #wallClock: Clock;
  readonly #facts: ServerFacts;
  #pending: Sample[] = [];
  #instruments: Promise<Instruments> | undefined;
  #inFlight = 0;
  #longRunning = 0;

  constructor(wallClock: Clock, facts: ServerFacts) {
    this.#wallClock = wallClock;
    this.#facts = facts;
  }

  readonly observe: RequestObserver = () => {
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
        this.#pending.push({ labels: labelsOf(facts, isLong), code, seconds, isLong });
        if (this.#pending.length >= MOST_PENDING) void this.#take();
      },
    };
  };

  /** All metrics in Prometheus' text format. */
  async text(): Promise<string> {
    const { registry } = await this.#take();
    return await registry.metrics();
  }

  async #take(): Promise<Instruments> {
    this.#instruments ??= this.#make();
    const instruments = await this.#instruments;
    const samples = this.#pending;
    this.#pending = [];
    for (const { labels, code, seconds, isLong } of samples) {
      instruments.total.inc({ ...labels, component: 'apiserver', dry_run: '', code: String(code) });
      if (!isLong) instruments.durations.observe({ ...labels, component: 'apiserver', dry_run: '' }, seconds);
    }
    return instruments;
  }

  async #make(): Promise<Instruments> {
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
    return {
      registry,
      total: new client.Counter({
        name: 'apiserver_request_total',
        help: 'Requests that were answered.',
        labelNames: [...LABELS, 'component', 'dry_run', 'code'],
        registers,
      }),
      durations: new client.Histogram({
        name: 'apiserver_request_duration_seconds',
        help: 'How long answers took, without watches and streams.',
        labelNames: [...LABELS, 'component', 'dry_run'],
        buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
        registers,
      }),
    };
  }
}

function labelsOf({ info }: RequestFacts, isLong: boolean): Labels {
  if (info === undefined) return { verb: 'GET', group: '', version: '', resource: '', subresource: '', scope: '' };
  const { verb, group, version, resource, subresource, namespace, name } = info;
  return {
    verb: isLong && verb === 'get' ? 'CONNECT' : (VERBS[verb] ?? verb.toUpperCase()),
    group,
    version,
    resource,
    subresource,
    scope: name !== '' ? 'resource' : namespace === '' ? 'cluster' : 'namespace',
  };
}

const VERBS: Readonly<Record<string, string>> = { create: 'POST', update: 'PUT' };

import type { Random } from '../../base/random.ts';
import { StatusError } from '../../kube/status-error.ts';
import { type ActiveFault, type ApiFailure, type ApiFaultScope, FAULTS_OBJECT } from './fault.ts';

/** A request as faults see it. */
export interface FaultyRequest {
  readonly verb: string;
  /** Plural. */
  readonly resource: string;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  /** `kubelet`, `kube-scheduler`, `kube-controller-manager`, `user`. */
  readonly client: string;
}

/** What becomes of a request. */
export interface Verdict {
  /** ms before it is done. */
  readonly delay: number;
  /** Thrown instead of doing it. */
  readonly before?: Error;
  /** Thrown after it was done: its answer is lost. */
  readonly after?: Error;
}

/** The faults that are in force in this process. */
export class FaultState {
  readonly #random: Random;
  #active: readonly ActiveFault[] = [];
  #api: readonly ActiveFault[] = [];
  /** The faults of machines, as text. */
  #machines = '[]';
  readonly #listeners: (() => void)[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  get active(): readonly ActiveFault[] {
    return this.#active;
  }

  /** True while requests may be concerned. */
  get isAboutRequests(): boolean {
    return this.#api.length > 0;
  }

  set(active: readonly ActiveFault[]): void {
    this.#active = active;
    const machines = JSON.stringify(active.filter(({ fault }) => fault.kind === 'slow-disk'));
    const changed = machines !== this.#machines;
    this.#machines = machines;
    this.#api = active.filter(({ fault }) => fault.kind === 'api-errors' || fault.kind === 'api-latency');
    if (changed) for (const listener of this.#listeners) listener();
  }

  /** Calls back when what machines can do has changed. */
  onMachinesChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** How many times as long the disk of a node takes. */
  diskFactor(node: string): number {
    let factor = 1;
    for (const { fault } of this.#active) {
      if (fault.kind === 'slow-disk' && fault.node === node) factor = Math.max(factor, fault.factor);
    }
    return factor;
  }

  /** ms by which the clock of a node or a component is ahead. */
  skew(target: string): number {
    let millis = 0;
    for (const { fault } of this.#active) {
      if (fault.kind === 'clock-skew' && fault.target === target) millis += fault.millis;
    }
    return millis;
  }

  /** True when images cannot be pulled from a registry such as `docker.io`. */
  isRegistryDown(registry: string): boolean {
    return this.#active.some(
      ({ fault }) => fault.kind === 'registry-down' && (fault.registry === undefined || fault.registry === registry),
    );
  }

  /** What is to be done to a request; undefined: nothing, which costs nothing while no fault is about requests. */
  verdict(request: FaultyRequest): Verdict | undefined {
    if (this.#api.length === 0 || isAboutFaults(request)) return undefined;
    let delay = 0;
    for (const { fault } of this.#api) {
      if (fault.kind !== 'api-errors' && fault.kind !== 'api-latency') continue;
      // Nothing conflicts with a read.
      if (fault.kind === 'api-errors' && fault.failure === 409 && READS.has(request.verb)) continue;
      if (!concerns(fault, request) || this.#random.next() >= (fault.chance ?? 1)) continue;
      if (fault.kind === 'api-latency') delay += fault.millis;
      else return { delay, ...failureOf(fault.failure, request) };
    }
    return delay === 0 ? undefined : { delay };
  }
}

function isAboutFaults({ resource, namespace, name }: FaultyRequest): boolean {
  return (
    resource === 'configmaps' &&
    namespace === FAULTS_OBJECT.namespace &&
    (name ?? FAULTS_OBJECT.name) === FAULTS_OBJECT.name
  );
}

function concerns({ verbs, resources, clients }: ApiFaultScope, request: FaultyRequest): boolean {
  return (
    (verbs?.includes(request.verb) ?? true) &&
    (resources?.includes(request.resource) ?? true) &&
    (clients?.includes(request.client) ?? true)
  );
}

const READS: ReadonlySet<string> = new Set(['get', 'list', 'watch']);

function failureOf(failure: ApiFailure, request: FaultyRequest): Pick<Verdict, 'before' | 'after'> {
  if (failure === 'refuse') return { before: connectionError('ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:6443') };
  if (failure === 'drop') return { after: connectionError('ECONNRESET', 'read ECONNRESET') };
  return { before: statusOf(failure, request) };
}

function connectionError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

const REASONS: Readonly<Record<number, readonly [reason: string, message: string]>> = {
  429: ['TooManyRequests', 'the server has received too many requests and has asked us to try again later'],
  500: ['InternalError', 'Internal error occurred: etcdserver: leader changed'],
  503: ['ServiceUnavailable', 'the server is currently unable to handle the request'],
  504: ['Timeout', 'Timeout: request did not complete within the allotted timeout'],
};

function statusOf(code: 409 | 429 | 500 | 503 | 504, { resource, name = '' }: FaultyRequest): StatusError {
  const [reason, message] = REASONS[code] ?? [
    'Conflict',
    `Operation cannot be fulfilled on ${resource} "${name}": the object has been modified; please apply your changes to the latest version and try again`,
  ];
  return new StatusError({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code });
}

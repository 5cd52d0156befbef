import { formatDuration } from '../../base/duration.ts';
import { PintleError } from '../../base/errors.ts';
import { isObject } from '../../base/json.ts';

/** What requests to the API server a fault concerns; absent fields: all. */
export interface ApiFaultScope {
  /** Share of the requests, 0 to 1; default 1. */
  readonly chance?: number;
  readonly verbs?: readonly string[];
  /** Plurals: `deployments`, `pods`. */
  readonly resources?: readonly string[];
  /** Who asks: `kubelet`, `kube-scheduler`, `kube-controller-manager`, `user`. */
  readonly clients?: readonly string[];
}

/** How a request to the API server fails: by a code, or with the connection lost before or after it was done. */
export type ApiFailure = 409 | 429 | 500 | 503 | 504 | 'refuse' | 'drop';

/** Something that goes wrong because somebody asked for it. */
export type Fault =
  /** The machine is off. */
  | { readonly kind: 'node-down'; readonly node: string }
  /** The machine runs, and nothing reaches it or leaves it. */
  | { readonly kind: 'node-partition'; readonly node: string }
  /** All nodes with that `topology.kubernetes.io/zone`. */
  | { readonly kind: 'zone-down'; readonly zone: string }
  /** A registry, such as `docker.io`, or all of them. */
  | { readonly kind: 'registry-down'; readonly registry?: string }
  /** Pulls, starts and answers of containers with a persistent volume take this many times as long. */
  | { readonly kind: 'slow-disk'; readonly node: string; readonly factor: number }
  /** The clock of a node, of `kube-controller-manager` or of `kube-scheduler` is ahead by so many ms, or behind. */
  | { readonly kind: 'clock-skew'; readonly target: string; readonly millis: number }
  | ({ readonly kind: 'api-errors'; readonly failure: ApiFailure } & ApiFaultScope)
  | ({ readonly kind: 'api-latency'; readonly millis: number } & ApiFaultScope);

/** A fault that is in force. */
export interface ActiveFault {
  /** A name for it: `node-down-pintle-2`. */
  readonly id: string;
  readonly fault: Fault;
  /** The instant (ms) at which it ends by itself. */
  readonly until?: number;
}

/** Where faults are written down; requests about it never fail by a fault. */
export const FAULTS_OBJECT = { namespace: 'kube-system', name: 'pintle-faults' };

/** A name that says what the fault is, and is a key of a ConfigMap. */
export function faultId(fault: Fault): string {
  const of = (...parts: readonly (string | undefined)[]): string =>
    [fault.kind, ...parts.filter((part) => part !== undefined && part !== '')].join('-').replace(/[^-\w.]/g, '_');
  switch (fault.kind) {
    case 'node-down':
    case 'node-partition':
    case 'slow-disk':
      return of(fault.node);
    case 'clock-skew':
      return of(fault.target);
    case 'zone-down':
      return of(fault.zone);
    case 'registry-down':
      return of(fault.registry);
    case 'api-errors':
      return of(String(fault.failure), ...(fault.clients ?? []), ...(fault.verbs ?? []), ...(fault.resources ?? []));
    default:
      return of(...(fault.clients ?? []), ...(fault.verbs ?? []), ...(fault.resources ?? []));
  }
}

/** What a user reads of a fault. */
export function describeFault(fault: Fault): string {
  switch (fault.kind) {
    case 'node-down':
      return `node ${fault.node} is down`;
    case 'node-partition':
      return `node ${fault.node} is cut off`;
    case 'zone-down':
      return `zone ${fault.zone} is down`;
    case 'registry-down':
      return fault.registry === undefined ? 'all registries are down' : `registry ${fault.registry} is down`;
    case 'slow-disk':
      return `the disk of node ${fault.node} is ${fault.factor} times as slow`;
    case 'clock-skew':
      return `the clock of ${fault.target} is ${formatDuration(Math.abs(fault.millis))} ${fault.millis < 0 ? 'behind' : 'ahead'}`;
    case 'api-errors':
      return `${scopeText(fault)} fail with ${fault.failure}`;
    default:
      return `${scopeText(fault)} take ${fault.millis} ms longer`;
  }
}

function scopeText({ chance = 1, verbs, resources, clients }: ApiFaultScope): string {
  const share = chance === 1 ? 'all' : `${Math.round(chance * 1000) / 10} % of the`;
  const what = [...(verbs ?? []), ...(resources ?? [])].join(' ');
  return `${share} requests${what === '' ? '' : ` (${what})`}${clients === undefined ? '' : ` of ${clients.join(', ')}`}`;
}

/** @throws PintleError `usage` for what cannot be */
export function checkFault(fault: Fault): void {
  if (fault.kind === 'slow-disk' && !(fault.factor > 1 && fault.factor <= 10_000)) {
    throw new PintleError('usage', `a slow disk takes above 1 and up to 10000 times as long, not ${fault.factor}`);
  }
  if (fault.kind === 'clock-skew' && (!Number.isFinite(fault.millis) || fault.millis === 0)) {
    throw new PintleError('usage', `a clock is ahead or behind by some time, not by ${fault.millis} ms`);
  }
  if (fault.kind !== 'api-errors' && fault.kind !== 'api-latency') return;
  const { chance = 1 } = fault;
  if (!(chance > 0) || chance > 1) throw new PintleError('usage', `a chance is above 0 and at most 1, not ${chance}`);
  if (fault.kind === 'api-latency' && !(fault.millis > 0)) {
    throw new PintleError('usage', `a delay is longer than nothing, not ${fault.millis} ms`);
  }
}

/** A fault as it was written down; undefined for what is none. */
export function readActiveFault(id: string, text: string): ActiveFault | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (!isObject(value) || !isObject(value.fault) || typeof value.fault.kind !== 'string') return undefined;
    const { until } = value;
    return {
      id,
      fault: value.fault as unknown as Fault,
      ...(typeof until === 'number' ? { until } : {}),
    };
  } catch {
    return undefined;
  }
}

import type { KubeClient } from '../../src/client/kube-client.ts';
import { StatusError } from '../../src/kube/status-error.ts';

/** What goes wrong at one call, or from it on. */
export const FAULTS = [
  /** 409 once; the call is not done. */
  'conflict',
  /** 429 once. */
  'throttled',
  /** 500 once. */
  'failing',
  /** The call is done, its answer is lost. */
  'lost-answer',
  /** The connection breaks before the call is done. */
  'cut',
  /** From here on nothing answers. */
  'outage',
  /** From here on nothing can be written: the disk of the cluster is full. */
  'full',
  /** The user interrupts (SIGINT, SIGTERM) at the call, which is done. */
  'interrupt',
  /** The process dies before the call. */
  'death',
  /** The process dies after the call. */
  'death-after',
] as const;

/** One of {@link FAULTS}. */
export type Fault = (typeof FAULTS)[number];

/** A client at which one call fails. */
export interface FaultyClient {
  readonly client: KubeClient;
  /** Calls so far. */
  calls(): number;
  /** Resolves when the process has died. */
  readonly death: Promise<'died'>;
  /** Aborted when the user interrupts. */
  readonly signal: AbortSignal;
}

const METHODS = new Set(['get', 'list', 'create', 'update', 'patch', 'delete']);
const WRITES = new Set(['create', 'update', 'patch', 'delete']);

function answer(code: number, reason: string): StatusError {
  return new StatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    code,
    reason,
    message: `injected: ${reason}`,
  });
}

function broken(code: string): Error {
  return Object.assign(new Error(`injected: ${code}`), { code });
}

/**
 * Wraps a client whose `at`-th call (from 1) fails.
 *
 * @param at 0: none does, calls are only counted
 */
export function faultyClient(inner: KubeClient, fault: Fault, at: number): FaultyClient {
  const controller = new AbortController();
  let calls = 0;
  let dead = false;
  let die: (word: 'died') => void = () => undefined;
  const death = new Promise<'died'>((resolve) => {
    die = resolve;
  });
  const kill = (): Promise<never> => {
    dead = true;
    die('died');
    return new Promise(() => undefined);
  };
  const run = async (name: string, call: () => Promise<unknown>): Promise<unknown> => {
    if (dead) return await kill();
    calls += 1;
    const lasts = fault === 'outage' || (fault === 'full' && WRITES.has(name));
    if (at === 0 || calls < at || (calls > at && !lasts)) return await call();
    switch (fault) {
      case 'conflict':
        throw WRITES.has(name) ? answer(409, 'Conflict') : answer(500, 'InternalError');
      case 'throttled':
        throw answer(429, 'TooManyRequests');
      case 'failing':
        throw answer(500, 'InternalError');
      case 'lost-answer':
        await call();
        throw broken('ETIMEDOUT');
      case 'cut':
        throw broken('ECONNRESET');
      case 'outage':
        throw broken('ECONNREFUSED');
      case 'full':
        if (WRITES.has(name)) throw answer(500, 'InternalError');
        return await call();
      case 'interrupt':
        controller.abort();
        return await call();
      case 'death-after':
        await call();
        return await kill();
      default:
        return await kill();
    }
  };
  const client = new Proxy(inner, {
    get: (target, key) => {
      const value = Reflect.get(target, key) as unknown;
      if (typeof value !== 'function') return value;
      const bound = value.bind(target) as (...args: unknown[]) => unknown;
      if (typeof key !== 'string' || !METHODS.has(key)) return bound;
      return (...args: unknown[]) => run(key, () => bound(...args) as Promise<unknown>);
    },
  });
  return { client, calls: () => calls, death, signal: controller.signal };
}

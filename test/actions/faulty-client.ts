import { PintleError } from '../../src/base/errors.ts';
import type { KubeClient } from '../../src/client/kube-client.ts';
import type { ObjectKey } from '../../src/kube/object.ts';
import { StatusError } from '../../src/kube/status-error.ts';
import type { SqlDatabase } from '../../src/release/sql-database.ts';

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

/** Where one call fails, of all that a client and a database are asked for. */
export interface FaultPoint {
  client(inner: KubeClient): KubeClient;
  /** Calls of the database count like those of the client. */
  database(inner: SqlDatabase): SqlDatabase;
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

/** What PostgreSQL says of the same troubles. */
const SQL_STATES: Readonly<Record<string, string>> = {
  Conflict: '40001',
  TooManyRequests: '53300',
  InternalError: 'XX000',
};

function sqlAnswer(error: unknown): unknown {
  const state = error instanceof StatusError ? SQL_STATES[error.reason] : undefined;
  const cause = state === undefined ? error : broken(state);
  const text = cause instanceof Error ? cause.message : String(cause);
  return new PintleError('api-error', `the database of the release records refuses: ${text}`, { cause });
}

/**
 * Makes the `at`-th call (from 1) fail.
 *
 * @param at 0: none does, calls are only counted
 */
export function faultPoint(fault: Fault, at: number): FaultPoint {
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
  const run = async (isWrite: boolean, call: () => Promise<unknown>): Promise<unknown> => {
    if (dead) return await kill();
    calls += 1;
    const lasts = fault === 'outage' || (fault === 'full' && isWrite);
    if (at === 0 || calls < at || (calls > at && !lasts)) return await call();
    switch (fault) {
      case 'conflict':
        throw isWrite ? answer(409, 'Conflict') : answer(500, 'InternalError');
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
        if (isWrite) throw answer(500, 'InternalError');
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
  return {
    client: (inner) => faultyClient(inner, run),
    database: (inner) => faultyDatabase(inner, run),
    calls: () => calls,
    death,
    signal: controller.signal,
  };
}

type Run = (isWrite: boolean, call: () => Promise<unknown>) => Promise<unknown>;

function faultyClient(inner: KubeClient, run: Run): KubeClient {
  return new Proxy(inner, {
    get: (target, key) => {
      const value = Reflect.get(target, key) as unknown;
      if (typeof value !== 'function') return value;
      const bound = value.bind(target) as (...args: unknown[]) => unknown;
      if (typeof key !== 'string' || !METHODS.has(key)) return bound;
      return (...args: unknown[]) => run(WRITES.has(key), () => bound(...args) as Promise<unknown>);
    },
  });
}

/** A transaction is one call: it is done, or nothing of it. */
function faultyDatabase(inner: SqlDatabase, run: Run): SqlDatabase {
  const guarded = async <T>(isWrite: boolean, call: () => Promise<T>): Promise<T> => {
    let own = false;
    try {
      return (await run(isWrite, async () => {
        try {
          return await call();
        } catch (error) {
          own = true;
          throw error;
        }
      })) as T;
    } catch (error) {
      throw own ? error : sqlAnswer(error);
    }
  };
  return {
    query: (text, values) => guarded(false, () => inner.query(text, values)),
    transaction: (work) => guarded(true, () => inner.transaction(work)),
    close: () => inner.close(),
  };
}

/**
 * A client whose user interrupts at a call, which is done.
 *
 * @param at told the method and the name of the object
 */
export function interruptedAt(
  inner: KubeClient,
  at: (method: string, name: string) => boolean,
  controller: AbortController,
): KubeClient {
  return new Proxy(inner, {
    get: (target, key) => {
      const value = Reflect.get(target, key) as unknown;
      if (typeof value !== 'function') return value;
      const bound = value.bind(target) as (...args: unknown[]) => unknown;
      return (...args: unknown[]) => {
        const given = args[1] as Partial<ObjectKey> & { readonly metadata?: { readonly name?: string } };
        if (typeof key === 'string' && METHODS.has(key) && at(key, given.metadata?.name ?? given.name ?? '')) {
          controller.abort();
        }
        return bound(...args);
      };
    },
  });
}

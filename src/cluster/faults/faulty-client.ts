import { type Clock, sleep } from '../../base/clock.ts';
import type { KubeClient } from '../../client/kube-client.ts';
import { PassingClient, type PassingRequest } from '../../client/passing-client.ts';
import type { ProgressWatch, WrittenObject } from '../machinery/interfaces.ts';
import type { FaultState, FaultyRequest } from './fault-state.ts';

/** Whom a {@link FaultyClient} works for, and what may happen to it. */
export interface FaultyClientOptions {
  readonly state: FaultState;
  readonly clock: Clock;
  /** `kubelet`, …, `user`. */
  readonly name: string;
  /** Slows down writes that make no progress. */
  readonly watchdog?: ProgressWatch | undefined;
  /**
   * For a user, for whom nobody lets time pass: lets others have their turn before a write that makes no progress, instead of
   * waiting.
   */
  readonly yieldTurn?: (() => Promise<void>) | undefined;
}

/** A client whose requests fail or take long as the faults in force say; while there are none it is the one below. */
export class FaultyClient extends PassingClient {
  readonly #options: FaultyClientOptions;

  constructor(client: KubeClient, options: FaultyClientOptions) {
    super(client);
    this.#options = options;
  }

  protected override pass<T>(request: PassingRequest, run: () => Promise<T>): Promise<T> {
    const { clock, watchdog, name, yieldTurn } = this.#options;
    const object = watchdog === undefined ? undefined : writtenBy(request);
    if (watchdog === undefined || object === undefined) return this.#suffer(request, run);
    if (yieldTurn !== undefined) {
      if (!watchdog.userWrites(request.fieldManager ?? name, object)) return this.#suffer(request, run);
      return yieldTurn().then(() => this.#suffer(request, run));
    }
    const wait = watchdog.write(name, object);
    return wait === 0 ? this.#suffer(request, run) : sleep(clock, wait).then(() => this.#suffer(request, run));
  }

  #suffer<T>({ verb, type, key }: PassingRequest, run: () => Promise<T>): Promise<T> {
    const { state, clock, name: client } = this.#options;
    if (!state.isAboutRequests) return run();
    const { namespace, name } = key;
    const verdict = state.verdict({ verb, resource: type.resource, namespace, name, client });
    if (verdict === undefined) return run();
    return suffer(verdict, clock, { run, patient: client === 'user' });
  }
}

function writtenBy({ verb, type, key }: PassingRequest): WrittenObject | undefined {
  if (key.name === undefined || verb === 'get' || verb === 'list') return undefined;
  // Each has a name of its own; what they tell of is noticed.
  if (verb === 'create' && type.resource === 'events') return undefined;
  const { group, version, kind } = type;
  const apiVersion = group === '' ? version : `${group}/${version}`;
  return { apiVersion, kind, namespace: key.namespace, name: key.name };
}

/** Does a request as the faults in force say; it came from outside of this process, or from the client that it names. */
export async function withFaults<T>(
  { state, clock }: Pick<FaultyClientOptions, 'state' | 'clock'>,
  request: Omit<FaultyRequest, 'client'> & Partial<Pick<FaultyRequest, 'client'>>,
  run: () => T | Promise<T>,
): Promise<T> {
  const verdict = state.verdict({ client: 'user', ...request });
  if (verdict === undefined) return run();
  return await suffer(verdict, clock, { run: async () => run(), patient: false });
}

/** Does a request as a verdict says; who is `patient` lets time pass until it is done. */
async function suffer<T>(
  { delay, before, after }: { readonly delay: number; readonly before?: Error; readonly after?: Error },
  clock: Clock,
  { run, patient }: { readonly run: () => Promise<T>; readonly patient: boolean },
): Promise<T> {
  if (delay > 0) await (patient ? clock.blockOn(sleep(clock, delay)) : sleep(clock, delay));
  if (before !== undefined) throw before;
  const result = await run();
  if (after !== undefined) throw after;
  return result;
}

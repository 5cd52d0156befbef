import { type Clock, sleep } from '../../base/clock.ts';
import { isObject } from '../../base/json.ts';
import type {
  DeleteOptions,
  KubeClient,
  ListOptions,
  LogOptions,
  PatchOptions,
  PatchType,
  ServerVersion,
  Watch,
  WatchObserver,
  WatchOptions,
  WriteOptions,
} from '../../client/kube-client.ts';
import type { GroupVersionKind, KubeList, KubeObject, ObjectKey, ResourceType } from '../../kube/object.ts';
import type { FaultState, FaultyRequest } from './fault-state.ts';

/** Whom a {@link FaultyClient} works for, and what may happen to it. */
export interface FaultyClientOptions {
  readonly state: FaultState;
  readonly clock: Clock;
  /** `kubelet`, …, `user`. */
  readonly name: string;
}

/** A client whose requests fail or take long as the faults in force say; while there are none it is the one below. */
export class FaultyClient implements KubeClient {
  readonly #client: KubeClient;
  readonly #options: FaultyClientOptions;

  constructor(client: KubeClient, options: FaultyClientOptions) {
    this.#client = client;
    this.#options = options;
  }

  get description(): string {
    return this.#client.description;
  }

  get<T extends object = KubeObject>(type: ResourceType, key: ObjectKey): Promise<T> {
    return this.#done('get', type, key, () => this.#client.get<T>(type, key));
  }

  list<T extends object = KubeObject>(type: ResourceType, options: ListOptions = {}): Promise<KubeList<T>> {
    return this.#done('list', type, { namespace: options.namespace }, () => this.#client.list<T>(type, options));
  }

  create<T extends object = KubeObject>(type: ResourceType, object: object, options?: WriteOptions): Promise<T> {
    return this.#done('create', type, keyIn(object), () => this.#client.create<T>(type, object, options));
  }

  update<T extends object = KubeObject>(type: ResourceType, object: object, options?: WriteOptions): Promise<T> {
    return this.#done('update', type, keyIn(object), () => this.#client.update<T>(type, object, options));
  }

  patch<T extends object = KubeObject>(
    type: ResourceType,
    key: ObjectKey,
    patchType: PatchType,
    patch: unknown,
    options?: PatchOptions,
  ): Promise<T> {
    return this.#done('patch', type, key, () => this.#client.patch<T>(type, key, patchType, patch, options));
  }

  delete(type: ResourceType, key: ObjectKey, options?: DeleteOptions): Promise<KubeObject | undefined> {
    return this.#done('delete', type, key, () => this.#client.delete(type, key, options));
  }

  /** Watches that are open stay so. */
  watch<T extends object = KubeObject>(type: ResourceType, options: WatchOptions, observer: WatchObserver<T>): Watch {
    return this.#client.watch(type, options, observer);
  }

  serverVersion(): Promise<ServerVersion> {
    return this.#client.serverVersion();
  }

  resources(): Promise<readonly ResourceType[]> {
    return this.#client.resources();
  }

  resourceFor(kind: GroupVersionKind): Promise<ResourceType | undefined> {
    return this.#client.resourceFor(kind);
  }

  logs(pod: ObjectKey, options?: LogOptions): Promise<string> {
    return this.#client.logs(pod, options);
  }

  #done<T>(
    verb: string,
    type: ResourceType,
    { namespace, name }: { readonly namespace?: string | undefined; readonly name?: string | undefined },
    run: () => Promise<T>,
  ): Promise<T> {
    const { state, clock, name: client } = this.#options;
    const verdict = state.verdict({ verb, resource: type.resource, namespace, name, client });
    if (verdict === undefined) return run();
    return suffer(verdict, clock, { run, patient: client === 'user' });
  }
}

/** Does a request that came from outside of this process as the faults in force say. */
export async function withFaults<T>(
  { state, clock }: Pick<FaultyClientOptions, 'state' | 'clock'>,
  request: Omit<FaultyRequest, 'client'>,
  run: () => T,
): Promise<T> {
  const verdict = state.verdict({ ...request, client: 'user' });
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

function keyIn(object: object): { readonly namespace?: string; readonly name?: string } {
  const { metadata } = object as { readonly metadata?: unknown };
  if (!isObject(metadata)) return {};
  const { namespace, name } = metadata;
  return {
    ...(typeof namespace === 'string' ? { namespace } : {}),
    ...(typeof name === 'string' ? { name } : {}),
  };
}

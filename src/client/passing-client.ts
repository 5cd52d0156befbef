import { isObject } from '../base/json.ts';
import type { GroupVersionKind, KubeList, KubeObject, ObjectKey, ResourceType } from '../kube/object.ts';
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
} from './kube-client.ts';

/** A request on its way to the client below. */
export interface PassingRequest {
  /** `get`, `list`, `create`, `update`, `patch`, `delete`. */
  readonly verb: string;
  readonly type: ResourceType;
  /** Names the object, or gives the namespace of a list. */
  readonly key: { readonly namespace?: string | undefined; readonly name?: string | undefined };
  /** Who writes, when it says so. */
  readonly fieldManager?: string | undefined;
}

/** A client that hands requests on to another one; what becomes of each on its way is for subclasses to say. Open watches and discovery pass freely. */
export abstract class PassingClient implements KubeClient {
  readonly #client: KubeClient;

  constructor(client: KubeClient) {
    this.#client = client;
  }

  /** Does a request: now, later, or not at all. */
  protected abstract pass<T>(request: PassingRequest, run: () => Promise<T>): Promise<T>;

  get description(): string {
    return this.#client.description;
  }

  get<T extends object = KubeObject>(type: ResourceType, key: ObjectKey): Promise<T> {
    return this.pass({ verb: 'get', type, key }, () => this.#client.get<T>(type, key));
  }

  list<T extends object = KubeObject>(type: ResourceType, options: ListOptions = {}): Promise<KubeList<T>> {
    const key = { namespace: options.namespace };
    return this.pass({ verb: 'list', type, key }, () => this.#client.list<T>(type, options));
  }

  create<T extends object = KubeObject>(type: ResourceType, object: object, options?: WriteOptions): Promise<T> {
    const key = keyIn(object);
    const fieldManager = options?.fieldManager;
    return this.pass({ verb: 'create', type, key, fieldManager }, () => this.#client.create<T>(type, object, options));
  }

  update<T extends object = KubeObject>(type: ResourceType, object: object, options?: WriteOptions): Promise<T> {
    const key = keyIn(object);
    const fieldManager = options?.fieldManager;
    return this.pass({ verb: 'update', type, key, fieldManager }, () => this.#client.update<T>(type, object, options));
  }

  patch<T extends object = KubeObject>(
    type: ResourceType,
    key: ObjectKey,
    patchType: PatchType,
    patch: unknown,
    options?: PatchOptions,
  ): Promise<T> {
    const fieldManager = options?.fieldManager;
    return this.pass({ verb: 'patch', type, key, fieldManager }, () =>
      this.#client.patch<T>(type, key, patchType, patch, options),
    );
  }

  delete(type: ResourceType, key: ObjectKey, options?: DeleteOptions): Promise<KubeObject | undefined> {
    return this.pass({ verb: 'delete', type, key }, () => this.#client.delete(type, key, options));
  }

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
}

function keyIn(object: object): PassingRequest['key'] {
  const { metadata } = object as { readonly metadata?: unknown };
  if (!isObject(metadata)) return {};
  const { namespace, name } = metadata;
  return {
    namespace: typeof namespace === 'string' ? namespace : undefined,
    name: typeof name === 'string' ? name : undefined,
  };
}

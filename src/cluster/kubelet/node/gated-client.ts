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
} from '../../../client/kube-client.ts';
import type { GroupVersionKind, KubeList, KubeObject, ObjectKey, ResourceType } from '../../../kube/object.ts';

/** Lets requests through, or keeps them waiting. */
export class Gate {
  #closed: Promise<void> | undefined;
  #release: () => void = () => {};

  /** Undefined while it is open. */
  get closed(): Promise<void> | undefined {
    return this.#closed;
  }

  close(): void {
    if (this.#closed !== undefined) return;
    this.#closed = new Promise((resolve) => {
      this.#release = resolve;
    });
  }

  open(): void {
    this.#closed = undefined;
    this.#release();
  }
}

/** The client of a kubelet that may be cut off: its requests wait behind the gate, as requests that are sent again and again do. */
export class GatedClient implements KubeClient {
  readonly #client: KubeClient;
  readonly #gate: Gate;

  constructor(client: KubeClient, gate: Gate) {
    this.#client = client;
    this.#gate = gate;
  }

  get description(): string {
    return this.#client.description;
  }

  get<T extends object = KubeObject>(type: ResourceType, key: ObjectKey): Promise<T> {
    return this.#through(() => this.#client.get<T>(type, key));
  }

  list<T extends object = KubeObject>(type: ResourceType, options?: ListOptions): Promise<KubeList<T>> {
    return this.#through(() => this.#client.list<T>(type, options));
  }

  create<T extends object = KubeObject>(type: ResourceType, object: object, options?: WriteOptions): Promise<T> {
    return this.#through(() => this.#client.create<T>(type, object, options));
  }

  update<T extends object = KubeObject>(type: ResourceType, object: object, options?: WriteOptions): Promise<T> {
    return this.#through(() => this.#client.update<T>(type, object, options));
  }

  patch<T extends object = KubeObject>(
    type: ResourceType,
    key: ObjectKey,
    patchType: PatchType,
    patch: unknown,
    options?: PatchOptions,
  ): Promise<T> {
    return this.#through(() => this.#client.patch<T>(type, key, patchType, patch, options));
  }

  delete(type: ResourceType, key: ObjectKey, options?: DeleteOptions): Promise<KubeObject | undefined> {
    return this.#through(() => this.#client.delete(type, key, options));
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

  #through<T>(run: () => Promise<T>): Promise<T> {
    const { closed } = this.#gate;
    return closed === undefined ? run() : closed.then(() => this.#through(run));
  }
}

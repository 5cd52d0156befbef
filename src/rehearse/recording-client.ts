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
} from '../client/kube-client.ts';
import type { GroupVersionKind, KubeList, KubeObject, ObjectKey, ResourceType } from '../kube/object.ts';

/** Hears of each object that was written. */
export type WriteListener = (type: ResourceType, key: ObjectKey, what: 'created' | 'changed' | 'deleted') => void;

/** A client that tells of what is written through it. Writes that change nothing are not told. */
export class RecordingClient implements KubeClient {
  readonly #client: KubeClient;
  readonly #listener: WriteListener;
  /** The versions that were read or written last. */
  readonly #versions = new Map<string, string>();

  constructor(client: KubeClient, listener: WriteListener) {
    this.#client = client;
    this.#listener = listener;
  }

  get description(): string {
    return this.#client.description;
  }

  async get<T extends object = KubeObject>(type: ResourceType, key: ObjectKey): Promise<T> {
    const object = await this.#client.get<T>(type, key);
    this.#versions.set(idOf(type, key), versionOf(object));
    return object;
  }

  list<T extends object = KubeObject>(type: ResourceType, options?: ListOptions): Promise<KubeList<T>> {
    return this.#client.list<T>(type, options);
  }

  async create<T extends object = KubeObject>(type: ResourceType, object: object, options?: WriteOptions): Promise<T> {
    const created = await this.#client.create<T>(type, object, options);
    if (options?.dryRun !== true) this.#tell(type, keyOf(created), created, 'created');
    return created;
  }

  async update<T extends object = KubeObject>(type: ResourceType, object: object, options?: WriteOptions): Promise<T> {
    const updated = await this.#client.update<T>(type, object, options);
    if (options?.dryRun !== true) this.#tell(type, keyOf(updated), updated, 'changed');
    return updated;
  }

  async patch<T extends object = KubeObject>(
    type: ResourceType,
    key: ObjectKey,
    patchType: PatchType,
    patch: unknown,
    options?: PatchOptions,
  ): Promise<T> {
    const known = this.#versions.has(idOf(type, key));
    const patched = await this.#client.patch<T>(type, key, patchType, patch, options);
    if (options?.dryRun !== true) this.#tell(type, key, patched, known ? 'changed' : 'created');
    return patched;
  }

  async delete(type: ResourceType, key: ObjectKey, options?: DeleteOptions): Promise<KubeObject | undefined> {
    const rest = await this.#client.delete(type, key, options);
    if (options?.dryRun !== true) this.#listener(type, key, 'deleted');
    this.#versions.delete(idOf(type, key));
    return rest;
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

  #tell(type: ResourceType, key: ObjectKey, written: object, what: 'created' | 'changed'): void {
    const id = idOf(type, key);
    const version = versionOf(written);
    if (this.#versions.get(id) === version) return;
    this.#versions.set(id, version);
    this.#listener(type, key, what);
  }
}

function idOf(type: ResourceType, key: ObjectKey): string {
  return `${type.group}/${type.resource}/${key.namespace ?? ''}/${key.name}`;
}

function keyOf(object: object): ObjectKey {
  const { name = '', namespace } = (object as KubeObject).metadata;
  return { name, namespace };
}

function versionOf(object: object): string {
  return (object as Partial<KubeObject>).metadata?.resourceVersion ?? '';
}

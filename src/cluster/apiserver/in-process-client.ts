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
import { isObject } from '../../base/json.ts';
import type { GroupVersionKind, KubeList, KubeObject, ObjectKey, ResourceType } from '../../kube/object.ts';
import type { ClientOptions } from './options.ts';
import type { ApiRequest, ApiResponse, UserInfo, WatchRequest } from './request.ts';

/** What the client calls. */
export interface InProcessBackend {
  readonly version: ServerVersion;
  handleNow(request: ApiRequest): ApiResponse | Promise<ApiResponse>;
  watch(request: WatchRequest): Watch;
  resources(): readonly ResourceType[];
  resourceFor(kind: GroupVersionKind): ResourceType | undefined;
  logs(user: UserInfo, pod: ObjectKey, options: LogOptions): Promise<string>;
}

const ADMINISTRATOR: UserInfo = { name: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] };

/** A client that calls the API server directly; its promises settle without I/O. */
export class InProcessClient implements KubeClient {
  readonly description: string;
  readonly #backend: InProcessBackend;
  readonly #user: UserInfo;
  readonly #fieldManager: string;
  readonly #isPart: boolean;

  constructor(backend: InProcessBackend, options: ClientOptions = {}) {
    this.#backend = backend;
    this.description = options.description ?? 'embedded cluster';
    this.#user = options.user ?? ADMINISTRATOR;
    this.#fieldManager = options.fieldManager ?? 'pintle';
    this.#isPart = options.isPart === true;
  }

  // Methods are async so that failures are rejections; what they do is done when they return.

  async get<T extends object = KubeObject>(type: ResourceType, { namespace, name }: ObjectKey): Promise<T> {
    return this.#body({ verb: 'get', type, namespace, name, user: this.#user });
  }

  async list<T extends object = KubeObject>(type: ResourceType, options: ListOptions = {}): Promise<KubeList<T>> {
    return this.#body({ verb: 'list', type, namespace: options.namespace, options, user: this.#user });
  }

  async create<T extends object = KubeObject>(
    type: ResourceType,
    object: object,
    options: WriteOptions = {},
  ): Promise<T> {
    const { namespace, name = '' } = metadataOf(object);
    return this.#body({ verb: 'create', type, namespace, name, body: object, ...this.#writing(options) });
  }

  async update<T extends object = KubeObject>(
    type: ResourceType,
    object: object,
    options: WriteOptions = {},
  ): Promise<T> {
    const { namespace, name = '' } = metadataOf(object);
    return this.#body({ verb: 'update', type, namespace, name, body: object, ...this.#writing(options) });
  }

  async patch<T extends object = KubeObject>(
    type: ResourceType,
    { namespace, name }: ObjectKey,
    patchType: PatchType,
    patch: unknown,
    options: PatchOptions = {},
  ): Promise<T> {
    const { force } = options;
    const writing = this.#writing(options);
    return this.#body({ verb: 'patch', type, namespace, name, patchType, body: patch, force, ...writing });
  }

  async delete(
    type: ResourceType,
    { namespace, name }: ObjectKey,
    options: DeleteOptions = {},
  ): Promise<KubeObject | undefined> {
    const answer = this.#body<ApiResponse['body']>({
      verb: 'delete',
      type,
      namespace,
      name,
      options,
      user: this.#user,
    });
    const body = answer instanceof Promise ? await answer : answer;
    return body.kind === 'Status' && body.apiVersion === 'v1' ? undefined : (body as KubeObject);
  }

  watch<T extends object = KubeObject>(type: ResourceType, options: WatchOptions, observer: WatchObserver<T>): Watch {
    const { namespace } = options;
    // Objects of the watched resource are what the caller says they are.
    return this.#backend.watch({
      type,
      namespace,
      options,
      observer: observer as unknown as WatchObserver,
      isPart: this.#isPart,
      user: this.#user,
    });
  }

  async serverVersion(): Promise<ServerVersion> {
    return this.#backend.version;
  }

  async resources(): Promise<readonly ResourceType[]> {
    return this.#backend.resources();
  }

  async resourceFor(kind: GroupVersionKind): Promise<ResourceType | undefined> {
    return this.#backend.resourceFor(kind);
  }

  async logs(pod: ObjectKey, options: LogOptions = {}): Promise<string> {
    return await this.#backend.logs(this.#user, pod, options);
  }

  #writing({ dryRun, fieldManager, fieldValidation, subresource }: WriteOptions): {
    readonly user: UserInfo;
    readonly dryRun: boolean | undefined;
    readonly fieldManager: string;
    readonly fieldValidation: WriteOptions['fieldValidation'];
    readonly subresource: string | undefined;
  } {
    return {
      user: this.#user,
      dryRun,
      fieldManager: fieldManager ?? this.#fieldManager,
      fieldValidation,
      subresource,
    };
  }

  #body<T>(request: ApiRequest): T | Promise<T> {
    const response = this.#backend.handleNow(request);
    // Bodies are what the caller says that the resource holds.
    if (response instanceof Promise) return response.then(({ body }) => body as T);
    return response.body as T;
  }
}

function metadataOf(object: object): { readonly namespace?: string | undefined; readonly name?: string | undefined } {
  const { metadata } = object as { readonly metadata?: unknown };
  if (!isObject(metadata)) return {};
  const { namespace, name } = metadata;
  return {
    namespace: typeof namespace === 'string' ? namespace : undefined,
    name: typeof name === 'string' ? name : undefined,
  };
}

import type { IncomingMessage } from 'node:http';
import type { Clock } from '../../base/clock.ts';
import { PintleError } from '../../base/errors.ts';
import {
  apiVersionOf,
  type GroupVersionKind,
  groupResource,
  type KubeList,
  type KubeObject,
  type ObjectKey,
  type ResourceType,
} from '../../kube/object.ts';
import { StatusError, type Status } from '../../kube/status-error.ts';
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
} from '../kube-client.ts';
import { failureOf, readText, warningsOf } from './answers.ts';
import { readDiscovery } from './read-discovery.ts';
import type { Transport, TransportRequest } from './transport.ts';
import { HttpWatch } from './http-watch.ts';

/** What a client over HTTP is made of. */
export interface HttpKubeClientOptions {
  readonly transport: Transport;
  /** For pauses between tries. */
  readonly clock: Clock;
  readonly description: string;
  /** Hears what the server warns of. */
  readonly warn?: ((text: string) => void) | undefined;
}

const PATCH_CONTENT: Readonly<Record<PatchType, string>> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
};

/** Servers that cannot leave out the rest send everything. */
const METADATA_ONLY = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json';

/** Tries of a request that the server was too busy for. client-go: rest/with_retry.go. */
const MAX_TRIES = 10;

/** A cluster over its HTTP API. */
export class HttpKubeClient implements KubeClient {
  readonly description: string;
  readonly #transport: Transport;
  readonly #clock: Clock;
  readonly #warn: ((text: string) => void) | undefined;
  #resources: Promise<readonly ResourceType[]> | undefined;

  constructor(options: HttpKubeClientOptions) {
    this.#transport = options.transport;
    this.#clock = options.clock;
    this.description = options.description;
    this.#warn = options.warn;
  }

  async get<T extends object = KubeObject>(type: ResourceType, key: ObjectKey): Promise<T> {
    return (await this.#json({ method: 'GET', path: pathOf(type, key) })) as T;
  }

  async list<T extends object = KubeObject>(type: ResourceType, options: ListOptions = {}): Promise<KubeList<T>> {
    const query = listQuery(options);
    const list = (await this.#json({
      method: 'GET',
      path: `${collectionOf(type, options.namespace)}${query}`,
      ...(options.metadataOnly === true ? { headers: { Accept: METADATA_ONLY } } : {}),
    })) as KubeList<T>;
    const items = list.items ?? [];
    // Items of a list come without their kind.
    const completed = items.map((item) =>
      'kind' in item ? item : { apiVersion: apiVersionOf(type), kind: type.kind, ...item },
    );
    return { ...list, items: completed };
  }

  async create<T extends object = KubeObject>(
    type: ResourceType,
    object: object,
    options: WriteOptions = {},
  ): Promise<T> {
    const { namespace, name } = keyOf(object);
    const collection = collectionOf(type, namespace);
    const path =
      options.subresource === undefined
        ? collection
        : `${collection}/${encodeURIComponent(name)}/${options.subresource}`;
    return (await this.#write('POST', path, object, options)) as T;
  }

  async update<T extends object = KubeObject>(
    type: ResourceType,
    object: object,
    options: WriteOptions = {},
  ): Promise<T> {
    return (await this.#write('PUT', subresource(pathOf(type, keyOf(object)), options), object, options)) as T;
  }

  async patch<T extends object = KubeObject>(
    type: ResourceType,
    key: ObjectKey,
    patchType: PatchType,
    patch: unknown,
    options: PatchOptions = {},
  ): Promise<T> {
    const query = writeQuery(options, options.force === undefined ? {} : { force: String(options.force) });
    return (await this.#json({
      method: 'PATCH',
      path: `${subresource(pathOf(type, key), options)}${query}`,
      headers: { 'Content-Type': PATCH_CONTENT[patchType] },
      body: JSON.stringify(patch),
    })) as T;
  }

  async delete(type: ResourceType, key: ObjectKey, options: DeleteOptions = {}): Promise<KubeObject | undefined> {
    const body = {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      ...(options.dryRun === true ? { dryRun: ['All'] } : {}),
      gracePeriodSeconds: options.gracePeriodSeconds,
      propagationPolicy: options.propagationPolicy,
      preconditions: options.preconditions,
    };
    const answer = (await this.#json({
      method: 'DELETE',
      path: pathOf(type, key),
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    })) as KubeObject | Status;
    return answer.kind === 'Status' ? undefined : (answer as KubeObject);
  }

  watch<T extends object = KubeObject>(type: ResourceType, options: WatchOptions, observer: WatchObserver<T>): Watch {
    return new HttpWatch(this.#transport, { type, options, observer, path: collectionOf(type, options.namespace) });
  }

  async serverVersion(): Promise<ServerVersion> {
    return (await this.#json({ method: 'GET', path: '/version' })) as ServerVersion;
  }

  async resources(): Promise<readonly ResourceType[]> {
    this.#resources ??= readDiscovery((path, accept) =>
      this.#json({ method: 'GET', path, headers: { Accept: accept } }),
    ).catch((error: unknown) => {
      this.#resources = undefined;
      throw error;
    });
    return await this.#resources;
  }

  async resourceFor(kind: GroupVersionKind): Promise<ResourceType | undefined> {
    const find = (types: readonly ResourceType[]): ResourceType | undefined =>
      types.find((type) => type.group === kind.group && type.version === kind.version && type.kind === kind.kind);
    const known = find(await this.resources());
    if (known !== undefined) return known;
    // A definition may have been added since.
    this.#resources = undefined;
    return find(await this.resources());
  }

  async logs(pod: ObjectKey, options: LogOptions = {}): Promise<string> {
    const query = new URLSearchParams();
    if (options.container !== undefined) query.set('container', options.container);
    if (options.previous === true) query.set('previous', 'true');
    if (options.tailLines !== undefined) query.set('tailLines', String(options.tailLines));
    if (options.timestamps === true) query.set('timestamps', 'true');
    const path = `/api/v1/namespaces/${encodeURIComponent(pod.namespace ?? 'default')}/pods/${encodeURIComponent(pod.name)}/log`;
    const response = await this.#send({ method: 'GET', path: withQuery(path, query), headers: { Accept: '*/*' } });
    return await readText(response);
  }

  /** Lets go of all connections. */
  close(): void {
    this.#transport.close();
  }

  async #write(method: string, path: string, object: object, options: WriteOptions): Promise<unknown> {
    return await this.#json({
      method,
      path: `${path}${writeQuery(options)}`,
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(object),
    });
  }

  async #json(request: TransportRequest): Promise<unknown> {
    return JSON.parse(await readText(await this.#send(request))) as unknown;
  }

  /** @throws StatusError for what the server answers with */
  async #send(request: TransportRequest): Promise<IncomingMessage> {
    for (let attempt = 1; ; attempt += 1) {
      const response = await this.#transport.send(request);
      const code = response.statusCode ?? 0;
      if (this.#warn !== undefined) for (const text of warningsOf(response)) this.#warn(text);
      if (code >= 200 && code < 300) return response;
      const retryAfter = Number(response.headers['retry-after'] ?? 0);
      const failure = failureOf(code, await readText(response), `${request.method} ${request.path}`);
      if (code === 401) throw unauthorized(failure);
      const isBusy = (code === 429 || code >= 500) && retryAfter > 0;
      if (!isBusy || attempt >= MAX_TRIES) throw failure;
      await new Promise<void>((resolve) => {
        this.#clock.setTimer(retryAfter * 1000, resolve);
      });
    }
  }
}

function unauthorized(cause: StatusError): PintleError {
  const message = 'kubernetes cluster unreachable: the server has asked for the client to provide credentials';
  return new PintleError('target', message, { cause, hint: 'the token or certificate is missing, wrong or has ended' });
}

function keyOf(object: object): ObjectKey {
  const { metadata } = object as KubeObject;
  return { namespace: metadata.namespace, name: metadata.name ?? '' };
}

function collectionOf(type: ResourceType, namespace: string | undefined): string {
  const root = type.group === '' ? `/api/${type.version}` : `/apis/${apiVersionOf(type)}`;
  const scope =
    type.namespaced && namespace !== undefined && namespace !== ''
      ? `/namespaces/${encodeURIComponent(namespace)}`
      : '';
  return `${root}${scope}/${type.resource}`;
}

function pathOf(type: ResourceType, key: ObjectKey): string {
  if (key.name === '') {
    throw new StatusError({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      reason: 'BadRequest',
      message: `a ${groupResource(type)} needs a name`,
      code: 400,
    });
  }
  return `${collectionOf(type, key.namespace)}/${encodeURIComponent(key.name)}`;
}

function subresource(path: string, options: WriteOptions): string {
  return options.subresource === undefined ? path : `${path}/${options.subresource}`;
}

function withQuery(path: string, query: URLSearchParams): string {
  const text = query.toString();
  return text === '' ? path : `${path}?${text}`;
}

function listQuery(options: ListOptions): string {
  const query = new URLSearchParams();
  if (options.labelSelector !== undefined) query.set('labelSelector', options.labelSelector);
  if (options.fieldSelector !== undefined) query.set('fieldSelector', options.fieldSelector);
  if (options.limit !== undefined) query.set('limit', String(options.limit));
  if (options.continue !== undefined) query.set('continue', options.continue);
  if (options.resourceVersion !== undefined) query.set('resourceVersion', options.resourceVersion);
  return withQuery('', query);
}

function writeQuery(options: WriteOptions, more: Readonly<Record<string, string>> = {}): string {
  const query = new URLSearchParams(more);
  if (options.dryRun === true) query.set('dryRun', 'All');
  if (options.fieldManager !== undefined) query.set('fieldManager', options.fieldManager);
  if (options.fieldValidation !== undefined) query.set('fieldValidation', options.fieldValidation);
  return withQuery('', query);
}

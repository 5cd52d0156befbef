import type {
  DeleteOptions,
  KubeClient,
  ListOptions,
  PatchOptions,
  PatchType,
  Watch,
  WatchObserver,
  WatchOptions,
} from '../../src/client/kube-client.ts';
import { parseFieldSelector } from '../../src/kube/fields.ts';
import { parseLabelSelector } from '../../src/kube/labels.ts';
import {
  type GroupVersionKind,
  groupResource,
  type KubeList,
  type KubeObject,
  type ObjectKey,
  type ResourceType,
} from '../../src/kube/object.ts';
import { RESOURCES } from '../../src/kube/resources.ts';
import { StatusError } from '../../src/kube/status-error.ts';

/** A client on a map: enough of the API for what reads and writes whole objects. */
export class ObjectClient implements KubeClient {
  readonly description = 'map';
  readonly objects = new Map<string, KubeObject>();
  /** Every call, as `verb resource/name`. */
  readonly calls: string[] = [];
  /** Makes a call fail. */
  fault: (verb: string, type: ResourceType, name: string) => Error | undefined = () => undefined;

  async get<T extends object = KubeObject>(type: ResourceType, key: ObjectKey): Promise<T> {
    this.#call('get', type, key.name);
    return this.#existing(type, key) as unknown as T;
  }

  async list<T extends object = KubeObject>(type: ResourceType, options: ListOptions = {}): Promise<KubeList<T>> {
    this.#call('list', type, '');
    const labels = parseLabelSelector(options.labelSelector ?? '');
    const fields = parseFieldSelector(options.fieldSelector ?? '');
    const namespace = options.namespace ?? '';
    const found = [...this.objects]
      .filter(([id]) => id.startsWith(`${type.resource}/${namespace === '' ? '' : `${namespace}/`}`))
      .map(([, object]) => object)
      .filter((object) => labels.matches(object.metadata.labels as Record<string, string>))
      .filter((object) =>
        fields.matches({
          'metadata.name': object.metadata.name ?? '',
          type: (object['type'] as string | undefined) ?? '',
        }),
      );
    const items = (options.limit === undefined ? found : found.slice(0, options.limit)) as unknown as T[];
    return { apiVersion: 'v1', kind: `${type.kind}List`, metadata: { resourceVersion: '1' }, items };
  }

  async create<T extends object = KubeObject>(type: ResourceType, object: object): Promise<T> {
    const written = structuredClone(object) as KubeObject;
    const { namespace = '', name = '' } = written.metadata;
    this.#call('create', type, name);
    const id = `${type.resource}/${namespace}/${name}`;
    if (this.objects.has(id)) throw failure(409, 'AlreadyExists', `${groupResource(type)} "${name}" already exists`);
    this.objects.set(id, written);
    return written as unknown as T;
  }

  async update<T extends object = KubeObject>(type: ResourceType, object: object): Promise<T> {
    const written = structuredClone(object) as KubeObject;
    const { namespace = '', name = '' } = written.metadata;
    this.#call('update', type, name);
    this.#existing(type, { namespace, name });
    this.objects.set(`${type.resource}/${namespace}/${name}`, written);
    return written as unknown as T;
  }

  patch<T extends object = KubeObject>(
    _type: ResourceType,
    _key: ObjectKey,
    _patchType: PatchType,
    _patch: unknown,
    _options?: PatchOptions,
  ): Promise<T> {
    return Promise.reject(new Error('no patches here'));
  }

  async delete(type: ResourceType, key: ObjectKey, _options?: DeleteOptions): Promise<KubeObject | undefined> {
    this.#call('delete', type, key.name);
    this.#existing(type, key);
    this.objects.delete(`${type.resource}/${key.namespace ?? ''}/${key.name}`);
    return undefined;
  }

  watch<T extends object = KubeObject>(
    _type: ResourceType,
    _options: WatchOptions,
    _observer: WatchObserver<T>,
  ): Watch {
    throw new Error('no watches here');
  }

  async serverVersion(): Promise<{ major: string; minor: string; gitVersion: string }> {
    return { major: '1', minor: '35', gitVersion: 'v1.35.0' };
  }

  async resources(): Promise<readonly ResourceType[]> {
    return [];
  }

  async resourceFor({ group, version, kind }: GroupVersionKind): Promise<ResourceType | undefined> {
    return Object.values(RESOURCES).find(
      (type) => type.group === group && type.version === version && type.kind === kind,
    );
  }

  /** Puts an object there as if it had always been. */
  put(type: ResourceType, object: object): void {
    const written = structuredClone(object) as KubeObject;
    const { namespace = '', name = '' } = written.metadata;
    this.objects.set(`${type.resource}/${namespace}/${name}`, written);
  }

  async logs(): Promise<string> {
    return '';
  }

  #call(verb: string, type: ResourceType, name: string): void {
    this.calls.push(`${verb} ${type.resource}/${name}`);
    const error = this.fault(verb, type, name);
    if (error !== undefined) throw error;
  }

  #existing(type: ResourceType, { namespace = '', name }: ObjectKey): KubeObject {
    const found = this.objects.get(`${type.resource}/${namespace}/${name}`);
    if (found === undefined) throw failure(404, 'NotFound', `${groupResource(type)} "${name}" not found`);
    return found;
  }
}

/** A failed request. */
export function failure(code: number, reason: string, message: string): StatusError {
  return new StatusError({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', code, reason, message });
}

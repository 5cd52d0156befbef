import type { KubeClient } from '../client/kube-client.ts';
import { PassingClient, type PassingRequest } from '../client/passing-client.ts';
import type { KubeObject, ObjectKey, ResourceType } from '../kube/object.ts';

/** Hears of each object that was written. */
export type WriteListener = (type: ResourceType, key: ObjectKey, what: 'created' | 'changed' | 'deleted') => void;

/** A client that tells of what is written through it. Writes that change nothing are not told. */
export class RecordingClient extends PassingClient {
  readonly #listener: WriteListener;
  /** The versions that were read or written last. */
  readonly #versions = new Map<string, string>();

  constructor(client: KubeClient, listener: WriteListener) {
    super(client);
    this.#listener = listener;
  }

  protected override async pass<T>(request: PassingRequest, run: () => Promise<T>): Promise<T> {
    const result = await run();
    this.#note(request, result);
    return result;
  }

  #note({ verb, type, key }: PassingRequest, result: unknown): void {
    if (verb === 'list') return;
    const metadata = (result as Partial<KubeObject> | undefined)?.metadata ?? {};
    const { name = metadata.name ?? '', namespace = metadata.namespace } = key;
    const id = `${type.group}/${type.resource}/${namespace ?? ''}/${name}`;
    const before = this.#versions.get(id);
    if (verb === 'delete') {
      this.#versions.delete(id);
      this.#listener(type, { name, namespace }, 'deleted');
      return;
    }
    const { resourceVersion = '' } = metadata;
    this.#versions.set(id, resourceVersion);
    if (verb === 'get' || before === resourceVersion) return;
    this.#listener(type, { name, namespace }, verb === 'create' || before === undefined ? 'created' : 'changed');
  }
}

import type { KubeClient, Watch, WatchObserver } from '../../../src/client/kube-client.ts';
import type { KubeObject } from '../../../src/kube/object.ts';

/** A client whose watches a test feeds by hand and whose writes it sees; anything else fails. */
export class FakeClient {
  readonly observers: WatchObserver[] = [];
  readonly calls: { readonly verb: string; readonly key: string; readonly body: unknown }[] = [];
  /** Thrown by the next writes, in order; undefined lets one succeed. */
  readonly failures: (Error | undefined)[] = [];

  get client(): KubeClient {
    return this as unknown as KubeClient;
  }

  watch(_type: unknown, _options: unknown, observer: WatchObserver): Watch {
    this.observers.push(observer);
    return { stop: () => {} };
  }

  async create(type: { readonly resource: string }, body: KubeObject): Promise<KubeObject> {
    return this.#write('create', `${type.resource}/${body.metadata.name ?? body.metadata.generateName ?? ''}`, body);
  }

  async patch(
    type: { readonly resource: string },
    key: { readonly name: string },
    _patchType: string,
    body: KubeObject,
  ): Promise<KubeObject> {
    return this.#write('patch', `${type.resource}/${key.name}`, body);
  }

  #write(verb: string, key: string, body: KubeObject): KubeObject {
    this.calls.push({ verb, key, body });
    const failure = this.failures.shift();
    if (failure !== undefined) throw failure;
    return body;
  }

  /** The watch that was opened last. */
  get observer(): WatchObserver {
    const last = this.observers.at(-1);
    if (last === undefined) throw new Error('nothing is watched');
    return last;
  }

  tell(type: 'ADDED' | 'MODIFIED' | 'DELETED', ...objects: KubeObject[]): void {
    for (const object of objects) this.observer.event({ type, object });
  }

  bookmark(): void {
    this.observer.event({ type: 'BOOKMARK', resourceVersion: '1' });
  }
}

let version = 0;

/** A ConfigMap, each time with a new resourceVersion. */
export function object(
  name: string,
  more: { namespace?: string; uid?: string; labels?: Record<string, string> } = {},
): KubeObject {
  version += 1;
  const { namespace = 'default', uid = `uid-${namespace}-${name}`, labels = {} } = more;
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace, uid, labels, resourceVersion: String(version) },
  };
}

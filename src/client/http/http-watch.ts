import type { IncomingMessage } from 'node:http';
import { apiVersionOf, type KubeObject, type ResourceType } from '../../kube/object.ts';
import { StatusError, type Status } from '../../kube/status-error.ts';
import type { Watch, WatchObserver, WatchOptions } from '../kube-client.ts';
import type { Transport } from './transport.ts';
import { failureOf, readText } from './answers.ts';

interface HttpWatchOptions<T> {
  readonly type: ResourceType;
  readonly options: WatchOptions;
  readonly observer: WatchObserver<T>;
  /** Of the collection. */
  readonly path: string;
}

interface Line {
  readonly type: string;
  readonly object: KubeObject | Status;
}

/**
 * A watch over HTTP. Without a version it begins with what there is (`sendInitialEvents`); a server that knows no such
 * watch is listed first.
 */
export class HttpWatch<T extends object> implements Watch {
  readonly #transport: Transport;
  readonly #options: HttpWatchOptions<T>;
  readonly #abort = new AbortController();
  #stopped = false;

  constructor(transport: Transport, options: HttpWatchOptions<T>) {
    this.#transport = transport;
    this.#options = options;
    void this.#run();
  }

  stop(): void {
    this.#stopped = true;
    this.#abort.abort();
  }

  async #run(): Promise<void> {
    try {
      await this.#stream(this.#options.options.resourceVersion);
      this.#close(undefined);
    } catch (error) {
      this.#close(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #close(error: Error | undefined): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#options.observer.closed?.(error);
  }

  async #stream(resourceVersion: string | undefined): Promise<void> {
    const response = await this.#open(resourceVersion);
    const code = response.statusCode ?? 0;
    if (code === 200) {
      await this.#read(response);
      return;
    }
    const failure = failureOf(code, await readText(response), 'watch');
    const tooOld = resourceVersion === undefined && (code === 422 || code === 400);
    if (!tooOld) throw failure;
    await this.#listThenWatch();
  }

  async #open(resourceVersion: string | undefined): Promise<IncomingMessage> {
    const { options, path } = this.#options;
    const query = new URLSearchParams({ watch: 'true', allowWatchBookmarks: 'true' });
    if (resourceVersion === undefined) {
      query.set('sendInitialEvents', 'true');
      query.set('resourceVersionMatch', 'NotOlderThan');
    } else query.set('resourceVersion', resourceVersion);
    if (options.labelSelector !== undefined) query.set('labelSelector', options.labelSelector);
    if (options.fieldSelector !== undefined) query.set('fieldSelector', options.fieldSelector);
    return await this.#transport.send({
      method: 'GET',
      path: `${path}?${query.toString()}`,
      signal: this.#abort.signal,
    });
  }

  async #listThenWatch(): Promise<void> {
    const { options, path, type, observer } = this.#options;
    const query = new URLSearchParams();
    if (options.labelSelector !== undefined) query.set('labelSelector', options.labelSelector);
    if (options.fieldSelector !== undefined) query.set('fieldSelector', options.fieldSelector);
    const response = await this.#transport.send({
      method: 'GET',
      path: `${path}?${query.toString()}`,
      signal: this.#abort.signal,
    });
    const text = await readText(response);
    if (response.statusCode !== 200) throw failureOf(response.statusCode ?? 0, text, 'list');
    const list = JSON.parse(text) as { items?: T[]; metadata: { resourceVersion: string } };
    for (const item of list.items ?? []) {
      const object = { apiVersion: apiVersionOf(type), kind: type.kind, ...item };
      if (!this.#stopped) observer.event({ type: 'ADDED', object });
    }
    const { resourceVersion } = list.metadata;
    if (!this.#stopped) observer.event({ type: 'BOOKMARK', resourceVersion });
    const stream = await this.#open(resourceVersion);
    if (stream.statusCode !== 200) throw failureOf(stream.statusCode ?? 0, await readText(stream), 'watch');
    await this.#read(stream);
  }

  async #read(response: IncomingMessage): Promise<void> {
    response.setEncoding('utf8');
    let rest = '';
    for await (const chunk of response as AsyncIterable<string>) {
      if (this.#stopped) return;
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line !== '') this.#line(JSON.parse(line) as Line);
    }
  }

  #line({ type, object }: Line): void {
    if (this.#stopped) return;
    const { observer } = this.#options;
    switch (type) {
      case 'ADDED':
      case 'MODIFIED':
      case 'DELETED':
        observer.event({ type, object: object as unknown as T });
        break;
      case 'BOOKMARK':
        this.#bookmark(object as KubeObject);
        break;
      case 'ERROR':
        throw new StatusError(object as Status);
      default:
    }
  }

  /** Only the one that ends the initial events means something to the observer. */
  #bookmark({ metadata }: KubeObject): void {
    if (metadata.annotations?.['k8s.io/initial-events-end'] !== 'true') return;
    this.#options.observer.event({ type: 'BOOKMARK', resourceVersion: metadata.resourceVersion ?? '' });
  }
}

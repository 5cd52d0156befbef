import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { KubeClient, Watch, WatchEvent } from '../../client/kube-client.ts';
import { groupResource, type ObjectKey, type ResourceType } from '../../kube/object.ts';
import { StatusError } from '../../kube/status-error.ts';
import type { ComponentContext, Informer, InformerEvent, InformerFactory } from './interfaces.ts';
import { type ApiObject, joinKey, keyOf } from './keys.ts';
import { SortedBucket } from './sorted-bucket.ts';

/** ms before a watch that failed is opened again; doubles up to the maximum. client-go: tools/cache/reflector.go */
const RESTART_DELAY = 800;
const RESTART_DELAY_MAX = 30_000;

type Handler<T> = (event: InformerEvent<T>) => void;

class Index<T extends ApiObject> {
  readonly #keys: (object: T) => readonly string[];
  readonly #buckets = new Map<string, SortedBucket<T>>();

  constructor(keys: (object: T) => readonly string[]) {
    this.#keys = keys;
  }

  put(key: string, object: T, old: T | undefined): void {
    const values = this.#keys(object);
    if (old !== undefined) {
      for (const value of this.#keys(old)) if (!values.includes(value)) this.#remove(value, key);
    }
    for (const value of values) {
      let bucket = this.#buckets.get(value);
      if (bucket === undefined) {
        bucket = new SortedBucket();
        this.#buckets.set(value, bucket);
      }
      bucket.set(key, object);
    }
  }

  delete(key: string, object: T): void {
    for (const value of this.#keys(object)) this.#remove(value, key);
  }

  list(value: string): readonly T[] {
    return this.#buckets.get(value)?.list() ?? [];
  }

  #remove(value: string, key: string): void {
    const bucket = this.#buckets.get(value);
    if (bucket === undefined) return;
    bucket.delete(key);
    if (bucket.size === 0) this.#buckets.delete(value);
  }
}

/** The cache of one resource; see {@link Informer}. A watch that ends is opened again, and what was missed is told. */
class WatchInformer<T extends ApiObject> implements Informer<T> {
  readonly type: ResourceType;
  readonly synced: Promise<void>;
  readonly #context: InformerContext;
  readonly #objects = new SortedBucket<T>();
  readonly #namespaces = new Map<string, SortedBucket<T>>();
  readonly #indexes = new Map<string, Index<T>>();
  readonly #handlers: Handler<T>[] = [];
  #resolveSynced: () => void = () => {};
  #watch: Watch | undefined;
  /** Keys told since the watch was opened, until its BOOKMARK. */
  #seen: Set<string> | undefined;
  #delay = RESTART_DELAY;
  #stopped = false;

  constructor(type: ResourceType, context: InformerContext) {
    this.type = type;
    this.#context = context;
    this.synced = new Promise((resolve) => {
      this.#resolveSynced = resolve;
    });
    this.#open();
  }

  get(key: ObjectKey): T | undefined {
    return this.#objects.get(joinKey(key.namespace, key.name));
  }

  list(namespace?: string): readonly T[] {
    if (namespace === undefined || namespace === '') return this.#objects.list();
    return this.#namespaces.get(namespace)?.list() ?? [];
  }

  addIndex(name: string, keys: (object: T) => readonly string[]): void {
    if (this.#indexes.has(name)) return;
    const index = new Index(keys);
    for (const object of this.#objects.list()) index.put(keyOf(object), object, undefined);
    this.#indexes.set(name, index);
  }

  byIndex(name: string, value: string): readonly T[] {
    const index = this.#indexes.get(name);
    if (index === undefined) throw new Error(`informer ${groupResource(this.type)}: no index ${name}`);
    return index.list(value);
  }

  onEvent(handler: Handler<T>): void {
    this.#handlers.push(handler);
    for (const object of this.#objects.list()) this.#tell(handler, { type: 'added', object });
  }

  stop(): void {
    this.#stopped = true;
    this.#watch?.stop();
    this.#watch = undefined;
  }

  #open(): void {
    if (this.#stopped) return;
    this.#seen = new Set();
    let closed = false;
    const watch = this.#context.client.watch<T>(
      this.type,
      {},
      {
        event: (event) => {
          if (!closed && !this.#stopped) this.#receive(event);
        },
        closed: (error) => {
          if (closed) return;
          closed = true;
          this.#reopen(error);
        },
      },
    );
    if (!closed) this.#watch = watch;
  }

  #reopen(error: Error | undefined): void {
    this.#watch = undefined;
    if (this.#stopped) return;
    const expired = error instanceof StatusError && error.code === 410;
    const delay = error === undefined || expired ? 0 : this.#delay;
    if (delay > 0) {
      this.#delay = Math.min(this.#delay * 2, RESTART_DELAY_MAX);
      this.#context.logger.log('debug', 'watch failed', { resource: groupResource(this.type), error: error?.message });
    }
    this.#context.clock.setTimer(delay, () => this.#open());
  }

  #receive(event: WatchEvent<T>): void {
    switch (event.type) {
      case 'ADDED':
      case 'MODIFIED':
        this.#put(event.object);
        return;
      case 'DELETED':
        this.#remove(keyOf(event.object), event.object);
        return;
      case 'BOOKMARK':
        this.#finishInitial();
        return;
      default:
    }
  }

  #put(object: T): void {
    const key = keyOf(object);
    this.#seen?.add(key);
    const old = this.#objects.get(key);
    if (old !== undefined && old.metadata.resourceVersion === object.metadata.resourceVersion) return;
    if (old !== undefined && old.metadata.uid !== object.metadata.uid) {
      // Deleted and made anew while the watch was down.
      this.#remove(key, old);
      this.#put(object);
      return;
    }
    this.#objects.set(key, object);
    this.#namespaceBucket(object).set(key, object);
    for (const index of this.#indexes.values()) index.put(key, object, old);
    this.#tellAll(old === undefined ? { type: 'added', object } : { type: 'modified', object, old });
  }

  #remove(key: string, last: T): void {
    const old = this.#objects.get(key);
    if (old === undefined) return;
    this.#objects.delete(key);
    this.#namespaceBucket(old).delete(key);
    for (const index of this.#indexes.values()) index.delete(key, old);
    this.#tellAll({ type: 'deleted', object: last, old });
  }

  #finishInitial(): void {
    const seen = this.#seen;
    this.#seen = undefined;
    this.#delay = RESTART_DELAY;
    if (seen !== undefined && seen.size < this.#objects.size) {
      for (const key of this.#objects.keys()) {
        const object = this.#objects.get(key);
        if (object !== undefined && !seen.has(key)) this.#remove(key, object);
      }
    }
    this.#resolveSynced();
  }

  #namespaceBucket(object: T): SortedBucket<T> {
    const namespace = object.metadata.namespace ?? '';
    let bucket = this.#namespaces.get(namespace);
    if (bucket === undefined) {
      bucket = new SortedBucket();
      this.#namespaces.set(namespace, bucket);
    }
    return bucket;
  }

  #tellAll(event: InformerEvent<T>): void {
    for (const handler of this.#handlers) this.#tell(handler, event);
  }

  #tell(handler: Handler<T>, event: InformerEvent<T>): void {
    try {
      handler(event);
    } catch (error) {
      this.#context.logger.log('error', 'informer handler failed', {
        resource: groupResource(this.type),
        error: error instanceof Error ? error.message : String(error),
      });
    }
  }
}

interface InformerContext {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly logger: Logger;
}

class WatchInformerFactory implements InformerFactory {
  readonly #context: InformerContext;
  readonly #informers = new Map<string, WatchInformer<ApiObject>>();

  constructor(context: InformerContext) {
    this.#context = context;
  }

  informer<T extends object>(type: ResourceType): Informer<T> {
    const key = informerKey(type);
    let informer = this.#informers.get(key);
    if (informer === undefined) {
      informer = new WatchInformer(type, this.#context);
      this.#informers.set(key, informer);
    }
    return informer as unknown as Informer<T>;
  }

  forget(type: ResourceType): void {
    const key = informerKey(type);
    this.#informers.get(key)?.stop();
    this.#informers.delete(key);
  }

  stop(): void {
    for (const informer of this.#informers.values()) informer.stop();
    this.#informers.clear();
  }
}

function informerKey(type: ResourceType): string {
  return `${type.group}/${type.version}/${type.resource}`;
}

/** Shared caches over the client's watches; one watch a resource, opened when it is first asked for. */
export function createInformerFactory(context: Pick<ComponentContext, 'client' | 'clock' | 'logger'>): InformerFactory {
  return new WatchInformerFactory(context);
}

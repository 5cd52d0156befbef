import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { KubeClient, Watch, WatchEvent } from '../../client/kube-client.ts';
import { groupResource, type ObjectKey, type ResourceType } from '../../kube/object.ts';
import { StatusError } from '../../kube/status-error.ts';
import type { ComponentContext, Informer, InformerEvent, InformerFactory } from './interfaces.ts';
import type { ApiObject } from './keys.ts';
import { type CachedObject, ObjectCache } from './object-cache.ts';

/** ms before a watch that failed is opened again; doubles up to the maximum. client-go: tools/cache/reflector.go */
const RESTART_DELAY = 800;
const RESTART_DELAY_MAX = 30_000;

type Handler<T> = (event: InformerEvent<T>) => void;

/** The cache of one resource; see {@link Informer}. A watch that ends is opened again, and what was missed is told. */
class WatchInformer<T extends ApiObject> implements Informer<T> {
  readonly type: ResourceType;
  readonly synced: Promise<void>;
  readonly #context: InformerContext;
  readonly #objects = new ObjectCache<T>();
  readonly #handlers: Handler<T>[] = [];
  #resolveSynced: () => void = () => {};
  #watch: Watch | undefined;
  /** What was told since the watch was opened, until its BOOKMARK. */
  #seen: Set<CachedObject<T>> | undefined;
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

  get({ namespace, name }: ObjectKey): T | undefined {
    return this.#objects.find(namespace, name)?.value;
  }

  list(namespace?: string): readonly T[] {
    return this.#objects.list(namespace);
  }

  addIndex(name: string, keys: (object: T) => readonly string[]): void {
    this.#objects.addIndex(name, keys);
  }

  byIndex(name: string, value: string): readonly T[] {
    const found = this.#objects.byIndex(name, value);
    if (found === undefined) throw new Error(`informer ${groupResource(this.type)}: no index ${name}`);
    return found;
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
        this.#delete(event.object);
        return;
      case 'BOOKMARK':
        this.#finishInitial();
        return;
      default:
    }
  }

  #put(object: T): void {
    const { metadata } = object;
    const known = this.#objects.find(metadata.namespace, metadata.name ?? '');
    if (known === undefined) {
      this.#add(object);
      return;
    }
    const old = known.value;
    if (old.metadata.uid !== metadata.uid) {
      // Deleted and made anew while the watch was down.
      this.#remove(known, old);
      this.#add(object);
      return;
    }
    this.#seen?.add(known);
    if (old.metadata.resourceVersion === metadata.resourceVersion) return;
    this.#objects.replace(known, object);
    this.#tellAll({ type: 'modified', object, old });
  }

  #add(object: T): void {
    const added = this.#objects.add(object);
    this.#seen?.add(added);
    this.#tellAll({ type: 'added', object });
  }

  #delete(last: T): void {
    const known = this.#objects.find(last.metadata.namespace, last.metadata.name ?? '');
    if (known !== undefined) this.#remove(known, last);
  }

  #remove(known: CachedObject<T>, last: T): void {
    this.#objects.remove(known);
    this.#tellAll({ type: 'deleted', object: last, old: known.value });
  }

  #finishInitial(): void {
    const seen = this.#seen;
    this.#seen = undefined;
    this.#delay = RESTART_DELAY;
    if (seen !== undefined && seen.size < this.#objects.size) {
      for (const known of this.#objects) if (!seen.has(known)) this.#remove(known, known.value);
    }
    this.#resolveSynced();
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

import type { Logger } from '../../../base/logger.ts';
import type { WatchEvent, WatchObserver } from '../../../client/kube-client.ts';
import { copyMetadata } from '../../../kube/deferred-managed-fields.ts';
import type { KubeObject } from '../../../kube/object.ts';
import { StatusError } from '../../../kube/status-error.ts';
import { internalError } from '../../registry/status.ts';
import { CompactedError, type StoreEntry, type StoreEvent } from '../../store/store.ts';
import { nothingOutside, type Outside, PendingWork, RequestAttempts } from '../outside.ts';
import type { ServedWatch, WatchRequest } from '../request.ts';
import type { Served } from '../served-resources.ts';
import type { Core } from './core.ts';
import { parseRevision, requireReached, tooOld } from './list.ts';
import { type Selection, selectionOf } from './selection.ts';

/**
 * Tells an observer what happens to a resource. Everything is told in promise jobs, failures too: an observer hears nothing
 * inside this call.
 */
export function watchObjects(core: Core, request: WatchRequest): ServedWatch {
  try {
    return new ObjectWatch(core, core.served.find(request.type), request);
  } catch (error) {
    const status = asStatusError(error, core.logger);
    let stopped = false;
    queueMicrotask(() => {
      if (!stopped) request.observer.closed?.(status);
    });
    return {
      settled: false,
      stop: () => {
        stopped = true;
      },
    };
  }
}

class ObjectWatch implements ServedWatch {
  readonly #observer: WatchObserver;
  readonly #logger: Logger;
  readonly #namespace: string | undefined;
  readonly #selection: Selection;
  readonly #convert: Served['convert'];
  readonly #end: () => void;
  /** What was there when the watch began, until it has been told. */
  #initial: readonly StoreEntry[] | undefined;
  readonly #revision: number;
  #stopped = false;
  /** Events behind one that is being converted. */
  #waiting: WatchEvent[] | undefined;
  readonly #core: Core;
  /** How many it counts for among open watches. */
  readonly #counts: number;

  constructor(core: Core, served: Served, { observer, namespace = '', options = {}, isPart = false }: WatchRequest) {
    const { store } = core;
    this.#core = core;
    this.#observer = observer;
    this.#logger = core.logger;
    this.#namespace = namespace === '' || !served.type.namespaced ? undefined : namespace;
    this.#selection = selectionOf(served, options);
    this.#convert = served.convert;
    const { resourceVersion = '' } = options;
    const fresh = resourceVersion === '' || resourceVersion === '0';
    this.#revision = fresh ? store.revision : parseRevision(resourceVersion);
    requireReached(store, this.#revision);
    this.#end = subscribe(() => store.watch(served.bucket, this.#revision, (event) => this.#hear(event)));
    this.#counts = isPart ? 0 : 1;
    core.watches.open += this.#counts;
    if (!fresh) return;
    this.#initial = store.list(served.bucket, this.#namespace);
    queueMicrotask(() => this.#begin());
  }

  get settled(): boolean {
    return !this.#stopped && this.#initial === undefined && this.#waiting === undefined;
  }

  stop(): void {
    if (!this.#stopped) this.#core.watches.open -= this.#counts;
    this.#stopped = true;
    this.#end();
  }

  #begin(): void {
    const entries = this.#initial;
    if (entries === undefined) return;
    this.#initial = undefined;
    for (const { value } of entries) {
      if (this.#selection.matches(value)) this.#tell({ type: 'ADDED', object: value });
    }
    this.#tell({ type: 'BOOKMARK', resourceVersion: String(this.#revision) });
  }

  #hear(event: StoreEvent): void {
    if (this.#namespace !== undefined && event.namespace !== this.#namespace) return;
    this.#begin();
    const told = this.#selection.everything ? plainEvent(event) : selectedEvent(event, this.#selection);
    if (told !== undefined) this.#tell(told);
  }

  /** Tells an event in the version that is asked for; while a webhook converts one, all others wait behind it. */
  #tell(event: WatchEvent): void {
    if (this.#stopped) return;
    if (this.#convert === undefined) this.#give(event);
    else if (this.#waiting !== undefined) this.#waiting.push(event);
    else {
      this.#waiting = [event];
      this.#drain(nothingOutside);
    }
  }

  #drain(outside: Outside): void {
    const waiting = this.#waiting ?? [];
    for (;;) {
      const [event] = waiting;
      if (event === undefined || this.#stopped) break;
      let shown = event;
      if (event.type !== 'BOOKMARK') {
        try {
          const [object = event.object] = this.#convert?.([event.object], outside) ?? [];
          shown = { ...event, object };
        } catch (error) {
          if (error instanceof PendingWork) void this.#await(error);
          else this.#fail(error);
          return;
        }
      }
      waiting.shift();
      this.#give(shown);
    }
    this.#waiting = undefined;
  }

  async #await(pending: PendingWork): Promise<void> {
    const attempts = new RequestAttempts(this.#core.random, this.#core.clock);
    await attempts.settle(pending);
    this.#drain(attempts.outside);
  }

  #fail(error: unknown): void {
    this.stop();
    this.#observer.closed?.(asStatusError(error, this.#logger));
  }

  #give(event: WatchEvent): void {
    if (this.#stopped) return;
    try {
      this.#observer.event(event);
    } catch (error) {
      this.#logger.log('error', 'a watch observer failed', { error: String(error) });
      throw error;
    }
  }
}

function subscribe(begin: () => () => void): () => void {
  try {
    return begin();
  } catch (error) {
    throw error instanceof CompactedError ? tooOld(error) : error;
  }
}

function plainEvent({ type, value, previous }: StoreEvent): WatchEvent {
  if (type === 'delete') return { type: 'DELETED', object: value };
  return { type: previous === undefined ? 'ADDED' : 'MODIFIED', object: value };
}

/** An object that comes into the selection is ADDED, one that leaves it DELETED. */
function selectedEvent(event: StoreEvent, selection: Selection): WatchEvent | undefined {
  const { type, value, previous } = event;
  const before = previous !== undefined && selection.matches(previous);
  if (type === 'delete') return before ? { type: 'DELETED', object: value } : undefined;
  const after = selection.matches(value);
  if (after) return { type: before ? 'MODIFIED' : 'ADDED', object: value };
  return before ? { type: 'DELETED', object: leaving(event, previous) } : undefined;
}

const left = new WeakMap<StoreEvent, KubeObject>();

/** The state before the object left, with the revision at which it did; the same object for all watches. */
function leaving(event: StoreEvent, previous: KubeObject): KubeObject {
  let object = left.get(event);
  if (object === undefined) {
    const metadata = copyMetadata(previous.metadata);
    metadata.resourceVersion = String(event.revision);
    object = { ...previous, metadata };
    left.set(event, object);
  }
  return object;
}

/** What the client hears of a failure: its status, or an internal error. */
export function asStatusError(error: unknown, logger: Logger): StatusError {
  if (error instanceof StatusError) return error;
  logger.log('error', 'a request failed inside the API server', {
    error: error instanceof Error ? error.stack : error,
  });
  return internalError(error instanceof Error ? error.message : String(error));
}

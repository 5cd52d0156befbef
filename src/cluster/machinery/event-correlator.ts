import type { ObjectReference } from '../../kube/api/core-v1.generated.ts';

/** Bounds of one recorder. client-go: tools/record/events_cache.go */
const CACHE_SIZE = 4096;
/** Events about one object that may come at once, … */
const BURST = 25;
/** … and ms until one more may. */
const REFILL = 300_000;
/** So many events that differ in their message alone, … */
const SIMILAR = 10;
/** … within so many ms of one another, become one. */
const SIMILAR_INTERVAL = 600_000;

/** What is about to be recorded. */
export interface PendingEvent {
  readonly reference: ObjectReference;
  readonly type: string;
  readonly reason: string;
  readonly message: string;
}

/** What becomes of it. */
export interface CorrelatedEvent extends PendingEvent {
  /** Under which {@link EventCorrelator.recorded} remembers the event that was written. */
  readonly key: string;
  /** The event that counts up; undefined: a new one. */
  readonly previous: RecordedEvent | undefined;
}

/** An event of the API that can count up. */
export interface RecordedEvent {
  readonly namespace: string;
  readonly name: string;
  readonly count: number;
}

interface Bucket {
  tokens: number;
  since: number;
}

interface Similar {
  /** The last ones, the oldest first; mostly there is one. */
  readonly messages: string[];
  last: number;
}

/** Decides which events are dropped, merged or counted up. */
export class EventCorrelator {
  readonly #buckets = new Map<string, Bucket>();
  readonly #similar = new Map<string, Similar>();
  readonly #recorded = new Map<string, RecordedEvent>();

  /** The event to write, or undefined when the object has had too many. */
  correlate(event: PendingEvent, now: number): CorrelatedEvent | undefined {
    const object = objectText(event.reference);
    const merged = this.#merge(event, object, now);
    if (!this.#allow(object, now)) return undefined;
    const previous = this.#recorded.get(merged.key);
    return { ...event, message: merged.message, key: merged.key, previous };
  }

  /** Remembers what was written for a {@link CorrelatedEvent}. */
  recorded(key: string, event: RecordedEvent): void {
    remember(this.#recorded, key, event);
  }

  #merge(event: PendingEvent, object: string, now: number): { readonly key: string; readonly message: string } {
    const group = `${object}\n${event.type}\n${event.reason}`;
    const exact = `${group}\n${event.reference.fieldPath ?? ''}\n${event.message}`;
    let similar = this.#similar.get(group);
    if (similar === undefined || now - similar.last > SIMILAR_INTERVAL) {
      similar = { messages: [], last: now };
    }
    const { messages } = similar;
    similar.last = now;
    if (!messages.includes(exact)) messages.push(exact);
    remember(this.#similar, group, similar);
    if (messages.length < SIMILAR) return { key: exact, message: event.message };
    // Keep the list from growing.
    messages.shift();
    return { key: group, message: `(combined from similar events): ${event.message}` };
  }

  #allow(object: string, now: number): boolean {
    const bucket = this.#buckets.get(object) ?? { tokens: BURST, since: now };
    bucket.tokens = Math.min(BURST, bucket.tokens + (now - bucket.since) / REFILL);
    bucket.since = now;
    remember(this.#buckets, object, bucket);
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  }
}

function objectText({ kind, namespace, name, uid, apiVersion }: ObjectReference): string {
  // Short texts for what happens most: a uid with its name is nobody else's.
  if (kind === 'Pod' && uid !== undefined && uid !== '') return `${uid}\n${name}`;
  return `${kind}\n${namespace}\n${name}\n${uid}\n${apiVersion}`;
}

/** Puts a value at the young end of a cache, and drops the oldest when it is full. */
function remember<T>(cache: Map<string, T>, key: string, value: T): void {
  cache.delete(key);
  cache.set(key, value);
  if (cache.size <= CACHE_SIZE) return;
  for (const oldest of cache.keys()) {
    cache.delete(oldest);
    return;
  }
}

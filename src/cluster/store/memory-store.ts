import { compareStrings, type JsonValue } from '../../base/json.ts';
import { Bucket } from './bucket.ts';
import type { CommitResult, Store, StoreChange, StoreEntry, StoreEvent } from './store.ts';
import { WatchHub } from './watch-hub.ts';

/** What lies behind a store in memory: buckets are read when they are first used, commits are handed on. */
export interface Backing {
  readonly revision: number;
  buckets(): readonly string[];
  load(bucket: string): Iterable<StoreEntry>;
  /** Called inside the commit, before anything changes; may throw to refuse it. */
  check(changes: readonly StoreChange[]): void;
  committed(revision: number, changes: readonly StoreChange[]): void;
}

const FIRST_REVISION = 1;

/** A store that forgets everything with the process. */
export class MemoryStore implements Store {
  readonly #buckets = new Map<string, Bucket>();
  readonly #backing: Backing | undefined;
  readonly #hub: WatchHub;
  readonly #meta = new Map<string, JsonValue>();
  #revision: number;

  constructor(backing?: Backing) {
    this.#backing = backing;
    this.#revision = backing?.revision ?? FIRST_REVISION;
    this.#hub = new WatchHub(this.#revision);
  }

  get revision(): number {
    return this.#revision;
  }

  get compacted(): number {
    return this.#hub.compacted;
  }

  get(bucket: string, namespace: string, name: string): StoreEntry | undefined {
    return this.#bucket(bucket).get(namespace, name);
  }

  list(bucket: string, namespace?: string, revision?: number): readonly StoreEntry[] {
    const now = this.#bucket(bucket).list(namespace);
    if (revision === undefined) return now;
    const events = this.#hub.since(bucket, revision).filter((event) => inNamespace(event, namespace));
    return events.length === 0 ? now : rewind(now, events);
  }

  count(bucket: string, namespace?: string): number {
    const found = this.#bucket(bucket);
    return namespace === undefined ? found.count : found.countIn(namespace);
  }

  buckets(): readonly string[] {
    const names = new Set(this.#backing?.buckets() ?? []);
    for (const [name, bucket] of this.#buckets) {
      if (bucket.count > 0) names.add(name);
      else names.delete(name);
    }
    return [...names].sort(compareStrings);
  }

  commit(changes: readonly StoreChange[]): CommitResult {
    for (const change of changes) {
      const current = this.get(change.bucket, change.namespace, change.name);
      const missing = change.type === 'delete' && current === undefined;
      if (missing || (change.expected !== undefined && change.expected !== (current?.modRevision ?? 0))) {
        return { ok: false, failed: change, current };
      }
    }
    if (changes.length === 0) return { ok: true, revision: this.#revision };
    this.#backing?.check(changes);
    const revision = this.#revision + 1;
    this.#revision = revision;
    for (const change of changes) this.#apply(change, revision);
    this.#backing?.committed(revision, changes);
    return { ok: true, revision };
  }

  watch(bucket: string, after: number, listener: (event: StoreEvent) => void): () => void {
    return this.#hub.watch(bucket, after, listener);
  }

  compact(revision: number): void {
    this.#hub.compact(Math.min(revision, this.#revision));
  }

  meta(name: string): JsonValue | undefined {
    return this.#meta.get(name);
  }

  setMeta(name: string, value: JsonValue): void {
    this.#meta.set(name, value);
  }

  written(): Promise<void> {
    return Promise.resolve();
  }

  flush(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #apply(change: StoreChange, modRevision: number): void {
    const { type, bucket, namespace, name, value } = change;
    const objects = this.#bucket(bucket);
    const previous = objects.get(namespace, name)?.value;
    if (type === 'put') objects.put({ namespace, name, value, modRevision });
    else objects.delete(namespace, name);
    this.#hub.add({ type, bucket, namespace, name, revision: modRevision, value, previous });
  }

  #bucket(name: string): Bucket {
    const known = this.#buckets.get(name);
    if (known !== undefined) return known;
    const bucket = new Bucket();
    for (const entry of this.#backing?.load(name) ?? []) bucket.put(entry);
    this.#buckets.set(name, bucket);
    return bucket;
  }
}

function inNamespace(event: StoreEvent, namespace: string | undefined): boolean {
  return namespace === undefined || event.namespace === namespace;
}

/** Takes events back, the newest first. */
function rewind(now: readonly StoreEntry[], events: readonly StoreEvent[]): readonly StoreEntry[] {
  const bucket = new Bucket();
  for (const entry of now) bucket.put(entry);
  for (const { namespace, name, previous } of events.toReversed()) {
    if (previous === undefined) bucket.delete(namespace, name);
    else bucket.put({ namespace, name, value: previous, modRevision: Number(previous.metadata.resourceVersion ?? 0) });
  }
  return bucket.list();
}

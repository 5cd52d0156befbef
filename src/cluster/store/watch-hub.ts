import { CompactedError, type StoreEvent } from './store.ts';

interface Watcher {
  /** Up to here it needs to hear nothing, or has it in its backlog. */
  readonly position: number;
  readonly listener: (event: StoreEvent) => void;
  /** Events that had been told to others before this watch began. */
  backlog: readonly StoreEvent[];
  stopped: boolean;
}

/** Keeps the history of commits and tells watchers of it: in promise jobs, in order, across all buckets. */
export class WatchHub {
  readonly #histories = new Map<string, StoreEvent[]>();
  readonly #watchers = new Map<string, Set<Watcher>>();
  #pending: StoreEvent[] = [];
  #scheduled = false;
  /** Revision up to which watchers have been told. */
  #told: number;
  #compacted: number;

  constructor(revision: number) {
    this.#told = revision;
    this.#compacted = revision;
  }

  get compacted(): number {
    return this.#compacted;
  }

  add(event: StoreEvent): void {
    const history = this.#histories.get(event.bucket);
    if (history === undefined) this.#histories.set(event.bucket, [event]);
    else history.push(event);
    this.#pending.push(event);
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => this.#drain());
  }

  watch(bucket: string, after: number, listener: (event: StoreEvent) => void): () => void {
    const told = this.#told;
    const backlog = this.since(bucket, after).filter((event) => event.revision <= told);
    const watcher: Watcher = { position: Math.max(after, told), listener, backlog, stopped: false };
    let watchers = this.#watchers.get(bucket);
    if (watchers === undefined) {
      watchers = new Set();
      this.#watchers.set(bucket, watchers);
    }
    watchers.add(watcher);
    if (backlog.length > 0) queueMicrotask(() => tellBacklog(watcher));
    const all = watchers;
    return () => {
      watcher.stopped = true;
      all.delete(watcher);
    };
  }

  /** What happened to a bucket after a revision. */
  since(bucket: string, after: number): readonly StoreEvent[] {
    if (after < this.#compacted) throw new CompactedError(after, this.#compacted);
    const history = this.#histories.get(bucket);
    if (history === undefined) return [];
    return history.slice(firstAfter(history, after));
  }

  compact(revision: number): void {
    if (revision <= this.#compacted) return;
    this.#compacted = revision;
    for (const [bucket, history] of this.#histories) {
      const kept = history.slice(firstAfter(history, revision));
      if (kept.length === 0) this.#histories.delete(bucket);
      else this.#histories.set(bucket, kept);
    }
  }

  #drain(): void {
    this.#scheduled = false;
    const events = this.#pending;
    this.#pending = [];
    // Watches that begin inside a listener wait for what is still to be told here.
    for (const event of events) {
      this.#told = event.revision;
      const watchers = this.#watchers.get(event.bucket);
      if (watchers === undefined) continue;
      for (const watcher of watchers) {
        if (event.revision <= watcher.position) continue;
        if (watcher.backlog.length > 0) tellBacklog(watcher);
        tell(watcher, event);
      }
    }
  }
}

function tellBacklog(watcher: Watcher): void {
  const events = watcher.backlog;
  watcher.backlog = [];
  for (const event of events) tell(watcher, event);
}

function tell(watcher: Watcher, event: StoreEvent): void {
  if (watcher.stopped) return;
  try {
    watcher.listener(event);
  } catch (error) {
    // The others must still hear of it; the fault surfaces on its own.
    queueMicrotask(() => {
      throw error;
    });
  }
}

/** Index of the first event after a revision. */
function firstAfter(history: readonly StoreEvent[], revision: number): number {
  let low = 0;
  let high = history.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((history[middle]?.revision ?? 0) <= revision) low = middle + 1;
    else high = middle;
  }
  return low;
}

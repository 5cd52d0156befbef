import type { JsonValue } from '../../base/json.ts';
import type { KubeObject } from '../../kube/object.ts';

/** Where an object lies. A bucket holds one resource, e.g. `apps/deployments`; cluster-scoped objects have the namespace ''. */
export interface StoreKey {
  readonly bucket: string;
  readonly namespace: string;
  readonly name: string;
}

/** One step of a commit. */
export type StoreChange = StoreKey &
  (
    | { readonly type: 'put'; readonly value: KubeObject; readonly expected?: number }
    /** `value` is the last state, for the event. */
    | { readonly type: 'delete'; readonly value: KubeObject; readonly expected?: number }
  );

/** An object with the revision that wrote it. */
export interface StoreEntry {
  readonly namespace: string;
  readonly name: string;
  readonly value: KubeObject;
  readonly modRevision: number;
}

/** What a commit did to one key. */
export interface StoreEvent extends StoreKey {
  readonly type: 'put' | 'delete';
  readonly revision: number;
  /** The new state, or the last one of a deleted object. */
  readonly value: KubeObject;
  /** The state before; undefined for a new object. */
  readonly previous: KubeObject | undefined;
}

/** What a commit came to: its revision, or the key that was not as expected. */
export type CommitResult =
  | { readonly ok: true; readonly revision: number }
  | { readonly ok: false; readonly failed: StoreChange; readonly current: StoreEntry | undefined };

/** A revision is asked for whose history is gone. */
export class CompactedError extends Error {
  readonly asked: number;
  readonly compacted: number;

  constructor(asked: number, compacted: number) {
    super(`revision ${asked} has been compacted, the oldest is ${compacted}`);
    this.name = 'CompactedError';
    this.asked = asked;
    this.compacted = compacted;
  }
}

/**
 * A revisioned key-value store with the guarantees of etcd: one counter for the whole store, commits that take place as a
 * whole, and a history that can be watched from any revision that is not compacted.
 *
 * - Reads see the newest commit and are synchronous. Values are shared: nobody changes them.
 * - The contract suite in test/contract/store.ts holds for every implementation.
 */
export interface Store {
  /** Of the newest commit; the next one gets this + 1. A new store starts at 1. */
  readonly revision: number;
  /** History up to here is gone: reads and watches from older revisions fail. */
  readonly compacted: number;
  /** Why commits are refused now; absent or undefined: they are not. */
  readonly fault?: Error | undefined;

  get(bucket: string, namespace: string, name: string): StoreEntry | undefined;
  /**
   * All objects of a bucket or of one namespace in it, sorted by namespace, then name. The array is a snapshot.
   *
   * @param revision as it was then
   * @throws CompactedError
   */
  list(bucket: string, namespace?: string, revision?: number): readonly StoreEntry[];
  /** How many objects {@link list} would give. */
  count(bucket: string, namespace?: string): number;
  /** The buckets that hold something, sorted. */
  buckets(): readonly string[];

  /**
   * Does all changes, or none when a key is not at its expected revision (0: must not exist).
   *
   * @throws PintleError `store-full` when earlier commits could not be written
   */
  commit(changes: readonly StoreChange[]): CommitResult;

  /**
   * Tells of all that happens to a bucket after a revision, in the order of revisions and each once. Listeners run in promise
   * jobs, never inside {@link commit}; events of different buckets come in the order of their commits.
   *
   * @returns a function that ends the watch at once
   * @throws CompactedError
   */
  watch(bucket: string, after: number, listener: (event: StoreEvent) => void): () => void;
  /** Drops the history up to and including a revision. */
  compact(revision: number): void;

  /** A fact about the store itself, such as its clock's time. */
  meta(name: string): JsonValue | undefined;
  setMeta(name: string, value: JsonValue): void;

  /**
   * Resolves when everything committed so far has been handed to the operating system, so that it survives the end of this
   * process, however it comes; with `onDisk` that of the machine too. Whoever asks in the same turn of the event loop waits for the
   * same write.
   *
   * @throws PintleError `store-full`, `io`
   */
  written(options?: { readonly onDisk?: boolean }): Promise<void>;
  /**
   * Resolves when everything committed so far is on disk: it would survive the end of the machine.
   *
   * @throws PintleError `store-full`, `io`
   */
  flush(): Promise<void>;
  /** Flushes and lets go of everything. */
  close(): Promise<void>;
}

import { PintleError } from '../../base/errors.ts';
import type { JsonValue } from '../../base/json.ts';
import { type FileWrite, isKeyTooLong, keyOf, type LmdbFile, type LmdbFileOptions, openLmdbFile } from './lmdb-file.ts';
import { type Backing, MemoryStore } from './memory-store.ts';
import type { CommitResult, Store, StoreChange, StoreEntry, StoreEvent } from './store.ts';

const FIRST_REVISION = 1;
/** A batch is written after so many turns of the event loop, or when it holds so many objects. */
const BATCH_TURNS = 16;
const BATCH_OBJECTS = 256;

/**
 * Opens the store in a folder, which is made when it is missing. A bucket is read when it is first used.
 *
 * With `readOnly` it shows the state of this moment, whatever the process that owns it writes meanwhile.
 *
 * @throws PintleError `store-corrupt`, `store-full`, `io`, `not-found` (read-only, and nothing there)
 */
export async function openLmdbStore(folder: string, options: LmdbFileOptions = {}): Promise<LmdbStore> {
  const file = await openLmdbFile(folder, options);
  try {
    return new LmdbStore(file, options.readOnly === true);
  } catch (error) {
    await file.close();
    throw error;
  }
}

/**
 * A store on disk. Everything is served from memory; commits are written in the background, several at a time, each batch
 * as one transaction with the revision it leads to. So the file always holds the state of one revision, whenever the
 * process ends.
 *
 * When the disk is full, commits are refused with `store-full` until a {@link flush} succeeds.
 */
export class LmdbStore implements Store {
  readonly #memory: MemoryStore;
  readonly #file: LmdbFile;
  readonly #readOnly: boolean;
  readonly #meta: Record<string, JsonValue>;
  /** What is not written yet, the newest state of each key. */
  #queue = new Map<string, FileWrite>();
  #dirty = false;
  #durable = true;
  #failure: PintleError | undefined;
  #turns: NodeJS.Immediate | undefined;
  /** The write that callers of {@link written} wait for. */
  #written: Promise<void> | undefined;
  /** One of them waits for the disk. */
  #wantsDisk = false;

  constructor(file: LmdbFile, readOnly: boolean) {
    const head = file.head();
    this.#file = file;
    this.#readOnly = readOnly;
    this.#meta = { ...head?.meta };
    const backing: Backing = {
      revision: head?.revision ?? FIRST_REVISION,
      buckets: () => file.buckets(),
      load: (bucket) => file.load(bucket),
      check: (changes) => this.#check(changes),
      committed: (revision, changes) => this.#enqueue(revision, changes),
    };
    this.#memory = new MemoryStore(backing);
  }

  get revision(): number {
    return this.#memory.revision;
  }

  get compacted(): number {
    return this.#memory.compacted;
  }

  get fault(): Error | undefined {
    return this.#failure;
  }

  get(bucket: string, namespace: string, name: string): StoreEntry | undefined {
    return this.#memory.get(bucket, namespace, name);
  }

  list(bucket: string, namespace?: string, revision?: number): readonly StoreEntry[] {
    return this.#memory.list(bucket, namespace, revision);
  }

  count(bucket: string, namespace?: string): number {
    return this.#memory.count(bucket, namespace);
  }

  buckets(): readonly string[] {
    return this.#memory.buckets();
  }

  commit(changes: readonly StoreChange[]): CommitResult {
    return this.#memory.commit(changes);
  }

  watch(bucket: string, after: number, listener: (event: StoreEvent) => void): () => void {
    return this.#memory.watch(bucket, after, listener);
  }

  compact(revision: number): void {
    this.#memory.compact(revision);
  }

  meta(name: string): JsonValue | undefined {
    return this.#meta[name];
  }

  setMeta(name: string, value: JsonValue): void {
    if (this.#readOnly) throw readOnlyFault();
    this.#meta[name] = value;
    this.#dirty = true;
    this.#schedule();
  }

  written({ onDisk = false }: { readonly onDisk?: boolean } = {}): Promise<void> {
    if (!this.#dirty && (this.#durable || !onDisk)) return Promise.resolve();
    this.#wantsDisk ||= onDisk;
    this.#written ??= new Promise((resolve, reject) => {
      setImmediate(() => {
        const durable = this.#wantsDisk;
        this.#written = undefined;
        this.#wantsDisk = false;
        try {
          this.#write(durable);
          resolve();
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      });
    });
    return this.#written;
  }

  flush(): Promise<void> {
    return Promise.resolve().then(() => this.#write(true));
  }

  async close(): Promise<void> {
    try {
      this.#write(true);
    } finally {
      if (this.#turns !== undefined) clearImmediate(this.#turns);
      await this.#file.close();
    }
  }

  #check(changes: readonly StoreChange[]): void {
    if (this.#readOnly) throw readOnlyFault();
    // There may be room again.
    if (this.#failure !== undefined) this.#write(false);
    for (const { bucket, namespace, name } of changes) {
      if (isKeyTooLong(bucket, namespace, name))
        throw new PintleError('io', `the name ${name} is too long to be stored`);
    }
  }

  #enqueue(revision: number, changes: readonly StoreChange[]): void {
    for (const { type, bucket, namespace, name, value } of changes) {
      this.#queue.set(keyOf(bucket, namespace, name), { revision, value: type === 'put' ? value : undefined });
    }
    this.#dirty = true;
    this.#schedule();
  }

  #schedule(): void {
    if (this.#turns === undefined && this.#failure === undefined) this.#wait(BATCH_TURNS);
  }

  #wait(turns: number): void {
    this.#turns = setImmediate(() => {
      this.#turns = undefined;
      // Somebody waits for a write, which comes in this turn.
      if (this.#written !== undefined) return;
      if (turns > 1 && this.#queue.size < BATCH_OBJECTS) this.#wait(turns - 1);
      else this.#writeInBackground();
    });
  }

  #writeInBackground(): void {
    try {
      this.#write(false);
    } catch (error) {
      // Told by the next commit or flush; nothing is lost, the queue stays.
      if (!(error instanceof PintleError)) throw error;
    }
  }

  #write(durable: boolean): void {
    if (!this.#dirty && (this.#durable || !durable)) return;
    const queue = this.#queue;
    this.#queue = new Map();
    this.#dirty = false;
    try {
      this.#file.write(queue, { revision: this.revision, meta: this.#meta }, durable);
      this.#durable = durable;
      this.#failure = undefined;
    } catch (error) {
      this.#queue = queue;
      this.#dirty = true;
      if (error instanceof PintleError) this.#failure = error;
      throw error;
    }
  }
}

function readOnlyFault(): PintleError {
  return new PintleError('io', 'the store was opened for reading only');
}

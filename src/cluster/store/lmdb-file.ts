import { mkdirSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { RootDatabase, TransactionFlags } from 'lmdb';
import { PintleError } from '../../base/errors.ts';
import { isObject, type JsonValue } from '../../base/json.ts';
import type { KubeObject } from '../../kube/object.ts';
import { assertWhole, corrupt } from './lmdb-check.ts';
import { objectJsonOnce } from './object-json.ts';
import type { StoreEntry } from './store.ts';

/** How the file is opened. */
export interface LmdbFileOptions {
  /** A snapshot of what is there now; another process may go on writing. */
  readonly readOnly?: boolean;
  /** How many bytes are free where a folder is; default: what the system says. */
  readonly freeBytes?: (folder: string) => number;
}

/** What the file says of itself. */
export interface FileHead {
  readonly revision: number;
  readonly meta: Readonly<Record<string, JsonValue>>;
}

/** One change as it goes to disk; a value of undefined deletes. */
export interface FileWrite {
  readonly revision: number;
  readonly value: KubeObject | undefined;
}

const FORMAT = 1;
const HEAD_KEY = '!head';
/** Objects lie under `bucket namespace name`: none of the first two has a space. */
const SEPARATOR = ' ';
const AFTER_SEPARATOR = '!';
/** LMDB takes 1,978 bytes with pages of 4 KiB; UTF-8 takes at most 3 bytes a UTF-16 unit. */
const MAX_KEY_LENGTH = 1900;
/** `EIO`: what LMDB makes of a write that was cut short. */
const CUT_SHORT = 5;
const NO_SPACE = 28;
const MAP_FULL = -30792;
const LEAST_FREE_BYTES = 1 << 20;

type Snapshot = ReturnType<RootDatabase['useReadTransaction']>;

/** The file of a store: reads buckets, writes batches, each in one transaction with the revision it leads to. */
export class LmdbFile {
  readonly #database: RootDatabase<Buffer, string>;
  readonly #folder: string;
  readonly #withoutSync: TransactionFlags;
  readonly #snapshot: Snapshot | undefined;
  /** What this process found or wrote last: nobody else may have written since. */
  #revision = 0;

  constructor(
    database: RootDatabase<Buffer, string>,
    folder: string,
    readOnly: boolean,
    withoutSync: TransactionFlags,
  ) {
    this.#database = database;
    this.#withoutSync = withoutSync;
    this.#folder = folder;
    this.#snapshot = readOnly ? database.useReadTransaction() : undefined;
  }

  /** The head, or undefined for a new file. */
  head(): FileHead | undefined {
    const bytes = this.#database.get(HEAD_KEY, this.#reading());
    if (bytes === undefined) return undefined;
    const head = parse(bytes, this.#folder);
    if (!isObject(head) || typeof head['revision'] !== 'number' || !isObject(head['meta'])) {
      throw corrupt(this.#folder, 'its head cannot be read');
    }
    if (head['format'] !== FORMAT) {
      throw corrupt(this.#folder, `it has format ${String(head['format'])}, this version knows ${FORMAT}`);
    }
    this.#revision = head['revision'];
    return { revision: head['revision'], meta: head['meta'] as Record<string, JsonValue> };
  }

  /** Names of the buckets that hold something: one seek each. */
  buckets(): string[] {
    const names: string[] = [];
    let start = `${HEAD_KEY}!`;
    for (;;) {
      const [key] = this.#database.getKeys({ start, limit: 1, ...this.#reading() });
      if (key === undefined) return names;
      const name = key.slice(0, key.indexOf(SEPARATOR));
      names.push(name);
      start = name + AFTER_SEPARATOR;
    }
  }

  *load(bucket: string): Generator<StoreEntry> {
    const range = { start: bucket + SEPARATOR, end: bucket + AFTER_SEPARATOR, versions: true, ...this.#reading() };
    for (const { key, value, version } of this.#database.getRange(range)) {
      const rest = key.slice(bucket.length + 1);
      const space = rest.indexOf(SEPARATOR);
      yield {
        namespace: rest.slice(0, space),
        name: rest.slice(space + 1),
        value: parse(value, this.#folder) as KubeObject,
        modRevision: version ?? 0,
      };
    }
  }

  /**
   * Writes a batch, by key, and the head as one transaction: all or nothing.
   *
   * @param durable also wait until the disk has it
   */
  write(writes: Iterable<readonly [string, FileWrite]>, head: FileHead, durable: boolean): void {
    try {
      this.#database.transactionSync(
        () => {
          this.#assertAlone();
          for (const [key, { revision, value }] of writes) {
            if (value === undefined) this.#database.removeSync(key);
            else this.#database.putSync(key, objectJsonOnce(value), revision);
          }
          const { revision, meta } = head;
          this.#database.putSync(HEAD_KEY, Buffer.from(JSON.stringify({ format: FORMAT, revision, meta })), revision);
        },
        durable ? undefined : this.#withoutSync,
      );
    } catch (error) {
      throw this.#failure(error);
    }
    this.#revision = head.revision;
  }

  async close(): Promise<void> {
    this.#snapshot?.done();
    await this.#database.close();
  }

  #reading(): { transaction?: Snapshot } {
    return this.#snapshot === undefined ? {} : { transaction: this.#snapshot };
  }

  #assertAlone(): void {
    const bytes = this.#database.get(HEAD_KEY);
    const found = bytes === undefined ? undefined : parse(bytes, this.#folder);
    const revision = isObject(found) ? found['revision'] : this.#revision;
    if (revision !== this.#revision) {
      throw new PintleError('io', `another process has written to the cluster's store in ${this.#folder}`, {
        hint: 'one process at a time may change a cluster',
      });
    }
  }

  #failure(error: unknown): PintleError {
    if (error instanceof PintleError) return error;
    const code = codeOf(error);
    const full =
      code === MAP_FULL || code === NO_SPACE || (code === CUT_SHORT && freeBytes(this.#folder) < LEAST_FREE_BYTES);
    if (full) return noRoom(this.#folder, error);
    return new PintleError('io', `cannot write the cluster's store in ${this.#folder}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function noRoom(folder: string, cause?: unknown): PintleError {
  return new PintleError('store-full', `the disk has no room for the cluster's store in ${folder}`, {
    hint: 'free some space; nothing was half written',
    cause,
  });
}

/** What an object lies under. */
export function keyOf(bucket: string, namespace: string, name: string): string {
  return bucket + SEPARATOR + namespace + SEPARATOR + name;
}

/** True when a key is too long to be stored. */
export function isKeyTooLong(bucket: string, namespace: string, name: string): boolean {
  const units = bucket.length + namespace.length + name.length + 2;
  return units * 3 > MAX_KEY_LENGTH && Buffer.byteLength(bucket + namespace + name) + 2 > MAX_KEY_LENGTH;
}

/**
 * Opens the file of a store in a folder, which is made when it is missing.
 *
 * @throws PintleError `store-corrupt`, `store-full`, `io`, `not-found` (read-only, and nothing there)
 */
export async function openLmdbFile(folder: string, options: LmdbFileOptions = {}): Promise<LmdbFile> {
  const { open, TransactionFlags } = await import('lmdb');
  const path = join(folder, 'store.mdb');
  const readOnly = options.readOnly === true;
  if (readOnly && statSync(path, { throwIfNoEntry: false }) === undefined) {
    throw new PintleError('not-found', `no cluster is stored in ${folder}`);
  }
  try {
    if (!readOnly) {
      mkdirSync(folder, { recursive: true });
      // LMDB maps this file and writes to it: where the disk has no room for that, the system ends the process.
      const isNew = statSync(`${path}-lock`, { throwIfNoEntry: false }) === undefined;
      if (isNew && (options.freeBytes ?? freeBytes)(folder) < LEAST_FREE_BYTES) throw noRoom(folder);
    }
    assertWhole(path, folder);
    const database = open<Buffer, string>({ path, encoding: 'binary', useVersions: true, readOnly });
    const { ABORTABLE, SYNCHRONOUS_COMMIT, NO_SYNC_FLUSH } = TransactionFlags;
    return new LmdbFile(database, folder, readOnly, ABORTABLE | SYNCHRONOUS_COMMIT | NO_SYNC_FLUSH);
  } catch (error) {
    if (error instanceof PintleError) throw error;
    const code = codeOf(error);
    if (code === 'ENOSPC' || code === NO_SPACE) throw noRoom(folder, error);
    if (typeof code === 'number' && code <= -30780 && code >= -30799) throw corrupt(folder, messageOf(error), error);
    throw new PintleError('io', `cannot open the cluster's store in ${folder}: ${messageOf(error)}`, { cause: error });
  }
}

function parse(bytes: Buffer, folder: string): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw corrupt(folder, 'an object in it cannot be read', error);
  }
}

function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

function codeOf(error: unknown): unknown {
  return isObject(error) ? error['code'] : undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

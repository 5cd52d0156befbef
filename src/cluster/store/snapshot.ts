import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createGzip, gunzip } from 'node:zlib';
import { PintleError } from '../../base/errors.ts';
import { isObject, type JsonValue } from '../../base/json.ts';
import type { KubeObject } from '../../kube/object.ts';
import { type Backing, MemoryStore } from './memory-store.ts';
import type { Store, StoreEntry } from './store.ts';

/** What a snapshot tells of the cluster besides its objects. */
export interface SnapshotAbout {
  readonly nodes: number;
  /** Which they are; absent in older snapshots. */
  readonly plan?: object;
  /** Its KubeSchedulerConfiguration; absent for a scheduler that nobody has configured. */
  readonly scheduler?: object;
  /** `v1.35.2` */
  readonly kubernetesVersion: string;
}

/** The state of a store at one revision, read from a snapshot. */
export interface Snapshot {
  readonly about: SnapshotAbout;
  readonly revision: number;
  readonly meta: Readonly<Record<string, JsonValue>>;
  readonly buckets: ReadonlyMap<string, readonly StoreEntry[]>;
}

const FORMAT = 'pintle-snapshot';
const VERSION = 1;
/** Facts of a store that belong to its state. */
const META = ['time'];
const NEWLINE = 10;
/** Characters that are packed at a time. */
const PART = 2 ** 20;

/**
 * The whole state of a store as one file: gzip over lines of JSON, a head first and then an object a line. It can be read by
 * any later version, and by people.
 */
export async function writeSnapshot(store: Store, about: SnapshotAbout): Promise<Uint8Array> {
  const meta = Object.fromEntries(META.map((name) => [name, store.meta(name)]));
  const head = { format: FORMAT, version: VERSION, ...about, revision: store.revision, meta };
  // Taken at once: the store goes on while its text is made and packed.
  const taken = store.buckets().map((bucket): [string, readonly StoreEntry[]] => [bucket, store.list(bucket)]);
  const parts: Buffer[] = [];
  await pipeline(linesOf(head, taken), createGzip(), async (packed: AsyncIterable<Buffer>) => {
    for await (const part of packed) parts.push(part);
  });
  return Buffer.concat(parts);
}

/** The lines, some at a time: a large cluster's are more than one string holds. */
function* linesOf(head: object, buckets: readonly (readonly [string, readonly StoreEntry[]])[]): Iterable<string> {
  let text = `${JSON.stringify(head)}\n`;
  for (const [bucket, entries] of buckets) {
    for (const { namespace, name, value, modRevision } of entries) {
      text += `${JSON.stringify({ bucket, namespace, name, modRevision, value })}\n`;
      if (text.length < PART) continue;
      yield text;
      text = '';
    }
  }
  yield text;
}

/**
 * Reads what {@link writeSnapshot} wrote.
 *
 * @param name of the file, for messages
 * @throws PintleError `store-corrupt`
 */
export async function readSnapshot(bytes: Uint8Array, name: string): Promise<Snapshot> {
  const text = await unzipped(bytes, name);
  const headEnd = text.indexOf(NEWLINE);
  const about = parseLine(text.toString('utf8', 0, headEnd < 0 ? text.length : headEnd), 1, name);
  if (about['format'] !== FORMAT) throw corrupt(name, 'it is no snapshot of a cluster');
  if (about['version'] !== VERSION) {
    throw corrupt(name, `it has version ${String(about['version'])}, this program knows ${VERSION}`);
  }
  const { nodes, kubernetesVersion, revision, meta, plan, scheduler } = about;
  if (typeof nodes !== 'number' || typeof kubernetesVersion !== 'string' || typeof revision !== 'number') {
    throw corrupt(name, 'its head is not complete');
  }
  if (text.at(-1) !== NEWLINE) throw corrupt(name, 'its end is missing');
  const buckets = new Map<string, StoreEntry[]>();
  let number = 2;
  for (let start = headEnd + 1; start < text.length; number += 1) {
    const end = text.indexOf(NEWLINE, start);
    const { bucket, entry } = entryOf(parseLine(text.toString('utf8', start, end), number, name), number, name);
    const entries = buckets.get(bucket);
    if (entries === undefined) buckets.set(bucket, [entry]);
    else entries.push(entry);
    start = end + 1;
  }
  return {
    about: {
      nodes,
      kubernetesVersion,
      ...(isObject(plan) ? { plan } : {}),
      ...(isObject(scheduler) ? { scheduler } : {}),
    },
    revision,
    meta: isObject(meta) ? (meta as Record<string, JsonValue>) : {},
    buckets,
  };
}

/** A store in memory that goes on where a snapshot was taken. */
export function storeOfSnapshot({ revision, meta, buckets }: Snapshot): MemoryStore {
  const waiting = new Map(buckets);
  const backing: Backing = {
    revision,
    buckets: () => [...waiting.keys()],
    load: (bucket) => {
      const entries = waiting.get(bucket) ?? [];
      // The store has them from now on, and forgets what is replaced.
      waiting.delete(bucket);
      return entries;
    },
    check: () => {},
    committed: () => {},
  };
  const store = new MemoryStore(backing);
  for (const [name, value] of Object.entries(meta)) store.setMeta(name, value);
  return store;
}

async function unzipped(bytes: Uint8Array, name: string): Promise<Buffer> {
  try {
    return await promisify(gunzip)(bytes);
  } catch (error) {
    throw corrupt(name, error instanceof Error ? error.message : String(error));
  }
}

function parseLine(line: string, number: number, name: string): Record<string, unknown> {
  try {
    const value = JSON.parse(line) as unknown;
    if (isObject(value)) return value;
  } catch {
    // Told below, with the line.
  }
  throw corrupt(name, `line ${number} cannot be read`);
}

function entryOf(
  value: Record<string, unknown>,
  number: number,
  name: string,
): { readonly bucket: string; readonly entry: StoreEntry } {
  const { bucket, namespace, name: own, modRevision, value: object } = value;
  if (
    typeof bucket !== 'string' ||
    typeof namespace !== 'string' ||
    typeof own !== 'string' ||
    typeof modRevision !== 'number' ||
    !isObject(object)
  ) {
    throw corrupt(name, `line ${number} is no object of a store`);
  }
  return { bucket, entry: { namespace, name: own, modRevision, value: object as unknown as KubeObject } };
}

function corrupt(name: string, reason: string): PintleError {
  return new PintleError('store-corrupt', `cannot read the snapshot ${name}: ${reason}`, {
    hint: 'snapshots are written by "pintle cluster snapshot"',
  });
}

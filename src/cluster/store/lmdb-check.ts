import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { PintleError } from '../../base/errors.ts';

/** The error of a store that cannot be trusted. */
export function corrupt(folder: string, why: string, cause?: unknown): PintleError {
  return new PintleError('store-corrupt', `the cluster's store in ${folder} is damaged: ${why}`, {
    hint: 'restore a copy of the folder, or delete it to start with an empty cluster',
    cause,
  });
}

const MAGIC = 0xbeefc0de;
const META_BYTES = 160;
const META_AT = { magic: 24, pageSize: 48, freeRoot: 88, mainRoot: 136, lastPage: 144, transaction: 152 } as const;
const NO_PAGE = 0xffff_ffff_ffff_ffffn;
/** Pages that a transaction took and gave back at the end of the file were never written. */
const SLACK_PAGES = 256n;

interface MetaPage {
  readonly pageSize: number;
  readonly lastPage: bigint;
  readonly lastRoot: bigint;
  readonly transaction: bigint;
}

/**
 * Refuses what is no LMDB file or was cut short: LMDB maps the file into memory and trusts it, so that reading such a file
 * would end the process. A missing or empty file is fine.
 */
export function assertWhole(path: string, folder: string): void {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  try {
    const { size } = fstatSync(file);
    if (size === 0) return;
    const first = readMeta(file, 0);
    const second = first === undefined ? undefined : readMeta(file, first.pageSize);
    if (first === undefined || second === undefined) throw corrupt(folder, 'it is no store');
    const newest = first.transaction > second.transaction ? first : second;
    const pages = BigInt(Math.floor(size / newest.pageSize));
    if (newest.lastRoot >= pages || newest.lastPage >= pages + SLACK_PAGES) throw corrupt(folder, 'its end is missing');
  } finally {
    closeSync(file);
  }
}

function readMeta(file: number, position: number): MetaPage | undefined {
  const bytes = Buffer.alloc(META_BYTES);
  if (readSync(file, bytes, 0, META_BYTES, position) < META_BYTES) return undefined;
  if (bytes.readUInt32LE(META_AT.magic) !== MAGIC) return undefined;
  const roots = [bytes.readBigUInt64LE(META_AT.freeRoot), bytes.readBigUInt64LE(META_AT.mainRoot)];
  return {
    pageSize: bytes.readUInt32LE(META_AT.pageSize),
    lastPage: bytes.readBigUInt64LE(META_AT.lastPage),
    lastRoot: roots.reduce((last, root) => (root !== NO_PAGE && root > last ? root : last), 0n),
    transaction: bytes.readBigUInt64LE(META_AT.transaction),
  };
}

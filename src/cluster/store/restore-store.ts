import { keyOf, openLmdbFile } from './lmdb-file.ts';
import type { FileWrite } from './lmdb-file.ts';
import type { Snapshot } from './snapshot.ts';

/**
 * Writes a snapshot's state into the folder of a new store.
 *
 * @param folder must not hold a store
 * @throws PintleError `store-full`, `io`
 */
export async function restoreStore(folder: string, { revision, meta, buckets }: Snapshot): Promise<void> {
  const file = await openLmdbFile(folder, {});
  try {
    file.write(writes(buckets), { revision, meta }, true);
  } finally {
    await file.close();
  }
}

function* writes(buckets: Snapshot['buckets']): Generator<[string, FileWrite]> {
  for (const [bucket, entries] of buckets) {
    for (const { namespace, name, modRevision, value } of entries) {
      yield [keyOf(bucket, namespace, name), { revision: modRevision, value }];
    }
  }
}

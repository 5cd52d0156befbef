import type { ReleaseStore } from '../release/store.ts';
import { failure } from './failure.ts';

/** What {@link migrateRecords} does. */
export interface MigrateRequest {
  /** Undefined: all releases of the namespace. */
  readonly name?: string | undefined;
  readonly from: ReleaseStore;
  readonly to: ReleaseStore;
}

/**
 * Brings records from one kind of object to another, revision by revision: each is written, read back and only then deleted
 * where it was. It may be run again after it was stopped.
 *
 * @returns what was moved, as `web 3`
 */
export async function migrateRecords(request: MigrateRequest): Promise<string[]> {
  const { from, to, name } = request;
  const all = name === undefined ? await from.list() : await from.historyOrEmpty(name);
  const moved: string[] = [];
  for (const { name: release, version } of all.sort((a, b) => a.name.localeCompare(b.name) || a.version - b.version)) {
    const record = await from.get(release, version);
    try {
      await to.create(record);
    } catch (error) {
      // It was stopped before it could delete this one.
      if (failure(error).code !== 'release-exists') throw error;
      await to.update(record);
    }
    const copy = await to.get(release, version);
    if (JSON.stringify(copy.info) !== JSON.stringify(record.info) || copy.manifest !== record.manifest) {
      throw failure(new Error(`revision ${version} of "${release}" was not kept as it was; nothing was deleted`));
    }
    await from.delete(release, version);
    moved.push(`${release} ${version}`);
  }
  return moved;
}

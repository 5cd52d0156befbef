import { PintleError } from '../base/errors.ts';
import type { HeaderRequest, RecordHeader } from './record-header.ts';
import type { ReleaseDriver } from './release-driver.ts';
import { checkKey, releaseKey } from './release-key.ts';
import type { Release, ReleaseSummary } from './release.ts';

export interface ReleaseStoreOptions {
  /** Revisions kept of each release, the newest included; 0: all. */
  readonly maxHistory: number;
}

/** So many summaries are read while their records come. */
const MANY = 200;
/** What becomes of records that are read one by one, and does not concern the others. */
const LEFT_OUT: ReadonlySet<string> = new Set(['release-corrupt', 'release-not-found']);

/** The revisions of releases. helm: pkg/storage/storage.go. */
export class ReleaseStore {
  readonly #driver: ReleaseDriver;
  readonly #maxHistory: number;

  constructor(driver: ReleaseDriver, options: ReleaseStoreOptions = { maxHistory: 0 }) {
    this.#driver = driver;
    this.#maxHistory = options.maxHistory;
  }

  /** The name of the driver: `ConfigMap`, `Secret`, `Memory`. */
  get driverName(): string {
    return this.#driver.name;
  }

  /** @throws PintleError `release-not-found`, `release-corrupt` */
  async get(name: string, revision: number): Promise<Release> {
    const key = releaseKey(name, revision);
    const release = await this.#driver.get(key);
    checkKey(key, release, key);
    return release;
  }

  /** A record as it is, though it may tell of another revision than its name does; for repairs. @throws as {@link get} */
  async getUnchecked(name: string, revision: number): Promise<Release> {
    return await this.#driver.get(releaseKey(name, revision));
  }

  /**
   * Keeps a new revision, after making room for it among the oldest ones that are not deployed.
   *
   * @throws PintleError `release-exists`, `release-too-large`
   */
  async create(release: Release): Promise<void> {
    if (this.#maxHistory > 0) await this.#prune(release.name, this.#maxHistory - 1);
    await this.#driver.create(releaseKey(release.name, release.version), release);
  }

  /** @throws PintleError `release-not-found`, `release-too-large` */
  async update(release: Release): Promise<void> {
    await this.#driver.update(releaseKey(release.name, release.version), release);
  }

  /** Answers with what was deleted. @throws PintleError `release-not-found` */
  async delete(name: string, revision: number): Promise<Release> {
    return await this.#driver.delete(releaseKey(name, revision));
  }

  /** The revisions of a release, oldest first. @throws PintleError `release-not-found` when there are none */
  async history(name: string): Promise<Release[]> {
    const found = await this.historyOrEmpty(name);
    if (found.length === 0) throw new PintleError('release-not-found', 'release: not found');
    return found;
  }

  /** The revisions of a release, oldest first. */
  async historyOrEmpty(name: string): Promise<Release[]> {
    return byRevision(await this.#driver.query({ name, owner: 'helm' }));
  }

  /** The newest revision that can be read. @throws PintleError `release-not-found`, `release-corrupt` */
  async last(name: string): Promise<Release> {
    const headers = newestFirst(await this.#driver.headers({ name, newest: true, ahead: false }));
    const [last] = await readableOf(headers, 1, (header) => header.release());
    if (last === undefined) throw new PintleError('release-not-found', 'release: not found');
    return last;
  }

  /**
   * What lists show of the revisions of a release, oldest first.
   *
   * @param limit how many of the newest
   * @throws PintleError `release-not-found` when there are none, `release-corrupt` when none can be read
   */
  async summaries(name: string, limit: number): Promise<ReleaseSummary[]> {
    const headers = newestFirst(await this.#driver.headers({ name, newest: false, ahead: limit >= MANY }));
    if (headers.length === 0) throw new PintleError('release-not-found', 'release: not found');
    return (await readableOf(headers, limit, (header) => header.summary())).reverse();
  }

  /** Records by their names, of all releases in the driver's namespace, in no order. */
  async headers(request: Omit<HeaderRequest, 'name'>): Promise<RecordHeader[]> {
    return await this.#driver.headers(request);
  }

  /** The newest revision that is deployed. @throws PintleError `release-not-found` */
  async deployed(name: string): Promise<Release> {
    const found = await this.#lastDeployed(name);
    if (found === undefined) throw new PintleError('release-not-found', `"${name}" has no deployed releases`);
    return found;
  }

  /** Every revision of every release in the driver's namespace, in no order. */
  async list(filter?: (release: Release) => boolean): Promise<Release[]> {
    return await this.#driver.list(filter);
  }

  async #lastDeployed(name: string): Promise<Release | undefined> {
    return byRevision(await this.#driver.query({ name, owner: 'helm', status: 'deployed' })).at(-1);
  }

  async #prune(name: string, maximum: number): Promise<void> {
    const history = await this.historyOrEmpty(name);
    let surplus = history.length - maximum;
    if (surplus <= 0) return;
    const deployed = history.findLast((release) => release.info.status === 'deployed');
    const errors: unknown[] = [];
    for (const release of history) {
      if (surplus === 0) break;
      if (release.version === deployed?.version) continue;
      surplus -= 1;
      try {
        await this.delete(name, release.version);
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length === 0) return;
    if (errors.length === 1) throw errors[0];
    const first = errors[0] instanceof Error ? errors[0].message : String(errors[0]);
    throw new PintleError('api-error', `encountered ${errors.length} deletion errors. First is: ${first}`, {
      cause: errors[0],
    });
  }
}

function newestFirst(headers: RecordHeader[]): RecordHeader[] {
  return headers.sort((a, b) => b.revision - a.revision);
}

/**
 * The first records of one release that can be read; others are told of.
 *
 * @throws PintleError `release-corrupt` when there are records and none can be read
 */
async function readableOf<T>(
  headers: readonly RecordHeader[],
  limit: number,
  read: (header: RecordHeader) => Promise<T>,
): Promise<T[]> {
  const out: T[] = [];
  const unreadable: { readonly header: RecordHeader; readonly error: PintleError }[] = [];
  for (const header of headers) {
    if (out.length >= limit) break;
    try {
      out.push(await read(header));
    } catch (error) {
      if (!(error instanceof PintleError) || !LEFT_OUT.has(error.code)) throw error;
      // Whoever has deleted it meanwhile need not be told.
      if (error.code === 'release-corrupt') unreadable.push({ header, error });
    }
  }
  const [first] = unreadable;
  if (out.length === 0 && limit > 0 && first !== undefined) throw first.error;
  for (const { header, error } of unreadable) header.leaveOut(error);
  return out;
}

function byRevision(releases: Release[]): Release[] {
  return releases.sort((a, b) => a.version - b.version);
}

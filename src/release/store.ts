import { PintleError } from '../base/errors.ts';
import type { ReleaseDriver } from './release-driver.ts';
import { checkKey, releaseKey } from './release-key.ts';
import type { Release } from './release.ts';

export interface ReleaseStoreOptions {
  /** Revisions kept of each release, the newest included; 0: all. */
  readonly maxHistory: number;
}

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

  /** The newest revision. @throws PintleError `release-not-found` */
  async last(name: string): Promise<Release> {
    const last = (await this.history(name)).at(-1);
    if (last === undefined) throw new PintleError('release-not-found', 'release: not found');
    return last;
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

function byRevision(releases: Release[]): Release[] {
  return releases.sort((a, b) => a.version - b.version);
}

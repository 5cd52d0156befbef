import { PintleError } from '../base/errors.ts';
import { StatusError } from '../kube/status-error.ts';
import type { HeaderRequest, RecordHeader } from './record-header.ts';
import type { ReleaseDriver } from './release-driver.ts';
import type { Release } from './release.ts';

/** Two drivers as one: new releases go to the first, those that are there stay where they are. */
export class CombinedDriver implements ReleaseDriver {
  readonly #first: ReleaseDriver;
  readonly #second: ReleaseDriver;

  constructor(first: ReleaseDriver, second: ReleaseDriver) {
    this.#first = first;
    this.#second = second;
  }

  get name(): string {
    return this.#first.name;
  }

  async create(key: string, release: Release): Promise<void> {
    const others = await this.#forgiving(() => this.#second.query({ name: release.name, owner: 'helm' }));
    await (others.length > 0 ? this.#second : this.#first).create(key, release);
  }

  update(key: string, release: Release): Promise<void> {
    return this.#either((driver) => driver.update(key, release));
  }

  get(key: string): Promise<Release> {
    return this.#either((driver) => driver.get(key));
  }

  async list(filter?: (release: Release) => boolean): Promise<Release[]> {
    return await this.#both((driver) => driver.list(filter));
  }

  headers(request: HeaderRequest): Promise<RecordHeader[]> {
    return this.#both((driver) => driver.headers(request));
  }

  async query(labels: Readonly<Record<string, string>>): Promise<Release[]> {
    return await this.#both((driver) => driver.query(labels));
  }

  delete(key: string): Promise<Release> {
    return this.#either((driver) => driver.delete(key));
  }

  async #either<T>(run: (driver: ReleaseDriver) => Promise<T>): Promise<T> {
    try {
      return await run(this.#first);
    } catch (error) {
      if (!(error instanceof PintleError) || error.code !== 'release-not-found') throw error;
    }
    return await run(this.#second);
  }

  async #both<T>(run: (driver: ReleaseDriver) => Promise<T[]>): Promise<T[]> {
    const [first, second] = await Promise.all([run(this.#first), this.#forgiving(() => run(this.#second))]);
    return [...first, ...second];
  }

  /** Who may not read the second driver's objects has no releases in them. */
  async #forgiving<T>(run: () => Promise<T[]>): Promise<T[]> {
    try {
      return await run();
    } catch (error) {
      if (error instanceof PintleError && error.cause instanceof StatusError && error.cause.code === 403) return [];
      throw error;
    }
  }
}

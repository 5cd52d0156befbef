import type { Clock } from '../base/clock.ts';
import { alreadyExists, notFound } from './record-errors.ts';
import { recordLabels, userLabels } from './record-labels.ts';
import type { HeaderRequest, RecordHeader } from './record-header.ts';
import type { ReleaseDriver } from './release-driver.ts';
import type { Release } from './release.ts';

/** What memory drivers of one cluster share: records by namespace, then by key. Each carries its labels. */
export type MemoryRecords = Map<string, Map<string, Release>>;

export interface MemoryDriverOptions {
  readonly clock: Clock;
  /** '' for lists over all namespaces. */
  readonly namespace: string;
  readonly records?: MemoryRecords;
}

/** Keeps releases as long as the process lives. helm: pkg/storage/driver/memory.go. */
export class MemoryDriver implements ReleaseDriver {
  readonly name = 'Memory';
  readonly #clock: Clock;
  readonly #namespace: string;
  readonly #records: MemoryRecords;

  constructor(options: MemoryDriverOptions) {
    this.#clock = options.clock;
    this.#namespace = options.namespace;
    this.#records = options.records ?? new Map();
  }

  async create(key: string, release: Release): Promise<void> {
    const records = this.#here();
    if (records.has(key)) throw alreadyExists(key);
    records.set(key, { ...release, labels: recordLabels(release, 'createdAt', this.#clock) });
  }

  async update(key: string, release: Release): Promise<void> {
    const records = this.#here();
    if (!records.has(key)) throw notFound();
    records.set(key, { ...release, labels: recordLabels(release, 'modifiedAt', this.#clock) });
  }

  async get(key: string): Promise<Release> {
    const release = this.#here().get(key);
    if (release === undefined) throw notFound();
    return { ...release, labels: userLabels(release.labels) };
  }

  async list(filter: (release: Release) => boolean = () => true): Promise<Release[]> {
    const spaces = this.#namespace === '' ? [...this.#records.values()] : [this.#here()];
    return spaces.flatMap((records) => [...records.values()].filter(filter));
  }

  async query(labels: Readonly<Record<string, string>>): Promise<Release[]> {
    const wanted = Object.entries(labels);
    return await this.list((release) => wanted.every(([key, value]) => release.labels?.[key] === value));
  }

  async headers({ name }: HeaderRequest): Promise<RecordHeader[]> {
    return (await this.list((release) => name === undefined || release.name === name)).map((release) => ({
      name: release.name,
      namespace: release.namespace,
      revision: release.version,
      summary: () => Promise.resolve(release),
      release: () => Promise.resolve(release),
      leaveOut: () => {},
    }));
  }

  async delete(key: string): Promise<Release> {
    const release = await this.get(key);
    this.#here().delete(key);
    return release;
  }

  #here(): Map<string, Release> {
    let records = this.#records.get(this.#namespace);
    if (records === undefined) {
      records = new Map();
      this.#records.set(this.#namespace, records);
    }
    return records;
  }
}

import type { Clock } from '../base/clock.ts';
import { PintleError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { KubeClient } from '../client/kube-client.ts';
import { listPages } from '../client/list-pages.ts';
import { retryTransient } from '../client/retry.ts';
import { equalityMatcher } from '../kube/labels.ts';
import { isLabelValue } from '../kube/names.ts';
import { apiVersionOf, type KubeObject, type ResourceType } from '../kube/object.ts';
import { StatusError, isStatus } from '../kube/status-error.ts';
import { decodeRelease, encodeRelease } from './codec.ts';
import { isSealed, type RecordCipher } from './record-cipher.ts';
import { OWNER_LABEL, PART_LABEL, recordLabels, userLabels } from './record-labels.ts';
import { joinParts, type PartIndex, partIndex, partName, splitRecord, type SplitRecord } from './record-parts.ts';
import type { ReleaseDriver } from './release-driver.ts';
import { checkKey } from './release-key.ts';
import type { Release } from './release.ts';

/** What a driver that keeps records in objects of the cluster works with. */
export interface KubeDriverOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  /** Where the records are; '' for lists over all namespaces. */
  readonly namespace: string;
  readonly logger: Logger;
  /** Encrypts records; absent: they are kept as Helm keeps them. */
  readonly cipher?: RecordCipher | undefined;
}

/** How one kind of object holds a record. */
export interface RecordFormat {
  readonly name: string;
  readonly type: ResourceType;
  /** The fields of the object besides its metadata. */
  pack(text: string): Readonly<Record<string, unknown>>;
  /** The record's text, '' if there is none. */
  unpack(object: KubeObject): string;
}

/** As Helm's own client is known to the API. */
const FIELD_MANAGER = 'Helm';
/** What the API takes in a Secret or a ConfigMap, bytes. */
const MAX_RECORD = 1024 * 1024;
const CONFLICT_TRIES = 5;
/** Records in one answer of a list. */
const PAGE = 200;

/** Keeps one revision an object. helm: pkg/storage/driver/secrets.go, cfgmaps.go. */
export class KubeRecordDriver implements ReleaseDriver {
  readonly #options: KubeDriverOptions;
  readonly #format: RecordFormat;
  /** In-process clients answer with the same object until it changes. */
  readonly #decoded = new WeakMap<KubeObject, Release>();
  /** Records that are in parts, as far as they have been read or written here. */
  readonly #parts = new Map<string, PartIndex>();
  /** Records that cannot be read, of which the user knows. */
  readonly #toldOf = new Set<string>();

  constructor(options: KubeDriverOptions, format: RecordFormat) {
    this.#options = options;
    this.#format = format;
  }

  get name(): string {
    return this.#format.name;
  }

  async create(key: string, release: Release): Promise<void> {
    const { object, split } = this.#object(key, release, 'createdAt');
    let tries = 0;
    try {
      await this.#writeParts(key, release, split);
      await retryTransient(this.#options.clock, () => {
        tries += 1;
        return this.#options.client.create(this.#format.type, object, { fieldManager: FIELD_MANAGER });
      });
    } catch (error) {
      if (!isStatus(error, 'AlreadyExists')) throw this.#failure('create: failed to create', release, error);
      // A creation whose answer got lost has come through.
      if (tries === 1 || !(await this.#holds(key, object))) throw alreadyExists(key, error);
    }
  }

  /** Whether a record is what was to be written. */
  async #holds(key: string, object: KubeObject): Promise<boolean> {
    const live = await this.#read(`get: failed to get "${key}"`, () =>
      this.#options.client.get(this.#format.type, { namespace: this.#options.namespace, name: key }),
    );
    return this.#format.unpack(live) === this.#format.unpack(object);
  }

  async update(key: string, release: Release): Promise<void> {
    const { object, split } = this.#object(key, release, 'modifiedAt');
    const before = this.#parts.get(key);
    try {
      await this.#writeParts(key, release, split);
      await retryTransient(this.#options.clock, () => this.#replace(object));
    } catch (error) {
      if (isStatus(error, 'NotFound')) throw notFound(error);
      throw this.#failure('update: failed to update', release, error);
    }
    if (before !== undefined && before.digest !== split?.digest) await this.#dropParts(key, before);
  }

  /** The parts come before the object that names them: whoever sees that finds them. */
  async #writeParts(key: string, release: Release, split: SplitRecord | undefined): Promise<void> {
    if (split === undefined) {
      this.#parts.delete(key);
      return;
    }
    const { client, namespace, clock } = this.#options;
    const { type } = this.#format;
    for (const [i, part] of split.parts.entries()) {
      const object = {
        apiVersion: apiVersionOf(type),
        kind: type.kind,
        metadata: {
          name: partName(key, split.digest, i),
          namespace,
          labels: { ...PART_LABEL, name: release.name, version: String(release.version) },
        },
        ...this.#format.pack(part),
      };
      try {
        await retryTransient(clock, () => client.create(type, object, { fieldManager: FIELD_MANAGER }));
      } catch (error) {
        // Its name tells what is in it.
        if (!isStatus(error, 'AlreadyExists')) throw error;
      }
    }
    this.#parts.set(key, { digest: split.digest, count: split.parts.length });
  }

  async #readParts(key: string, namespace: string, index: PartIndex): Promise<string> {
    const names = Array.from({ length: index.count }, (_, i) => partName(key, index.digest, i));
    const found = await Promise.all(
      names.map(async (name) => {
        try {
          return await retryTransient(this.#options.clock, () =>
            this.#options.client.get(this.#format.type, { namespace, name }),
          );
        } catch (error) {
          if (isStatus(error, 'NotFound')) return undefined;
          throw error;
        }
      }),
    );
    this.#parts.set(key, index);
    return joinParts(
      key,
      index,
      found.map((object) => (object === undefined ? undefined : this.#format.unpack(object))),
    );
  }

  /** What goes wrong here leaves objects that `release verify` finds. */
  async #dropParts(key: string, index: PartIndex): Promise<void> {
    for (let i = 0; i < index.count; i += 1) {
      const name = partName(key, index.digest, i);
      try {
        await retryTransient(this.#options.clock, () =>
          this.#options.client.delete(this.#format.type, { namespace: this.#options.namespace, name }),
        );
      } catch (error) {
        if (isStatus(error, 'NotFound')) continue;
        this.#options.logger.log(
          'warn',
          `${name} is left over: ${error instanceof Error ? error.message : String(error)}`,
        );
      }
    }
  }

  /** The record is replaced whatever it was: a conflict passes. */
  async #replace(object: KubeObject): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        await this.#options.client.update(this.#format.type, object, { fieldManager: FIELD_MANAGER });
        return;
      } catch (error) {
        if (tries >= CONFLICT_TRIES || !isStatus(error, 'Conflict')) throw error;
      }
    }
  }

  async get(key: string): Promise<Release> {
    const object = await this.#read(`get: failed to get "${key}"`, () =>
      this.#options.client.get(this.#format.type, { namespace: this.#options.namespace, name: key }),
    );
    return { ...(await this.#decode(object)), labels: userLabels(object.metadata.labels) };
  }

  async list(filter?: (release: Release) => boolean): Promise<Release[]> {
    const found = await this.#select('list: failed to list', OWNER_LABEL);
    return filter === undefined ? found : found.filter(filter);
  }

  async query(labels: Readonly<Record<string, string>>): Promise<Release[]> {
    for (const value of Object.values(labels)) {
      const faults = isLabelValue(value);
      if (faults.length > 0) throw new PintleError('usage', `invalid label value: "${value}": ${faults.join('; ')}`);
    }
    const unreadable = new Map<string, PintleError>();
    const found = await this.#select('query: failed to query with labels', labels, unreadable);
    const [first] = unreadable.values();
    // A release of which nothing can be read is not one that is not there.
    if (found.length === 0 && first !== undefined && Object.hasOwn(labels, 'name')) throw first;
    for (const [id, error] of unreadable) this.#tell(id, error);
    return found;
  }

  async delete(key: string): Promise<Release> {
    const release = await this.get(key);
    try {
      await this.#read('delete: failed to delete', () =>
        this.#options.client.delete(this.#format.type, { namespace: this.#options.namespace, name: key }),
      );
    } catch (error) {
      // It was there a moment ago: the answer to an earlier try got lost, or somebody else was faster.
      if (!(error instanceof PintleError) || error.code !== 'release-not-found') throw error;
    }
    const parts = this.#parts.get(key);
    if (parts !== undefined) await this.#dropParts(key, parts);
    this.#parts.delete(key);
    return release;
  }

  #object(
    key: string,
    release: Release,
    stamp: 'createdAt' | 'modifiedAt',
  ): { readonly object: KubeObject; readonly split: SplitRecord | undefined } {
    const plain = encodeRelease(release);
    const text = this.#options.cipher?.seal(plain) ?? plain;
    let split: SplitRecord | undefined;
    try {
      split = splitRecord(text, MAX_RECORD);
    } catch (error) {
      throw tooLarge(release, text.length, error);
    }
    const { type } = this.#format;
    const object = {
      apiVersion: apiVersionOf(type),
      kind: type.kind,
      metadata: {
        name: key,
        namespace: this.#options.namespace,
        labels: recordLabels(release, stamp, this.#options.clock),
      },
      ...this.#format.pack(split?.index ?? text),
    };
    return { object, split };
  }

  async #decode(object: KubeObject): Promise<Release> {
    const known = this.#decoded.get(object);
    if (known !== undefined) return known;
    const { name = '', namespace = '' } = object.metadata;
    const text = this.#format.unpack(object);
    const index = partIndex(text);
    const whole = index === undefined ? text : await this.#readParts(name, namespace, index);
    const title = `${this.#format.type.kind} ${namespace}/${name}`;
    const release = decodeRelease(this.#open(whole, title), title);
    this.#decoded.set(object, release);
    return release;
  }

  #open(text: string, title: string): string {
    if (!isSealed(text)) return text;
    if (this.#options.cipher !== undefined) return this.#options.cipher.open(text, title);
    throw new PintleError('release-corrupt', `cannot read ${title}: it is encrypted`, {
      hint: 'name the file of its key in PINTLE_RECORD_KEY_FILE',
    });
  }

  async #select(
    step: string,
    labels: Readonly<Record<string, string>>,
    unreadable?: Map<string, PintleError>,
  ): Promise<Release[]> {
    const { client, namespace } = this.#options;
    const labelSelector = String(equalityMatcher(labels));
    return await this.#read(step, async () => {
      const out: Release[] = [];
      const restart = (): void => void out.splice(0);
      for await (const page of listPages(client, this.#format.type, {
        namespace,
        labelSelector,
        pageSize: PAGE,
        restart,
      })) {
        for (const object of page) await this.#decodeInto(out, object, unreadable);
      }
      return out;
    });
  }

  async #decodeInto(out: Release[], object: KubeObject, unreadable?: Map<string, PintleError>): Promise<void> {
    try {
      const release = await this.#decode(object);
      const { name = '', namespace = '', labels } = object.metadata;
      checkKey(name, release, `${this.#format.type.kind} ${namespace}/${name}`);
      out.push({ ...release, labels: { ...labels } });
    } catch (error) {
      if (!(error instanceof PintleError)) throw error;
      const { uid = '', name = '' } = object.metadata;
      if (unreadable === undefined) this.#tell(`${name} ${uid}`, error);
      else unreadable.set(`${name} ${uid}`, error);
    }
  }

  /** Tells of a record that cannot be read, once. */
  #tell(id: string, error: PintleError): void {
    if (!this.#toldOf.has(id)) this.#options.logger.log('warn', `${error.message}; it is left out`);
    this.#toldOf.add(id);
  }

  async #read<T>(step: string, run: () => Promise<T>): Promise<T> {
    try {
      return await retryTransient(this.#options.clock, run);
    } catch (error) {
      if (isStatus(error, 'NotFound')) throw notFound(error);
      throw this.#failure(step, undefined, error);
    }
  }

  #failure(step: string, release: Release | undefined, error: unknown): unknown {
    if (!(error instanceof StatusError)) return error;
    const large = error.code === 413 || (error.reason === 'Invalid' && error.message.includes('Too long'));
    if (large && release !== undefined) return tooLarge(release, undefined, error);
    return new PintleError('api-error', `${step}: ${error.message}`, { cause: error });
  }
}

/** The error of a key that has no record. */
export function notFound(cause?: unknown): PintleError {
  return new PintleError('release-not-found', 'release: not found', { cause });
}

/** The error of a key that has a record already. */
export function alreadyExists(key: string, cause?: unknown): PintleError {
  return new PintleError('release-exists', 'release: already exists', {
    hint: `${key} is there already: somebody else works on this release, or its record cannot be read or found; "release verify" tells what is wrong with it`,
    cause,
  });
}

function tooLarge(release: Release, size: number | undefined, cause?: unknown): PintleError {
  const { templates, files } = release.chart;
  const largest = [...(templates ?? []), ...(files ?? [])].sort((a, b) => b.data.length - a.data.length).slice(0, 3);
  const names = largest.map((file) => `${file.name} (${Math.ceil((file.data.length * 3) / 4 / 1024)} KiB)`);
  const packed = size === undefined ? '' : ` (packed it has ${Math.ceil(size / 1024)} KiB)`;
  return new PintleError(
    'release-too-large',
    `the record of release "${release.name}" does not fit into the cluster${packed}`,
    {
      hint: `the chart, its values and the manifest must be smaller; name what is not needed in .helmignore${names.length === 0 ? '' : `; largest files: ${names.join(', ')}`}`,
      cause,
    },
  );
}

import type { Clock } from '../base/clock.ts';
import { PintleError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { KubeClient, ListOptions } from '../client/kube-client.ts';
import { listPages } from '../client/list-pages.ts';
import { retryTransient } from '../client/retry.ts';
import { equalityMatcher } from '../kube/labels.ts';
import { isLabelValue } from '../kube/names.ts';
import { apiVersionOf, type KubeObject, type ResourceType } from '../kube/object.ts';
import { StatusError, isStatus } from '../kube/status-error.ts';
import { decodeRelease, decodeSummary, decodeSummaryEnds, encodeRelease } from './codec.ts';
import { isSealed, type RecordCipher } from './record-cipher.ts';
import { PartStore } from './part-store.ts';
import { alreadyExists, notFound, tooLarge } from './record-errors.ts';
import type { RecordEnds } from './record-head.ts';
import type { HeaderRequest, RecordHeader } from './record-header.ts';
import { OWNER_LABEL, recordLabels, userLabels } from './record-labels.ts';
import { partIndex, splitRecord, type SplitRecord } from './record-parts.ts';
import type { ReleaseDriver } from './release-driver.ts';
import { checkKey, parseReleaseKey } from './release-key.ts';
import type { Release, ReleaseSummary } from './release.ts';

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
  /** The ends of that text; undefined when it is short. */
  unpackEnds(object: KubeObject): RecordEnds | undefined;
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
  readonly #parts: PartStore;
  /** Records that cannot be read, of which the user knows. */
  readonly #toldOf = new Set<string>();

  constructor(options: KubeDriverOptions, format: RecordFormat) {
    this.#options = options;
    this.#format = format;
    this.#parts = new PartStore({ ...options, fieldManager: FIELD_MANAGER }, format);
  }

  get name(): string {
    return this.#format.name;
  }

  async create(key: string, release: Release): Promise<void> {
    const { object, split } = this.#object(key, release, 'createdAt');
    let tries = 0;
    try {
      await this.#parts.write(key, release, split);
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
    const before = this.#parts.known(key);
    try {
      await this.#parts.write(key, release, split);
      await retryTransient(this.#options.clock, () => this.#replace(object));
    } catch (error) {
      if (isStatus(error, 'NotFound')) throw notFound(error);
      throw this.#failure('update: failed to update', release, error);
    }
    if (before !== undefined && before.digest !== split?.digest) await this.#parts.drop(key, before);
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
    const parts = this.#parts.known(key);
    if (parts !== undefined) await this.#parts.drop(key, parts);
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
    const release = decodeRelease(await this.#text(object), this.#title(object));
    this.#decoded.set(object, release);
    return release;
  }

  /** A record in clear, from one object or from its parts. */
  async #text(object: KubeObject): Promise<string> {
    const { name = '', namespace = '' } = object.metadata;
    const text = this.#format.unpack(object);
    const index = partIndex(text);
    const whole = index === undefined ? text : await this.#parts.read(name, namespace, index);
    return this.#open(whole, this.#title(object));
  }

  #title({ metadata: { name = '', namespace = '' } }: KubeObject): string {
    return `${this.#format.type.kind} ${namespace}/${name}`;
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
    const out: Release[] = [];
    await this.#pages(
      step,
      { labelSelector: String(equalityMatcher(labels)), restart: () => void out.splice(0) },
      async (page) => {
        for (const object of page) await this.#decodeInto(out, object, unreadable);
      },
    );
    return out;
  }

  async headers(request: HeaderRequest): Promise<RecordHeader[]> {
    const { name } = request;
    const all = String(equalityMatcher(name === undefined ? OWNER_LABEL : { ...OWNER_LABEL, name }));
    const step = name === undefined ? 'list: failed to list' : 'query: failed to query with labels';
    if (!request.newest) return await this.#headers(step, { labelSelector: all }, request.ahead);
    // The newest revision of a release is hardly ever a superseded one: of those the names will do.
    const current = await this.#headers(step, { labelSelector: `${all},status!=superseded` }, request.ahead);
    const superseded = await this.#headers(
      step,
      { labelSelector: `${all},status=superseded`, metadataOnly: true },
      false,
    );
    return [...current, ...superseded];
  }

  async #headers(
    step: string,
    selection: Pick<ListOptions, 'labelSelector' | 'metadataOnly'>,
    ahead: boolean,
  ): Promise<RecordHeader[]> {
    const out: RecordHeader[] = [];
    await this.#pages(step, { ...selection, restart: () => void out.splice(0) }, async (page) => {
      for (const object of page) out.push(this.#header(object, selection.metadataOnly === true, ahead));
    });
    return out;
  }

  #header(object: KubeObject, bare: boolean, ahead: boolean): RecordHeader {
    const { name: key = '', namespace = '', uid = '', labels = {} } = object.metadata;
    const told = parseReleaseKey(key) ?? { name: labels['name'] ?? '', revision: Number(labels['version'] ?? 0) };
    // Of what is read ahead only that is kept: the record itself, much larger, can go.
    const early = ahead ? this.#summary(object) : undefined;
    const kept = bare || ahead ? undefined : object;
    const whole = async (): Promise<KubeObject> =>
      kept ??
      (await this.#read(`get: failed to get "${key}"`, () =>
        this.#options.client.get(this.#format.type, { namespace, name: key }),
      ));
    early?.catch(() => {});
    return {
      ...told,
      namespace,
      summary: early === undefined ? async () => await this.#summary(await whole()) : () => early,
      release: async () => {
        const found = await whole();
        const release = await this.#decode(found);
        checkKey(key, release, this.#title(found));
        return { ...release, labels: { ...found.metadata.labels } };
      },
      leaveOut: (error) => this.#tell(`${key} ${uid}`, error),
    };
  }

  async #summary(object: KubeObject): Promise<ReleaseSummary> {
    const { name: key = '', namespace = '', labels = {} } = object.metadata;
    const told = parseReleaseKey(key);
    // Copies under another name have labels that tell: what they hold has to be looked at.
    if (told !== undefined && labels['name'] === told.name && labels['version'] === String(told.revision)) {
      const ends = this.#format.unpackEnds(object);
      const head = ends === undefined ? undefined : decodeSummaryEnds(ends, { ...told, namespace });
      if (head !== undefined) return { ...head, labels: { ...labels } };
    }
    const title = this.#title(object);
    const summary = decodeSummary(await this.#text(object), title);
    checkKey(key, summary, title);
    return { ...summary, labels: { ...labels } };
  }

  /** Hands on the records of a list as they come, page by page; after `restart` all of them come again. */
  async #pages(
    step: string,
    selection: Pick<ListOptions, 'labelSelector' | 'metadataOnly'> & { readonly restart: () => void },
    take: (page: readonly KubeObject[]) => Promise<void>,
  ): Promise<void> {
    const { client, namespace } = this.#options;
    await this.#read(step, async () => {
      // It may be a second try.
      selection.restart();
      const pages = listPages(client, this.#format.type, { namespace, pageSize: PAGE, ...selection });
      for await (const page of pages) await take(page);
    });
  }

  async #decodeInto(out: Release[], object: KubeObject, unreadable?: Map<string, PintleError>): Promise<void> {
    try {
      const release = await this.#decode(object);
      const { name = '', labels } = object.metadata;
      checkKey(name, release, this.#title(object));
      out.push({ ...release, labels: { ...labels } });
    } catch (error) {
      if (!(error instanceof PintleError)) throw error;
      const { uid = '', name = '' } = object.metadata;
      if (unreadable === undefined) this.#tell(`${name} ${uid}`, error);
      else unreadable.set(`${name} ${uid}`, error);
    }
  }

  /** Tells of a record that cannot be read, once. */
  #tell(id: string, error: Error): void {
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
    const lacksNamespace = error.reason === 'NotFound' && error.message.startsWith('namespaces ');
    return new PintleError('api-error', `${step}: ${error.message}`, {
      cause: error,
      ...(lacksNamespace ? { hint: 'make the namespace first, or let --create-namespace do it' } : {}),
    });
  }
}

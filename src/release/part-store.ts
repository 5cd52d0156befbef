import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { KubeClient } from '../client/kube-client.ts';
import { retryTransient } from '../client/retry.ts';
import { apiVersionOf, type KubeObject, type ResourceType } from '../kube/object.ts';
import { isStatus } from '../kube/status-error.ts';
import { PART_LABEL } from './record-labels.ts';
import { joinParts, type PartIndex, partName, type SplitRecord } from './record-parts.ts';
import type { Release } from './release.ts';

/** What parts are kept with. */
interface PartOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly namespace: string;
  readonly logger: Logger;
  readonly fieldManager: string;
}

/** How one kind of object holds a part. */
interface PartFormat {
  readonly type: ResourceType;
  pack(text: string): Readonly<Record<string, unknown>>;
  unpack(object: KubeObject): string;
}

/** Parts that are read at the same time, whatever asks for them. */
const PARALLEL = 8;

/** The objects that hold parts of records which do not fit into one. */
export class PartStore {
  readonly #options: PartOptions;
  readonly #format: PartFormat;
  /** Records that are in parts, as far as they have been read or written here. */
  readonly #known = new Map<string, PartIndex>();
  readonly #waiting: (() => void)[] = [];
  #reading = 0;

  constructor(options: PartOptions, format: PartFormat) {
    this.#options = options;
    this.#format = format;
  }

  /** Where the parts of a record are that has been read or written here; undefined for one in one piece. */
  known(key: string): PartIndex | undefined {
    return this.#known.get(key);
  }

  /**
   * Writes the parts of a record, before the object that names them: whoever sees that finds them.
   *
   * @param split undefined: the record is in one piece
   * @throws what the API answers
   */
  async write(key: string, release: Release, split: SplitRecord | undefined): Promise<void> {
    if (split === undefined) {
      this.#known.delete(key);
      return;
    }
    const { client, namespace, clock, fieldManager } = this.#options;
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
        await retryTransient(clock, () => client.create(type, object, { fieldManager }));
      } catch (error) {
        // Its name tells what is in it.
        if (!isStatus(error, 'AlreadyExists')) throw error;
      }
    }
    this.#known.set(key, { digest: split.digest, count: split.parts.length });
  }

  /** Reads a record from its parts. @throws PintleError `release-corrupt`; what the API answers */
  async read(key: string, namespace: string, index: PartIndex): Promise<string> {
    const names = Array.from({ length: index.count }, (_, i) => partName(key, index.digest, i));
    const found = await Promise.all(names.map((name) => this.#inTurn(() => this.#part(namespace, name))));
    this.#known.set(key, index);
    return joinParts(key, index, found);
  }

  /** Deletes parts. What goes wrong here leaves objects that `release verify` finds. */
  async drop(key: string, index: PartIndex): Promise<void> {
    if (this.#known.get(key)?.digest === index.digest) this.#known.delete(key);
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

  async #part(namespace: string, name: string): Promise<string | undefined> {
    try {
      const object = await retryTransient(this.#options.clock, () =>
        this.#options.client.get(this.#format.type, { namespace, name }),
      );
      return this.#format.unpack(object);
    } catch (error) {
      if (isStatus(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  /** First come, first served: of many records that are read at one time, few are in memory by halves. */
  async #inTurn<T>(run: () => Promise<T>): Promise<T> {
    if (this.#reading < PARALLEL) this.#reading += 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await run();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#reading -= 1;
      else next();
    }
  }
}

import type { HeaderRequest, RecordHeader } from './record-header.ts';
import type { Release } from './release.ts';

/**
 * Where revisions are kept. Keys are `sh.helm.release.v1.NAME.vN`. The contract suite in test/contract/release-driver.ts
 * holds for every implementation.
 */
export interface ReleaseDriver {
  /** `ConfigMap`, `Secret`, `Memory`: Helm's names. */
  readonly name: string;
  /** @throws PintleError `release-exists` */
  create(key: string, release: Release): Promise<void>;
  /** @throws PintleError `release-not-found` */
  update(key: string, release: Release): Promise<void>;
  /** @throws PintleError `release-not-found`, `release-corrupt` */
  get(key: string): Promise<Release>;
  /** All revisions in the driver's namespace (all namespaces if that is ''); corrupt ones are reported to the logger and left out. */
  list(filter?: (release: Release) => boolean): Promise<Release[]>;
  /**
   * Those whose labels (`name`, `owner`, `status`, `version` and the user's) have these values; corrupt ones are reported and left out.
   *
   * @throws PintleError `release-corrupt` when a `name` is asked for of which nothing can be read
   */
  query(labels: Readonly<Record<string, string>>): Promise<Release[]>;
  /** Records by their names, in no order, for who does not need to read all of each. */
  headers(request: HeaderRequest): Promise<RecordHeader[]>;
  /** Answers with what was deleted. @throws PintleError `release-not-found` */
  delete(key: string): Promise<Release>;
}

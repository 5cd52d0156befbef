import type { Clock } from '../../base/clock.ts';
import { EXPECTATIONS_TIMEOUT } from './constants.ts';

interface Expected {
  creations: number;
  readonly deletions: Set<string>;
  readonly since: number;
}

/**
 * What a controller has asked for and its cache has not shown yet: until then it must not count again. Creations are
 * counted, deletions are known by the pods' uids. kubernetes: pkg/controller/controller_utils.go
 */
export class Expectations {
  readonly #clock: Clock;
  readonly #expected = new Map<string, Expected>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** True when nothing is outstanding, or for too long. */
  satisfied(key: string): boolean {
    const expected = this.#expected.get(key);
    if (expected === undefined) return true;
    if (expected.creations <= 0 && expected.deletions.size === 0) {
      this.#expected.delete(key);
      return true;
    }
    return this.#clock.now() - expected.since > EXPECTATIONS_TIMEOUT;
  }

  expectCreations(key: string, count: number): void {
    this.#expected.set(key, { creations: count, deletions: new Set(), since: this.#clock.now() });
  }

  expectDeletions(key: string, uids: readonly string[]): void {
    this.#expected.set(key, { creations: 0, deletions: new Set(uids), since: this.#clock.now() });
  }

  /** A creation was seen, or (`count` of them) failed. */
  creationObserved(key: string, count = 1): void {
    const expected = this.#expected.get(key);
    if (expected !== undefined) expected.creations -= count;
  }

  /** A deletion was seen or failed. */
  deletionObserved(key: string, uid: string): void {
    this.#expected.get(key)?.deletions.delete(uid);
  }

  forget(key: string): void {
    this.#expected.delete(key);
  }
}

/** ms after the first failure. */
const FIRST = 1000;
/** ms at most. */
const LONGEST = 900_000;

interface Entry {
  delay: number;
  since: number;
}

/** How long a pod that failed is left on its node: 1 s, doubled with each failure up to 15 min. */
export class FailureBackOff {
  readonly #entries = new Map<string, Entry>();

  /** ms until the key may be tried again. */
  remaining(key: string, now: number): number {
    const entry = this.#entries.get(key);
    return entry === undefined ? 0 : Math.max(0, entry.since + entry.delay - now);
  }

  /** Notes a failure; one long after the last begins anew. */
  next(key: string, now: number): void {
    this.#forgetOld(now);
    const entry = this.#entries.get(key);
    this.#entries.set(key, {
      delay: entry === undefined ? FIRST : Math.min(entry.delay * 2, LONGEST),
      since: now,
    });
  }

  #forgetOld(now: number): void {
    for (const [key, { since }] of this.#entries) {
      if (now - since > 2 * LONGEST) this.#entries.delete(key);
    }
  }
}

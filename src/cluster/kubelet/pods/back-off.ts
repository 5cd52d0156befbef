/** ms; kubernetes: pkg/kubelet/kubelet.go backOffPeriod, MaxContainerBackOff */
const BACK_OFF_BASE = 10_000;
/** See {@link BACK_OFF_BASE}. */
const BACK_OFF_MAX = 300_000;

/** A delay that doubles from try to try and is forgotten after twice its maximum. client-go: util/flowcontrol/backoff.go */
export class BackOff {
  #delay: number | undefined;
  #updated = 0;

  /** ms of the delay that holds now, 0 when there was no try. */
  get delay(): number {
    return this.#delay ?? 0;
  }

  /** The instant at which the next try is due, for something that happened at `since`; in the past: at once. */
  until(since: number): number {
    if (this.#delay === undefined || since - this.#updated > 2 * BACK_OFF_MAX) return since;
    return since + this.#delay;
  }

  /** Counts a try at `now` for something that happened at `since`. */
  next(since: number, now: number): void {
    const expired = this.#delay === undefined || since - this.#updated > 2 * BACK_OFF_MAX;
    this.#delay = expired ? BACK_OFF_BASE : Math.min((this.#delay ?? 0) * 2, BACK_OFF_MAX);
    this.#updated = now;
  }

  /** Takes up the state in which so many tries, the last at `updated`, have left it. */
  restore(tries: number, updated: number): void {
    if (tries <= 0) return;
    this.#delay = Math.min(BACK_OFF_BASE * 2 ** (tries - 1), BACK_OFF_MAX);
    this.#updated = updated;
  }

  reset(): void {
    this.#delay = undefined;
  }
}

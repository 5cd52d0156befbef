import type { Peak } from './rehearsal.ts';

/** Follows an amount: what it is first, at its most and last. */
export class PeakWatch {
  #before: number | undefined;
  #peak = 0;
  #peakAt = 0;
  #after = 0;

  note(amount: number, at: number): void {
    this.#before ??= amount;
    if (amount > this.#peak) {
      this.#peak = amount;
      this.#peakAt = at;
    }
    this.#after = amount;
  }

  get result(): Peak {
    return { before: this.#before ?? 0, peak: this.#peak, peakAt: this.#peakAt, after: this.#after };
  }
}

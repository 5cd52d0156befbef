import type { Random } from '../../../../base/random.ts';

/**
 * A range of numbers to give out: any of its upper part first, and of the lower only when that is used up, so that
 * clients who choose seldom clash. kubernetes: pkg/registry/core/service/allocator
 */
export class Band {
  readonly #first: number;
  readonly #last: number;
  readonly #reserved: number;

  /** @param reserved how many numbers at the start are given out last */
  constructor(first: number, last: number, reserved: number) {
    this.#first = first;
    this.#last = last;
    this.#reserved = reserved;
  }

  /** A number that is not taken, or undefined when all are. */
  pick(random: Random, isTaken: (number: number) => boolean): number | undefined {
    const middle = this.#first + this.#reserved;
    return this.#search(middle, this.#last, random, isTaken) ?? this.#search(this.#first, middle - 1, random, isTaken);
  }

  #search(first: number, last: number, random: Random, isTaken: (number: number) => boolean): number | undefined {
    const size = last - first + 1;
    const offset = random.below(size);
    for (let i = 0; i < size; i += 1) {
      const candidate = first + ((offset + i) % size);
      if (!isTaken(candidate)) return candidate;
    }
    return undefined;
  }
}

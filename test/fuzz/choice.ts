import type { Random } from '../../src/base/random.ts';

/** Choices by chance. */
export class Choice {
  readonly random: Random;

  constructor(random: Random) {
    this.random = random;
  }

  below(limit: number): number {
    return this.random.below(limit);
  }

  /** True once in `n` times. */
  once(n: number): boolean {
    return this.random.below(n) === 0;
  }

  pick<T>(items: readonly T[]): T {
    const found = items[this.random.below(items.length)];
    if (found === undefined) throw new Error('nothing to pick from');
    return found;
  }

  /** Between `least` and `most` results. */
  several<T>(least: number, most: number, make: () => T): T[] {
    return Array.from({ length: least + this.below(most - least + 1) }, make);
  }
}

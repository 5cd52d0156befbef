import { type Clock, withNow } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';

/**
 * Gives the result of work outside of the server (a webhook's answer, a module that is loaded), which is begun where it is not
 * there yet: then it throws {@link PendingWork}, and the request is done again from its beginning once the work has ended. The key
 * says what was asked, so that the answer is found again.
 *
 * @throws PendingWork; what the work failed with
 */
export type Outside = <T>(key: string, start: () => Promise<T>) => T;

/** Thrown through a request that has to wait. Nothing was written yet. */
export class PendingWork extends Error {
  readonly works: ReadonlyMap<string, () => Promise<unknown>>;

  constructor(works: ReadonlyMap<string, () => Promise<unknown>>) {
    super(`waiting for ${[...works.keys()].join(', ')}`);
    this.name = 'PendingWork';
    this.works = works;
  }

  /** Everything that several parts of a request wait for. */
  static all(pending: readonly PendingWork[]): PendingWork {
    return new PendingWork(new Map(pending.flatMap(({ works }) => [...works])));
  }
}

/** Where nothing has been asked yet. */
export const nothingOutside: Outside = (key, start) => {
  throw new PendingWork(new Map([[key, start]]));
};

type Answer = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: unknown };

/**
 * What the attempts of one request share: answers from outside, the instant, and the random numbers, so that an attempt makes of
 * the same state what the one before it made.
 */
export class RequestAttempts {
  readonly #answers = new Map<string, Answer>();
  readonly #draws: unknown[] = [];
  readonly #random: Random;
  readonly clock: Clock;
  #next = 0;

  constructor(random: Random, clock: Clock) {
    const now = clock.now();
    this.#random = random;
    this.clock = withNow(clock, () => now);
  }

  readonly outside: Outside = <T>(key: string, start: () => Promise<T>): T => {
    const answer = this.#answers.get(key);
    if (answer === undefined) throw new PendingWork(new Map([[key, start]]));
    if (!answer.ok) throw answer.error;
    return answer.value as T;
  };

  /** Does the work that an attempt waits for. */
  async settle({ works }: PendingWork): Promise<void> {
    await Promise.all(
      [...works].map(async ([key, start]) => {
        try {
          this.#answers.set(key, { ok: true, value: await start() });
        } catch (error) {
          this.#answers.set(key, { ok: false, error });
        }
      }),
    );
  }

  /** The random numbers of the next attempt: first those of the ones before. */
  replay(): Random {
    this.#next = 0;
    const draw = <T>(make: () => T): T => {
      if (this.#next === this.#draws.length) this.#draws.push(make());
      const value = this.#draws[this.#next] as T;
      this.#next += 1;
      return value;
    };
    const random = this.#random;
    return {
      next: () => draw(() => random.next()),
      below: (limit) =>
        Math.min(
          limit - 1,
          draw(() => random.below(limit)),
        ),
      bytes: (length) => draw(() => random.bytes(length)).slice(0, length),
    };
  }
}

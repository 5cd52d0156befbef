import type { Clock, Timer, TimerOptions } from './clock.ts';
import { PintleError } from './errors.ts';
import { Heap } from './heap.ts';

interface Entry extends Timer {
  readonly due: number;
  readonly order: number;
  /** How many timers led to this one without time passing. */
  round: number;
  readonly callback: () => void;
  readonly mayBeLate: boolean;
  stopped: boolean;
}

/** Timers that may lead to one another without time passing; a cluster at work has some hundreds. */
const MOST_ROUNDS = 100_000;

/** What a {@link VirtualClock} starts with. */
export interface VirtualClockOptions {
  /** The first instant, ms since the epoch. */
  readonly start: number;
  /** Resolves when all promise jobs have run; default: one turn of the event loop. */
  readonly settle?: () => Promise<void>;
}

/**
 * A clock that jumps. Due timers run in order of instant, then of creation; between two timers every promise job is run,
 * so work that awaits only promises takes no time. It never goes back.
 */
export class VirtualClock implements Clock {
  readonly #heap = new Heap<Entry>(before);
  readonly #settle: () => Promise<void>;
  #now: number;
  #order = 0;
  #round = 0;
  #driving: Promise<void> | undefined;
  #holds = 0;
  #released: (() => void) | undefined;

  constructor(options: VirtualClockOptions) {
    this.#now = options.start;
    this.#settle = options.settle ?? (() => new Promise((resolve) => setImmediate(resolve)));
  }

  now(): number {
    return this.#now;
  }

  setTimer(delay: number, callback: () => void, options?: TimerOptions): Timer {
    const entry: Entry = {
      due: this.#now + Math.max(0, delay),
      order: this.#order,
      round: delay > 0 ? 0 : this.#round + 1,
      callback,
      mayBeLate: options?.mayBeLate === true,
      stopped: false,
      stop: () => {
        entry.stopped = true;
      },
    };
    this.#order += 1;
    this.#heap.push(entry);
    return entry;
  }

  /** One turn of all others: promise jobs that are due have run when it resolves, and no time has passed. */
  turn(): Promise<void> {
    return this.#settle();
  }

  /** Keeps time from passing until the returned function is called: for work that awaits the disk or the network. */
  hold(): () => void {
    this.#holds += 1;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#holds -= 1;
      if (this.#holds === 0) {
        this.#released?.();
        this.#released = undefined;
      }
    };
  }

  async blockOn<T>(promise: Promise<T>): Promise<T> {
    let settled = false;
    const done = promise.finally(() => {
      settled = true;
    });
    done.catch(() => {});
    while (!settled) {
      await this.#exclusive(async () => {
        await this.#quiet();
        if (settled) return;
        if (!this.#step(Number.POSITIVE_INFINITY)) {
          throw new Error('virtual clock: waiting for something that no timer will bring about');
        }
      });
    }
    return await done;
  }

  /** Lets `duration` ms pass, running all that is due. */
  advance(duration: number): Promise<void> {
    return this.advanceTo(this.#now + duration);
  }

  /**
   * Lets time pass until `instant`; does nothing but settle when that is in the past.
   *
   * @throws PintleError `no-progress` when timers lead to one another without end while no time passes
   */
  async advanceTo(instant: number): Promise<void> {
    await this.#exclusive(async () => {
      await this.#quiet();
      while (this.#step(instant)) await this.#quiet();
      if (instant > this.#now) this.#now = instant;
    });
  }

  /** Runs what is runnable now, timers that are due included, without letting time pass. */
  settle(): Promise<void> {
    return this.advanceTo(this.#now);
  }

  /** The instant of the next timer, or undefined when there is none. */
  next(): number | undefined {
    this.#drop();
    return this.#heap.peek()?.due;
  }

  /** The instant of the next timer that must not be late, or undefined when there is none. */
  nextPunctual(): number | undefined {
    let next: number | undefined;
    for (const { due, mayBeLate, stopped } of this.#heap.values()) {
      if (!stopped && !mayBeLate && (next === undefined || due < next)) next = due;
    }
    return next;
  }

  /**
   * Goes to a later instant without living through the time before it. Timers that were due by then fire late, when time passes next.
   *
   * @returns false, and nothing has happened, while time passes and when a timer that must not be late is due by then
   */
  skipTo(instant: number): boolean {
    const punctual = this.nextPunctual() ?? Number.POSITIVE_INFINITY;
    if (this.#driving !== undefined || this.#holds > 0 || instant < this.#now || punctual <= instant) return false;
    this.#now = instant;
    return true;
  }

  async #quiet(): Promise<void> {
    do {
      if (this.#holds > 0) {
        await new Promise<void>((resolve) => {
          this.#released = resolve;
        });
      }
      await this.#settle();
    } while (this.#holds > 0);
  }

  async #exclusive(run: () => Promise<void>): Promise<void> {
    while (this.#driving !== undefined) await this.#driving;
    let finish: () => void = () => {};
    this.#driving = new Promise((resolve) => {
      finish = resolve;
    });
    try {
      await run();
    } finally {
      this.#driving = undefined;
      finish();
    }
  }

  #step(limit: number): boolean {
    this.#drop();
    const entry = this.#heap.peek();
    if (entry === undefined || entry.due > limit) {
      // All has come to rest: what is begun now is led to by nothing.
      this.#round = 0;
      return false;
    }
    const round = entry.due > this.#now ? 0 : entry.round;
    if (round > MOST_ROUNDS) {
      entry.round = 0;
      throw new PintleError(
        'no-progress',
        `nothing comes to rest at ${new Date(this.#now).toISOString()}: ${MOST_ROUNDS} rounds of work without time passing`,
        { hint: "Two parts undo each other's changes; the log names what is written or worked on without end." },
      );
    }
    this.#heap.pop();
    this.#round = round;
    if (entry.due > this.#now) this.#now = entry.due;
    entry.callback();
    return true;
  }

  #drop(): void {
    while (this.#heap.peek()?.stopped === true) this.#heap.pop();
  }
}

function before(a: Entry, b: Entry): boolean {
  return a.due < b.due || (a.due === b.due && a.order < b.order);
}

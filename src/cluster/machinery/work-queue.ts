import type { Clock, Timer, TimerOptions } from '../../base/clock.ts';

/** Back-off of a key that fails, in ms. client-go: util/workqueue/default_rate_limiters.go */
export interface BackoffOptions {
  /** After the first failure; default 5. */
  readonly base?: number;
  /** At most; default 1,000,000. */
  readonly max?: number;
}

/** What {@link WorkQueue} needs. */
export interface WorkQueueOptions extends BackoffOptions {
  readonly clock: Clock;
  /** Called when there is work and nobody was told since the queue was empty. */
  readonly wake: () => void;
  /** How timers of keys that wait are set. */
  readonly timers?: TimerOptions | undefined;
}

interface Waiting {
  readonly due: number;
  readonly timer: Timer;
}

/**
 * Keys to work on, in the order of their arrival. A key waits at most once, is worked on by one worker at a time, and comes
 * back if it was added meanwhile. client-go: util/workqueue/queue.go, delaying_queue.go.
 */
export class WorkQueue {
  readonly #clock: Clock;
  readonly #wake: () => void;
  readonly #base: number;
  readonly #max: number;
  readonly #timers: TimerOptions | undefined;
  /** Keys to hand out, oldest first. */
  readonly #queue = new Set<string>();
  readonly #processing = new Set<string>();
  /** Keys added while they were worked on. */
  readonly #again = new Set<string>();
  /** Keys that wait for the end of this instant. */
  readonly #later = new Set<string>();
  readonly #waiting = new Map<string, Waiting>();
  readonly #failures = new Map<string, number>();
  #stopped = false;

  constructor(options: WorkQueueOptions) {
    this.#clock = options.clock;
    this.#wake = options.wake;
    this.#base = options.base ?? 5;
    this.#max = options.max ?? 1_000_000;
    this.#timers = options.timers;
  }

  /** Number of keys that could be handed out now. */
  get length(): number {
    return this.#queue.size;
  }

  add(key: string): void {
    if (this.#stopped || this.#later.has(key)) return;
    if (this.#processing.has(key)) {
      this.#again.add(key);
      return;
    }
    this.#queue.add(key);
    if (this.#queue.size === 1) this.#wake();
  }

  /** Adds the key `delay` ms from now; of several instants asked for, the earliest counts. */
  addAfter(key: string, delay: number): void {
    if (this.#stopped) return;
    if (delay <= 0) {
      this.add(key);
      return;
    }
    const due = this.#clock.now() + delay;
    const known = this.#waiting.get(key);
    if (known !== undefined) {
      if (known.due <= due) return;
      known.timer.stop();
    }
    const ripe = (): void => {
      this.#waiting.delete(key);
      this.add(key);
    };
    const timer = this.#clock.setTimer(delay, ripe, this.#timers);
    this.#waiting.set(key, { due, timer });
  }

  /** Ends the wait of a key that {@link addAfter} was asked to add. */
  cancel(key: string): void {
    this.#waiting.get(key)?.timer.stop();
    this.#waiting.delete(key);
  }

  /** Adds the key at this instant, but after the timers that are due at it by now; until then {@link add} does nothing more. */
  addLater(key: string): void {
    if (this.#stopped || this.#later.has(key)) return;
    this.#later.add(key);
    this.#clock.setTimer(0, () => {
      this.#later.delete(key);
      this.add(key);
    });
  }

  /** Adds the key after a delay that doubles with every call since {@link forget}. */
  addRateLimited(key: string): void {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    this.addAfter(key, Math.min(this.#base * 2 ** failures, this.#max));
  }

  /** Ends the key's back-off. */
  forget(key: string): void {
    this.#failures.delete(key);
  }

  /** How often the key has failed since it was forgotten. */
  failures(key: string): number {
    return this.#failures.get(key) ?? 0;
  }

  /** The next key, or undefined; {@link done} must follow. */
  take(): string | undefined {
    const next = this.#queue.values().next();
    if (next.done === true) return undefined;
    this.#queue.delete(next.value);
    this.#processing.add(next.value);
    return next.value;
  }

  done(key: string): void {
    this.#processing.delete(key);
    if (this.#again.delete(key)) this.add(key);
  }

  stop(): void {
    this.#stopped = true;
    for (const { timer } of this.#waiting.values()) timer.stop();
    this.#waiting.clear();
    this.#queue.clear();
    this.#again.clear();
  }
}

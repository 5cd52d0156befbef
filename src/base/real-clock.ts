import type { Clock, Timer } from './clock.ts';

/** What the clock of the machine is read with and waits with; Node's own by default. */
export interface RealTime {
  now(): number;
  setTimeout(callback: () => void, delay: number): { unref?(): void };
  clearTimeout(handle: unknown): void;
}

/** Longer timers would overflow Node's and run at once. */
const LONGEST = 2_147_483_647;

/** The clock of the machine. Timers do not keep the process alive. */
export class RealClock implements Clock {
  readonly #time: RealTime;

  constructor(time: RealTime) {
    this.#time = time;
  }

  now(): number {
    return this.#time.now();
  }

  setTimer(delay: number, callback: () => void): Timer {
    const handle = this.#time.setTimeout(callback, Math.min(LONGEST, Math.max(0, delay)));
    return { stop: () => this.#time.clearTimeout(handle) };
  }

  blockOn<T>(promise: Promise<T>): Promise<T> {
    return promise;
  }
}

/** A timer that can be stopped; stopping one that has fired does nothing. */
export interface Timer {
  stop(): void;
}

/** How a timer is set. */
export interface TimerOptions {
  /** The callback reads the clock and makes up for what it missed: `VirtualClock.skipTo` may pass over its instant. */
  readonly mayBeLate?: boolean;
}

/**
 * Time as a parameter. All instants are milliseconds since the Unix epoch.
 *
 * Time of a virtual clock passes only inside {@link Clock.blockOn} (and `VirtualClock.advance`): whoever waits for the
 * cluster to do something wraps the wait in it.
 */
export interface Clock {
  now(): number;
  /** Runs `callback` once, `delay` ms from now (at least 0). Timers due at one instant run in the order of their creation. */
  setTimer(delay: number, callback: () => void, options?: TimerOptions): Timer;
  /** Waits for `promise`; a virtual clock lets time pass until it settles. */
  blockOn<T>(promise: Promise<T>): Promise<T>;
}

/** A clock that shows another time; waits take as long as they do on the one behind it. */
export function withNow(clock: Clock, now: () => number): Clock {
  return {
    now,
    setTimer: (delay, callback, options) => clock.setTimer(delay, callback, options),
    blockOn: (promise) => clock.blockOn(promise),
  };
}

/** Resolves `delay` ms from now on the clock. Wrap it in {@link Clock.blockOn} when nothing else lets time pass. */
export function sleep(clock: Clock, delay: number): Promise<void> {
  return new Promise((resolve) => {
    clock.setTimer(delay, resolve);
  });
}

import type { Clock } from '../../base/clock.ts';

/** A clock that is ahead of another by what a function says at each moment, ms; waits take as long as they take. */
export function skewedClock(clock: Clock, skew: () => number): Clock {
  return {
    now: () => clock.now() + skew(),
    setTimer: (delay, callback, options) => clock.setTimer(delay, callback, options),
    blockOn: (promise) => clock.blockOn(promise),
  };
}

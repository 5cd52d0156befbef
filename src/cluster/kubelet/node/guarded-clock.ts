import type { Clock } from '../../../base/clock.ts';

/** A clock whose timers tell of their failures: what one of them comes upon in an object of a user's stops no other. */
export function guardedClock(clock: Clock, failed: (error: unknown) => void): Clock {
  return {
    now: () => clock.now(),
    blockOn: (promise) => clock.blockOn(promise),
    setTimer: (delay, callback, options) =>
      clock.setTimer(
        delay,
        () => {
          try {
            callback();
          } catch (error) {
            failed(error);
          }
        },
        options,
      ),
  };
}

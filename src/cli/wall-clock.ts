import type { Clock } from '../base/clock.ts';
import type { Io } from './io.ts';

/** A clock that only tells the time: rendering sets no timers. */
export function wallClock(io: Io): Clock {
  return {
    now: () => io.now(),
    setTimer: () => {
      throw new Error('rendering sets no timers');
    },
    blockOn: (promise) => promise,
  };
}

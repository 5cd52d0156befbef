import { RealClock } from '../base/real-clock.ts';
import type { Io } from './io.ts';

/** The clock of the machine. */
export function systemClock(io: Pick<Io, 'now'>): RealClock {
  return new RealClock({
    now: () => io.now(),
    setTimeout: (callback, delay) => setTimeout(callback, delay),
    clearTimeout: (handle) => clearTimeout(handle as NodeJS.Timeout),
  });
}

import type { Clock } from '../base/clock.ts';
import type { Target } from './opened-target.ts';

/** The time of a target's cluster, ms since the epoch: one that is served has a time of its own. */
export async function clusterTime(target: Pick<Target, 'clock' | 'time'>): Promise<number> {
  return target.time === undefined ? target.clock.now() : await target.time();
}

/** A target's clock with the time of its cluster, which stands still. */
export async function clusterClock(target: Pick<Target, 'clock' | 'time'>): Promise<Clock> {
  const { clock } = target;
  const now = await clusterTime(target);
  return {
    now: () => now,
    setTimer: (delay, callback) => clock.setTimer(delay, callback),
    blockOn: (promise) => clock.blockOn(promise),
  };
}

import type { CronJob } from '../../kube/api/batch-v1.generated.ts';
import { scheduleOf } from '../controllers/cronjob/cron-time.ts';
import { isDeleting, keyOf } from '../machinery/keys.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** After so many minutes schedules may begin anew: divisors of an hour, of a day, and a day and a week. */
const PERIODS = [1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60, 120, 180, 240, 360, 480, 720, 1440, 10_080];

/** Starts that are looked at ahead: a year of one every five minutes is half as many. */
const MOST_STARTS = 200_000;

/**
 * Until this long after a run nothing is as before it: events last an hour, similar ones are counted together for ten minutes, and
 * an object that had too many gets its allowance of 25 back within 125 minutes.
 */
const AFTERMATH = 3 * HOUR;

/** When the CronJobs of a cluster start their jobs, over and over. */
export interface CronRhythm {
  /** ms after which all starts come again. */
  readonly period: number;
  /** The starts are as the rhythm has it until then, ms since the epoch. */
  readonly until: number;
  /** CronJobs that start something in each period, as `namespace/name`. */
  readonly routine: ReadonlySet<string>;
  /** A moment in each period, as far as can be from the last start: ms since the epoch modulo the period. */
  readonly calm: number;
  /** ms after which what a job has left is gone, and only later ones can be seen. */
  readonly memory: number;
}

interface Starts {
  readonly cronJob: CronJob;
  readonly times: readonly number[];
}

/**
 * The rhythm that lets most of the time from `now` to `until` be passed over; undefined when there is none, or no CronJob.
 */
export function cronRhythm(cronJobs: readonly CronJob[], now: number, until: number): CronRhythm | undefined {
  const active = cronJobs.filter((each) => each.spec?.suspend !== true && !isDeleting(each));
  if (active.length === 0 || until - now < 2 * AFTERMATH) return undefined;
  const { starts, known } = startsOf(active, now, until);
  let best: CronRhythm | undefined;
  let most = 0;
  for (const minutes of PERIODS) {
    const rhythm = rhythmOf(starts, minutes * MINUTE, now, known);
    const gain = rhythm === undefined ? 0 : passable(rhythm, now);
    if (rhythm === undefined || gain <= most) continue;
    best = rhythm;
    most = gain;
  }
  return best;
}

/** ms that remain to be passed over when the rhythm is lived through long enough before and after. */
function passable({ period, until, memory }: CronRhythm, now: number): number {
  return until - now - 2 * memory - 3 * period;
}

function startsOf(
  cronJobs: readonly CronJob[],
  now: number,
  until: number,
): { readonly starts: readonly Starts[]; readonly known: number } {
  let known = until;
  const starts: Starts[] = [];
  for (const cronJob of cronJobs) {
    const times: number[] = [];
    try {
      const schedule = scheduleOf(cronJob);
      for (let at = schedule.next(now); at !== undefined && at < known; at = schedule.next(at)) {
        times.push(at);
        if (times.length * cronJobs.length >= MOST_STARTS) known = at;
      }
    } catch {
      // A schedule that nobody understands starts nothing.
    }
    starts.push({ cronJob, times });
  }
  return { starts, known };
}

function rhythmOf(starts: readonly Starts[], period: number, now: number, known: number): CronRhythm | undefined {
  const routine = new Set<string>();
  const phases = new Set<number>();
  let until = known;
  let memory = AFTERMATH;
  for (const { cronJob, times } of starts) {
    const first = times.filter((at) => at <= now + period);
    until = Math.min(until, firstOutOfStep(times, first, period) ?? known);
    if (first.length === 0) continue;
    routine.add(keyOf(cronJob));
    for (const at of first) phases.add(at % period);
    memory = Math.max(memory, memoryOf(cronJob, period, first.length));
  }
  if (routine.size === 0) return undefined;
  return { period, until, routine, calm: calmOf([...phases], period), memory };
}

/** The first instant at which something starts that does not in the first period, or the other way round. */
function firstOutOfStep(times: readonly number[], first: readonly number[], period: number): number | undefined {
  const { length } = first;
  if (length === 0) return times[0];
  const expectedAt = (i: number): number => (first[i % length] ?? 0) + Math.floor(i / length) * period;
  for (let i = length; i < times.length; i += 1) {
    const expected = expectedAt(i);
    const actual = times[i] ?? 0;
    if (actual !== expected) return Math.min(actual, expected);
  }
  // A schedule that pauses has no start where one is due.
  return expectedAt(times.length);
}

/** How long jobs can be seen: until as many have come after them as are kept. @param starts in a period */
function memoryOf({ spec }: CronJob, period: number, starts: number): number {
  const { successfulJobsHistoryLimit = 3, failedJobsHistoryLimit = 1, jobTemplate } = spec ?? {};
  const kept = Math.max(successfulJobsHistoryLimit, failedJobsHistoryLimit);
  const timeToLive = (jobTemplate?.spec?.ttlSecondsAfterFinished ?? 0) * 1000;
  return Math.max((Math.ceil(kept / starts) + 1) * period, timeToLive + 2 * period);
}

/** Shortly before the end of the longest time without a start. */
function calmOf(phases: number[], period: number): number {
  phases.sort((a, b) => a - b);
  let longest = 0;
  let end = 0;
  phases.forEach((phase, i) => {
    const before = phases[i - 1] ?? (phases.at(-1) ?? 0) - period;
    if (phase - before > longest) {
      longest = phase - before;
      end = phase;
    }
  });
  return (end - 10_000 + period) % period;
}

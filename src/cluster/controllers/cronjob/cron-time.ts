import { type CronSchedule, parseCronSchedule } from '../../../base/cron-schedule.ts';
import { timeZone, UTC } from '../../../base/time-zone.ts';
import type { CronJob } from '../../../kube/api/batch-v1.generated.ts';
import { parseTime } from '../../machinery/time.ts';

/** ms after a due time at which the controller looks, so that it is surely past. */
const DUE_DELAY = 100;
/** More missed times than this are told of in an event. */
const MANY_MISSED = 100;

/** Times are due so often that none can be kept; the message is Kubernetes'. */
export class InvalidScheduleError extends Error {
  constructor() {
    super('time difference between two schedules is less than 1 second');
    this.name = 'InvalidScheduleError';
  }
}

const schedules = new Map<string, CronSchedule>();
const SCHEDULES_LIMIT = 500;

/**
 * The schedule of a CronJob in its time zone.
 *
 * @throws CronSyntaxError
 */
export function scheduleOf(cronJob: CronJob): CronSchedule {
  const { schedule = '', timeZone: zone = '' } = cronJob.spec ?? {};
  const key = `${zone}\n${schedule}`;
  let known = schedules.get(key);
  if (known === undefined) {
    known = parseCronSchedule(schedule, timeZone(zone) ?? UTC);
    if (schedules.size >= SCHEDULES_LIMIT) schedules.clear();
    schedules.set(key, known);
  }
  return known;
}

/** What was due of a CronJob. */
export interface DueTime {
  /** From which instant on due times were counted, ms since the epoch. */
  readonly earliest: number;
  /** The latest instant that was due; undefined: none was, or none was found. */
  readonly latest: number | undefined;
  /** How many were missed, roughly; 0 when at most one was due. */
  readonly missed: number;
}

/**
 * The latest due time that has not been met. Times up to the last run, before the CronJob existed or (`useDeadline`)
 * further back than `startingDeadlineSeconds` do not count. How many were missed is reckoned from the distance of the
 * first two, and only the last of them are looked at; kubernetes: pkg/controller/cronjob/utils.go mostRecentScheduleTime.
 *
 * @throws InvalidScheduleError
 */
export function dueTime(cronJob: CronJob, schedule: CronSchedule, now: number, useDeadline: boolean): DueTime {
  const earliest = earliestTime(cronJob, now, useDeadline);
  const first = schedule.next(earliest);
  // A schedule that never comes, as `59 23 31 2 *`.
  if (first === undefined) throw new InvalidScheduleError();
  if (now < first) return { earliest, latest: undefined, missed: 0 };
  const second = schedule.next(first);
  if (second === undefined || now < second) return { earliest, latest: first, missed: 0 };
  const interval = Math.round((second - first) / 1000);
  if (interval < 1) throw new InvalidScheduleError();
  const missed = Math.floor(Math.floor((now - first) / 1000) / interval) + 1;
  let latest: number | undefined;
  let next = schedule.next(first + (missed - 2) * interval * 1000);
  while (next !== undefined && next <= now) {
    latest = next;
    next = schedule.next(next);
  }
  return { earliest, latest, missed };
}

function earliestTime(cronJob: CronJob, now: number, useDeadline: boolean): number {
  const since = parseTime(cronJob.status?.lastScheduleTime) ?? parseTime(cronJob.metadata.creationTimestamp) ?? now;
  const deadline = cronJob.spec?.startingDeadlineSeconds;
  return useDeadline && deadline !== undefined ? Math.max(since, now - deadline * 1000) : since;
}

/** True when so many runs were missed that something is wrong. */
export function isTooMany(due: DueTime): boolean {
  return due.missed > MANY_MISSED;
}

/** ms until the controller should look at the CronJob again; undefined: never. */
export function delayToNext(cronJob: CronJob, schedule: CronSchedule, now: number): number | undefined {
  const next = schedule.next(lookFrom(cronJob, schedule, now));
  return next === undefined ? undefined : next + DUE_DELAY - now;
}

function lookFrom(cronJob: CronJob, schedule: CronSchedule, now: number): number {
  try {
    const { earliest, latest, missed } = dueTime(cronJob, schedule, now, false);
    return latest ?? (missed === 0 ? earliest : now);
  } catch {
    return now;
  }
}

import { expect, test } from 'vitest';
import { cronRhythm } from '../../../src/cluster/routine/cron-rhythm.ts';
import type { CronJob } from '../../../src/kube/api/batch-v1.generated.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** A Thursday. */
const NOW = Date.UTC(2026, 0, 15, 12, 3, 20);

function cronJobs(schedules: readonly string[], spec?: object): readonly CronJob[] {
  return schedules.map((schedule, i) => ({
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { namespace: 'ns', name: `c${i}` },
    spec: { schedule, jobTemplate: {}, ...spec },
  }));
}

test.each<[schedules: readonly string[], minutes: number, memory: number]>([
  [['*/5 * * * *'], 5, 3 * HOUR],
  [['* * * * *'], 1, 3 * HOUR],
  [['*/5 * * * *', '7 * * * *'], 60, 4 * HOUR],
  [['0 */6 * * *'], 360, DAY],
  [['*/10 * * * *', '0 3 * * *'], 1440, 4 * DAY],
  [['30 9 * * 1-5'], 10_080, 14 * DAY],
  [['*/5 * * * *', 'nonsense'], 5, 3 * HOUR],
])('%j comes again every %d minutes', (schedules, minutes, memory) => {
  const until = NOW + 90 * DAY;
  const rhythm = cronRhythm(cronJobs(schedules), NOW, until);
  expect(rhythm).toMatchObject({ period: minutes * MINUTE, memory, until });
});

test('a rhythm ends before a start that is out of step', () => {
  const monthly = cronRhythm(cronJobs(['*/5 * * * *', '0 0 1 * *']), NOW, NOW + 100 * DAY);
  expect(monthly).toMatchObject({ until: Date.UTC(2026, 1, 1), routine: new Set(['ns/c0']) });
  const berlin = cronRhythm(cronJobs(['0 9 * * *'], { timeZone: 'Europe/Berlin' }), NOW, NOW + 100 * DAY);
  expect(berlin).toMatchObject({ until: Date.UTC(2026, 2, 29, 7) });
});

test('a rhythm ends where a start is due that does not come', () => {
  const rests = cronJobs(['*/10 4-23 * * *']);
  const midnight = Date.UTC(2026, 0, 16);
  expect(cronRhythm(rests, NOW, midnight + 3 * HOUR)).toMatchObject({ period: 10 * MINUTE, until: midnight });
  const days = NOW + 30 * DAY;
  expect(cronRhythm(rests, NOW, days)).toMatchObject({ period: DAY, until: days });
});

test('histories and times to live are remembered', () => {
  const long = { successfulJobsHistoryLimit: 100 };
  expect(cronRhythm(cronJobs(['*/5 * * * *'], long), NOW, NOW + 9 * DAY)?.memory).toBe(101 * 5 * MINUTE);
  const alive = { jobTemplate: { spec: { ttlSecondsAfterFinished: 36_000 } } };
  expect(cronRhythm(cronJobs(['*/5 * * * *'], alive), NOW, NOW + 9 * DAY)?.memory).toBe(10 * HOUR + 10 * MINUTE);
});

test('the calm lies before the start after the longest gap', () => {
  const rhythm = cronRhythm(cronJobs(['0,10,20 * * * *']), NOW, NOW + 9 * DAY);
  expect(rhythm).toMatchObject({ period: HOUR, calm: HOUR - 10_000 });
});

test.each<[string, readonly CronJob[], number]>([
  ['no CronJob', [], 365 * DAY],
  ['suspended ones', cronJobs(['*/5 * * * *'], { suspend: true }), 365 * DAY],
  ['too little time', cronJobs(['*/5 * * * *']), 6 * HOUR],
  ['schedules that do not come again', cronJobs(['0 0 1 * *', '0 0 13 * 5']), 200 * DAY],
])('%s: no rhythm', (_, jobs, duration) => {
  expect(cronRhythm(jobs, NOW, NOW + duration)).toBeUndefined();
});

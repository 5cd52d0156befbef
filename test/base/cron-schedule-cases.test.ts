import { describe, expect, test } from 'vitest';
import { parseCronSchedule } from '../../src/base/cron-schedule.ts';
import { timeZone } from '../../src/base/time-zone.ts';

// Inputs and results of robfig/cron v3: spec_test.go and parser_test.go

/** The next time, as ISO text without seconds of zero. */
function next(spec: string, from: string, zone = ''): string | undefined {
  const instant = parseCronSchedule(spec, timeZone(zone)).next(Date.parse(from));
  return instant === undefined ? undefined : new Date(instant).toISOString();
}

test.each<[string, string, boolean]>([
  ['2012-07-09T15:00Z', '0/15 * * * *', true],
  ['2012-07-09T15:45Z', '0/15 * * * *', true],
  ['2012-07-09T15:40Z', '0/15 * * * *', false],
  ['2012-07-09T15:05Z', '5/15 * * * *', true],
  ['2012-07-09T15:20Z', '5/15 * * * *', true],
  ['2012-07-09T15:50Z', '5/15 * * * *', true],
  ['2012-07-15T15:00Z', '0/15 * * Jul *', true],
  ['2012-07-15T15:00Z', '0/15 * * Jun *', false],
  ['2012-07-15T08:30Z', '30 08 ? Jul Sun', true],
  ['2012-07-15T08:30Z', '30 08 15 Jul ?', true],
  ['2012-07-16T08:30Z', '30 08 ? Jul Sun', false],
  ['2012-07-16T08:30Z', '30 08 15 Jul ?', false],
  ['2012-07-09T15:00Z', '@hourly', true],
  ['2012-07-09T15:04Z', '@hourly', false],
  ['2012-07-09T15:00Z', '@daily', false],
  ['2012-07-09T00:00Z', '@daily', true],
  ['2012-07-09T00:00Z', '@midnight', true],
  ['2012-07-09T00:00Z', '@weekly', false],
  ['2012-07-08T00:00Z', '@weekly', true],
  ['2012-07-08T01:00Z', '@weekly', false],
  ['2012-07-08T00:00Z', '@monthly', false],
  ['2012-07-01T00:00Z', '@monthly', true],
  ['2012-01-01T00:00Z', '@yearly', true],
  ['2012-01-01T00:00Z', '@annually', true],
  // Both days restricted: one of them is enough.
  ['2012-07-15T00:00Z', '* * 1,15 * Sun', true],
  ['2012-06-15T00:00Z', '* * 1,15 * Sun', true],
  ['2012-08-01T00:00Z', '* * 1,15 * Sun', true],
  ['2012-07-15T00:00Z', '* * */10 * Sun', true],
  // One of them a star: both must match.
  ['2012-07-15T00:00Z', '* * * * Mon', false],
  ['2012-07-09T00:00Z', '* * 1,15 * *', false],
  ['2012-07-15T00:00Z', '* * 1,15 * *', true],
  ['2012-07-15T00:00Z', '* * */2 * Sun', true],
])('%s is a time of %s: %s', (time, spec, expected) => {
  const instant = Date.parse(time.replace('Z', ':00Z'));
  expect(parseCronSchedule(spec).next(instant - 1000) === instant).toBe(expected);
});

test.each<[string, string, string | undefined]>([
  ['2012-07-09T14:45:00Z', '0/15 * * * *', '2012-07-09T15:00:00.000Z'],
  ['2012-07-09T14:59:59Z', '0/15 * * * *', '2012-07-09T15:00:00.000Z'],
  ['2012-07-09T15:45:00Z', '20-35/15 * * * *', '2012-07-09T16:20:00.000Z'],
  ['2012-07-09T23:46:00Z', '*/15 * * * *', '2012-07-10T00:00:00.000Z'],
  ['2012-07-09T23:45:00Z', '20-35/15 * * * *', '2012-07-10T00:20:00.000Z'],
  ['2012-07-09T23:35:51Z', '20-35/15 1/2 * * *', '2012-07-10T01:20:00.000Z'],
  ['2012-07-09T23:35:51Z', '20-35/15 10-12 * * *', '2012-07-10T10:20:00.000Z'],
  ['2012-07-09T23:35:51Z', '20-35/15 1/2 */2 * *', '2012-07-11T01:20:00.000Z'],
  ['2012-07-09T23:35:51Z', '20-35/15 * 9-20 * *', '2012-07-10T00:20:00.000Z'],
  ['2012-07-09T23:35:51Z', '20-35/15 * 9-20 Jul *', '2012-07-10T00:20:00.000Z'],
  ['2012-07-09T23:35:00Z', '0 0 9 Apr-Oct ?', '2012-08-09T00:00:00.000Z'],
  ['2012-07-09T23:35:00Z', '0 0 */5 Apr,Aug,Oct Mon', '2012-08-01T00:00:00.000Z'],
  ['2012-07-09T23:35:00Z', '0 0 */5 Oct Mon', '2012-10-01T00:00:00.000Z'],
  ['2012-07-09T23:35:00Z', '0 0 * Feb Mon', '2013-02-04T00:00:00.000Z'],
  ['2012-07-09T23:35:00Z', '0 0 * Feb Mon/2', '2013-02-01T00:00:00.000Z'],
  ['2012-12-31T23:59:45Z', '* * * * *', '2013-01-01T00:00:00.000Z'],
  ['2012-07-09T23:35:00Z', '0 0 29 Feb ?', '2016-02-29T00:00:00.000Z'],
  ['2012-07-09T23:35:00Z', '0 0 30 Feb ?', undefined],
  ['2012-07-09T23:35:00Z', '0 0 31 Apr ?', undefined],
])('after %s, %s', (from, spec, expected) => {
  expect(next(spec, from)).toBe(expected);
});

const NEW_YORK = 'America/New_York';

describe('where clocks are changed', () => {
  test.each<[string, string, string, string]>([
    ['2012-03-11T00:00:00-0500', '30 2 11 Mar ?', '2013-03-11T02:30:00-0400', NEW_YORK],
    ['2012-03-11T00:00:00-0500', '0 * * * ?', '2012-03-11T01:00:00-0500', NEW_YORK],
    ['2012-03-11T01:00:00-0500', '0 * * * ?', '2012-03-11T03:00:00-0400', NEW_YORK],
    ['2012-03-11T03:00:00-0400', '0 * * * ?', '2012-03-11T04:00:00-0400', NEW_YORK],
    ['2012-03-11T04:00:00-0400', '0 * * * ?', '2012-03-11T05:00:00-0400', NEW_YORK],
    ['2012-03-11T00:00:00-0500', '0 1 * * ?', '2012-03-11T01:00:00-0500', NEW_YORK],
    ['2012-03-11T01:00:00-0500', '0 1 * * ?', '2012-03-12T01:00:00-0400', NEW_YORK],
    ['2012-03-11T00:00:00-0500', '0 2 * * ?', '2012-03-12T02:00:00-0400', NEW_YORK],
    ['2012-11-04T00:00:00-0400', '30 2 04 Nov ?', '2012-11-04T02:30:00-0500', NEW_YORK],
    ['2012-11-04T01:45:00-0400', '30 1 04 Nov ?', '2012-11-04T01:30:00-0500', NEW_YORK],
    ['2012-11-04T00:00:00-0400', '0 * * * ?', '2012-11-04T01:00:00-0400', NEW_YORK],
    ['2012-11-04T01:00:00-0400', '0 * * * ?', '2012-11-04T01:00:00-0500', NEW_YORK],
    ['2012-11-04T01:00:00-0500', '0 * * * ?', '2012-11-04T02:00:00-0500', NEW_YORK],
    ['2012-11-04T00:00:00-0400', '0 1 * * ?', '2012-11-04T01:00:00-0400', NEW_YORK],
    ['2012-11-04T01:00:00-0400', '0 1 * * ?', '2012-11-04T01:00:00-0500', NEW_YORK],
    ['2012-11-04T01:00:00-0500', '0 1 * * ?', '2012-11-05T01:00:00-0500', NEW_YORK],
    ['2012-11-04T00:00:00-0400', '0 2 * * ?', '2012-11-04T02:00:00-0500', NEW_YORK],
    ['2012-11-04T02:00:00-0500', '0 2 * * ?', '2012-11-05T02:00:00-0500', NEW_YORK],
    ['2012-11-04T00:00:00-0400', '0 3 * * ?', '2012-11-04T03:00:00-0500', NEW_YORK],
    ['2012-11-04T03:00:00-0500', '0 3 * * ?', '2012-11-05T03:00:00-0500', NEW_YORK],
    ['2012-11-04T00:00:00-0400', '0 3 3 * ?', '2012-12-03T03:00:00-0500', NEW_YORK],
    ['2018-10-17T05:00:00-0400', '0 9 10 * ?', '2018-11-10T06:00:00-0500', 'America/Sao_Paulo'],
    ['2018-02-14T05:00:00-0500', '0 9 22 * ?', '2018-02-22T07:00:00-0500', 'America/Sao_Paulo'],
    ['2016-01-03T13:09:03+0530', '14 14 * * *', '2016-01-03T14:14:00+0530', 'Asia/Kolkata'],
    ['2016-01-03T04:09:03+0530', '14 14 * * ?', '2016-01-03T14:14:00+0530', 'Asia/Kolkata'],
    ['2016-01-03T14:09:03+0530', '14 14 * * *', '2016-01-03T14:14:00+0530', 'Asia/Kolkata'],
  ])('after %s, %s', (from, spec, expected, zone) => {
    const iso = (text: string): string => text.replace(/(\d\d)(\d\d)$/, '$1:$2');
    const instant = new Date(iso(expected)).toISOString();
    expect(next(spec, iso(from), zone)).toBe(instant);
    for (const prefix of ['TZ', 'CRON_TZ']) expect(next(`${prefix}=${zone} ${spec}`, iso(from))).toBe(instant);
  });
});

test.each<[string, string]>([
  ['xyz', 'expected exactly 5 fields'],
  ['60 0 * * *', 'above maximum'],
  ['0 60 * * *', 'above maximum'],
  ['0 0 * * XYZ', 'failed to parse int from'],
  ['5--5 * * * *', 'too many hyphens'],
  ['* * * jan-x *', 'failed to parse int from'],
  ['2-x * * * *', 'failed to parse int from'],
  ['*/-12 * * * *', 'negative number'],
  ['*//2 * * * *', 'too many slashes'],
  ['* * 0 * *', 'below minimum'],
  ['* 5 j * *', 'failed to parse int from'],
  ['@every Xm', 'failed to parse duration'],
  ['@unrecognized', 'unrecognized descriptor'],
  ['* * * *', 'expected exactly 5 fields'],
  ['', 'empty spec string'],
  ['TZ=America/New_York 15/0 * * * *', 'should be a positive number'],
])('%j is refused: %s', (spec, message) => {
  expect(() => parseCronSchedule(spec)).toThrow(message);
});

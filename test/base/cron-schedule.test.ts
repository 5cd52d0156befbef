import { describe, expect, test } from 'vitest';
import { CronSyntaxError, parseCronSchedule } from '../../src/base/cron-schedule.ts';
import { timeZone, UTC } from '../../src/base/time-zone.ts';
import { fc } from '../support/property.ts';

function after(spec: string, from: string, zone = 'UTC'): string | undefined {
  const next = parseCronSchedule(spec, timeZone(zone)).next(Date.parse(from));
  return next === undefined ? undefined : new Date(next).toISOString();
}

describe('next', () => {
  test.each([
    ['*/5 * * * *', '2026-01-01T00:00:00Z', '2026-01-01T00:05:00.000Z'],
    ['*/5 * * * *', '2026-01-01T00:04:59.999Z', '2026-01-01T00:05:00.000Z'],
    ['*/15 * * * *', '2012-07-09T23:46:00Z', '2012-07-10T00:00:00.000Z'],
    ['20-35/15 * * * *', '2012-07-09T14:45:00Z', '2012-07-09T15:20:00.000Z'],
    ['15/35 20-23/15 * * *', '2012-07-09T23:46:00Z', '2012-07-10T20:15:00.000Z'],
    ['0 0 * Feb Mon', '2012-07-09T23:35:00Z', '2013-02-04T00:00:00.000Z'],
    ['0 0 29 Feb ?', '2012-07-09T23:35:00Z', '2016-02-29T00:00:00.000Z'],
    ['0 0 13 * fri', '2026-01-01T00:00:00Z', '2026-01-02T00:00:00.000Z'],
    ['0 0 */2 * fri', '2026-01-01T00:00:00Z', '2026-01-02T00:00:00.000Z'],
    ['@hourly', '2026-01-01T00:30:00Z', '2026-01-01T01:00:00.000Z'],
    ['@weekly', '2026-01-01T00:30:00Z', '2026-01-04T00:00:00.000Z'],
    ['@every 1h30m', '2026-01-01T00:30:00.700Z', '2026-01-01T02:00:00.000Z'],
    ['@every 10ms', '2026-01-01T00:30:00.700Z', '2026-01-01T00:30:01.000Z'],
    ['0 0 30 Feb ?', '2012-07-09T23:35:00Z', undefined],
    ['0 0 31 Apr ?', '2012-07-09T23:35:00Z', undefined],
    ['TZ=Asia/Tokyo 0 6 * * *', '2026-01-01T00:00:00Z', '2026-01-01T21:00:00.000Z'],
    ['CRON_TZ=UTC 0 6 * * *', '2026-01-01T00:00:00Z', '2026-01-01T06:00:00.000Z'],
  ])('%s after %s', (spec, from, expected) => {
    expect(after(spec, from)).toBe(expected);
  });

  test.each([
    // A local time that does not exist is passed over.
    ['30 2 11 Mar ?', '2012-03-11T05:00:00Z', 'America/New_York', '2013-03-11T06:30:00.000Z'],
    ['0 2 * * *', '2012-03-11T05:00:00Z', 'America/New_York', '2012-03-12T06:00:00.000Z'],
    ['0 * * * ?', '2012-03-11T06:00:00Z', 'America/New_York', '2012-03-11T07:00:00.000Z'],
    // One that exists twice is due twice.
    ['30 1 4 Nov ?', '2012-11-04T04:00:00Z', 'America/New_York', '2012-11-04T05:30:00.000Z'],
    ['30 1 4 Nov ?', '2012-11-04T05:30:00Z', 'America/New_York', '2012-11-04T06:30:00.000Z'],
    // No midnight at all.
    ['0 0 * * ?', '2018-11-03T12:00:00Z', 'America/Sao_Paulo', '2018-11-05T02:00:00.000Z'],
    ['0 1 4 Nov ?', '2018-11-01T12:00:00Z', 'America/Sao_Paulo', '2018-11-04T03:00:00.000Z'],
    // Clocks go back by half an hour: the search counts whole hours on, comes to 00:30 and misses that midnight, as robfig's does.
    ['0 0 * * *', '2026-04-04T13:00:00Z', 'Australia/Lord_Howe', '2026-04-06T13:30:00.000Z'],
    ['0 9 * * *', '2026-06-01T00:00:00Z', 'Asia/Kolkata', '2026-06-01T03:30:00.000Z'],
    ['0 2 * * *', '2026-03-28T12:00:00Z', 'Europe/Berlin', '2026-03-30T00:00:00.000Z'],
  ])('%s after %s in %s', (spec, from, zone, expected) => {
    expect(after(spec, from, zone)).toBe(expected);
  });
});

describe('syntax', () => {
  test.each([
    ['', 'empty spec string'],
    ['* * * *', 'expected exactly 5 fields, found 4: [* * * *]'],
    ['* * * * * *', 'expected exactly 5 fields, found 6: [* * * * * *]'],
    ['60 * * * *', 'end of range (60) above maximum (59): 60'],
    ['* * 0 * *', 'beginning of range (0) below minimum (1): 0'],
    ['5-3 * * * *', 'beginning of range (5) beyond end of range (3): 5-3'],
    ['*/0 * * * *', 'step of range should be a positive number: */0'],
    ['1-2-3 * * * *', 'too many hyphens: 1-2-3'],
    ['1/2/3 * * * *', 'too many slashes: 1/2/3'],
    ['x * * * *', 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax'],
    ['@nope', 'unrecognized descriptor: @nope'],
    ['@every x', 'failed to parse duration @every x: time: invalid duration "x"'],
    ['TZ=Nowhere/At_All * * * * *', 'provided bad location Nowhere/At_All: unknown time zone Nowhere/At_All'],
  ])('%j is refused', (spec, message) => {
    expect(() => parseCronSchedule(spec)).toThrow(new CronSyntaxError(message));
  });

  test('zones', () => {
    expect(timeZone('')).toBe(UTC);
    expect(timeZone('Europe/Berlin')?.name).toBe('Europe/Berlin');
    expect(timeZone('europe/berlin')).toBeUndefined();
    expect(timeZone('+05:30')).toBeUndefined();
    expect(timeZone('Mars/Olympus_Mons')).toBeUndefined();
  });
});

/** All minutes that match, looked at one by one. */
function naive(spec: string, from: number, zone: string, limit: number): number | undefined {
  const place = timeZone(zone) ?? UTC;
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = spec.split(' ');
  const has = (field: string, value: number, min: number, max: number): boolean =>
    field.split(',').some((part) => {
      const [span = '', step = '1'] = part.split('/');
      const [low = '', high] = span.split('-');
      const start = low === '*' ? min : Number(low);
      const end = low === '*' || (high === undefined && part.includes('/')) ? max : Number(high ?? low);
      return value >= start && value <= end && (value - start) % Number(step) === 0;
    });
  const stars = `${day},${weekday}`.split(',').some((part) => part === '*' || part === '*/1');
  for (let t = Math.floor(from / 60_000) * 60 + 60; t < from / 1000 + limit; t += 60) {
    const local = new Date((t + place.offsetAt(t)) * 1000);
    if (!has(minute, local.getUTCMinutes(), 0, 59) || !has(hour, local.getUTCHours(), 0, 23)) continue;
    if (!has(month, local.getUTCMonth() + 1, 1, 12)) continue;
    const byDay = has(day, local.getUTCDate(), 1, 31);
    const byWeekday = has(weekday, local.getUTCDay(), 0, 6);
    if (stars ? byDay && byWeekday : byDay || byWeekday) return t * 1000;
  }
  return undefined;
}

test('agrees with looking at every minute', () => {
  const field = (min: number, max: number): fc.Arbitrary<string> => {
    const value = fc.integer({ min, max });
    const range = fc.tuple(value, value).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`);
    const step = fc.integer({ min: 1, max: 7 });
    const part = fc.oneof(
      value.map(String),
      range,
      fc.tuple(fc.oneof(fc.constant('*'), range, value.map(String)), step).map(([a, b]) => `${a}/${b}`),
    );
    return fc.oneof(
      fc.constant('*'),
      part,
      fc.tuple(part, part).map(([a, b]) => `${a},${b}`),
    );
  };
  const spec = fc
    .tuple(field(0, 59), field(0, 23), field(1, 31), fc.constant('*'), field(0, 6))
    .map((fields) => fields.join(' '));
  // Zones that change their clocks by an hour, at other times than midnight.
  const zone = fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Pacific/Auckland', 'Asia/Kolkata');
  const from = fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2026, 11, 31) });
  const limit = 20 * 86_400;
  fc.assert(
    fc.property(spec, zone, from, (text, name, start) => {
      const expected = naive(text, start, name, limit);
      const actual = parseCronSchedule(text, timeZone(name)).next(start);
      if (expected !== undefined) expect(actual).toBe(expected);
      else expect(actual === undefined || actual >= start + limit * 1000).toBe(true);
    }),
    { numRuns: 150 },
  );
});

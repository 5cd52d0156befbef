import { civilFromSeconds, daysFromCivil, daysInMonth, weekdayOf } from './calendar.ts';
import type { ZoneRule } from './location.ts';

const DAY = 86_400;

/** The rules of a POSIX `TZ` text such as `CET-1CEST,M3.5.0,M10.5.0/3`. */
export interface PosixZone {
  readonly standard: ZoneRule;
  readonly daylight: ZoneRule | undefined;
  at(seconds: number): ZoneRule;
}

const NAME = '(<[^>]+>|[A-Za-z]{3,})';
const TIME = '([+-]?[0-9]{1,3}(?::[0-9]{2}){0,2})';
const ZONE = new RegExp(`^${NAME}${TIME}(?:${NAME}${TIME}?(?:,([^,/]+)(?:/${TIME})?,([^,/]+)(?:/${TIME})?)?)?$`);

/** Parses a POSIX `TZ` text; undefined if it is empty or not understood. */
export function parsePosixZone(text: string): PosixZone | undefined {
  const match = ZONE.exec(text);
  if (match === null) return undefined;
  const [, name = '', west = '', daylightName, daylightWest, startDay, startTime, endDay, endTime] = match;
  const standard: ZoneRule = { abbreviation: unquote(name), offset: -parseTime(west), daylight: false };
  if (daylightName === undefined) return { standard, daylight: undefined, at: () => standard };
  const daylight: ZoneRule = {
    abbreviation: unquote(daylightName),
    offset: daylightWest === undefined ? standard.offset + 3600 : -parseTime(daylightWest),
    daylight: true,
  };
  const start = parseRule(startDay ?? 'M3.2.0', startTime);
  const end = parseRule(endDay ?? 'M11.1.0', endTime);
  const at = (seconds: number): ZoneRule => {
    const { year } = civilFromSeconds(seconds + standard.offset);
    const from = start(year) - standard.offset;
    const to = end(year) - daylight.offset;
    const inside = from < to ? seconds >= from && seconds < to : seconds >= from || seconds < to;
    return inside ? daylight : standard;
  };
  return { standard, daylight, at };
}

function unquote(name: string): string {
  return name.startsWith('<') ? name.slice(1, -1) : name;
}

/** Seconds of `[+-]hh[:mm[:ss]]`. */
function parseTime(text: string): number {
  const negative = text.startsWith('-');
  const [hours = 0, minutes = 0, seconds = 0] = text.replace(/^[+-]/, '').split(':').map(Number);
  const value = hours * 3600 + minutes * 60 + seconds;
  return negative ? -value : value;
}

/** The local time, in seconds as if it were UTC, at which a rule's change happens in a year. */
function parseRule(day: string, time = '2'): (year: number) => number {
  const seconds = parseTime(time);
  if (day.startsWith('M')) {
    const [month = 1, week = 1, weekday = 0] = day.slice(1).split('.').map(Number);
    return (year) => nthWeekday(year, { month, week, weekday }) * DAY + seconds;
  }
  const withoutLeapDay = day.startsWith('J');
  const number = Number(withoutLeapDay ? day.slice(1) : day);
  return (year) => {
    const leap = daysInMonth(year, 2) === 29;
    const offset = withoutLeapDay ? number - 1 + (leap && number >= 60 ? 1 : 0) : number;
    return (daysFromCivil(year, 1, 1) + offset) * DAY + seconds;
  };
}

interface WeekdayRule {
  readonly month: number;
  /** 1 to 4; 5 is the last one of the month. */
  readonly week: number;
  readonly weekday: number;
}

function nthWeekday(year: number, { month, week, weekday }: WeekdayRule): number {
  const first = daysFromCivil(year, month, 1);
  const ahead = (weekday - weekdayOf(first) + 7) % 7;
  let day = ahead + (week - 1) * 7;
  if (day >= daysInMonth(year, month)) day -= 7;
  return first + day;
}

import { goQuote } from '../base/go-quote.ts';
import { quoteCharacter } from './formats-text.ts';

const UNITS = ['YMD', 'HMS'];

/** RFC 3339, appendix A: `P3DT4H`, `P2W`. */
export function validateDuration(text: string): string | undefined {
  if (!text.startsWith('P')) return 'must start with P';
  const body = text.slice(1);
  if (body === '') return 'nothing after P';
  if (body.endsWith('W')) {
    const weeks = body.slice(0, -1);
    if (weeks === '') return 'no number in week';
    return /^\d+$/.test(weeks) ? undefined : 'invalid week';
  }
  for (const [i, part] of body.split('T').entries()) {
    if (i !== 0 && part === '') return 'no time elements';
    const units = UNITS[i];
    if (units === undefined) return 'more than one T';
    const fault = elementsFault(part, units);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function elementsFault(text: string, all: string): string | undefined {
  let units = all;
  let rest = text;
  while (rest !== '') {
    const digits = /^\d*/.exec(rest)?.[0] ?? '';
    if (digits === '') return 'missing number';
    const unit = rest.charAt(digits.length);
    if (unit === '') return 'missing unit';
    const at = units.indexOf(unit);
    if (at === -1) {
      const shown = quoteCharacter(unit);
      return all.includes(unit) ? `unit ${shown} out of order` : `invalid unit ${shown}`;
    }
    units = units.slice(at + 1);
    rest = rest.slice(digits.length + 1);
  }
  return undefined;
}

/** Two ends, or one end and a duration. */
export function validatePeriod(text: string): string | undefined {
  const slash = text.indexOf('/');
  if (slash === -1) return 'missing slash';
  const start = text.slice(0, slash);
  const end = text.slice(slash + 1);
  const startFault = start.startsWith('P') ? validateDuration(start) : validateDateTime(start);
  if (startFault !== undefined) {
    return `invalid start ${start.startsWith('P') ? 'duration' : 'date-time'}: ${startFault}`;
  }
  const endIsDuration = !start.startsWith('P') && end.startsWith('P');
  const endFault = endIsDuration ? validateDuration(end) : validateDateTime(end);
  return endFault === undefined ? undefined : `invalid end ${endIsDuration ? 'duration' : 'date-time'}: ${endFault}`;
}

/** `2026-01-31`; the messages are those of Go's time.Parse. */
export function validateDate(text: string): string | undefined {
  const prefix = `parsing time ${goQuote(text)}`;
  const cannot = (rest: string, element: string): string =>
    `${prefix} as "2006-01-02": cannot parse ${goQuote(rest)} as ${goQuote(element)}`;
  if (!/^\d{4}/.test(text)) return cannot(text, '2006');
  const steps: readonly (readonly [number, string, RegExp])[] = [
    [4, '-', /^-/],
    [5, '01', /^\d\d/],
    [7, '-', /^-/],
    [8, '02', /^\d\d/],
  ];
  for (const [at, element, expected] of steps) {
    const rest = text.slice(at);
    if (!expected.test(rest)) return cannot(rest, element);
    if (element === '01' && !inRange(Number(rest.slice(0, 2)), 1, 12)) return `${prefix}: month out of range`;
  }
  if (text.length > 10) return `${prefix}: extra text: ${goQuote(text.slice(10))}`;
  const [year = 0, month = 0, day = 0] = text.split('-').map(Number);
  return inRange(day, 1, daysIn(year, month)) ? undefined : `${prefix}: day out of range`;
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

function inRange(value: number, low: number, high: number): boolean {
  return value >= low && value <= high;
}

/** RFC 3339: `12:30:00.5+02:00`. */
export function validateTime(text: string): string | undefined {
  if (text.length < 9) return 'less than 9 characters long';
  if (text[2] !== ':' || text[5] !== ':') return 'missing colon in correct place';
  const clock = text.slice(0, 8).split(':').map(toInteger);
  if (clock.includes(undefined)) return 'invalid hour/min/sec';
  const [hour = 0, minute = 0, second = 0] = clock;
  if (Math.min(hour, minute, second) < 0) return 'non-positive hour/min/sec';
  if (hour > 23 || minute > 59 || second > 60) return 'hour/min/sec out of range';
  let rest = text.slice(8);
  if (rest.startsWith('.')) {
    const digits = /^\.(\d*)/.exec(rest)?.[1] ?? '';
    if (digits === '') return 'no digits in second fraction';
    rest = rest.slice(digits.length + 1);
  }
  let minutes = hour * 60 + minute;
  if (rest !== 'z' && rest !== 'Z') {
    const offset = parseOffset(rest);
    if (typeof offset === 'string') return offset;
    minutes -= offset;
    if (minutes < 0) minutes += 24 * 60;
  }
  // A leap second is the last of a day in UTC.
  return second >= 60 && minutes !== 23 * 60 + 59 ? 'invalid leap second' : undefined;
}

/** Minutes of an offset such as `+02:00`, or what is wrong with it. */
function parseOffset(text: string): number | string {
  if (text.length !== 6) return 'offset must be 6 characters long';
  const sign = text.charAt(0);
  if (sign !== '+' && sign !== '-') return 'offset must begin with plus/minus';
  if (text[3] !== ':') return 'missing colon in offset in correct place';
  const [hour, minute] = text.slice(1).split(':', 2).map(toInteger);
  if (hour === undefined || minute === undefined) return 'invalid hour/min in offset';
  if (hour < 0 || minute < 0) return 'non-positive hour/min in offset';
  if (hour > 23 || minute > 59) return 'hour/min in offset out of range';
  return (sign === '+' ? 1 : -1) * (hour * 60 + minute);
}

function toInteger(text: string): number | undefined {
  return /^[-+]?\d+$/.test(text) ? Number(text) : undefined;
}

/** RFC 3339. */
export function validateDateTime(text: string): string | undefined {
  if (text.length < 20) return 'less than 20 characters long';
  if (text[10] !== 't' && text[10] !== 'T') return '11th character must be t or T';
  const date = validateDate(text.slice(0, 10));
  if (date !== undefined) return `invalid date element: ${date}`;
  const time = validateTime(text.slice(11));
  return time === undefined ? undefined : `invalid time element: ${time}`;
}

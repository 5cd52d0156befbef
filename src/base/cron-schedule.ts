import { parseDuration } from './duration.ts';
import { type TimeZone, timeZone, UTC } from './time-zone.ts';

/** When something is due again and again; robfig/cron v3, whose rules Kubernetes' CronJobs follow. */
export interface CronSchedule {
  /** The first instant after `after` that is due; both ms since the epoch. Undefined when none comes within five years. */
  next(after: number): number | undefined;
}

/** A text that is no schedule; the message is that of robfig/cron. */
export class CronSyntaxError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'CronSyntaxError';
  }
}

interface Bounds {
  readonly min: number;
  readonly max: number;
  readonly names: readonly string[];
}

/** The values of a field: `values[n]` is true when n is due; `star` when the field does not restrict. */
interface Field {
  readonly values: readonly boolean[];
  readonly star: boolean;
}

const MONTH_NAMES = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAY_NAMES = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

const MINUTES: Bounds = { min: 0, max: 59, names: [] };
const HOURS: Bounds = { min: 0, max: 23, names: [] };
const DAYS: Bounds = { min: 1, max: 31, names: [] };
const MONTHS: Bounds = { min: 1, max: 12, names: MONTH_NAMES };
const WEEKDAYS: Bounds = { min: 0, max: 6, names: DAY_NAMES };

const DESCRIPTORS = new Map([
  ['@yearly', '0 0 1 1 *'],
  ['@annually', '0 0 1 1 *'],
  ['@monthly', '0 0 1 * *'],
  ['@weekly', '0 0 * * 0'],
  ['@daily', '0 0 * * *'],
  ['@midnight', '0 0 * * *'],
  ['@hourly', '0 * * * *'],
]);

/**
 * Reads five fields (minute, hour, day of month, month, day of week), `@hourly` and the like, or `@every 1h30m`; a prefix
 * `TZ=Europe/Berlin ` or `CRON_TZ=…` names the zone, else it is `zone`. robfig/cron: parser.go ParseStandard
 *
 * @throws CronSyntaxError
 */
export function parseCronSchedule(text: string, zone: TimeZone = UTC): CronSchedule {
  if (text === '') throw new CronSyntaxError('empty spec string');
  const prefix = /^(?:CRON_)?TZ=(\S*)\s+(.*)$/s.exec(text);
  if (prefix === null && /^(?:CRON_)?TZ=/.test(text)) throw new CronSyntaxError('provided bad location');
  let spec = text;
  let place = zone;
  if (prefix !== null) {
    const name = prefix[1] ?? '';
    const named = timeZone(name);
    if (named === undefined) throw new CronSyntaxError(`provided bad location ${name}: unknown time zone ${name}`);
    place = named;
    spec = (prefix[2] ?? '').trim();
  }
  if (spec.startsWith('@')) return parseDescriptor(spec, place);
  const fields = spec.split(/\s+/).filter((field) => field !== '');
  const [minute, hour, day, month, weekday, ...rest] = fields;
  if (minute === undefined || hour === undefined || day === undefined || month === undefined) throw fieldCount(fields);
  if (weekday === undefined || rest.length > 0) throw fieldCount(fields);
  return new FieldSchedule(
    {
      minute: parseField(minute, MINUTES),
      hour: parseField(hour, HOURS),
      day: parseField(day, DAYS),
      month: parseField(month, MONTHS),
      weekday: parseField(weekday, WEEKDAYS),
    },
    place,
  );
}

function fieldCount(fields: readonly string[]): CronSyntaxError {
  return new CronSyntaxError(`expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`);
}

function parseDescriptor(text: string, zone: TimeZone): CronSchedule {
  const fields = DESCRIPTORS.get(text);
  if (fields !== undefined) return parseCronSchedule(fields, zone);
  if (text.startsWith('@every ')) {
    const duration = text.slice('@every '.length);
    const delay = /d/.test(duration) ? undefined : parseDuration(duration);
    if (delay === undefined) {
      throw new CronSyntaxError(`failed to parse duration ${text}: time: invalid duration ${JSON.stringify(duration)}`);
    }
    return every(delay);
  }
  throw new CronSyntaxError(`unrecognized descriptor: ${text}`);
}

/** Whole seconds, at least one. */
function every(delay: number): CronSchedule {
  const period = Math.max(1000, Math.floor(delay / 1000) * 1000);
  return { next: (after) => Math.floor(after / 1000) * 1000 + period };
}

function parseField(text: string, bounds: Bounds): Field {
  const values = Array.from({ length: bounds.max + 1 }, () => false);
  let star = false;
  for (const part of text.split(',')) {
    if (part === '') continue;
    const range = parseRange(part, bounds);
    for (let value = range.start; value <= range.end; value += range.step) values[value] = true;
    star ||= range.star;
  }
  return { values, star };
}

interface Range {
  readonly start: number;
  readonly end: number;
  readonly step: number;
  readonly star: boolean;
}

function parseRange(text: string, bounds: Bounds): Range {
  const [span = '', stepText, ...moreSlashes] = text.split('/');
  const [low = '', high, ...moreHyphens] = span.split('-');
  const any = low === '*' || low === '?';
  if (!any && moreHyphens.length > 0) throw new CronSyntaxError(`too many hyphens: ${text}`);
  const start = any ? bounds.min : parseValue(low, bounds);
  let end = any ? bounds.max : high === undefined ? start : parseValue(high, bounds);
  if (moreSlashes.length > 0) throw new CronSyntaxError(`too many slashes: ${text}`);
  const step = stepText === undefined ? 1 : parseNumber(stepText);
  // `N/step` means from N to the end.
  if (stepText !== undefined && high === undefined) end = bounds.max;
  if (start < bounds.min) {
    throw new CronSyntaxError(`beginning of range (${start}) below minimum (${bounds.min}): ${text}`);
  }
  if (end > bounds.max) throw new CronSyntaxError(`end of range (${end}) above maximum (${bounds.max}): ${text}`);
  if (start > end) {
    throw new CronSyntaxError(`beginning of range (${start}) beyond end of range (${end}): ${text}`);
  }
  if (step === 0) throw new CronSyntaxError(`step of range should be a positive number: ${text}`);
  return { start, end, step, star: any && step === 1 };
}

function parseValue(text: string, bounds: Bounds): number {
  const named = bounds.names.indexOf(text.toLowerCase());
  return named === -1 ? parseNumber(text) : named + bounds.min;
}

function parseNumber(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) {
    throw new CronSyntaxError(
      `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`,
    );
  }
  const value = Number(text);
  if (!Number.isSafeInteger(value)) {
    throw new CronSyntaxError(
      `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: value out of range`,
    );
  }
  if (value < 0) throw new CronSyntaxError(`negative number (${value}) not allowed: ${text}`);
  return value;
}

const MINUTE = 60;
const HOUR = 3600;
const YEARS = 5;

/** The five fields of a schedule. */
interface Fields {
  readonly minute: Field;
  readonly hour: Field;
  readonly day: Field;
  readonly month: Field;
  readonly weekday: Field;
}

/**
 * Finds instants field by field, from the month down; where a field runs over, the larger ones are looked at again.
 * Where clocks are set forward, local times that do not exist are passed over; where they are set back, those that exist
 * twice are due twice. robfig/cron: spec.go Next
 */
class FieldSchedule implements CronSchedule {
  readonly #fields: Fields;
  readonly #zone: TimeZone;

  constructor(fields: Fields, zone: TimeZone) {
    this.#fields = fields;
    this.#zone = zone;
  }

  next(after: number): number | undefined {
    // The next whole second; then the next whole minute, as seconds are always 0.
    let instant = Math.floor(after / 1000) + 1;
    const intoMinute = mod(instant + this.#zone.offsetAt(instant), MINUTE);
    if (intoMinute !== 0) instant += MINUTE - intoMinute;
    const search = new Search(this.#zone, instant);
    const lastYear = search.local.getUTCFullYear() + YEARS;
    while (search.local.getUTCFullYear() <= lastYear) {
      if (this.#settle(search)) return search.instant * 1000;
    }
    return undefined;
  }

  /** Goes on to the first match without looking back; false when a field ran over and the search begins again. */
  #settle(search: Search): boolean {
    const { minute, hour, month } = this.#fields;
    while (month.values[search.local.getUTCMonth() + 1] !== true) {
      if (search.nextMonth()) return false;
    }
    while (!this.#dayMatches(search.local)) {
      if (search.nextDay()) return false;
    }
    while (hour.values[search.local.getUTCHours()] !== true) {
      if (search.nextHour()) return false;
    }
    while (minute.values[search.local.getUTCMinutes()] !== true) {
      if (search.nextMinute()) return false;
    }
    return true;
  }

  #dayMatches(local: Date): boolean {
    const { day, weekday } = this.#fields;
    const dayMatches = day.values[local.getUTCDate()] === true;
    const weekdayMatches = weekday.values[local.getUTCDay()] === true;
    return day.star || weekday.star ? dayMatches && weekdayMatches : dayMatches || weekdayMatches;
  }
}

/** An instant that is moved on unit by unit; each step tells whether its unit ran over into the next larger one. */
class Search {
  readonly #zone: TimeZone;
  /** Seconds since the epoch. */
  instant: number;
  /** The local time, as if it were UTC. */
  local: Date;
  /** True once the smaller units are at their beginning. */
  #moved = false;

  constructor(zone: TimeZone, instant: number) {
    this.#zone = zone;
    this.instant = instant;
    this.local = new Date((instant + zone.offsetAt(instant)) * 1000);
  }

  nextMonth(): boolean {
    this.#restart((local) => this.#find(local.getUTCFullYear(), local.getUTCMonth(), 1));
    const { local } = this;
    const hour = local.getUTCHours();
    this.#move(this.#find(local.getUTCFullYear(), local.getUTCMonth() + 1, local.getUTCDate(), hour));
    return this.local.getUTCMonth() === 0;
  }

  nextDay(): boolean {
    this.#restart((local) => this.#find(local.getUTCFullYear(), local.getUTCMonth(), local.getUTCDate()));
    const { local } = this;
    const kept = local.getUTCHours();
    this.#move(this.#find(local.getUTCFullYear(), local.getUTCMonth(), local.getUTCDate() + 1, kept));
    // Some places change their clocks at midnight.
    const hour = this.local.getUTCHours();
    if (hour !== 0) this.#move(this.instant + (hour > 12 ? 24 - hour : -hour) * HOUR);
    return this.local.getUTCDate() === 1;
  }

  nextHour(): boolean {
    this.#restart((local) =>
      this.#find(local.getUTCFullYear(), local.getUTCMonth(), local.getUTCDate(), local.getUTCHours()),
    );
    this.#move(this.instant + HOUR);
    return this.local.getUTCHours() === 0;
  }

  nextMinute(): boolean {
    this.#moved = true;
    this.#move(this.instant + MINUTE);
    return this.local.getUTCMinutes() === 0;
  }

  #restart(beginning: (local: Date) => number): void {
    if (this.#moved) return;
    this.#moved = true;
    this.#move(beginning(this.local));
  }

  #move(instant: number): void {
    this.instant = instant;
    this.local = new Date((instant + this.#zone.offsetAt(instant)) * 1000);
  }

  /** The instant of a local time, as Go's time.Date finds it. */
  #find(year: number, month: number, day: number, hour = 0): number {
    const local = Date.UTC(year, month, day, hour) / 1000;
    const offset = this.#zone.offsetAt(local);
    if (offset === 0) return local;
    const guess = local - offset;
    const there = this.#zone.offsetAt(guess);
    return there === offset ? guess : local - there;
  }
}

function mod(value: number, by: number): number {
  return ((value % by) + by) % by;
}

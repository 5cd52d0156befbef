import { daysInMonth, MONTHS, secondsFromCivil, WEEKDAYS } from './calendar.ts';
import { quoteTime } from './duration.ts';
import { GoTime } from './go-time.ts';
import { parseLayout, type ChunkKind, type LayoutChunk } from './layout.ts';
import { fixedZone, localToInstant, UTC, type Location } from './location.ts';

/** What has been read so far; -1 where nothing was. */
interface Fields {
  year: number;
  month: number;
  day: number;
  yearDay: number;
  hour: number;
  minute: number;
  second: number;
  nanoseconds: number;
  half: 'am' | 'pm' | undefined;
  utc: boolean;
  offset: number | undefined;
  zoneName: string;
}

/** A field that cannot be read; the caller words the error. */
class Unreadable extends Error {}

/** A field out of its range. */
class OutOfRange extends Error {}

/**
 * time.ParseInLocation. Throws an Error with Go's text, such as
 * `parsing time "x" as "2006": cannot parse "x" as "2006"`.
 */
export function parseTime(layout: string, value: string, location: Location): GoTime {
  const fields: Fields = {
    year: 0,
    month: -1,
    day: -1,
    yearDay: -1,
    hour: 0,
    minute: 0,
    second: 0,
    nanoseconds: 0,
    half: undefined,
    utc: false,
    offset: undefined,
    zoneName: '',
  };
  const reader = new Reader(value, fields);
  const chunks = parseLayout(layout);
  chunks.forEach((chunk, index) => {
    const before = reader.rest;
    try {
      reader.read(chunk, chunks[index + 1]?.kind);
    } catch (error) {
      if (error instanceof OutOfRange) throw failure(value, `: ${error.message} out of range`);
      const place = chunk.kind === 'literal' ? reader.rest : before;
      throw new Error(
        `parsing time ${quoteTime(value)} as ${quoteTime(layout)}: cannot parse ${quoteTime(place)} as ${quoteTime(chunk.text)}`,
        { cause: error },
      );
    }
  });
  if (reader.rest !== '') throw failure(value, `: extra text: ${quoteTime(reader.rest)}`);
  if (fields.half === 'pm' && fields.hour < 12) fields.hour += 12;
  else if (fields.half === 'am' && fields.hour === 12) fields.hour = 0;
  resolveDay(fields, value);
  return toTime(fields, location);
}

function failure(value: string, message: string): Error {
  return new Error(`parsing time ${quoteTime(value)}${message}`);
}

function resolveDay(fields: Fields, value: string): void {
  if (fields.yearDay >= 0) {
    const leap = daysInMonth(fields.year, 2) === 29;
    if (fields.yearDay < 1 || fields.yearDay > (leap ? 366 : 365)) throw failure(value, ': day-of-year out of range');
    let month = 1;
    let day = fields.yearDay;
    while (day > daysInMonth(fields.year, month)) {
      day -= daysInMonth(fields.year, month);
      month += 1;
    }
    if (fields.month >= 0 && fields.month !== month) throw failure(value, ': day-of-year does not match month');
    if (fields.day >= 0 && fields.day !== day) throw failure(value, ': day-of-year does not match day');
    fields.month = month;
    fields.day = day;
  }
  if (fields.month < 0) fields.month = 1;
  if (fields.day < 0) fields.day = 1;
  if (fields.day < 1 || fields.day > daysInMonth(fields.year, fields.month)) throw failure(value, ': day out of range');
}

function toTime(fields: Fields, local: Location): GoTime {
  const { nanoseconds, offset, zoneName } = fields;
  const seconds = secondsFromCivil(fields);
  const make = (instant: number, location: Location): GoTime =>
    new GoTime({ seconds: instant, nanoseconds, location, local });
  if (fields.utc) return make(seconds, UTC);
  if (offset !== undefined) {
    const rule = local.at(seconds - offset);
    const known = rule.offset === offset && (zoneName === '' || rule.abbreviation === zoneName);
    return make(seconds - offset, known ? local : fixedZone(zoneName, offset));
  }
  if (zoneName !== '') {
    const known = local.offsetOf(zoneName, seconds);
    if (known !== undefined) return make(seconds - known, local);
    const hours = zoneName.length > 3 && zoneName.startsWith('GMT') ? Number(zoneName.slice(3)) : 0;
    // Go keeps the instant of UTC for an abbreviation that it does not know.
    return make(seconds, fixedZone(zoneName, hours * 3600));
  }
  return make(localToInstant(local, seconds), local);
}

class Reader {
  rest: string;
  readonly #fields: Fields;

  constructor(text: string, fields: Fields) {
    this.rest = text;
    this.#fields = fields;
  }

  read({ kind, text }: LayoutChunk, next: ChunkKind | undefined): void {
    const fields = this.#fields;
    switch (kind) {
      case 'literal':
        return this.#literal(text);
      case '06': {
        const year = this.#signed(2);
        fields.year = year + (year >= 69 ? 1900 : 2000);
        return;
      }
      case '2006':
        if (!/^[0-9]/.test(this.rest)) throw new Unreadable();
        fields.year = this.#signed(4);
        return;
      case 'January':
        fields.month = this.#name(MONTHS) + 1;
        return;
      case 'Jan':
        fields.month = this.#name(MONTHS.map((name) => name.slice(0, 3))) + 1;
        return;
      case '1':
      case '01':
        fields.month = this.#number(kind === '01');
        if (fields.month < 1 || fields.month > 12) throw new OutOfRange('month');
        return;
      case 'Monday':
        this.#name(WEEKDAYS);
        return;
      case 'Mon':
        this.#name(WEEKDAYS.map((name) => name.slice(0, 3)));
        return;
      case '2':
      case '_2':
      case '02':
        if (kind === '_2' && this.rest.startsWith(' ')) this.rest = this.rest.slice(1);
        fields.day = this.#number(kind === '02');
        return;
      case '__2':
      case '002':
        fields.yearDay = Number(this.#take(kind === '__2' ? /^ {0,2}[0-9]{1,3}/ : /^[0-9]{3}/));
        return;
      case 'PM':
      case 'pm':
        fields.half = this.#take(kind === 'PM' ? /^[AP]M/ : /^[ap]m/).toLowerCase() as 'am' | 'pm';
        return;
      case 'offset':
        return this.#offset(text);
      case 'MST':
        return this.#zone();
      case 'fraction0':
        fields.nanoseconds = nanoseconds(this.#take(new RegExp(`^[.,][0-9]{${text.length - 1}}`)));
        return;
      case 'fraction9':
        if (/^[.,][0-9]/.test(this.rest)) fields.nanoseconds = nanoseconds(this.#take(/^[.,][0-9]+/));
        return;
      default:
        return this.#clock(kind, next);
    }
  }

  #clock(kind: ChunkKind, next: ChunkKind | undefined): void {
    const fields = this.#fields;
    const value = this.#number(kind === '03' || kind === '04' || kind === '05');
    if (kind === '15' || kind === '3' || kind === '03') {
      fields.hour = value;
      if (value > (kind === '15' ? 23 : 12)) throw new OutOfRange('hour');
    } else if (kind === '4' || kind === '04') {
      fields.minute = value;
      if (value > 59) throw new OutOfRange('minute');
    } else {
      fields.second = value;
      if (value > 59) throw new OutOfRange('second');
      // A fraction may follow the seconds although the layout names none.
      if (next !== 'fraction0' && next !== 'fraction9' && /^[.,][0-9]/.test(this.rest)) {
        fields.nanoseconds = nanoseconds(this.#take(/^[.,][0-9]+/));
      }
    }
  }

  #take(pattern: RegExp): string {
    const match = pattern.exec(this.rest);
    if (match === null) throw new Unreadable();
    this.rest = this.rest.slice(match[0].length);
    return match[0];
  }

  /** One or two digits, or exactly two. */
  #number(fixed: boolean): number {
    return Number(this.#take(fixed ? /^[0-9]{2}/ : /^[0-9]{1,2}/));
  }

  /** Characters that make a number, perhaps with a sign, as Go's atoi reads them. */
  #signed(width: number): number {
    const text = this.rest.slice(0, width);
    if (text.length < width || !/^[+-]?[0-9]+$/.test(text)) throw new Unreadable();
    this.rest = this.rest.slice(width);
    return Number(text);
  }

  #name(names: readonly string[]): number {
    const lower = this.rest.toLowerCase();
    const index = names.findIndex((name) => lower.startsWith(name.toLowerCase()));
    if (index === -1) throw new Unreadable();
    this.rest = this.rest.slice(names[index]?.length);
    return index;
  }

  /** Runs of blanks in the layout match runs of blanks in the value. */
  #literal(text: string): void {
    let prefix = text;
    while (prefix !== '') {
      if (prefix.startsWith(' ')) {
        if (this.rest !== '' && !this.rest.startsWith(' ')) throw new Unreadable();
        prefix = prefix.replace(/^ +/, '');
        this.rest = this.rest.replace(/^ +/, '');
      } else {
        if (this.rest.charAt(0) !== prefix.charAt(0)) throw new Unreadable();
        prefix = prefix.slice(1);
        this.rest = this.rest.slice(1);
      }
    }
  }

  #offset(style: string): void {
    if (style.startsWith('Z') && this.rest.startsWith('Z')) {
      this.rest = this.rest.slice(1);
      this.#fields.utc = true;
      return;
    }
    const colon = style.includes(':') ? ':' : '';
    const parts = style.replaceAll(/[^0-9]/g, '').length / 2;
    const pattern = new RegExp(`^[+-]${Array(parts).fill('([0-9]{2})').join(colon)}`);
    const match = pattern.exec(this.rest);
    if (match === null) throw new Unreadable();
    const [hours = 0, minutes = 0, seconds = 0] = match.slice(1).map(Number);
    if (hours > 24) throw new OutOfRange('time zone offset hour');
    if (minutes > 60) throw new OutOfRange('time zone offset minute');
    if (seconds > 60) throw new OutOfRange('time zone offset second');
    const offset = (hours * 60 + minutes) * 60 + seconds;
    this.#fields.offset = match[0].startsWith('-') ? -offset : offset;
    this.rest = this.rest.slice(match[0].length);
  }

  #zone(): void {
    if (this.rest.startsWith('UTC')) {
      this.rest = this.rest.slice(3);
      this.#fields.utc = true;
      return;
    }
    this.#fields.zoneName = this.#take(
      /^(?:ChST|MeST|GMT(?:[+-](?:1[0-9]|2[0-3]|0*[0-9])(?![0-9]))?|[+-](?:1[0-9]|2[0-3]|0*[0-9])(?![0-9])|[A-Z]{4}T(?![A-Z])|(?:[A-Z]{3}T|WITA)(?![A-Z])|[A-Z]{3}(?![A-Z]))/,
    );
  }
}

function nanoseconds(text: string): number {
  return Number(text.slice(1, 10).padEnd(9, '0'));
}

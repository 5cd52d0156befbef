import { secondsFromCivil } from './calendar.ts';
import type { Location, ZoneRule } from './location.ts';
import { parsePosixZone, type PosixZone } from './posix-zone.ts';
import { ZONE_NAMES } from './zone-names.generated.ts';

/**
 * A zone as the JS engine knows it, for hosts without zone files: offsets are right at all times, abbreviations are those
 * in use today. Undefined if the engine does not know the name.
 */
export function intlZone(name: string): Location | undefined {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      calendar: 'gregory',
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    return undefined;
  }
  // The engine takes names in any case, the database does not.
  const { timeZone } = format.resolvedOptions();
  if (timeZone !== name && timeZone.toLowerCase() === name.toLowerCase()) return undefined;
  const names = presentNames(name);
  const at = (seconds: number): ZoneRule => toRule(offsetAt(format, seconds), names);
  const offsetOf = (abbreviation: string, seconds: number): number | undefined => {
    for (const rule of [names?.standard, names?.daylight]) {
      if (rule?.abbreviation === abbreviation && at(seconds - rule.offset).abbreviation === abbreviation) {
        return rule.offset;
      }
    }
    return [names?.standard, names?.daylight].find((rule) => rule?.abbreviation === abbreviation)?.offset;
  };
  return { name, at, offsetOf };
}

function presentNames(name: string): PosixZone | undefined {
  for (const [rule, zones] of Object.entries(ZONE_NAMES)) {
    if (` ${zones} `.includes(` ${name} `)) return parsePosixZone(rule);
  }
  return undefined;
}

/** The last second of the engine's calendar, and how long the calendar takes to begin anew. */
const LAST_SECOND = 8_640_000_000_000;
const CALENDAR_CYCLE = 146_097 * 86_400;

/** An instant that the engine knows, with the same rule in force. */
function withinCalendar(seconds: number): number {
  if (seconds < -LAST_SECOND) return -LAST_SECOND;
  return seconds <= LAST_SECOND ? seconds : LAST_SECOND - CALENDAR_CYCLE + (seconds % CALENDAR_CYCLE);
}

function offsetAt(format: Intl.DateTimeFormat, instant: number): number {
  const seconds = withinCalendar(instant);
  const field: Record<string, string> = {};
  for (const { type, value } of format.formatToParts(seconds * 1000)) field[type] = value;
  const year = Number(field['year']);
  const local = secondsFromCivil({
    year: field['era']?.startsWith('B') === true ? 1 - year : year,
    month: Number(field['month']),
    day: Number(field['day']),
    hour: Number(field['hour']),
    minute: Number(field['minute']),
    second: Number(field['second']),
  });
  return local - seconds;
}

function toRule(offset: number, names: PosixZone | undefined): ZoneRule {
  if (names !== undefined) {
    if (names.standard.offset === offset) return names.standard;
    if (names.daylight?.offset === offset) return names.daylight;
  }
  const minutes = Math.abs(Math.trunc(offset / 60));
  const hours = String(Math.floor(minutes / 60)).padStart(2, '0');
  const rest = minutes % 60 === 0 ? '' : String(minutes % 60).padStart(2, '0');
  return { abbreviation: `${offset < 0 ? '-' : '+'}${hours}${rest}`, offset, daylight: false };
}

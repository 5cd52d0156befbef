import { GoInt } from '../base/go-int.ts';
import type { TemplateFunction } from '../base/template-function.ts';
import { parseInteger } from './cast.ts';
import { alias, define } from './define.ts';
import type { SprigEnvironment } from './environment.ts';
import { formatDuration, parseDuration, roundDuration, SECOND } from './time/duration.ts';
import { GoTime } from './time/go-time.ts';
import { type Location, UTC } from './time/location.ts';
import { parseTime } from './time/parse-time.ts';
import { type ZoneFinder, zoneFinder } from './time/zones.ts';

const DATE = '2006-01-02';
const TIME_PARAM = 'time.Time';
const HOUR = 3600n * SECOND;
/** Units of {@link roundToUnit}, largest first. */
const UNITS: readonly (readonly [size: bigint, name: string])[] = [
  [365n * 24n * HOUR, 'y'],
  [30n * 24n * HOUR, 'mo'],
  [24n * HOUR, 'd'],
  [HOUR, 'h'],
  [60n * SECOND, 'm'],
  [SECOND, 's'],
];

/** Dates: Sprig's date.go. */
export function dateFunctions(environment: SprigEnvironment): readonly TemplateFunction[] {
  const { clock } = environment;
  const zone: ZoneFinder = zoneFinder(environment);
  const local = (): Location => zone('Local') ?? UTC;
  const now = (): GoTime => fromMilliseconds(clock.now(), local());
  const inZone = (layout: string, date: unknown, name: string): string =>
    (toTime(date, local()) ?? now()).in(zone(name) ?? UTC).format(layout);
  const dateInZone = define('dateInZone', ['string', 'any', 'string'], inZone);
  const dateModify = define('dateModify', ['string', TIME_PARAM], (text: string, date: GoTime) => {
    try {
      return date.add(parseDuration(text));
    } catch {
      return date;
    }
  });
  const mustDateModify = define('mustDateModify', ['string', TIME_PARAM], (text: string, date: GoTime) =>
    date.add(parseDuration(text)),
  );
  return [
    define('now', [], now),
    define('date', ['string', 'any'], (layout: string, date: unknown) => inZone(layout, date, 'Local')),
    dateInZone,
    alias('date_in_zone', dateInZone),
    define('htmlDate', ['any'], (date: unknown) => inZone(DATE, date, 'Local')),
    define('htmlDateInZone', ['any', 'string'], (date: unknown, name: string) => inZone(DATE, date, name)),
    dateModify,
    alias('date_modify', dateModify),
    mustDateModify,
    alias('must_date_modify', mustDateModify),
    define('toDate', ['string', 'string'], (layout: string, text: string) => {
      try {
        return parseTime(layout, text, local());
      } catch {
        return GoTime.zero();
      }
    }),
    define('mustToDate', ['string', 'string'], (layout: string, text: string) => parseTime(layout, text, local())),
    define('unixEpoch', [TIME_PARAM], (date: GoTime) => String(date.unix)),
    define('ago', ['any'], (date: unknown) =>
      formatDuration(roundDuration(now().since(isInt32(date) ? now() : (toTime(date, local()) ?? now())), SECOND)),
    ),
    define('duration', ['any'], (seconds: unknown) => formatDuration(BigInt.asIntN(64, secondsOf(seconds) * SECOND))),
    define('durationRound', ['any'], (value: unknown) => roundToUnit(durationOf(value, now))),
  ];
}

function fromMilliseconds(milliseconds: number, local: Location): GoTime {
  const seconds = Math.floor(milliseconds / 1000);
  const nanoseconds = Math.round((milliseconds - seconds * 1000) * 1e6);
  return new GoTime({ seconds, nanoseconds, location: local, local });
}

/** A time, or an integer that counts seconds since the epoch; undefined for all else. */
function toTime(date: unknown, local: Location): GoTime | undefined {
  if (date instanceof GoTime) return date;
  const seconds = typeof date === 'bigint' ? date : isEpoch(date) ? date.value : undefined;
  return seconds === undefined ? undefined : new GoTime({ seconds, location: local, local });
}

function isEpoch(date: unknown): date is GoInt {
  return date instanceof GoInt && (date.kind === 'int' || date.kind === 'int32');
}

/** `ago` does not know the int32 that the other functions take. */
function isInt32(date: unknown): boolean {
  return date instanceof GoInt && date.kind === 'int32';
}

/** Seconds as `duration` reads them: text or an int64. */
function secondsOf(value: unknown): bigint {
  if (typeof value === 'bigint') return value;
  return typeof value === 'string' ? (parseInteger(value, 10) ?? 0n) : 0n;
}

function durationOf(value: unknown, now: () => GoTime): bigint {
  if (typeof value === 'bigint') return value;
  if (value instanceof GoTime) return now().since(value);
  if (typeof value !== 'string') return 0n;
  try {
    return parseDuration(value);
  } catch {
    return 0n;
  }
}

/** The largest unit that fits more than once, without its sign: `2h10m` gives `2h`. */
function roundToUnit(duration: bigint): string {
  const size = duration < 0n ? -duration : duration;
  for (const [unit, name] of UNITS) if (size > unit) return `${size / unit}${name}`;
  return '0s';
}

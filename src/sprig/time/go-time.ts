import { GoInt } from '../../base/go-int.ts';
import type { GoMethod, GoType } from '../../gotemplate/runtime/go-type.ts';
import { GoObject, GoTyped } from '../../gotemplate/runtime/go-value.ts';
import { civilFromSeconds, daysFromCivil, secondsFromCivil, weekdayOf, yearDayOf, type CivilTime } from './calendar.ts';
import { SECOND } from './duration.ts';
import { formatTime } from './format-time.ts';
import { localToInstant, UTC, type Location, type ZoneRule } from './location.ts';
import { goDuration, goMonth, goWeekday } from './time-types.ts';

/** Unix seconds of the year 1, Go's zero time. */
const ZERO_SECONDS = secondsFromCivil({ year: 1, month: 1, day: 1, hour: 0, minute: 0, second: 0 });
const MAX_DURATION = (1n << 63n) - 1n;
const MIN_DURATION = -(1n << 63n);

/** An instant in a time zone. */
export interface TimeParts {
  /** Seconds since the Unix epoch, rounded down; a bigint where a number does not hold them. */
  readonly seconds: number | bigint;
  /** 0 to 999 999 999. */
  readonly nanoseconds?: number;
  /** Default: UTC. */
  readonly location?: Location;
  /** The zone that the method `Local` leads to; default: UTC. */
  readonly local?: Location;
}

/** Go's time.Time, without its monotonic reading. */
export class GoTime extends GoObject {
  /** As near as a number comes; {@link unix} is exact. */
  readonly seconds: number;
  readonly #exact: bigint | undefined;
  readonly nanoseconds: number;
  readonly location: Location;
  readonly local: Location;

  constructor({ seconds, nanoseconds = 0, location = UTC, local = UTC }: TimeParts) {
    super();
    this.seconds = Number(seconds);
    this.#exact = Number.isSafeInteger(this.seconds) ? undefined : BigInt.asIntN(64, BigInt(seconds));
    this.nanoseconds = nanoseconds;
    this.location = location;
    this.local = local;
  }

  /** The zero time: January 1 of year 1, UTC. */
  static zero(): GoTime {
    return new GoTime({ seconds: ZERO_SECONDS });
  }

  override get type(): GoType {
    return TIME;
  }

  /** Seconds since the Unix epoch. */
  get unix(): bigint {
    return this.#exact ?? BigInt(this.seconds);
  }

  isZero(): boolean {
    return this.seconds === ZERO_SECONDS && this.nanoseconds === 0;
  }

  in(location: Location): GoTime {
    const { nanoseconds, local } = this;
    return new GoTime({ seconds: this.#exact ?? this.seconds, nanoseconds, location, local });
  }

  /** Later (or earlier) by a duration in nanoseconds. */
  add(duration: bigint): GoTime {
    const total = this.#total() + duration;
    const { location, local } = this;
    const rest = ((total % SECOND) + SECOND) % SECOND;
    return new GoTime({ seconds: (total - rest) / SECOND, nanoseconds: Number(rest), location, local });
  }

  /** Moves the date on the clocks of the zone; days and months out of range carry over. */
  addDate(years: number, months: number, days: number): GoTime {
    const civil = this.civil();
    const moved = { ...civil, year: civil.year + years, month: civil.month + months, day: civil.day + days };
    const { nanoseconds, location, local } = this;
    return new GoTime({ seconds: localToInstant(location, secondsFromCivil(moved)), nanoseconds, location, local });
  }

  /** Nanoseconds since another time, clipped to what a duration can hold. */
  since(other: GoTime): bigint {
    const difference = this.#total() - other.#total();
    if (BigInt.asIntN(64, difference) === difference) return difference;
    return difference > 0n ? MAX_DURATION : MIN_DURATION;
  }

  /** Negative, 0 or positive as this instant lies before, at or after the other. */
  compare(other: GoTime): number {
    return this.seconds - other.seconds || this.nanoseconds - other.nanoseconds;
  }

  rule(): ZoneRule {
    return this.location.at(this.seconds);
  }

  /** What the clocks of the zone show. */
  civil(): CivilTime {
    const { offset } = this.rule();
    return civilFromSeconds(this.#exact === undefined ? this.seconds + offset : this.#exact + BigInt(offset));
  }

  format(layout: string): string {
    return formatTime(this, layout);
  }

  override toString(): string {
    return this.format('2006-01-02 15:04:05.999999999 -0700 MST');
  }

  /** What Go's MarshalJSON gives. */
  toGoJson(): string {
    return this.format('2006-01-02T15:04:05.999999999Z07:00');
  }

  /** Nanoseconds since the Unix epoch. */
  #total(): bigint {
    return this.unix * SECOND + BigInt(this.nanoseconds);
  }

  /** Down to a multiple of a duration since the year 1. */
  truncate(unit: bigint): GoTime {
    if (unit <= 0n) return this;
    const sinceZero = this.#total() - BigInt(ZERO_SECONDS) * SECOND;
    return this.add(-(((sinceZero % unit) + unit) % unit));
  }
}

const OTHER = ['time.Time'] as const;

function integer(pick: (time: GoTime) => number): GoMethod {
  return { params: [], call: (time: GoTime) => new GoInt(pick(time)) };
}

function int64(pick: (time: GoTime) => bigint): GoMethod {
  return { params: [], call: pick };
}

function comparison(test: (order: number) => boolean): GoMethod {
  return { params: OTHER, call: (time: GoTime, other: GoTime) => test(time.compare(other)) };
}

function milliseconds(time: GoTime, unit: number): bigint {
  return time.unix * BigInt(1e9 / unit) + BigInt(Math.floor(time.nanoseconds / unit));
}

function weekday(time: GoTime): unknown {
  const { year, month, day } = time.civil();
  return goWeekday(weekdayOf(daysFromCivil(year, month, day)));
}

/** Prints as the zone's name. */
const LOCATION: GoType = {
  name: '*time.Location',
  kind: 'ptr',
  string: ({ value }: GoTyped<string>) => value,
};

const METHODS: Readonly<Record<string, GoMethod>> = {
  Format: { params: ['string'], call: (time: GoTime, layout: string) => time.format(layout) },
  String: { params: [], call: (time: GoTime) => time.toString() },
  Unix: int64((time) => time.unix),
  UnixMilli: int64((time) => milliseconds(time, 1e6)),
  UnixMicro: int64((time) => milliseconds(time, 1e3)),
  UnixNano: int64((time) => milliseconds(time, 1)),
  Year: integer((time) => time.civil().year),
  Month: { params: [], call: (time: GoTime) => goMonth(time.civil().month) },
  Day: integer((time) => time.civil().day),
  Weekday: { params: [], call: weekday },
  YearDay: integer((time) => yearDayOf(time.civil())),
  Hour: integer((time) => time.civil().hour),
  Minute: integer((time) => time.civil().minute),
  Second: integer((time) => time.civil().second),
  Nanosecond: integer((time) => time.nanoseconds),
  IsZero: { params: [], call: (time: GoTime) => time.isZero() },
  IsDST: { params: [], call: (time: GoTime) => time.rule().daylight },
  UTC: { params: [], call: (time: GoTime) => time.in(UTC) },
  Local: { params: [], call: (time: GoTime) => time.in(time.local) },
  Add: { params: ['int64'], call: (time: GoTime, duration: bigint) => time.add(duration) },
  AddDate: {
    params: ['int', 'int', 'int'],
    call: (time: GoTime, years: bigint, months: bigint, days: bigint) =>
      time.addDate(Number(years), Number(months), Number(days)),
  },
  Sub: { params: OTHER, call: (time: GoTime, other: GoTime) => goDuration(time.since(other)) },
  Truncate: { params: ['int64'], call: (time: GoTime, unit: bigint) => time.truncate(unit) },
  Compare: { params: OTHER, call: (time: GoTime, other: GoTime) => new GoInt(Math.sign(time.compare(other))) },
  After: comparison((order) => order > 0),
  Before: comparison((order) => order < 0),
  Equal: comparison((order) => order === 0),
  Location: { params: [], call: (time: GoTime) => new GoTyped(LOCATION, time.location.name) },
};

const TIME: GoType = {
  name: 'time.Time',
  kind: 'struct',
  methods: METHODS,
  string: (time: GoTime) => time.toString(),
};

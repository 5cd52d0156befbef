import { GoInt } from '../../base/go-int.ts';
import type { GoMethod, GoType } from '../../gotemplate/runtime/go-type.ts';
import { GoTyped } from '../../gotemplate/runtime/go-value.ts';
import { MONTHS, WEEKDAYS } from './calendar.ts';
import { formatDuration, roundDuration, SECOND } from './duration.ts';

type DurationValue = GoTyped<bigint>;

function inUnits(unit: number): GoMethod {
  return {
    params: [],
    call: ({ value }: DurationValue) => {
      const whole = value / BigInt(unit);
      return Number(whole) + Number(value % BigInt(unit)) / unit;
    },
  };
}

function wholeUnits(unit: bigint): GoMethod {
  return { params: [], call: ({ value }: DurationValue) => value / unit };
}

const text = ({ value }: DurationValue): string => formatDuration(value);

const DURATION: GoType = {
  name: 'time.Duration',
  kind: 'int64',
  string: text,
  methods: {
    String: { params: [], call: text },
    Nanoseconds: wholeUnits(1n),
    Microseconds: wholeUnits(1000n),
    Milliseconds: wholeUnits(1_000_000n),
    Seconds: inUnits(Number(SECOND)),
    Minutes: inUnits(60e9),
    Hours: inUnits(3600e9),
    Abs: { params: [], call: ({ value }: DurationValue) => goDuration(value < 0n ? -value : value) },
    Round: { params: ['int64'], call: ({ value }: DurationValue, unit: bigint) => goDuration(round(value, unit)) },
    Truncate: {
      params: ['int64'],
      call: ({ value }: DurationValue, unit: bigint) => goDuration(unit <= 0n ? value : value - (value % unit)),
    },
  },
};

function round(value: bigint, unit: bigint): bigint {
  return unit <= 0n ? value : roundDuration(value, unit);
}

/** A time.Duration of nanoseconds. */
export function goDuration(nanoseconds: bigint): GoTyped<bigint> {
  return new GoTyped(DURATION, nanoseconds);
}

/** A named integer type whose values print as names. */
function namedInt(name: string, names: readonly string[], first: number): GoType {
  const nameOf = ({ value }: GoTyped<GoInt>): string => names[Number(value.value) - first] ?? '';
  return { name, kind: 'int', string: nameOf, methods: { String: { params: [], call: nameOf } } };
}

const MONTH = namedInt('time.Month', MONTHS, 1);
const WEEKDAY = namedInt('time.Weekday', WEEKDAYS, 0);

/** A time.Month, 1 for January. */
export function goMonth(month: number): GoTyped<GoInt> {
  return new GoTyped(MONTH, new GoInt(month));
}

/** A time.Weekday, 0 for Sunday. */
export function goWeekday(weekday: number): GoTyped<GoInt> {
  return new GoTyped(WEEKDAY, new GoInt(weekday));
}

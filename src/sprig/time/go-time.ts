import { civilFromSeconds, secondsFromCivil, type CivilTime } from './calendar.ts';
import { SECOND } from './duration.ts';
import { formatTime } from './format-time.ts';
import { UTC, type Location, type ZoneRule } from './location.ts';

/** Unix seconds of the year 1, Go's zero time. */
const ZERO_SECONDS = secondsFromCivil({ year: 1, month: 1, day: 1, hour: 0, minute: 0, second: 0 });

/** An instant with a time zone: Go's time.Time, without its monotonic reading. */
export class GoTime {
  /** Seconds since the Unix epoch, rounded down. */
  readonly seconds: number;
  /** 0 to 999 999 999. */
  readonly nanoseconds: number;
  readonly location: Location;

  constructor(seconds: number, nanoseconds = 0, location: Location = UTC) {
    this.seconds = seconds;
    this.nanoseconds = nanoseconds;
    this.location = location;
  }

  /** The zero time: January 1 of year 1, UTC. */
  static zero(): GoTime {
    return new GoTime(ZERO_SECONDS);
  }

  /** From milliseconds since the epoch. */
  static fromMilliseconds(milliseconds: number, location: Location): GoTime {
    const seconds = Math.floor(milliseconds / 1000);
    return new GoTime(seconds, Math.round((milliseconds - seconds * 1000) * 1e6), location);
  }

  isZero(): boolean {
    return this.seconds === ZERO_SECONDS && this.nanoseconds === 0;
  }

  in(location: Location): GoTime {
    return new GoTime(this.seconds, this.nanoseconds, location);
  }

  /** Later (or earlier) by a duration in nanoseconds. */
  add(duration: bigint): GoTime {
    const total = BigInt(this.seconds) * SECOND + BigInt(this.nanoseconds) + duration;
    let seconds = total / SECOND;
    let rest = total % SECOND;
    if (rest < 0n) {
      rest += SECOND;
      seconds -= 1n;
    }
    return new GoTime(Number(seconds), Number(rest), this.location);
  }

  /** Nanoseconds since another time, clipped to what a duration can hold. */
  since(other: GoTime): bigint {
    const difference =
      (BigInt(this.seconds) - BigInt(other.seconds)) * SECOND + BigInt(this.nanoseconds - other.nanoseconds);
    return BigInt.asIntN(64, difference) === difference ? difference : difference > 0n ? MAX_DURATION : MIN_DURATION;
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
    return civilFromSeconds(this.seconds + this.rule().offset);
  }

  format(layout: string): string {
    return formatTime(this, layout);
  }

  toString(): string {
    return this.format('2006-01-02 15:04:05.999999999 -0700 MST');
  }
}

const MAX_DURATION = (1n << 63n) - 1n;
const MIN_DURATION = -(1n << 63n);

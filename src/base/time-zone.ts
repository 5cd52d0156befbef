/** A place's civil time; instants and durations are whole seconds since the Unix epoch. */
export interface TimeZone {
  readonly name: string;
  /** Seconds to add to an instant to get its local time. */
  offsetAt(instant: number): number;
}

/** Coordinated universal time. */
export const UTC: TimeZone = { name: 'UTC', offsetAt: () => 0 };

const DAY = 86_400;
/** Zones change their offset at multiples of this. */
const STEP = 900;

const zones = new Map<string, TimeZone | undefined>();

/** The zone of an IANA name, as Go's time.LoadLocation takes it; undefined when there is none. */
export function timeZone(name: string): TimeZone | undefined {
  if (name === '' || name === 'UTC') return UTC;
  if (zones.has(name)) return zones.get(name);
  const zone = loadZone(name);
  zones.set(name, zone);
  return zone;
}

function loadZone(name: string): TimeZone | undefined {
  // Offsets and lower-case names are known to Intl only.
  if (!/^[A-Z][A-Za-z0-9_+\-/]*$/.test(name)) return undefined;
  try {
    return new IntlZone(name);
  } catch {
    return undefined;
  }
}

/** Asks Intl, and remembers the answer by day: most days have one offset. */
class IntlZone implements TimeZone {
  readonly name: string;
  readonly #format: Intl.DateTimeFormat;
  readonly #starts = new Map<number, number>();
  readonly #steps = new Map<number, number>();

  constructor(name: string) {
    this.name = name;
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  }

  offsetAt(instant: number): number {
    const day = Math.floor(instant / DAY);
    const offset = this.#startOf(day);
    return offset === this.#startOf(day + 1) ? offset : this.#cached(this.#steps, Math.floor(instant / STEP), STEP);
  }

  #startOf(day: number): number {
    return this.#cached(this.#starts, day, DAY);
  }

  #cached(known: Map<number, number>, unit: number, length: number): number {
    let offset = known.get(unit);
    if (offset === undefined) {
      offset = this.#ask(unit * length);
      if (known.size > CACHE_LIMIT) known.clear();
      known.set(unit, offset);
    }
    return offset;
  }

  #ask(instant: number): number {
    const parts = { year: 0, month: 1, day: 1, hour: 0, minute: 0, second: 0 };
    for (const { type, value } of this.#format.formatToParts(instant * 1000)) {
      if (Object.hasOwn(parts, type)) parts[type as keyof typeof parts] = Number(value);
    }
    const { year, month, day, hour, minute, second } = parts;
    return Date.UTC(year, month - 1, day, hour, minute, second) / 1000 - instant;
  }
}

const CACHE_LIMIT = 20_000;

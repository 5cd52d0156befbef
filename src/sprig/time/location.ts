/** The rule in force at an instant. */
export interface ZoneRule {
  /** `CET`; '' for a nameless fixed offset. */
  readonly abbreviation: string;
  /** Seconds east of UTC. */
  readonly offset: number;
  readonly daylight: boolean;
}

/** A time zone, as Go's *time.Location. */
export interface Location {
  /** `UTC`, `Local` or the IANA name. */
  readonly name: string;
  /** The rule in force at an instant, in seconds since the Unix epoch. */
  at(seconds: number): ZoneRule;
  /** The offset that an abbreviation stands for near an instant, or undefined if the zone does not know it. */
  offsetOf(abbreviation: string, seconds: number): number | undefined;
}

/** A zone whose offset never changes. */
export function fixedZone(name: string, offset: number): Location {
  const rule: ZoneRule = { abbreviation: name, offset, daylight: false };
  return { name, at: () => rule, offsetOf: (abbreviation) => (abbreviation === name ? offset : undefined) };
}

export const UTC: Location = fixedZone('UTC', 0);

/** The same zone under another name: Go calls the machine's own zone `Local`. */
export function renamed(location: Location, name: string): Location {
  return { name, at: (seconds) => location.at(seconds), offsetOf: (text, seconds) => location.offsetOf(text, seconds) };
}

/** The instant at which clocks of a zone show what UTC shows at `seconds`, by the rule of Go's time.Date. */
export function localToInstant(location: Location, seconds: number): number {
  const guess = location.at(seconds).offset;
  if (guess === 0) return seconds;
  const instant = seconds - guess;
  const actual = location.at(instant).offset;
  return actual === guess ? instant : seconds - actual;
}

import type { TemplateFunction } from '../base/template-function.ts';
import { newObject } from '../base/json.ts';
import { define } from './define.ts';
import type { SprigEnvironment } from './environment.ts';
import { GoTime } from './time/go-time.ts';
import { fixedZone, type Location, UTC } from './time/location.ts';
import { parseTime } from './time/parse-time.ts';
import { zoneFinder } from './time/zones.ts';
import { decodeToml } from './toml/decode-toml.ts';
import { encodeToml } from './toml/encode-toml.ts';
import type { DateReader } from './toml/toml-numbers.ts';

/** Helm's `toToml` and `fromToml` (helm: pkg/engine/funcs.go, on BurntSushi/toml). */
export function tomlFunctions(environment: SprigEnvironment): readonly TemplateFunction[] {
  let readDate: DateReader | undefined;
  return [
    define('toToml', ['any'], (value: unknown) => {
      try {
        return encodeToml(value);
      } catch (error) {
        // Helm shows the encoder's errors, but not its panic for nil.
        if (value === null || value === undefined) throw error;
        return (error as Error).message;
      }
    }),
    define('fromToml', ['string'], (text: string) => {
      readDate ??= dateReader(environment);
      try {
        return decodeToml(text, readDate);
      } catch (error) {
        return Object.assign(newObject(), { Error: (error as Error).message });
      }
    }),
  ];
}

/** Reads TOML's dates; those without an offset get zones whose names tell the encoder what they were. */
function dateReader(environment: SprigEnvironment): DateReader {
  const local: Location = zoneFinder(environment)('Local') ?? UTC;
  const { offset } = new GoTime({ seconds: Math.floor(environment.clock.now() / 1000), location: local }).rule();
  const forms: readonly (readonly [layout: string, zone: Location])[] = [
    ['2006-01-02T15:04:05.999999999Z07:00', local],
    ['2006-01-02T15:04:05.999999999', fixedZone('datetime-local', offset)],
    ['2006-01-02', fixedZone('date-local', offset)],
    ['15:04:05.999999999', fixedZone('time-local', offset)],
    ['2006-01-02T15:04Z07:00', local],
    ['2006-01-02T15:04', fixedZone('datetime-local', offset)],
    ['15:04', fixedZone('time-local', offset)],
  ];
  return (text) => {
    for (const [layout, zone] of forms) {
      let time: GoTime;
      try {
        time = parseTime(layout, text, zone);
      } catch {
        continue;
      }
      return lacksLeadingZero(text, layout) ? undefined : time;
    }
    return undefined;
  };
}

/** Go reads `2020-1-02`; TOML does not: separators stand where they stand in the layout. */
function lacksLeadingZero(text: string, layout: string): boolean {
  for (let i = 0; i < layout.length; i += 1) {
    const character = layout.charAt(i);
    if (character === '.' || character === 'Z') return false;
    if (!/[0-9]/.test(character) && text[i] !== character) return true;
  }
  return false;
}

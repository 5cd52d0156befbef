import type { SprigEnvironment } from '../environment.ts';
import { intlZone } from './intl-zone.ts';
import { type Location, renamed, UTC } from './location.ts';
import { parseZoneData } from './tzif.ts';

/** time.LoadLocation: `Local`, `UTC`, '' or an IANA name; undefined for a name that is not known. */
export type ZoneFinder = (name: string) => Location | undefined;

/** Finds the zones of an environment, each loaded once. */
export function zoneFinder({ timeZone = 'UTC', zoneData }: SprigEnvironment): ZoneFinder {
  const known = new Map<string, Location | undefined>();
  const load = (name: string): Location | undefined => {
    if (name === '' || name === 'UTC') return UTC;
    if (name === 'Local') return renamed(load(timeZone === 'Local' ? 'UTC' : timeZone) ?? UTC, 'Local');
    // Go takes no name that could leave the folder of zones.
    if (name.includes('..') || name.startsWith('/') || name.includes('\\')) return undefined;
    if (zoneData === undefined) return intlZone(name);
    const data = zoneData(name);
    return data === undefined ? undefined : parseZoneData(name, data);
  };
  return (name) => {
    if (!known.has(name)) known.set(name, load(name));
    return known.get(name);
  };
}

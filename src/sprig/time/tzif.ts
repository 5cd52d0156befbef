import type { Location, ZoneRule } from './location.ts';
import { parsePosixZone, type PosixZone } from './posix-zone.ts';

interface ZoneTable {
  readonly transitions: readonly number[];
  /** Index into `rules`, one for each transition. */
  readonly indices: readonly number[];
  readonly rules: readonly ZoneRule[];
  readonly tail: PosixZone | undefined;
}

/** Reads a time zone of the IANA database in its compiled form (RFC 8536). Throws if the data is broken. */
export function parseZoneData(name: string, data: Uint8Array): Location {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  if (data.length < 44 || view.getUint32(0) !== 0x545a6966) throw new Error('malformed time zone information');
  const first = readHeader(view, 0);
  const version = data[4] ?? 0;
  const table =
    version === 0
      ? readTable(view, 44, { ...first, width: 4 })
      : readTable(view, 44 + first.size4 + 44, { ...readHeader(view, 44 + first.size4), width: 8 });
  return new TableLocation(name, table);
}

interface Header {
  readonly times: number;
  readonly types: number;
  readonly characters: number;
  readonly leaps: number;
  readonly standards: number;
  readonly universals: number;
  /** Bytes of the block with 4-byte times. */
  readonly size4: number;
}

function readHeader(view: DataView, start: number): Header {
  const [universals, standards, leaps, times, types, characters] = [0, 1, 2, 3, 4, 5].map((i) =>
    view.getUint32(start + 20 + 4 * i),
  ) as [number, number, number, number, number, number];
  const size4 = times * 5 + types * 6 + characters + leaps * 8 + standards + universals;
  return { times, types, characters, leaps, standards, universals, size4 };
}

function readTable(view: DataView, start: number, header: Header & { readonly width: number }): ZoneTable {
  const { times, types, characters, leaps, standards, universals, width } = header;
  const indexStart = start + times * width;
  const typeStart = indexStart + times;
  const nameStart = typeStart + types * 6;
  const transitions: number[] = [];
  const indices: number[] = [];
  for (let i = 0; i < times; i += 1) {
    const at = start + i * width;
    transitions.push(width === 8 ? Number(view.getBigInt64(at)) : view.getInt32(at));
    indices.push(view.getUint8(indexStart + i));
  }
  const rules: ZoneRule[] = [];
  for (let i = 0; i < types; i += 1) {
    const at = typeStart + i * 6;
    let abbreviation = '';
    for (let j = nameStart + view.getUint8(at + 5); view.getUint8(j) !== 0; j += 1) {
      abbreviation += String.fromCharCode(view.getUint8(j));
    }
    rules.push({ abbreviation, offset: view.getInt32(at), daylight: view.getUint8(at + 4) === 1 });
  }
  const footer = nameStart + characters + leaps * (width + 4) + standards + universals;
  let text = '';
  for (let i = footer + 1; width === 8 && i < view.byteLength && view.getUint8(i) !== 0x0a; i += 1) {
    text += String.fromCharCode(view.getUint8(i));
  }
  return { transitions, indices, rules, tail: parsePosixZone(text) };
}

class TableLocation implements Location {
  readonly name: string;
  readonly #table: ZoneTable;

  constructor(name: string, table: ZoneTable) {
    this.name = name;
    this.#table = table;
  }

  at(seconds: number): ZoneRule {
    const { transitions, indices, rules, tail } = this.#table;
    let low = 0;
    let high = transitions.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((transitions[middle] ?? 0) <= seconds) low = middle + 1;
      else high = middle;
    }
    const fallback = { abbreviation: 'UTC', offset: 0, daylight: false };
    if (low === transitions.length && tail !== undefined) return tail.at(seconds);
    if (low === 0) return rules.find((rule) => !rule.daylight) ?? rules[0] ?? fallback;
    return rules[indices[low - 1] ?? 0] ?? fallback;
  }

  offsetOf(abbreviation: string, seconds: number): number | undefined {
    for (const rule of this.#table.rules) {
      if (rule.abbreviation !== abbreviation) continue;
      if (this.at(seconds - rule.offset).abbreviation === abbreviation) return rule.offset;
    }
    return this.#table.rules.find((rule) => rule.abbreviation === abbreviation)?.offset;
  }
}

import { constants, gunzipSync } from 'node:zlib';

/** The beginning and the end of a record's text, of which enough to read on at {@link readRecordHead}. */
export interface RecordEnds {
  /** The first characters, {@link HEAD_CHARACTERS} of them. */
  readonly start: string;
  /** The last twelve characters. */
  readonly end: string;
  /** Of the whole text, characters. */
  readonly length: number;
}

/** How much of a record's base64 its head is looked for in. */
export const HEAD_CHARACTERS = 2732;
/** Shorter records are read as a whole. */
export const LEAST_CHARACTERS = 3072;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const COMMA = 0x2c;
const OPENING = new Set([0x7b, 0x5b]);
const CLOSING = new Set([0x7d, 0x5d]);
const CHART = Buffer.from('{"metadata":');
const OPTIONS = { finishFlush: constants.Z_SYNC_FLUSH, chunkSize: 16 * 1024, maxOutputLength: 4 * 1024 * 1024 };
/** Hardly any record is so much larger than its packed form; whatever bytes are the last where a record is cut off mostly tell more. */
const MOST_RATIO = 64;

/**
 * Reads the beginning of a record: `name`, `info` and `chart` with its `metadata` alone, which Helm and Pintle write first. Whether the
 * record ends as a gzipped text does is checked by the length that its last bytes tell; what lies between is not looked at.
 *
 * @returns undefined for records that are not written so: they have to be read as a whole
 */
export function readRecordHead({ start, end, length }: RecordEnds): unknown {
  const packed = Buffer.from(start, 'base64');
  const last = Buffer.from(end, 'base64');
  if (length % 4 !== 0 || last.length < 4 || packed[0] !== 0x1f || packed[1] !== 0x8b) return undefined;
  const size = last.readUInt32LE(last.length - 4);
  if (size < length / 2 || size > length * MOST_RATIO) return undefined;
  try {
    const json = gunzipSync(packed, OPTIONS);
    const metadata = metadataEnd(json);
    return metadata === undefined ? undefined : JSON.parse(`${json.toString('utf8', 0, metadata)}}}`);
  } catch {
    return undefined;
  }
}

/** Where the value of `chart.metadata` ends. */
function metadataEnd(json: Buffer): number | undefined {
  const most = json.length;
  let at = 1;
  while (at < most && json[at] === QUOTE) {
    const colon = stringEnd(json, at, most);
    if (json[colon] !== COLON) return undefined;
    const value = colon + 1;
    if (json.toString('latin1', at, colon) === '"chart"') {
      const isMetadata = json.subarray(value, value + CHART.length).equals(CHART);
      return isMetadata ? valueEnd(json, value + CHART.length, most) : undefined;
    }
    const next = valueEnd(json, value, most);
    if (next === undefined || json[next] !== COMMA) return undefined;
    at = next + 1;
  }
  return undefined;
}

/** Where an object or a string ends that begins here; undefined for anything else, and for what goes on behind. */
function valueEnd(json: Buffer, start: number, most: number): number | undefined {
  let depth = 0;
  for (let at = start; at < most; ) {
    const byte = json[at] ?? 0;
    if (byte === QUOTE) at = stringEnd(json, at, most);
    else {
      if (OPENING.has(byte)) depth += 1;
      else if (CLOSING.has(byte)) depth -= 1;
      else if (depth === 0) return undefined;
      at += 1;
    }
    if (depth === 0) return at;
  }
  return undefined;
}

/** The index behind the quote that ends a string. */
function stringEnd(json: Buffer, start: number, most: number): number {
  for (let at = json.indexOf(QUOTE, start + 1); at !== -1 && at < most; at = json.indexOf(QUOTE, at + 1)) {
    let slashes = 0;
    while (json[at - 1 - slashes] === BACKSLASH) slashes += 1;
    if (slashes % 2 === 0) return at + 1;
  }
  return most;
}

import { createHash } from 'node:crypto';
import { PintleError } from '../base/errors.ts';

/** What one object holds at most, bytes: the API takes 1 MiB of data. */
const PART = 900 * 1024;
/** What a whole record may have; a chart with more is no chart. */
const MAX_PARTS = 64;
const PREFIX = 'pintle-parts';

/** A record's text that is kept in several objects. */
export interface SplitRecord {
  /** What the record's own object holds in place of the text. */
  readonly index: string;
  /** Names of the objects with the parts begin so: `RECORD.DIGEST`. */
  readonly digest: string;
  readonly parts: readonly string[];
}

/** Where the parts of a record are. */
export interface PartIndex {
  readonly digest: string;
  readonly count: number;
}

/** Parts a text that does not fit into one object; undefined for one that fits. @throws RangeError for more than 64 parts */
export function splitRecord(text: string, limit: number): SplitRecord | undefined {
  if (text.length <= limit) return undefined;
  const parts: string[] = [];
  for (let i = 0; i < text.length; i += PART) parts.push(text.slice(i, i + PART));
  if (parts.length > MAX_PARTS) throw new RangeError(`more than ${MAX_PARTS} parts`);
  const digest = digestOf(text);
  return { index: `${PREFIX}:${parts.length}:${digest}`, digest, parts };
}

/** Where a record's parts are, when its object holds no text but {@link SplitRecord.index}. */
export function partIndex(text: string): PartIndex | undefined {
  const match = /^pintle-parts:(\d{1,3}):([0-9a-f]{64})$/.exec(text);
  return match === null ? undefined : { count: Number(match[1]), digest: match[2] ?? '' };
}

/** The name of an object that holds a part, from 0. */
export function partName(key: string, digest: string, part: number): string {
  return `${key}.${digest.slice(0, 8)}.${part}`;
}

/** Puts a text together. @throws PintleError `release-corrupt` for parts that are missing or belong to another text */
export function joinParts(key: string, index: PartIndex, parts: readonly (string | undefined)[]): string {
  const missing = parts.findIndex((part) => part === undefined);
  if (missing !== -1 || parts.length !== index.count) {
    throw new PintleError(
      'release-corrupt',
      `cannot read ${key}: part ${Math.max(0, missing)} of ${index.count} is missing`,
    );
  }
  const text = parts.join('');
  if (digestOf(text) !== index.digest) {
    throw new PintleError('release-corrupt', `cannot read ${key}: its parts do not belong together`);
  }
  return text;
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

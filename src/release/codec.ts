import { gunzipSync, gzipSync } from 'node:zlib';
import { PintleError } from '../base/errors.ts';
import { isObject } from '../base/json.ts';
import { decodeJson } from '../yaml/index.ts';
import { readRecordHead, type RecordEnds } from './record-head.ts';
import { RELEASE, SUMMARY } from './record-fields.ts';
import { RecordFault, readStruct, writeStruct } from './record-json.ts';
import type { Release, ReleaseSummary } from './release.ts';

/** No record comes near: the API takes 1 MiB of packed data. */
const MAX_UNPACKED = 512 * 1024 * 1024;
const BASE64 = /^[A-Za-z0-9+/\r\n]*={0,2}[\r\n]*$/;

/** Which parts of a release {@link releaseJson} shows. */
export interface ReleaseJsonOptions {
  /** Leave the chart out, as `helm status` does. */
  readonly withoutChart?: boolean;
}

/**
 * A release as Helm's drivers keep it: its JSON, gzipped, in base64. The labels are not in it.
 * helm: pkg/storage/driver/util.go.
 */
export function encodeRelease(release: Release): string {
  const packed = gzipSync(releaseJsonText(release), { level: 9 });
  // The byte that names the operating system says `unknown`, so that a record is the same wherever it is written.
  packed[9] = 0xff;
  return packed.toString('base64');
}

/**
 * The release in a record; records that are not gzipped are read too. Nothing that an unknown version wrote is lost.
 *
 * @param key the record's name, for the error
 * @throws PintleError `release-corrupt`
 */
export function decodeRelease(text: string, key = 'the release record'): Release {
  try {
    return readRelease(parse(unpack(text)));
  } catch (error) {
    throw corrupt(error, key);
  }
}

/**
 * What lists show of the release in a record, for which the whole record is unpacked.
 *
 * @param key the record's name, for the error
 * @throws PintleError `release-corrupt`
 */
export function decodeSummary(text: string, key = 'the release record'): ReleaseSummary {
  try {
    return readSummary(parse(unpack(text)));
  } catch (error) {
    throw corrupt(error, key);
  }
}

/**
 * The same from the ends of a record, with a fifth of the work.
 *
 * @param told what is known of it otherwise
 * @returns undefined when the whole record is needed
 */
export function decodeSummaryEnds(
  ends: RecordEnds,
  told: { readonly name: string; readonly revision: number; readonly namespace: string },
): ReleaseSummary | undefined {
  const head = readRecordHead(ends);
  if (!isObject(head) || head['name'] !== told.name) return undefined;
  try {
    return readSummary({ ...head, version: told.revision, namespace: told.namespace });
  } catch {
    return undefined;
  }
}

function corrupt(error: unknown, key: string): PintleError {
  const reason = error instanceof Error ? error.message : String(error);
  return new PintleError('release-corrupt', `cannot read ${key}: ${reason}`, {
    hint: 'restore the record from a backup, or put it aside with "release verify --repair": the release then goes on from the revision before it',
    cause: error,
  });
}

function unpack(text: string): Buffer {
  if (text === '') throw new RecordFault('it holds no data under "release"');
  const data = Buffer.from(text, 'base64');
  // What is no base64 is passed over: then there is less than the length says.
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const isWhole = text.length % 4 === 0 && data.length === (text.length / 4) * 3 - padding;
  if (!isWhole && !BASE64.test(text)) throw new RecordFault('it is not base64');
  const gzipped = data.length > 3 && data[0] === 0x1f && data[1] === 0x8b && data[2] === 0x08;
  return gzipped ? gunzipSync(data, { maxOutputLength: MAX_UNPACKED, chunkSize: unpackedSize(data) }) : data;
}

/** The size that the end of a gzipped text tells, so that it is unpacked in one piece; not believed beyond what is usual. */
function unpackedSize(data: Buffer): number {
  const told = data.length < 18 ? 0 : data.readUInt32LE(data.length - 4);
  return Math.min(Math.max(told + 1, 1024), 4 * 1024 * 1024);
}

function parse(data: Buffer): unknown {
  try {
    return JSON.parse(data.toString('utf8'));
  } catch (error) {
    throw new RecordFault('it is not JSON', { cause: error });
  }
}

function readRelease(value: unknown): Release {
  const { labels: _, ...release } = readStruct(value, RELEASE);
  if (typeof release['name'] !== 'string') throw new RecordFault('it has no name');
  const info = release['info'] as Record<string, unknown> | undefined;
  if (info === undefined) throw new RecordFault('it has no info');
  const chart = (release['chart'] ?? {}) as Record<string, unknown>;
  return {
    ...release,
    info: { ...info, status: info['status'] ?? 'unknown' },
    chart: {
      ...chart,
      metadata: withRequired(chart['metadata']),
      lock: chart['lock'] ?? null,
      templates: chart['templates'] ?? null,
      values: chart['values'] ?? null,
      schema: chart['schema'] ?? null,
      files: chart['files'] ?? null,
    },
    manifest: release['manifest'] ?? '',
    ...(Array.isArray(release['hooks']) ? { hooks: readHooks(release['hooks']) } : {}),
    version: release['version'] ?? 0,
    namespace: release['namespace'] ?? '',
  } as unknown as Release;
}

function readSummary(value: unknown): ReleaseSummary {
  const { name, info, chart, version, namespace } = isObject(value) ? value : {};
  const head = { name, info, chart: isObject(chart) ? { metadata: chart['metadata'] } : chart, version, namespace };
  const summary = readStruct(isObject(value) ? head : value, SUMMARY);
  if (typeof summary['name'] !== 'string') throw new RecordFault('it has no name');
  const read = summary['info'] as Record<string, unknown> | undefined;
  if (read === undefined) throw new RecordFault('it has no info');
  return {
    name: summary['name'],
    info: { ...read, status: read['status'] ?? 'unknown' },
    chart: { metadata: withRequired((summary['chart'] as Record<string, unknown> | undefined)?.['metadata']) },
    version: summary['version'] ?? 0,
    namespace: summary['namespace'] ?? '',
  } as unknown as ReleaseSummary;
}

function withRequired(metadata: unknown): unknown {
  const { name = '', version = '', apiVersion = '', ...rest } = (metadata ?? {}) as Record<string, unknown>;
  return { ...rest, name, version, apiVersion };
}

function readHooks(hooks: readonly unknown[]): unknown[] {
  return hooks
    .filter((hook): hook is Record<string, unknown> => hook !== null)
    .map((hook) => ({
      name: '',
      kind: '',
      path: '',
      manifest: '',
      events: [],
      ...hook,
      last_run: { phase: '', ...(hook['last_run'] as object | undefined) },
    }));
}

/** A release's JSON to the letter as Helm writes it, in records and for `-o json`; no newline at the end. */
export function releaseJsonText(release: Release, options: ReleaseJsonOptions = {}): string {
  const { labels: _, ...record } = release;
  return writeStruct(options.withoutChart === true ? { ...record, chart: undefined } : record, RELEASE);
}

/** A release's JSON as data, fields in Helm's order; integers are bigints. For `-o yaml`. */
export function releaseJson(release: Release, options: ReleaseJsonOptions = {}): unknown {
  return decodeJson(releaseJsonText(release, options), { numbers: 'int64-or-float' });
}

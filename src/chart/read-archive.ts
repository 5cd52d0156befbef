import { gunzipSync } from 'node:zlib';
import { PintleError } from '../base/errors.ts';
import type { ChartFile } from './chart.ts';
import type { ChartLimits } from './limits.ts';
import { withoutByteOrderMark } from './read-folder.ts';
import { goQuote } from '../base/go-quote.ts';

/** Go's message for what is no gzip archive. */
export const BAD_HEADER = 'gzip: invalid header';

/** Room for the headers of an archive beside the content of its files. */
const HEADER_ROOM = 32 * 1024 * 1024;

/**
 * The files of a packaged chart, without its folder, in the order of the archive. Nothing is written anywhere; links become
 * empty files, names that lead out of the chart are refused. helm: pkg/chart/loader/archive.
 *
 * @param origin the archive's name, for errors
 * @throws PintleError `chart-archive-unsafe`, `chart-invalid`
 */
export async function readChartArchive(
  bytes: Uint8Array,
  origin: string,
  limits: Required<ChartLimits>,
): Promise<ChartFile[]> {
  const { Parser } = await import('tar');
  const reader = new ArchiveReader(origin, limits);
  const content = decompress(bytes, origin, limits);
  // An archive of nothing but its end.
  if (content.subarray(0, 512).every((byte) => byte === 0)) throw noFiles(origin);
  const parser = new Parser({ strict: true, brotli: false, zstd: false });
  parser.on('error', (error: unknown) => {
    throw damaged(origin, error instanceof Error ? error.message : String(error), error);
  });
  parser.on('entry', (entry) => {
    if (entry.type === 'Directory' || entry.type === 'GNUDumpDir') {
      entry.resume();
      return;
    }
    const { header } = entry;
    reader.begin(entry.path, entry.size);
    const chunks: Uint8Array[] = [];
    entry.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    entry.on('end', () => reader.add(entry.path, chunks, entry.mtime ?? header.mtime));
  });
  parser.end(Buffer.from(content.buffer, content.byteOffset, content.byteLength));
  if (reader.files.length === 0) throw noFiles(origin);
  return reader.files;
}

function decompress(bytes: Uint8Array, origin: string, limits: Required<ChartLimits>): Uint8Array {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b || bytes[2] !== 0x08) {
    throw new PintleError('chart-invalid', BAD_HEADER, {
      location: { file: origin },
      hint: 'a chart is a folder or a .tgz archive made by "package"',
    });
  }
  try {
    return gunzipSync(bytes, { maxOutputLength: limits.total + HEADER_ROOM });
  } catch (error) {
    if (error instanceof RangeError) throw tooLarge(origin, limits.total);
    throw damaged(origin, error instanceof Error ? error.message : String(error), error);
  }
}

class ArchiveReader {
  readonly files: ChartFile[] = [];
  readonly #origin: string;
  readonly #limits: Required<ChartLimits>;
  #remaining: number;

  constructor(origin: string, limits: Required<ChartLimits>) {
    this.#origin = origin;
    this.#limits = limits;
    this.#remaining = limits.total;
  }

  /** Checks an entry before its content is taken. */
  begin(path: string, size: number): void {
    pathInChart(path, this.#origin);
    if (size > this.#remaining) throw tooLarge(this.#origin, this.#limits.total);
    if (size > this.#limits.file) {
      throw unsafe(
        this.#origin,
        `decompressed chart file ${goQuote(path)} is larger than the maximum file size ${this.#limits.file}`,
      );
    }
  }

  add(path: string, chunks: readonly Uint8Array[], modified: Date | undefined): void {
    const data = Buffer.concat(chunks);
    this.#remaining -= data.length;
    if (this.#remaining <= 0) throw tooLarge(this.#origin, this.#limits.total);
    this.files.push({
      name: pathInChart(path, this.#origin),
      data: withoutByteOrderMark(data),
      ...(modified === undefined ? {} : { modTime: modified.getTime() }),
    });
  }
}

/** The path of an entry inside the chart: without the first folder, which has the chart's name. */
function pathInChart(path: string, origin: string): string {
  const [folder, ...rest] = path.split(path.includes('\\') ? '\\' : '/');
  const name = rest.join('/');
  if (name.startsWith('/')) throw unsafe(origin, 'chart illegally contains absolute paths');
  const clean = cleanPath(name);
  if (clean === '.') {
    throw unsafe(origin, `chart illegally contains content outside the base directory: ${goQuote(path)}`);
  }
  if (clean.startsWith('..')) throw unsafe(origin, 'chart illegally references parent directory');
  if (/^[a-zA-Z]:\//.test(clean)) throw unsafe(origin, 'chart contains illegally named files');
  if (folder === 'Chart.yaml') throw unsafe(origin, 'chart yaml not in base directory', 'chart-invalid');
  return clean;
}

/** Go's path.Clean for relative paths. */
function cleanPath(path: string): string {
  const out: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && out.length > 0 && out.at(-1) !== '..') out.pop();
    else out.push(part);
  }
  return out.length === 0 ? '.' : out.join('/');
}

function tooLarge(origin: string, total: number): PintleError {
  return unsafe(origin, `decompressed chart is larger than the maximum size ${total}`);
}

function noFiles(origin: string): PintleError {
  return unsafe(origin, 'no files in chart archive', 'chart-invalid');
}

function damaged(origin: string, reason: string, cause: unknown): PintleError {
  return new PintleError('chart-invalid', goReason(reason), {
    location: { file: origin },
    hint: 'the archive is damaged or incomplete; fetch or package it again',
    cause,
  });
}

/** What Go's packages say to the same damage. */
function goReason(reason: string): string {
  if (reason === 'unexpected end of file' || reason.includes('Truncated input')) return 'unexpected EOF';
  if (reason.startsWith('TAR_ENTRY_INVALID') || reason.startsWith('TAR_BAD_ARCHIVE'))
    return 'archive/tar: invalid tar header';
  return reason;
}

function unsafe(
  origin: string,
  reason: string,
  code: 'chart-archive-unsafe' | 'chart-invalid' = 'chart-archive-unsafe',
): PintleError {
  return new PintleError(code, reason, {
    location: { file: origin },
    hint: 'a chart archive holds one folder with the files of the chart in it',
  });
}

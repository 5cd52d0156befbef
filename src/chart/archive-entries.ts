import { PintleError } from '../base/errors.ts';
import { goQuote } from '../base/go-quote.ts';
import type { ChartFile } from './chart.ts';
import type { ChartLimits } from './limits.ts';
import { withoutByteOrderMark } from './byte-order-mark.ts';

/** Go's message for what is no gzip archive. */
export const BAD_HEADER = 'gzip: invalid header';

/** Room for the headers of an archive beside the content of its files. */
export const HEADER_ROOM = 32 * 1024 * 1024;

/** @throws PintleError `chart-invalid` for what is no gzip archive */
export function checkGzip(bytes: Uint8Array, origin: string): void {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b || bytes[2] !== 0x08) {
    throw new PintleError('chart-invalid', BAD_HEADER, {
      location: { file: origin },
      hint: 'a chart is a folder or a .tgz archive made by "package"',
    });
  }
}

/** Takes the entries of an archive and refuses what is unsafe. */
export class ArchiveReader {
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
    const data = joined(chunks);
    this.#remaining -= data.length;
    if (this.#remaining <= 0) throw tooLarge(this.#origin, this.#limits.total);
    this.files.push({
      name: pathInChart(path, this.#origin),
      data: withoutByteOrderMark(data),
      ...(modified === undefined ? {} : { modTime: modified.getTime() }),
    });
  }
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const [first = new Uint8Array()] = chunks;
  if (chunks.length < 2) return first;
  const out = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    out.set(chunk, at);
    at += chunk.length;
  }
  return out;
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

/** The error of an archive. */
export function tooLarge(origin: string, total: number): PintleError {
  return unsafe(origin, `decompressed chart is larger than the maximum size ${total}`);
}

/** The error of an archive. */
export function noFiles(origin: string): PintleError {
  return unsafe(origin, 'no files in chart archive', 'chart-invalid');
}

/** The error of an archive. */
export function damaged(origin: string, reason: string, cause: unknown): PintleError {
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

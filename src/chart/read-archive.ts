import type * as Zlib from 'node:zlib';
import type { ChartFile } from './chart.ts';
import type { ChartLimits } from './limits.ts';
import { ArchiveReader, checkGzip, damaged, HEADER_ROOM, noFiles, tooLarge } from './archive-entries.ts';

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
  // Most charts are folders, and these are large.
  const [{ Parser }, { gunzipSync }] = await Promise.all([import('tar'), import('node:zlib')]);
  const reader = new ArchiveReader(origin, limits);
  const content = decompress(gunzipSync, bytes, origin, limits);
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

function decompress(
  gunzipSync: typeof Zlib.gunzipSync,
  bytes: Uint8Array,
  origin: string,
  limits: Required<ChartLimits>,
): Uint8Array {
  checkGzip(bytes, origin);
  try {
    return gunzipSync(bytes, { maxOutputLength: limits.total + HEADER_ROOM });
  } catch (error) {
    if (error instanceof RangeError) throw tooLarge(origin, limits.total);
    throw damaged(origin, error instanceof Error ? error.message : String(error), error);
  }
}

import { ArchiveReader, checkGzip, damaged, HEADER_ROOM, noFiles, tooLarge } from './archive-entries.ts';
import type { ChartFile } from './chart.ts';
import type { ChartLimits } from './limits.ts';
import { tarEntries } from './tar-entries.ts';

/** Stands for read-archive.ts where the platform unpacks, as in browsers: the same in and out. */
export async function readChartArchive(
  bytes: Uint8Array,
  origin: string,
  limits: Required<ChartLimits>,
): Promise<ChartFile[]> {
  checkGzip(bytes, origin);
  const reader = new ArchiveReader(origin, limits);
  const content = await decompress(bytes, origin, limits.total + HEADER_ROOM);
  for (const entry of tarEntries(content, (reason) => damaged(origin, reason, undefined))) {
    reader.begin(entry.path, entry.data.length);
    reader.add(entry.path, [entry.data], new Date(entry.modified));
  }
  if (reader.files.length === 0) throw noFiles(origin);
  return reader.files;
}

async function decompress(bytes: Uint8Array, origin: string, limit: number): Promise<Uint8Array> {
  const stream = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new DecompressionStream('gzip'));
  const reader = stream.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read().catch((error: unknown) => {
      throw damaged(origin, error instanceof Error ? error.message : String(error), error);
    });
    if (done) break;
    size += value.length;
    if (size > limit) {
      await reader.cancel();
      throw tooLarge(origin, limit - HEADER_ROOM);
    }
    chunks.push(value);
  }
  const out = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    out.set(chunk, at);
    at += chunk.length;
  }
  return out;
}

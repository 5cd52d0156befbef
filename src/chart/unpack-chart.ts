import { basename, join } from 'node:path';
import { PintleError } from '../base/errors.ts';
import { goQuote } from '../base/go-quote.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import { loadChartArchive } from './load-chart.ts';
import { readChartArchive } from './read-archive.ts';
import { writeChartFile } from './save-chart.ts';

/**
 * Writes the files of an archive, as they are, into a folder of the chart's name. helm: chartutil.Expand.
 *
 * @param origin what the archive is called in messages
 * @param folder the folder to put the chart's folder into
 * @returns the path of the chart's folder
 * @throws PintleError `chart-invalid`, `chart-archive-unsafe`, `io`
 */
export async function unpackChart(archive: Uint8Array, origin: string, folder: string): Promise<string> {
  const { name } = (await loadChartArchive(archive, origin)).metadata;
  if (name !== basename(name)) {
    throw new PintleError('chart-archive-unsafe', `chart name ${goQuote(name)} must not contain path separators`);
  }
  const target = join(folder, name);
  const files = await readChartArchive(archive, origin, DEFAULT_LIMITS);
  for (const file of files) writeChartFile(join(target, file.name), file.data);
  return target;
}

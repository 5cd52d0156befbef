import { existsSync, renameSync } from 'node:fs';
import { basename, join } from 'node:path';
import { PintleError } from '../base/errors.ts';
import { goQuote } from '../base/go-quote.ts';
import { fileFailure } from './file-errors.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import { loadChartArchive } from './load-chart.ts';
import { readChartArchive } from './read-archive.ts';
import { removeQuietly } from './remove-quietly.ts';
import { writeChartFile } from './save-chart.ts';

/** What is unpacked. */
export interface Unpacking {
  /** What the archive is called in messages. */
  readonly origin: string;
  /** The folder to put the chart's folder into. */
  readonly folder: string;
  /** What that folder is called in messages. */
  readonly shown: string;
}

/**
 * Writes the files of an archive, as they are, into a folder of the chart's name: all of them or none. helm: chartutil.Expand.
 *
 * @returns the path of the chart's folder
 * @throws PintleError `chart-invalid`, `chart-archive-unsafe`, `io`, also when there is something of that name
 */
export async function unpackChart(archive: Uint8Array, { origin, folder, shown }: Unpacking): Promise<string> {
  const { name } = (await loadChartArchive(archive, origin)).metadata;
  if (name === '.' || name === '..') {
    throw new PintleError('chart-archive-unsafe', `chart name ${goQuote(name)} is not allowed`);
  }
  if (name !== basename(name)) {
    throw new PintleError('chart-archive-unsafe', `chart name ${goQuote(name)} must not contain path separators`);
  }
  const target = join(folder, name);
  if (existsSync(target)) throw inTheWay(join(shown, name));
  const files = await readChartArchive(archive, origin, DEFAULT_LIMITS);
  const draft = join(folder, `.${name}.${globalThis.crypto.randomUUID()}.part`);
  try {
    for (const file of files) writeChartFile(join(draft, file.name), file.data);
    rename(draft, target);
  } catch (error) {
    removeQuietly(draft);
    throw error;
  }
  return target;
}

/** The fault that a chart cannot be unpacked over what is there. */
export function inTheWay(shown: string): PintleError {
  return new PintleError('io', `failed to untar: a file or directory with the name ${shown} already exists`, {
    hint: 'remove it, or name another folder with --untardir',
  });
}

function rename(draft: string, target: string): void {
  try {
    renameSync(draft, target);
  } catch (error) {
    throw new PintleError('io', fileFailure('rename', target, error), { location: { file: target }, cause: error });
  }
}

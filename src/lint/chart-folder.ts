import { readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { PintleError } from '../base/errors.ts';
import { buildChart } from '../chart/build-chart.ts';
import type { Chart, ChartFile } from '../chart/chart.ts';
import { errorCode, fileFailure } from '../chart/file-errors.ts';
import { DEFAULT_LIMITS } from '../chart/limits.ts';
import { readChartFolder } from '../chart/read-folder.ts';

/** A chart as the rules see it: its files one by one, and the whole of it if it can be loaded. */
export interface ChartFolder {
  /** Where it lies; absolute. */
  readonly directory: string;
  /** What a name inside the chart is. */
  kind(name: string): 'file' | 'folder' | undefined;
  /** @throws Error with the text that Go has for it */
  read(name: string): Uint8Array;
  /** Loads the chart, once. @throws PintleError */
  load(): Promise<Chart>;
}

/**
 * Opens a chart for its rules: a folder, or an archive, which is not unpacked anywhere.
 *
 * @throws PintleError when there is no chart at all
 */
export async function openChartFolder(path: string): Promise<ChartFolder> {
  const folder = /\.(?:tgz|tar\.gz)$/.test(path) ? await openArchive(path) : openDirectory(path);
  if (folder.kind('Chart.yaml') === undefined) {
    const file = join(path, 'Chart.yaml');
    throw new PintleError(
      'chart-invalid',
      `unable to check Chart.yaml file in chart: stat ${file}: no such file or directory`,
      { location: { file }, hint: 'a chart is a folder with a Chart.yaml, or an archive made by "package"' },
    );
  }
  return folder;
}

function openDirectory(path: string): ChartFolder {
  const directory = resolve(path);
  let chart: Promise<Chart> | undefined;
  return {
    directory,
    kind: (name) => {
      const stats = statSync(join(directory, name), { throwIfNoEntry: false });
      if (stats === undefined) return undefined;
      return stats.isDirectory() ? 'folder' : 'file';
    },
    read: (name) => {
      const file = join(directory, name);
      try {
        return readFileSync(file);
      } catch (error) {
        const operation = errorCode(error) === 'EISDIR' ? 'read' : 'open';
        throw new Error(fileFailure(operation, file, error), { cause: error });
      }
    },
    load: () => {
      chart ??= (async () => build(readChartFolder(directory, DEFAULT_LIMITS), directory))();
      return chart;
    },
  };
}

async function openArchive(path: string): Promise<ChartFolder> {
  const files = await archiveFiles(path);
  const byName = new Map(files.map((file) => [file.name, file.data]));
  let chart: Promise<Chart> | undefined;
  return {
    directory: resolve(path),
    kind: (name) => {
      if (byName.has(name)) return 'file';
      return files.some((file) => file.name.startsWith(`${name.replace(/\/$/, '')}/`)) ? 'folder' : undefined;
    },
    read: (name) => {
      const data = byName.get(name);
      if (data === undefined) throw new Error(`open ${join(path, name)}: no such file or directory`);
      return data;
    },
    load: () => (chart ??= build(files, path)),
  };
}

/** Helm's rules load charts of any apiVersion: Chart.yaml has a rule of its own for that. */
function build(files: readonly ChartFile[], origin: string): Promise<Chart> {
  return buildChart(files, origin, { limits: DEFAULT_LIMITS, isSubchart: true });
}

async function archiveFiles(path: string): Promise<ChartFile[]> {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new PintleError('io', `unable to open tarball: ${fileFailure('open', path, error)}`, { cause: error });
  }
  try {
    const { readChartArchive } = await import('../chart/read-archive.ts');
    return await readChartArchive(bytes, path, DEFAULT_LIMITS);
  } catch (error) {
    if (!(error instanceof PintleError)) throw error;
    throw new PintleError(error.code, `unable to extract tarball: ${error.message}`, { cause: error });
  }
}

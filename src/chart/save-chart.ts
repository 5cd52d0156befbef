import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PintleError } from '../base/errors.ts';
import type { Chart } from './chart.ts';
import { fileFailure } from './file-errors.ts';
import { savePackage } from './package-chart.ts';
import { packagedFiles } from './packaged-files.ts';

/**
 * Writes a chart as a folder of its name; subcharts become archives in its charts/. helm: chartutil.SaveDir.
 *
 * @param folder the folder to put the chart's folder into
 * @returns the path of the chart's folder
 * @throws PintleError `chart-invalid`, `io`
 */
export async function saveChart(chart: Chart, folder: string): Promise<string> {
  const out = join(folder, chart.metadata.name);
  if (statSync(out, { throwIfNoEntry: false })?.isDirectory() === false) {
    throw new PintleError('io', `file ${out} already exists and is not a directory`, { location: { file: out } });
  }
  mkdirSync(out, { recursive: true });
  for (const { name, data } of packagedFiles(chart)) {
    // A lock belongs to the charts/ that it was made for, which is written anew.
    if (name !== 'Chart.lock') writeChartFile(join(out, name), data);
  }
  for (const child of chart.subcharts) await savePackage(child, join(out, 'charts'));
  return out;
}

/**
 * Writes one file of a chart, with the folders that it lies in.
 *
 * @throws PintleError `io`
 */
export function writeChartFile(path: string, data: Uint8Array | string): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, data);
  } catch (error) {
    throw new PintleError('io', fileFailure('open', path, error), { location: { file: path }, cause: error });
  }
}

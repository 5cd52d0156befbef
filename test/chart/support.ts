import { join } from 'node:path';
import { PintleError } from '../../src/base/errors.ts';
import { formatLocation } from '../../src/base/source.ts';
import type { Chart } from '../../src/chart/chart.ts';

/** Minimal chart files by path below a folder. */
export function chartFiles(folder: string, more: Readonly<Record<string, string>> = {}): Record<string, string> {
  const files: Record<string, string> = {
    'Chart.yaml': `apiVersion: v2\nname: ${folder}\nversion: 1.0.0\n`,
    ...more,
  };
  return Object.fromEntries(Object.entries(files).map(([path, text]) => [join(folder, path), text]));
}

/** The message of a failure, its code, and its place without the folder; undefined if there is none. */
export async function faultOf(
  folder: string,
  run: () => Promise<unknown>,
): Promise<{ code: string; message: string; at: string } | undefined> {
  try {
    await run();
    return undefined;
  } catch (error) {
    if (!(error instanceof PintleError)) throw error;
    const at = error.location === undefined ? '' : formatLocation(error.location);
    return {
      code: error.code,
      message: error.message.replaceAll(folder, '.'),
      at: at.replaceAll(folder, '.'),
    };
  }
}

/** The names of a chart's files by kind, for comparisons. */
export function outline(chart: Chart): unknown {
  return {
    name: chart.metadata.name,
    templates: chart.templates.map(({ name }) => name),
    files: chart.files.map(({ name }) => name),
    subcharts: chart.subcharts.map(outline),
  };
}

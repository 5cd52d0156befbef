import { existsSync, mkdirSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { PintleError } from '../base/errors.ts';
import { decodeUtf8, encodeUtf8 } from '../base/go-string.ts';
import { goQuote } from '../base/go-quote.ts';
import type { ChartFile } from './chart.ts';
import { loadChart } from './load-chart.ts';
import { parseValues } from './parse-values.ts';
import { saveChart, writeChartFile } from './save-chart.ts';
import { STARTER_IGNORE, starterChartYaml } from './starter/chart-yaml.ts';
import { starterTemplates } from './starter/templates.ts';
import { starterValuesYaml } from './starter/values-yaml.ts';

const MAX_NAME_LENGTH = 250;
const NAME_PATTERN = /^[a-zA-Z0-9._-]+$/;

/** How a chart is created. */
export interface CreateOptions {
  /** A chart to begin with (`--starter`); `<CHARTNAME>` in its files stands for the new name. */
  readonly starter?: string;
  /** Receives a warning for each file that is overwritten. */
  readonly warn?: (message: string) => void;
}

/**
 * Writes a new chart that can be installed as it is: a deployment with its service, and what is often wanted beside it.
 * helm: chartutil.Create, CreateFrom.
 *
 * @param path of the chart's folder; the last part is its name
 * @returns the folder, as an absolute path
 * @throws PintleError `chart-invalid` for a bad name, `io`
 */
export async function createChart(path: string, options: CreateOptions = {}): Promise<string> {
  const folder = resolve(path);
  const name = basename(folder);
  checkName(name);
  if (options.starter !== undefined) return await createFrom(options.starter, name, dirname(folder));
  const parent = dirname(folder);
  if (statSync(parent, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new PintleError('io', `no such directory ${parent}`, { location: { file: parent } });
  }
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === false) {
    throw new PintleError('io', `file ${folder} already exists and is not a directory`, { location: { file: folder } });
  }
  for (const [file, text] of starterFiles(name)) {
    const full = join(folder, file);
    if (existsSync(full)) options.warn?.(`WARNING: File ${goQuote(full)} already exists. Overwriting.`);
    writeChartFile(full, text);
  }
  mkdirSync(join(folder, 'charts'), { recursive: true });
  return folder;
}

/** The files of a new chart by path. */
function starterFiles(name: string): (readonly [string, string])[] {
  return [
    ['Chart.yaml', starterChartYaml(name)],
    ['values.yaml', starterValuesYaml(name)],
    ['.helmignore', STARTER_IGNORE],
    ...starterTemplates(name),
  ];
}

async function createFrom(starter: string, name: string, parent: string): Promise<string> {
  const chart = await loadChart(starter);
  const named = (file: ChartFile): ChartFile => ({
    ...file,
    data: encodeUtf8(decodeUtf8(file.data).replaceAll('<CHARTNAME>', name)),
  });
  const raw = chart.raw.map((file) => (file.name === 'values.yaml' ? named(file) : file));
  const values = raw.find((file) => file.name === 'values.yaml');
  return await saveChart(
    {
      ...chart,
      metadata: {
        apiVersion: 'v2',
        name,
        description: 'A Helm chart for Kubernetes',
        type: 'application',
        version: '0.1.0',
        appVersion: '0.1.0',
      },
      templates: chart.templates.map(named),
      values: values === undefined ? {} : parseValues(decodeUtf8(values.data), join(starter, 'values.yaml')),
      raw,
    },
    parent,
  );
}

function checkName(name: string): void {
  if (name === '' || name.length > MAX_NAME_LENGTH) {
    throw new PintleError('chart-invalid', `chart name must be between 1 and ${MAX_NAME_LENGTH} characters`);
  }
  if (NAME_PATTERN.test(name)) return;
  throw new PintleError('chart-invalid', `chart name must match the regular expression "${NAME_PATTERN.source}"`, {
    hint: 'use letters, digits, ".", "_" and "-"',
  });
}

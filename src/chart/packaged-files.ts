import { PintleError } from '../base/errors.ts';
import { decodeUtf8, encodeUtf8 } from '../base/go-string.ts';
import { goQuote } from '../base/go-quote.ts';
import type { Chart, ChartFile } from './chart.ts';
import { lockText, metadataText } from './metadata-text.ts';

/** Files that are written from what was read of them, or not at all. */
const SPECIAL: ReadonlySet<string> = new Set(['Chart.yaml', 'Chart.lock', 'values.yaml', 'values.schema.json']);

/**
 * The files of a chart as it is saved, without its subcharts: Chart.yaml from its metadata, all else as it was loaded.
 * helm: pkg/chart/v2/util/save.go.
 *
 * @throws PintleError `chart-invalid`
 */
export function packagedFiles(chart: Chart): ChartFile[] {
  const { metadata, lock, schema, raw } = chart;
  if (metadata.name === '' || metadata.name.includes('/')) {
    throw new PintleError('chart-invalid', `${goQuote(metadata.name)} is not a valid chart name`);
  }
  const out: ChartFile[] = [written('Chart.yaml', metadataText(metadata), raw)];
  if (metadata.apiVersion === 'v2' && lock !== undefined) {
    out.push({ ...written('Chart.lock', lockText(lock), raw), ...generated(lock.generated) });
  }
  const values = raw.find(({ name }) => name === 'values.yaml');
  if (values !== undefined) out.push(values);
  if (schema !== undefined) {
    checkJson(schema);
    const found = raw.find(({ name }) => name === 'values.schema.json');
    out.push({ ...found, name: 'values.schema.json', data: schema });
  }
  const kept = new Set([...chart.templates, ...chart.files].map(({ name }) => name));
  const isFile = ({ name }: ChartFile): boolean =>
    !SPECIAL.has(name) && !name.startsWith('templates/') && (kept.has(name) || name.startsWith('crds/'));
  return [...out, ...chart.templates, ...raw.filter(isFile)];
}

function written(name: string, text: string, raw: readonly ChartFile[]): ChartFile {
  const modTime = raw.find((file) => file.name === name)?.modTime;
  return { name, data: encodeUtf8(text), ...(modTime === undefined ? {} : { modTime }) };
}

function generated(time: string): { modTime?: number } {
  const modTime = Date.parse(time);
  return Number.isNaN(modTime) ? {} : { modTime };
}

function checkJson(schema: Uint8Array): void {
  try {
    JSON.parse(decodeUtf8(schema));
  } catch (error) {
    throw new PintleError('chart-invalid', 'invalid JSON in values.schema.json', { cause: error });
  }
}

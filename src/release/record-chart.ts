import type { Chart, ChartFile } from '../chart/chart.ts';
import type { ReleaseChart, ReleaseFile } from './release.ts';

/** A chart as a record keeps it: without its subcharts. Lists that are empty are null, as Go's are. */
export function recordChart(chart: Chart): ReleaseChart {
  return {
    metadata: chart.metadata,
    lock: chart.lock ?? null,
    templates: recordFiles(chart.templates),
    values: chart.values,
    schema: chart.schema === undefined ? null : base64(chart.schema),
    files: recordFiles(chart.files),
  };
}

/** The chart of a record; it has no subcharts. */
export function chartOfRecord(record: ReleaseChart): Chart {
  const templates = chartFiles(record.templates);
  const files = chartFiles(record.files);
  return {
    metadata: record.metadata,
    ...(record.lock === null ? {} : { lock: record.lock }),
    values: record.values ?? {},
    ...(record.schema === null || record.schema === '' ? {} : { schema: bytes(record.schema) }),
    templates,
    files,
    raw: [...templates, ...files],
    subcharts: [],
  };
}

function recordFiles(files: readonly ChartFile[]): ReleaseFile[] | null {
  return files.length === 0 ? null : files.map(({ name, data }) => ({ name, data: base64(data) }));
}

function chartFiles(files: readonly ReleaseFile[] | null): ChartFile[] {
  return (files ?? []).map(({ name, data }) => ({ name, data: bytes(data) }));
}

function base64(data: Uint8Array): string {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64');
}

function bytes(text: string): Uint8Array {
  return Buffer.from(text, 'base64');
}

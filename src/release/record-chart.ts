import type { Chart, ChartFile } from '../chart/chart.ts';
import type { ReleaseChart, ReleaseFile } from './release.ts';

/** A chart as a record keeps it: without its subcharts. Lists that are empty are null, as Go's are. */
export function recordChart(chart: Chart): ReleaseChart {
  const modTime = (name: string): number | undefined => chart.raw.find((file) => file.name === name)?.modTime;
  return {
    metadata: chart.metadata,
    lock: chart.lock ?? null,
    templates: recordFiles(chart.templates),
    values: chart.values,
    schema: chart.schema === undefined ? null : base64(chart.schema),
    ...timeField('schemamodtime', chart.schema === undefined ? undefined : modTime('values.schema.json')),
    files: recordFiles(otherFiles(chart)),
    ...timeField('modtime', modTime('Chart.yaml')),
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
    files: files.filter((file) => !isDefinition(file)),
    raw: [...templates, ...files],
    subcharts: [],
  };
}

/** Helm counts what lies in crds/ among the other files. */
function otherFiles(chart: Chart): ChartFile[] {
  const names = new Set(chart.files.map((file) => file.name));
  return chart.raw.filter((file) => names.has(file.name) || isDefinition(file));
}

function isDefinition(file: ChartFile): boolean {
  return file.name.startsWith('crds/');
}

function recordFiles(files: readonly ChartFile[]): ReleaseFile[] | null {
  if (files.length === 0) return null;
  return files.map(({ name, data, modTime }) => ({ name, data: base64(data), ...timeField('modtime', modTime) }));
}

function timeField<Name extends string>(name: Name, instant: number | undefined): Partial<Record<Name, string>> {
  return instant === undefined ? {} : ({ [name]: new Date(Math.floor(instant)).toISOString() } as Record<Name, string>);
}

function chartFiles(files: readonly ReleaseFile[] | null): ChartFile[] {
  return (files ?? []).map(({ name, data, modtime }) => {
    const instant = modtime === undefined ? Number.NaN : Date.parse(modtime);
    return { name, data: bytes(data), ...(Number.isNaN(instant) ? {} : { modTime: instant }) };
  });
}

function base64(data: Uint8Array): string {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64');
}

function bytes(text: string): Uint8Array {
  return Buffer.from(text, 'base64');
}

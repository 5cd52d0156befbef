import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { SeededRandom } from '../../../src/base/random.ts';
import type { Chart } from '../../../src/chart/chart.ts';
import { loadChartFiles } from '../../../src/chart/load-chart-files.ts';
import { defaultCapabilities } from '../../../src/render/capabilities.ts';
import { type RenderInput, type RenderResult, renderChart } from '../../../src/render/render-chart.ts';
import { explainFields, type ExplainedField } from '../../../src/render/trace/explain-field.ts';
import { RenderTrace } from '../../../src/render/trace/render-trace.ts';
import { type ValueLayer, type ValueOriginFinder, valueOrigins } from '../../../src/render/trace/value-origins.ts';
import { coalesceForRender } from '../../../src/values/coalesce-for-render.ts';
import { mergeValues } from '../../../src/values/merge-values.ts';

/** Files of a chart by path. */
export type Files = Readonly<Record<string, string>>;

/** A chart from texts; Chart.yaml is made up where there is none. */
export function chartFrom(files: Files): Promise<Chart> {
  const all = { 'Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.0.0\n', ...files };
  const entries = Object.entries(all).map(([name, text]) => ({ name, data: new TextEncoder().encode(text) }));
  return loadChartFiles(entries, '');
}

/** One of the charts in charts/. */
export function exampleChart(name: string): Promise<Chart> {
  const folder = join(import.meta.dirname, '..', '..', '..', 'charts', name);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return loadChartFiles(
    files.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return { name: relative(folder, path), data: readFileSync(path) };
    }),
    '',
  );
}

/** What a user gives beside the chart. */
export interface UserValues {
  /** `-f`, by name. */
  readonly files?: Files;
  /** `--set` */
  readonly set?: readonly string[];
}

/** What {@link renderTraced} gives. */
export interface TracedRender {
  readonly result: RenderResult;
  readonly trace: RenderTrace;
  readonly origins: ValueOriginFinder;
  /** The fields that a selector names. */
  readonly explain: (selector: string) => ExplainedField[];
}

/** The input of a render with the finder of its values. */
export async function traceInput(chart: Chart, { files = {}, set = [] }: UserValues = {}): Promise<RenderInput> {
  const values = await mergeValues({
    files: Object.keys(files),
    values: set,
    readFile: async (name) => new TextEncoder().encode(files[name]),
  });
  const layers: ValueLayer[] = [
    ...Object.entries(files).map(([name, text]): ValueLayer => ({ kind: 'file', name, text: () => text })),
    ...set.map((text): ValueLayer => ({ kind: 'flag', flag: '--set', set: 'typed', text })),
  ];
  return {
    ...(await coalesceForRender(chart, values)),
    release: { name: 'rel', namespace: 'default', revision: 1, isInstall: true, isUpgrade: false, service: 'Helm' },
    capabilities: defaultCapabilities(),
    clock: { now: () => Date.UTC(2026, 0, 2) },
    random: new SeededRandom('trace'),
    valueOrigins: valueOrigins(chart, layers),
  };
}

/** Renders a chart and follows it. */
export async function renderTraced(chart: Chart, user: UserValues = {}): Promise<TracedRender> {
  const trace = new RenderTrace();
  const input = await traceInput(chart, user);
  const result = renderChart({ ...input, trace });
  const origins = input.valueOrigins ?? valueOrigins(chart);
  return { result, trace, origins, explain: (selector) => explainFields(selector, { result, trace, origins }) };
}

/** A field's template places and value places, short. */
export function summary(field: ExplainedField): { from: string[]; values: string[] } {
  return {
    from: field.origins.map(({ location, code, calls }) =>
      [
        `${location.file}:${location.line}:${location.column} ${code}`,
        ...calls.map((call) => `${call.location.file}:${call.location.line}`),
      ].join(' < '),
    ),
    values: field.values.map(({ path, value, origins }) => {
      const places = origins.map(({ name, location }) => (location === undefined ? name : `${name}:${location.line}`));
      return `${path.join('.')}=${value === undefined ? 'unset' : typeof value === 'bigint' ? String(value) : JSON.stringify(value)} ${places.join(' > ')}`.trim();
    }),
  };
}

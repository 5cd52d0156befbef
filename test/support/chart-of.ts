import { encodeUtf8 } from '../../src/base/go-string.ts';
import type { Chart } from '../../src/chart/chart.ts';
import { loadChartFiles } from '../../src/chart/load-chart-files.ts';

/** A chart made of texts by path; Chart.yaml is written when there is none. */
export function chartOf(files: Readonly<Record<string, string>>): Promise<Chart> {
  const all = { 'Chart.yaml': 'apiVersion: v2\nname: web\nversion: 0.1.0\n', ...files };
  return loadChartFiles(
    Object.entries(all).map(([name, text]) => ({ name, data: encodeUtf8(text) })),
    'web',
  );
}

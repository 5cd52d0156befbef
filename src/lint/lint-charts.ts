import { type Dirent, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { compareStrings } from '../base/json.ts';
import { type ChartLint, type LintOptions, lintChart } from './lint-chart.ts';

export interface LintChartsOptions extends LintOptions {
  /** `--with-subcharts`: what lies in charts/ too. */
  readonly withSubcharts?: boolean;
}

/** What was found in all charts. */
export interface LintReport {
  readonly charts: readonly ChartLint[];
  /** How many of them fail. */
  readonly failed: number;
}

/** Checks charts one after the other. helm: pkg/cmd/lint.go. */
export async function lintCharts(
  paths: readonly string[],
  values: Readonly<Record<string, unknown>>,
  options: LintChartsOptions,
): Promise<LintReport> {
  const all = options.withSubcharts === true ? [...paths, ...paths.flatMap(subchartPaths)] : paths;
  const charts: ChartLint[] = [];
  for (const path of all) charts.push(await lintChart(path, values, options));
  return { charts, failed: charts.filter((chart) => chart.errors.length > 0).length };
}

/** Every chart below `charts/`, folders and archives, in the order of a walk. */
function subchartPaths(path: string): string[] {
  const out: string[] = [];
  const walk = (folder: string): void => {
    for (const entry of entries(folder)) {
      const inside = join(folder, entry.name);
      if (entry.name === 'Chart.yaml') out.push(folder);
      else if (/\.(?:tgz|tar\.gz)$/.test(entry.name)) out.push(inside);
      if (entry.isDirectory()) walk(inside);
    }
  };
  walk(join(path, 'charts'));
  return out;
}

function entries(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((a, b) => compareStrings(a.name, b.name));
  } catch {
    // What cannot be read holds nothing to check.
    return [];
  }
}

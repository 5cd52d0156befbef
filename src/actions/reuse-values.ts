import type { Chart } from '../chart/chart.ts';
import type { Release } from '../release/release.ts';
import { coalesceTables } from '../values/coalesce-tables.ts';
import { coalesceValues } from '../values/coalesce-values.ts';
import { chartOfRecord } from '../release/record-chart.ts';

/** `--reset-values`, `--reuse-values`, `--reset-then-reuse-values`, or none of them. */
export type ReuseValues = 'default' | 'reset' | 'reuse' | 'reset-then-reuse';

/** The chart and values that an upgrade renders, after `--reuse-values` and its like. Helm: pkg/action/upgrade.go. */
export async function reuseValues(
  options: { readonly chart: Chart; readonly values: Readonly<Record<string, unknown>>; readonly reuse: ReuseValues },
  current: Release,
): Promise<{ chart: Chart; values: Readonly<Record<string, unknown>> }> {
  const { chart, values } = options;
  const config = current.config ?? {};
  switch (options.reuse) {
    case 'reset':
      return { chart, values };
    case 'reuse': {
      const old = coalesceValues(chartOfRecord(current.chart), config).values;
      return { chart: { ...chart, values: old }, values: coalesceTables(values, config) };
    }
    case 'reset-then-reuse':
      return { chart, values: coalesceTables(values, config) };
    default:
      return { chart, values: Object.keys(values).length === 0 ? config : values };
  }
}

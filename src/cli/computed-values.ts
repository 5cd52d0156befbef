import type { Release } from '../release/release.ts';

/** A release's values with the defaults of its chart. */
export async function computedValues(release: Release): Promise<unknown> {
  const { coalesceValues } = await import('../values/coalesce-values.ts');
  const { chartOfRecord } = await import('../release/record-chart.ts');
  return coalesceValues(chartOfRecord(release.chart), release.config ?? {}).values;
}

import { buildChart } from './build-chart.ts';
import type { Chart, ChartFile } from './chart.ts';
import { DEFAULT_LIMITS, type ChartLimits } from './limits.ts';

/** How a chart is loaded. */
export interface LoadChartOptions {
  readonly limits?: ChartLimits;
  /** Receives what is odd but no fault. */
  readonly warn?: (message: string) => void;
}

/**
 * Makes a chart of files that are at hand; their names are paths inside the chart.
 *
 * @param origin what the chart is called in messages
 */
export async function loadChartFiles(
  files: readonly ChartFile[],
  origin: string,
  options: LoadChartOptions = {},
): Promise<Chart> {
  return await buildChart(files, origin, { limits: { ...DEFAULT_LIMITS, ...options.limits }, warn: options.warn });
}

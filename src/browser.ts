/**
 * The part of the library that needs no Node: loads charts from files at hand and renders them. Bundlers that build for
 * browsers and workers take this in place of index.ts.
 *
 * @packageDocumentation
 */
export { PintleError, type ErrorCode } from './base/errors.ts';
export type { SourceLocation } from './base/source.ts';
export type { Clock } from './base/clock.ts';
export { type Random, SeededRandom } from './base/random.ts';

export type { Chart, ChartFile, ChartMetadata } from './chart/chart.ts';
export { loadChartFiles, type LoadChartOptions } from './chart/load-chart-files.ts';
export { mergeValues, type ValueSources } from './values/merge-values.ts';
export { coalesceForRender, type CoalescedChart, type CoalesceOptions } from './values/coalesce-for-render.ts';
export { renderChart, type RenderInput, type RenderResult } from './render/render-chart.ts';
export { type Capabilities, defaultCapabilities } from './render/capabilities.ts';

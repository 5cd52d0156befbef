import { PintleError } from '../base/errors.ts';
import type { Chart } from '../chart/chart.ts';
import { checkSchemas, type FetchSchema } from './check-schemas.ts';
import { coalesceTree } from './coalesce-values.ts';
import { processDependencies } from './process-dependencies.ts';
import { type ValuesWarning, Warnings } from './warning.ts';

/** How values are made ready for rendering. */
export interface CoalesceOptions {
  /** `--skip-schema-validation` */
  readonly skipSchemaValidation?: boolean;
  /** Reads a schema that a `$ref` names by an http(s) URL; absent: such schemas are refused. */
  readonly fetchSchema?: FetchSchema;
  /** Coalesce twice, as Helm's linter does: keys that charts set to null are gone then. */
  readonly twice?: boolean;
}

/** What a chart is rendered with. */
export interface CoalescedChart {
  /** Without the subcharts that are disabled, with aliases and imported values. */
  readonly chart: Chart;
  /** Of the whole tree; those of a subchart lie under its name. */
  readonly values: Record<string, unknown>;
  readonly warnings: readonly ValuesWarning[];
}

/**
 * Makes a chart and the user's values ready for rendering: settles dependencies, coalesces values over the chart tree and
 * checks them against the schemas of all charts. The arguments stay as they are.
 * helm: chartutil.ProcessDependencies, ToRenderValuesWithSchemaValidation.
 *
 * @throws PintleError `values-invalid`, `values-schema`
 */
export async function coalesceForRender(
  chart: Chart,
  values: Readonly<Record<string, unknown>>,
  options: CoalesceOptions = {},
): Promise<CoalescedChart> {
  const warnings = new Warnings();
  const processed = process(chart, values, warnings);
  const once = coalesceTree(processed, values, { merge: false, warnings });
  const coalesced =
    options.twice === true ? coalesceTree(processed, once, { merge: false, warnings: new Warnings() }) : once;
  if (options.skipSchemaValidation !== true) await checkSchemas(processed, coalesced, options.fetchSchema);
  return { chart: processed, values: coalesced, warnings: warnings.list() };
}

function process(chart: Chart, values: Readonly<Record<string, unknown>>, warnings: Warnings): Chart {
  try {
    return processDependencies(chart, values, warnings);
  } catch (error) {
    if (!(error instanceof PintleError)) throw error;
    const { hint } = error;
    throw new PintleError(error.code, `chart dependencies processing failed: ${error.message}`, {
      ...(hint === undefined ? {} : { hint }),
      cause: error,
    });
  }
}

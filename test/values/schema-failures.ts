import { PintleError } from '../../src/base/errors.ts';
import type { Chart } from '../../src/chart/chart.ts';
import { checkSchemas } from '../../src/values/check-schemas.ts';

/** What is wrong with values by a schema's text, without the lines around it; '' if nothing is. */
export async function failuresOf(schema: string, values: Readonly<Record<string, unknown>>): Promise<string> {
  const chart: Chart = {
    metadata: { apiVersion: 'v2', name: 'one', version: '1.0.0' },
    values: {},
    schema: new TextEncoder().encode(schema),
    templates: [],
    files: [],
    raw: [],
    subcharts: [],
  };
  try {
    await checkSchemas(chart, values, undefined);
    return '';
  } catch (error) {
    if (!(error instanceof PintleError)) throw error;
    return error.message.split('\none:\n')[1] ?? '';
  }
}

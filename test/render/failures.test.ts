import { beforeAll, describe, expect, test } from 'vitest';
import { PintleError } from '../../src/base/errors.ts';
import { renderChart } from '../../src/render/render-chart.ts';
import { FAILING_TEMPLATES, FAILING_VALUES } from './failing-templates.ts';
import { chartYaml, helmTemplate, inputOf, type ChartFiles } from './support.ts';

function filesOf(template: string): ChartFiles {
  return {
    'Chart.yaml': chartYaml('x'),
    'values.yaml': JSON.stringify(FAILING_VALUES),
    'templates/a.yaml': template,
  };
}

function failure(template: string): PintleError | undefined {
  try {
    renderChart(inputOf(filesOf(template)));
  } catch (error) {
    if (error instanceof PintleError) return error;
    throw error;
  }
  return undefined;
}

describe('errors are worded as helm words them', () => {
  const expected = new Map<string, string>();

  beforeAll(async () => {
    const queue = [...FAILING_TEMPLATES];
    const worker = async (): Promise<void> => {
      for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
        const run = await helmTemplate(filesOf(next));
        expected.set(next, run.ok ? 'no error' : run.err);
      }
    };
    await Promise.all([worker(), worker()]);
  });

  test.each(FAILING_TEMPLATES.map((template) => [template]))('%s', (template) => {
    const message = failure(template)?.message ?? '';
    expect(`Error: ${message}\n\nUse --debug flag to render out invalid YAML\n`).toBe(expected.get(template));
  });

  test('every error has a place', () => {
    for (const template of FAILING_TEMPLATES) {
      const error = failure(template);
      expect([template, error?.location?.file, error?.location?.line]).toEqual([
        template,
        expect.any(String),
        expect.any(Number),
      ]);
    }
  });
});

import { resolve } from 'node:path';
import { readFileSync } from 'node:fs';
import { PintleError } from '../base/errors.ts';
import type { Chart } from '../chart/chart.ts';
import { loadChart } from '../chart/load-chart.ts';
import { mergeValues } from '../values/merge-values.ts';
import type { RenderFlags, ValueFlags } from './flags.ts';
import type { Io } from './io.ts';

/** A chart and the user's values for it. */
export interface ChartInput {
  readonly chart: Chart;
  readonly values: Record<string, unknown>;
}

/**
 * Loads the chart that a command names, and the values of its flags.
 *
 * @throws PintleError `chart-not-found`, `chart-invalid`, `chart-dependency`, `values-*`, `yaml-syntax`
 */
export async function loadChartInput(io: Io, path: string, flags: ValueFlags & RenderFlags): Promise<ChartInput> {
  const values = await userValues(io, flags);
  const chart = await loadChart(resolve(io.cwd, path));
  checkDependencies(chart);
  if (chart.metadata.deprecated === true) io.stderr('Warning: this chart is deprecated\n');
  return { chart, values };
}

/** The values of `-f`, `--set` and their family, merged in Helm's order. */
export function userValues(io: Io, flags: ValueFlags): Promise<Record<string, unknown>> {
  return mergeValues({
    files: flags.values ?? [],
    jsonValues: flags.setJson ?? [],
    values: flags.set ?? [],
    stringValues: flags.setString ?? [],
    fileValues: flags.setFile ?? [],
    literalValues: flags.setLiteral ?? [],
    readFile: (path) => readInput(io, path),
  });
}

/** A file that a flag names; `-` is standard input. */
async function readInput(io: Io, path: string): Promise<Uint8Array> {
  if (path.trim() === '-') return await io.stdin();
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(path)) {
    throw new PintleError('usage', `cannot read ${path}: values over the network are not read`, {
      hint: 'download the file and name it',
    });
  }
  try {
    return readFileSync(resolve(io.cwd, path));
  } catch (error) {
    throw new PintleError('usage', `open ${path}: ${reason(error)}`, { cause: error });
  }
}

function reason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return 'no such file or directory';
  if (code === 'EACCES') return 'permission denied';
  if (code === 'EISDIR') return 'is a directory';
  return error instanceof Error ? error.message : String(error);
}

/** Refuses a chart whose dependencies are not all there. helm: pkg/action/dependency.go, CheckDependencies. @throws PintleError `chart-dependency` */
export function checkDependencies(chart: Chart): void {
  const present = new Set(chart.subcharts.map((each) => each.metadata.name));
  const missing = (chart.metadata.dependencies ?? []).map((each) => each.name).filter((name) => !present.has(name));
  if (missing.length === 0) return;
  throw new PintleError(
    'chart-dependency',
    'an error occurred while checking for chart dependencies. You may need to run `pintle dependency build` to fetch ' +
      `missing dependencies: found in Chart.yaml, but missing in charts/ directory: ${missing.join(', ')}`,
  );
}

/**
 * The name that `--name-template` gives.
 *
 * @throws PintleError `usage`
 */
export async function nameFromTemplate(io: Io, template: string): Promise<string> {
  const [{ goTemplateEngine }, { sprigFunctions }, { loadHeavyModule }, { systemRandom }] = await Promise.all([
    import('../gotemplate/go-template-engine.ts'),
    import('../sprig/sprig-functions.ts'),
    import('../render/heavy-modules.ts'),
    import('./system-random.ts'),
  ]);
  const functions = sprigFunctions({ clock: { now: () => io.now() }, random: systemRandom, load: loadHeavyModule });
  const set = goTemplateEngine.compile([{ name: 'name-template', text: template }], { functions });
  return set.execute('name-template', null);
}

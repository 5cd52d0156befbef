import { resolve } from 'node:path';
import { existsSync, readFileSync } from 'node:fs';
import { PintleError } from '../base/errors.ts';
import { decodeUtf8 } from '../base/go-string.ts';
import type { Chart } from '../chart/chart.ts';
import { loadChart } from '../chart/load-chart.ts';
import type { ValueLayer } from '../render/trace/value-origins.ts';
import { mergeValues } from '../values/merge-values.ts';
import type { SetKind } from '../values/set.ts';
import { type FetchFlags, locate } from './fetch-flags.ts';
import type { RenderFlags, ValueFlags } from './flags.ts';
import type { Io } from './io.ts';

/** A chart and the user's values for it. */
export interface ChartInput {
  readonly chart: Chart;
  readonly values: Record<string, unknown>;
  /** What the values of the flags came from, the weakest first. */
  readonly layers: readonly ValueLayer[];
}

/**
 * Loads the chart that a command names, and the values of its flags.
 *
 * @throws PintleError `chart-not-found`, `chart-invalid`, `chart-dependency`, `fetch-failed`, `verification-failed`, `values-*`, `yaml-syntax`
 */
export async function loadChartInput(
  io: Io,
  name: string,
  flags: ValueFlags & RenderFlags & FetchFlags,
): Promise<ChartInput> {
  const path = chartPath(io, await locate(io, name, flags));
  const source = keepStdin(io);
  const values = await userValues(source.io, flags);
  const load = async (): Promise<Chart> => await loadChart(path, { warn: (message) => io.stderr(`${message}\n`) });
  let chart = await load();
  if (flags.dependencyUpdate === true && missingDependencies(chart).length > 0) {
    const { bringDependencies } = await import('./run-dependency.ts');
    await bringDependencies(io, 'update', path, flags);
    chart = await load();
  }
  checkDependencies(chart);
  if (chart.metadata.deprecated === true) io.stderr('Warning: this chart is deprecated\n');
  return { chart, values, layers: valueLayers(io, flags, source.read) };
}

/** Standard input can be read but once. */
function keepStdin(io: Io): { readonly io: Io; readonly read: () => Uint8Array } {
  let kept: Promise<Uint8Array> | undefined;
  let content: Uint8Array = new Uint8Array();
  const stdin = (): Promise<Uint8Array> => {
    kept ??= io.stdin().then((bytes) => {
      content = bytes;
      return bytes;
    });
    return kept;
  };
  return { io: { ...io, stdin }, read: () => content };
}

/** The sources of {@link userValues} in its order; files are read again when somebody asks for them. */
function valueLayers(io: Io, flags: ValueFlags, stdin: () => Uint8Array): ValueLayer[] {
  const files = (flags.values ?? []).map((name): ValueLayer => {
    const text = (): string => {
      if (name.trim() === '-') return decodeUtf8(stdin());
      const path = resolve(io.cwd, name);
      return existsSync(path) ? decodeUtf8(readFileSync(path)) : '';
    };
    return { kind: 'file', name, text };
  });
  const each = (flag: string, set: SetKind, texts: readonly string[] | undefined): ValueLayer[] =>
    (texts ?? []).map((text) => ({ kind: 'flag', flag, set, text }));
  return [
    ...files,
    ...each('--set-json', 'json', flags.setJson),
    ...each('--set', 'typed', flags.set),
    ...each('--set-string', 'string', flags.setString),
    ...each('--set-file', 'file', flags.setFile),
    ...each('--set-literal', 'literal', flags.setLiteral),
  ];
}

/** The path of a chart as the user wrote it, where that names it: messages repeat it. */
export function chartPath(io: Io, path: string): string {
  return io.cwd === process.cwd() ? path : resolve(io.cwd, path);
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
  if (/^https?:\/\//.test(path)) {
    const [{ getFile }, { NodeHttp }] = await Promise.all([
      import('../repository/get-file.ts'),
      import('./node-http.ts'),
    ]);
    return await getFile(new NodeHttp(io.env), path, { base: path });
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
  const missing = missingDependencies(chart);
  if (missing.length === 0) return;
  throw new PintleError(
    'chart-dependency',
    'an error occurred while checking for chart dependencies. You may need to run `pintle dependency build` to fetch ' +
      `missing dependencies: found in Chart.yaml, but missing in charts/ directory: ${missing.join(', ')}`,
  );
}

function missingDependencies({ subcharts, metadata }: Chart): string[] {
  const present = new Set(subcharts.map((each) => each.metadata.name));
  return (metadata.dependencies ?? []).map((each) => each.name).filter((name) => !present.has(name));
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

import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { SeededRandom } from '../../src/base/random.ts';
import type { Chart, ChartFile, ChartMetadata } from '../../src/chart/chart.ts';
import { defaultCapabilities } from '../../src/render/capabilities.ts';
import type { RenderInput } from '../../src/render/render-chart.ts';
import { fromYaml } from '../../src/yaml/parse.ts';
import { goData } from '../gotemplate/support.ts';
import { isolatedEnvironment, realTools } from '../support/real-tools.ts';

/** The files of a chart by path; subcharts lie below `charts/NAME/`. */
export type ChartFiles = Readonly<Record<string, string>>;

const OWN = /^(?:Chart\.yaml|values\.yaml|values\.schema\.json|Chart\.lock|crds\/.*)$/;

/** A chart from its files, without any processing of values or dependencies. */
export function chartOf(files: ChartFiles): Chart {
  const metadata = fromYaml(files['Chart.yaml'] ?? '', { target: 'map' }) as unknown as ChartMetadata;
  const children = new Map<string, Record<string, string>>();
  const raw: ChartFile[] = [];
  for (const [path, text] of Object.entries(files)) {
    const child = /^charts\/([^/]+)\/(.*)$/.exec(path);
    if (child === null) raw.push({ name: path, data: new TextEncoder().encode(text) });
    else {
      const name = child[1] ?? '';
      children.set(name, { ...children.get(name), [child[2] ?? '']: text });
    }
  }
  return {
    metadata,
    values: fromYaml(files['values.yaml'] ?? '', { target: 'map' }),
    templates: raw.filter(({ name }) => name.startsWith('templates/')),
    files: raw.filter(({ name }) => !name.startsWith('templates/') && !OWN.test(name)),
    raw,
    subcharts: [...children.values()].map(chartOf),
  };
}

/** What a chart is rendered with in tests. */
export function inputOf(files: ChartFiles, overrides: Partial<RenderInput> = {}): RenderInput {
  const chart = chartOf(files);
  return {
    chart,
    values: goData(chart.values) as Record<string, unknown>,
    release: {
      name: 'rel',
      namespace: 'default',
      revision: 1,
      isInstall: true,
      isUpgrade: false,
      service: 'Helm',
    },
    capabilities: defaultCapabilities(),
    clock: { now: () => Date.UTC(2026, 0, 2) },
    random: new SeededRandom('render'),
    ...overrides,
  };
}

/** A Chart.yaml. */
export function chartYaml(name: string, more = ''): string {
  return `apiVersion: v2\nname: ${name}\nversion: 1.0.0\n${more}`;
}

/** What a run of real helm printed. */
export interface HelmRun {
  readonly ok: boolean;
  readonly out: string;
  readonly err: string;
}

/** Runs `helm template rel CHART …` on files written to a folder of their own. */
export async function helmTemplate(files: ChartFiles, args: readonly string[] = []): Promise<HelmRun> {
  const folder = mkdtempSync(join(tmpdir(), 'pintle-render-'));
  const name = (chartOf(files).metadata.name satisfies string) || 'chart';
  try {
    for (const [path, text] of Object.entries(files)) {
      const file = join(folder, name, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
    return await new Promise((resolve) => {
      execFile(
        realTools().helm,
        ['template', 'rel', join(folder, name), ...args],
        { encoding: 'utf8', maxBuffer: 1e8, env: isolatedEnvironment(folder) },
        (error, out, err) => resolve({ ok: error === null, out, err }),
      );
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

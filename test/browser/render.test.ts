import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, type BuildResult, type Plugin } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { otherProgram } from '../support/other-programs.ts';
import { packedCharts } from './charts.ts';
import { renderPacked } from './render-packed.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const CHROMIUM = otherProgram('Chromium', ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']);

interface Manifest {
  readonly browser: Readonly<Record<string, string>>;
  readonly exports: { readonly '.': { readonly browser: { readonly default: string } } };
}

const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Manifest;

/** The source of a built file of the library. */
function sourceOf(built: string): string {
  return join(ROOT, built.replace('./dist/lib/', 'src/').replace(/\.js$/, '.ts'));
}

/** What bundlers do with the field `browser` of package.json, for sources. */
const replacements: Plugin = {
  name: 'browser-field',
  setup(context) {
    const map = new Map(Object.entries(manifest.browser).map(([from, to]) => [sourceOf(from), sourceOf(to)]));
    context.onResolve({ filter: /\.ts$/ }, ({ path, resolveDir }) => {
      const replaced = map.get(join(resolveDir, path));
      return replaced === undefined ? undefined : { path: replaced };
    });
  },
};

function bundle(entry: string): Promise<BuildResult<{ write: false; metafile: true }>> {
  return build({
    entryPoints: [entry],
    bundle: true,
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
    write: false,
    metafile: true,
    logLevel: 'silent',
    plugins: [replacements],
  });
}

/** The document that a page leaves behind. */
function dumpDom(page: string, profile: string): Promise<string> {
  const args = [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--virtual-time-budget=60000',
    `--user-data-dir=${profile}`,
    '--dump-dom',
    `file://${page}`,
  ];
  return new Promise((resolve, reject) => {
    execFile(CHROMIUM ?? '', args, { encoding: 'utf8', maxBuffer: 1 << 26, timeout: 100_000 }, (error, out) => {
      if (error === null) resolve(out);
      else reject(error);
    });
  });
}

describe('the library in a browser', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pintle-browser-'));
  let results: readonly string[] = [];

  beforeAll(async () => {
    if (CHROMIUM === undefined) return;
    const { outputFiles } = await bundle(join(import.meta.dirname, 'page.ts'));
    const script = (outputFiles[0]?.text ?? '').replaceAll('</script', '<\\/script');
    const input = JSON.stringify(packedCharts()).replaceAll('<', '\\u003c');
    const page = join(folder, 'page.html');
    writeFileSync(
      page,
      `<!doctype html><meta charset="utf-8"><body><script type="application/json" id="input">${input}</script><script type="module">${script}</script>`,
    );
    const document = await dumpDom(page, join(folder, 'profile'));
    const found = /<pre id="out">([^<]*)<\/pre>/.exec(document)?.[1];
    if (found === undefined) throw new Error(`the page gave nothing:\n${document.slice(-2000)}`);
    results = JSON.parse(Buffer.from(found, 'base64').toString('utf8')) as string[];
  });

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('is what package.json gives to bundlers, and needs nothing of Node', async () => {
    const { metafile } = await bundle(sourceOf(manifest.exports['.'].browser.default));
    const imports = Object.values(metafile.outputs).flatMap((output) => output.imports.map(({ path }) => path));
    expect(imports).toEqual([]);
    const inputs = Object.values(metafile.inputs).flatMap((input) => input.imports.map(({ path }) => path));
    expect(inputs.filter((path) => path.startsWith('node:'))).toEqual([]);
    expect(Object.keys(metafile.inputs)).toContain('src/render/render-chart.ts');
  });

  it('speaks of no Node global in its sources', async () => {
    const { metafile } = await bundle(sourceOf(manifest.exports['.'].browser.default));
    const own = Object.keys(metafile.inputs).filter((path) => path.startsWith('src/'));
    expect(own.length).toBeGreaterThan(150);
    const faults = own.filter((path) =>
      /\b(?:Buffer\.|process\.|__dirname|setImmediate)/.test(readFileSync(join(ROOT, path), 'utf8')),
    );
    expect(faults).toEqual([]);
  });

  it.skipIf(CHROMIUM === undefined)('renders what Node renders', async () => {
    const charts = packedCharts();
    const expected: string[] = [];
    for (const packed of charts) expected.push(await renderPacked(packed));
    for (const [i, { name }] of charts.entries()) expect([name, results[i]]).toEqual([name, expected[i]]);
    expect(expected.at(-1)).toMatch(/^values-schema: /);
    expect(expected[3]).toContain('kind: Sub');
    expect(results).toHaveLength(charts.length);
  });
});

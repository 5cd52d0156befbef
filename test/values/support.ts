import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { PintleError } from '../../src/base/errors.ts';
import { SeededRandom } from '../../src/base/random.ts';
import { loadChart } from '../../src/chart/load-chart.ts';
import { defaultCapabilities } from '../../src/render/capabilities.ts';
import { renderChart } from '../../src/render/render-chart.ts';
import { coalesceForRender } from '../../src/values/coalesce-for-render.ts';
import { mergeValues } from '../../src/values/merge-values.ts';
import { isolatedEnvironment, realTools } from '../support/real-tools.ts';

/** The files of a folder by path. */
export type Files = Readonly<Record<string, string | Uint8Array>>;

/** Runs with a folder that is gone afterwards. */
export async function inFolder<T>(files: Files, run: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'pintle-values-'));
  try {
    writeFiles(folder, files);
    return await run(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Writes files below a folder. */
export function writeFiles(folder: string, files: Files): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

/** What a program printed. */
export interface Run {
  readonly ok: boolean;
  readonly out: string;
  readonly err: string;
}

/** Runs real helm in a folder; lines of its log are left out. */
export function helm(folder: string, args: readonly string[]): Promise<Run> {
  return new Promise((done) => {
    const options = {
      cwd: folder,
      encoding: 'utf8',
      maxBuffer: 1e8,
      env: isolatedEnvironment(join(folder, '.home')),
    } as const;
    execFile(realTools().helm, args, options, (error, out, err) => {
      done({ ok: error === null, out, err: err.replace(/^level=.*\n/gm, '').replace(/^Error: /, '') });
    });
  });
}

/** The flags of `template` that these tests use. */
const FLAGS: Readonly<Record<string, string>> = {
  '-f': 'files',
  '--set': 'values',
  '--set-string': 'stringValues',
  '--set-file': 'fileValues',
  '--set-json': 'jsonValues',
  '--set-literal': 'literalValues',
};

/** What `helm template rel CHART …` would print, by the loader, the values and the renderer of this project. */
export async function template(folder: string, chart: string, args: readonly string[] = []): Promise<Run> {
  try {
    const sources: Record<string, string[]> = {};
    for (let i = 0; i < args.length; i += 2) (sources[FLAGS[args[i] ?? ''] ?? ''] ??= []).push(args[i + 1] ?? '');
    const values = await mergeValues({ ...sources, readFile: (path) => read(folder, path) });
    const loaded = await loadChart(resolve(folder, chart));
    const ready = await coalesceForRender(loaded, values);
    const result = renderChart({
      ...ready,
      release: { name: 'rel', namespace: 'default', revision: 1, isInstall: true, isUpgrade: false, service: 'Helm' },
      capabilities: defaultCapabilities(),
      clock: { now: () => 0 },
      random: new SeededRandom('values'),
    });
    return { ok: true, out: result.manifestText(), err: '' };
  } catch (error) {
    if (!(error instanceof PintleError)) throw error;
    return { ok: false, out: '', err: `${error.message}\n` };
  }
}

async function read(folder: string, path: string): Promise<Uint8Array> {
  try {
    return await readFile(resolve(folder, path));
  } catch (error) {
    throw new PintleError('usage', `open ${path}: no such file or directory`, { cause: error });
  }
}

/** A choice by chance, for generated cases. */
export class Dice {
  readonly #random: SeededRandom;

  constructor(seed: string) {
    this.#random = new SeededRandom(seed);
  }

  /** A whole number below a bound. */
  below(bound: number): number {
    return Math.floor(this.#random.next() * bound);
  }

  chance(probability: number): boolean {
    return this.#random.next() < probability;
  }

  pick<T>(list: readonly T[]): T {
    const found = list[this.below(list.length)];
    if (found === undefined) throw new Error('nothing to pick from');
    return found;
  }
}

/** How many generated cases are run: more on demand. */
export function caseCount(usual: number): number {
  return Number(process.env['PINTLE_VALUES_CASES'] ?? usual);
}

/** What the generated cases begin with. */
export function caseSeed(): string {
  return process.env['PINTLE_VALUES_SEED'] ?? 'values';
}

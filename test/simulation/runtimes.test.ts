import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileArguments } from '../../scripts/executable.mjs';
import { otherProgram } from '../support/other-programs.ts';
import { runScenario } from './scenario.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const SEEDS = [1, 4, 7, 10];
const NODE_24 = otherProgram('Node 24 (PINTLE_NODE24)', [process.env['PINTLE_NODE24']]);
/** What the single executable is made with. */
const BUN = join(ROOT, 'node_modules', 'bun', 'bin', 'bun.exe');

describe('random scenarios on other runtimes', () => {
  // Beside node_modules, where the bundle finds the packages.
  const folder = mkdtempSync(join(ROOT, '.simulate-'));
  const bundle = join(folder, 'digests.mjs');
  const whole = join(folder, 'digests.cjs');
  const expected: Record<string, string> = {};

  beforeAll(async () => {
    const contents = `
      import { runScenario } from ${JSON.stringify(join(import.meta.dirname, 'scenario.ts'))};
      async function main() {
        const digests = {};
        for (const seed of ${JSON.stringify(SEEDS)}) digests[seed] = (await runScenario(seed)).digest;
        process.stdout.write(JSON.stringify({ version: process.versions.bun ?? process.version, digests }));
      }
      void main();`;
    const stdin = { contents, resolveDir: ROOT, loader: 'ts' } as const;
    const common = { stdin, bundle: true, platform: 'node', logLevel: 'silent' } as const;
    await build({ ...common, format: 'esm', packages: 'external', outfile: bundle });
    // An executable finds no packages. The scenarios keep nothing on disk.
    const define = { 'import.meta.url': JSON.stringify('file:///digests.js') };
    await build({ ...common, define, format: 'cjs', external: ['lmdb'], outfile: whole });
    for (const seed of SEEDS) expected[seed] = (await runScenario(seed)).digest;
  });

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const outcome = (program: string): unknown => JSON.parse(execFileSync(program, [bundle], { encoding: 'utf8' }));

  it('are the same on this Node', () => {
    expect(outcome(process.execPath)).toEqual({ version: process.version, digests: expected });
  });

  it.skipIf(NODE_24 === undefined)('are the same on Node 24', () => {
    expect(outcome(NODE_24 ?? '')).toEqual({ version: expect.stringMatching(/^v24\./), digests: expected });
  });

  it('are the same on Bun', () => {
    expect(outcome(BUN)).toEqual({ version: expect.stringMatching(/^\d+\./), digests: expected });
  });

  it('are the same in an executable', () => {
    const executable = join(folder, 'digests');
    execFileSync(BUN, compileArguments(whole, executable), { cwd: folder, stdio: 'ignore' });
    expect(outcome(executable)).toEqual({ version: expect.stringMatching(/^\d+\./), digests: expected });
  });
});

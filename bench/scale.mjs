// `node bench/scale.mjs [WORD]`: what the simulated cluster costs as it grows. Prints a table; nothing here is a test. Without a
// word all but the case with 100,000 pods, which `big` runs. On a machine that does other work too, the processor's time counts.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '..');
const folder = join(root, `.scale-${process.pid}`);
const word = process.argv[2] ?? '';

async function load() {
  mkdirSync(folder, { recursive: true });
  const outfile = join(folder, 'scale-cases.mjs');
  const entryPoints = [join(root, 'bench/scale-cases.ts')];
  await build({
    entryPoints,
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    sourcemap: 'inline',
  });
  return await import(pathToFileURL(outfile).href);
}

try {
  const { scaleCases } = await load();
  const head = ['wall', 'processor', 'memory'].map((title) => title.padStart(10)).join(' ');
  process.stdout.write(`${'case'.padEnd(60)} ${head}\n`);
  for (const { name, run, beside } of scaleCases) {
    if (!name.includes(word) || (word === '' && name.startsWith('big:'))) continue;
    globalThis.gc?.();
    const started = performance.now();
    const before = process.cpuUsage();
    const rows = await run();
    const { user, system } = process.cpuUsage(before);
    const memory = process.memoryUsage().rss / 2 ** 20;
    const figures = [
      `${((performance.now() - started) / 1000).toFixed(2)} s`,
      `${((user + system) / 1_000_000).toFixed(2)} s`,
      `${memory.toFixed(0)} MiB`,
    ];
    process.stdout.write(`${name.padEnd(60)} ${figures.map((text) => text.padStart(10)).join(' ')}\n`);
    if (beside !== undefined) process.stdout.write(`  (${beside})\n`);
    for (const [title, value] of rows) process.stdout.write(`  ${title.padEnd(50)} ${value.padStart(10)}\n`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

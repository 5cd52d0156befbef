// `node bench/scale.mjs [WORD]`: what the simulated cluster costs as it grows. Prints a table; nothing here is a test.
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
  process.stdout.write(`${'case'.padEnd(52)} ${'wall'.padStart(10)} ${'heap'.padStart(9)}\n`);
  for (const { name, run } of scaleCases) {
    if (!name.includes(word)) continue;
    globalThis.gc?.();
    const started = performance.now();
    const rows = await run();
    const seconds = (performance.now() - started) / 1000;
    const heap = process.memoryUsage().heapUsed / 2 ** 20;
    process.stdout.write(
      `${name.padEnd(52)} ${`${seconds.toFixed(2)} s`.padStart(10)} ${`${heap.toFixed(0)} MiB`.padStart(9)}\n`,
    );
    for (const [title, value] of rows) process.stdout.write(`  ${title.padEnd(50)} ${value.padStart(10)}\n`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

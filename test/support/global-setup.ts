import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { realTools } from './real-tools.ts';

const root = join(import.meta.dirname, '..', '..');

/** Unpacks the real tools before the test files start, so that they do not race for it, and builds the program if it is old. */
export default function setup(): void {
  realTools();
  const built = changed(join(root, 'dist', 'pintle.cjs'));
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => changed(join(root, 'src', name)));
  if (Math.max(...sources, changed(join(root, 'scripts', 'build.mjs'))) < built) return;
  const { status } = spawnSync(process.execPath, [join(root, 'scripts', 'build.mjs')], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status !== 0) throw new Error('the program cannot be built');
}

/** When a file was last written, ms; 0 if it does not exist. */
function changed(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

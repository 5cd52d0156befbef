// Builds dist/: the CLI as one CommonJS file with V8's compiled code beside it, and the library with its types.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Script } from 'node:vm';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');
const bundle = join(dist, 'pintle.cjs');

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });
await build({
  entryPoints: [join(root, 'src', 'cli', 'main.ts')],
  outfile: bundle,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  legalComments: 'none',
  // Native code stays outside.
  external: ['lmdb'],
  logLevel: 'warning',
});

const types = spawnSync(
  process.execPath,
  [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', join(root, 'tsconfig.build.json')],
  {
    stdio: 'inherit',
  },
);
if (types.status !== 0) process.exit(types.status ?? 1);

// Compiled code after a real run holds the functions that a run needs.
const warm = spawnSync(process.execPath, [join(root, 'bin', 'pintle.js'), 'version'], {
  env: { ...process.env, PINTLE_WRITE_CODE_CACHE: '1' },
  stdio: ['ignore', 'ignore', 'inherit'],
});
if (warm.status !== 0) {
  const script = new Script(readFileSync(bundle, 'utf8'), { filename: bundle });
  writeFileSync(`${bundle}.cache`, script.createCachedData());
}

// `node scripts/fuzz.mjs --cases 20000 --seed N`: random templates, values and YAML scalars here and in the real helm. The cases of
// a seed are the same each time; `--only NUMBER` runs one of them again.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '..');
// Inside of the repository, so that packages are found.
const folder = join(root, 'node_modules', '.cache', `pintle-fuzz-${process.pid}`);
mkdirSync(folder, { recursive: true });
try {
  const outfile = join(folder, 'main.mjs');
  await build({
    entryPoints: [join(root, 'test', 'fuzz', 'main.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'warning',
    plugins: [
      {
        // Files beside the tests are read by their address.
        name: 'addresses',
        setup(context) {
          context.onLoad({ filter: /test[\\/]yaml[\\/]generate\.ts$/ }, async ({ path }) => {
            const { readFile } = await import('node:fs/promises');
            const text = await readFile(path, 'utf8');
            return {
              contents: text.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href)),
              loader: 'ts',
            };
          });
        },
      },
    ],
  });
  const { main } = await import(pathToFileURL(outfile).href);
  process.exitCode = await main(process.argv.slice(2));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

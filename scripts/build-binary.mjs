// `npm run build:binary [-- FILE]`: the command line as one executable (default dist/pintle), with Bun's runtime inside.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { build } from 'esbuild';
import { compileArguments, findBun } from './executable.mjs';
import { rendering } from './leaving-out.mjs';

const root = join(import.meta.dirname, '..');
const require = createRequire(import.meta.url);
const target = resolve(root, process.argv[2] ?? join('dist', process.platform === 'win32' ? 'pintle.exe' : 'pintle'));

/** The native part of lmdb for this machine. */
function lmdbAddon() {
  const folder = dirname(
    createRequire(require.resolve('lmdb')).resolve(`@lmdb/lmdb-${process.platform}-${process.arch}`),
  );
  const libc = process.report?.getReport().header.glibcVersionRuntime === undefined ? 'musl' : 'glibc';
  const names = [`node.napi.${libc}.node`, 'node.napi.node'];
  const found = names.map((name) => join(folder, name)).find((path) => existsSync(path));
  if (found === undefined) throw new Error(`lmdb has no native part for this machine in ${folder}`);
  return found;
}

/** Native code is named by a literal path, so that Bun puts it into the executable. */
const nativeCode = {
  name: 'native-code',
  setup(context) {
    const addon = lmdbAddon();
    context.onLoad({ filter: /lmdb[\\/]native\.js$/ }, ({ path }) => {
      const source = readFileSync(path, 'utf8');
      const changed = source
        .replace(/import loadNAPI from [^\n]*\n/, '')
        .replace(/let dirName = [^\n]*\n/, '')
        .replace('loadNAPI(dirName)', `require(${JSON.stringify(addon)})`);
      if (changed === source || changed.includes('loadNAPI')) throw new Error(`${path} is not as expected`);
      return { contents: changed, loader: 'js' };
    });
    context.onResolve({ filter: /\.node$/ }, ({ path }) => ({ path, external: true }));
    // Commander starts programs of its own for commands in files, which we have none of.
    context.onResolve({ filter: /^(node:)?child_process$/ }, ({ path, importer }) =>
      importer.includes('commander') ? { path, namespace: 'none' } : undefined,
    );
    context.onLoad({ filter: /./, namespace: 'none' }, () => ({ contents: 'module.exports = {};' }));
  },
};

const bun = findBun();
if (bun === undefined) {
  process.stderr.write('build:binary needs Bun: the development dependency "bun", or bun on the path\n');
  process.exit(1);
}
const work = mkdtempSync(join(tmpdir(), 'pintle-binary-'));
const common = {
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'es2023',
  supported: { 'dynamic-import': false },
  minify: true,
  legalComments: 'none',
  define: { 'import.meta.url': JSON.stringify('file:///pintle/main.js') },
  logLevel: 'warning',
};
const program = { contents: "export { main } from './src/cli/main.ts';", resolveDir: root };
try {
  // As with Node, the commands that touch no cluster have a program of their own; see decisions/0003-one-bundle.md.
  await Promise.all([
    build({ ...common, stdin: program, outfile: join(work, 'pintle.cjs'), plugins: [nativeCode] }),
    build({ ...common, stdin: program, outfile: join(work, 'pintle-render.cjs'), plugins: [rendering, nativeCode] }),
  ]);
  const entry = join(work, 'entry.cjs');
  await build({
    ...common,
    entryPoints: [join(import.meta.dirname, 'binary-entry.cjs')],
    outfile: entry,
    external: ['./pintle.cjs', './pintle-render.cjs'],
  });
  mkdirSync(dirname(target), { recursive: true });
  const args = compileArguments(entry, target);
  const { status } = spawnSync(bun, args, { cwd: work, stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) process.exitCode = status ?? 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}

// Builds dist/: the CLI as one CommonJS file with V8's compiled code beside it, and the library with its types.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { releases, rendering } from './leaving-out.mjs';

const root = join(import.meta.dirname, '..');
// Built beside and then put in place: whoever runs the program meanwhile has the old one.
const dist = join(root, `.dist-${process.pid}`);
const target = join(root, 'dist');

/** Packages that most commands do without: a file each, read when first needed. */
const VENDORED = [
  '@bufbuild/protobuf/wire',
  '@marcbachmann/cel-js',
  '@noble/ciphers/aes.js',
  '@noble/hashes/hmac.js',
  '@noble/hashes/legacy.js',
  '@noble/hashes/scrypt.js',
  '@noble/hashes/sha2.js',
  '@peculiar/x509',
  'bcryptjs',
  'handlebars',
  'jose',
  'node-forge',
  'openpgp',
  'pg',
  'prom-client',
  're2js',
  'reflect-metadata',
  'string-width',
  'tar',
  'ws',
  'yaml',
];

const fileOf = (name) => `./vendor/${name.replaceAll(/[^a-z0-9.]+/gi, '-')}.cjs`;

/** Sends requests for a vendored package to its file. */
const vendor = {
  name: 'vendor',
  setup(context) {
    const names = new Set(VENDORED);
    // Commander starts programs of its own for commands in files, which we have none of.
    context.onResolve({ filter: /^(node:)?child_process$/ }, ({ path, importer }) =>
      importer.includes('commander') ? { path, namespace: 'none' } : undefined,
    );
    context.onLoad({ filter: /./, namespace: 'none' }, () => ({ contents: 'module.exports = {};' }));
    context.onResolve({ filter: /^[@a-z]/ }, ({ path, kind }) =>
      kind !== 'entry-point' && names.has(path) ? { path: fileOf(path), external: true } : undefined,
    );
  },
};

/** One function, as Node wraps CommonJS: what is compiled is then the file itself. */
const wrapped = {
  banner: { js: '(function(exports,require,module,__filename,__dirname){' },
  footer: { js: '})' },
};

const program = {
  ...wrapped,
  // The outside of a run comes along, so that it is compiled with the rest.
  stdin: {
    contents: `export { main } from './src/cli/main.ts';\nexport { processIo } from './bin/process-io.js';`,
    resolveDir: root,
  },
  // Native code stays outside.
  external: ['lmdb'],
};

const common = {
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  // Code compiled by itself has no way to import: what is outside is required, when it is needed.
  supported: { 'dynamic-import': false },
  minify: true,
  // ASCII files are read without decoding.
  charset: 'ascii',
  legalComments: 'none',
  // Parts of pg that are only asked for by name.
  external: ['pg-native'],
  define: { 'import.meta.url': 'undefined' },
  logLevel: 'warning',
};

rmSync(dist, { recursive: true, force: true });
mkdirSync(join(dist, 'vendor'), { recursive: true });
await Promise.all([
  build({ ...common, ...program, outfile: join(dist, 'pintle.cjs'), plugins: [vendor] }),
  build({ ...common, ...program, outfile: join(dist, 'pintle-render.cjs'), plugins: [rendering, vendor] }),
  build({ ...common, ...program, outfile: join(dist, 'pintle-releases.cjs'), plugins: [releases, vendor] }),
  ...VENDORED.map((name) =>
    build({
      ...common,
      ...wrapped,
      stdin: { contents: `module.exports = require(${JSON.stringify(name)});`, resolveDir: root },
      outfile: join(dist, fileOf(name)),
    }),
  ),
]);

const types = spawnSync(
  process.execPath,
  [
    join(root, 'node_modules', 'typescript', 'bin', 'tsc'),
    '-p',
    join(root, 'tsconfig.build.json'),
    '--outDir',
    join(dist, 'lib'),
  ],
  { stdio: 'inherit' },
);
if (types.status !== 0) {
  rmSync(dist, { recursive: true, force: true });
  process.exit(types.status ?? 1);
}
const old = `${dist}.old`;
if (existsSync(target)) renameSync(target, old);
renameSync(dist, target);
rmSync(old, { recursive: true, force: true });

// Compiled code after real runs holds the functions that runs need.
const home = mkdtempSync(join(tmpdir(), 'pintle-build-'));
const kubeconfig = join(home, 'kubeconfig');
const warmEnvironment = { ...process.env, PINTLE_HOME: home, KUBECONFIG: '', PINTLE_WRITE_CODE_CACHE: '1' };
const guestbook = join(root, 'charts', 'guestbook');
warm(['install', 'warm', guestbook, '--wait'], warmEnvironment);
warm(['template', 'warm', guestbook], warmEnvironment);
const serving = await new Promise((done, fail) => {
  const args = [join(root, 'bin', 'pintle.js'), 'cluster', 'start'];
  const env = { ...warmEnvironment, KUBECONFIG: kubeconfig };
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'ignore'] });
  child.once('error', fail);
  child.once('exit', done);
  // It says where it is served once it is.
  child.stdout.once('data', () => {
    // Each run adds the functions that it came to.
    const there = ['--kubeconfig', kubeconfig, '--kube-context', 'pintle-default'];
    try {
      for (const args of [['upgrade', 'warm', guestbook, '--install'], ['history', 'warm'], ['list']]) {
        warm([...args, ...there], warmEnvironment);
      }
    } catch (error) {
      fail(error);
    } finally {
      child.kill('SIGTERM');
    }
  });
});
if (serving !== 0) process.exit(serving ?? 1);
rmSync(home, { recursive: true, force: true });

/** Runs a command that keeps the code that it compiled. */
function warm(args, env) {
  const { status } = spawnSync(process.execPath, [join(root, 'bin', 'pintle.js'), ...args], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) throw new Error(`pintle ${args.join(' ')} ended with ${status}`);
}

// `npm test`: every check, one after the other; the first failure ends it with its exit code.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const report = process.env.PINTLE_TEST_REPORT;
const tool = (path) => [process.execPath, join(root, 'node_modules', ...path.split('/'))];

const checks = [
  ['types', ...tool('typescript/bin/tsc'), '-p', 'tsconfig.json'],
  ['lint', ...tool('oxlint/bin/oxlint'), '--type-aware', '--deny-warnings'],
  ['format', ...tool('@biomejs/biome/bin/biome'), 'format', '.'],
  ['dead code', ...tool('knip/bin/knip.js')],
  ['package', ...tool('publint/src/cli.js'), '--strict'],
  [
    'tests',
    ...tool('vitest/vitest.mjs'),
    'run',
    ...(report === undefined ? [] : ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]),
  ],
];

for (const [name, command, ...args] of checks) {
  process.stdout.write(`\n# ${name}\n`);
  const started = Date.now();
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (error !== undefined) throw error;
  if (status !== 0) {
    process.stdout.write(`# ${name} failed\n`);
    process.exit(status ?? 1);
  }
  process.stdout.write(`# ${name}: ${((Date.now() - started) / 1000).toFixed(1)} s\n`);
}

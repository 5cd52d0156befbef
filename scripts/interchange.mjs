// Random sequences of verbs on one release, each verb done by Pintle or by helm, compared after each with helm alone:
//   node scripts/interchange.mjs [count] [length] [seed]
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const [count = '200', length = '12', seed = String(Math.floor(Math.random() * 1e6))] = process.argv.slice(2);
const root = join(import.meta.dirname, '..');
process.stdout.write(`${count} sequences of ${length} verbs, from seed ${seed}\n`);
const { status } = spawnSync(
  process.execPath,
  [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', 'test/interchange/sequences.test.ts'],
  {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, PINTLE_SEQUENCES: count, PINTLE_SEQUENCE_LENGTH: length, PINTLE_SEED: seed },
  },
);
process.exit(status ?? 1);

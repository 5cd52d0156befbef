import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const script = join(import.meta.dirname, '../../../scripts/crash.mjs');

it('loses nothing that was acknowledged when the process of a served cluster is killed', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [script, '--rounds', '3', '--seed', '7']);
  const last = JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as {
    kills: number;
    acknowledged: number;
    lost: number;
  };
  expect(last).toMatchObject({ kills: 3, lost: 0 });
  expect(last.acknowledged).toBeGreaterThan(0);
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { BEHAVIOUR_FIELDS } from '../../../src/cluster/kubelet/images/read-behaviour.ts';

it('describes every field of a behaviour in docs/images.md, and no other', () => {
  const text = readFileSync(join(import.meta.dirname, '../../../docs/images.md'), 'utf8');
  const rows = text.split('\n').filter((line) => line.startsWith('| `'));
  const described = rows.flatMap((row) =>
    [...(row.split(' | ')[0] ?? '').matchAll(/`(\w+)`/g)].map((match) => match[1] ?? ''),
  );
  expect(described.sort()).toEqual([...BEHAVIOUR_FIELDS].sort());
});

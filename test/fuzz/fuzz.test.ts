import { expect, it } from 'vitest';
import { runFuzz } from './run-fuzz.ts';

it('random templates, values and scalars do what they do in helm', async () => {
  const seed = process.env['PINTLE_FUZZ_SEED'] ?? 'pintle';
  const { differences, rendered } = await runFuzz({ seed, cases: 600, batch: 300 });
  expect(differences).toEqual([]);
  expect(rendered).toBeGreaterThan(150);
});

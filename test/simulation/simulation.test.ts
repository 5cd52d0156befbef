import { describe, expect, it } from 'vitest';
import { runScenario } from './scenario.ts';

const SEEDS = Array.from({ length: 12 }, (_, i) => i + 1);

describe('random scenarios', () => {
  it.each(SEEDS)('seed %i keeps what must hold', async (seed) => {
    const { faults, story } = await runScenario(seed);
    expect(faults, story.join('\n')).toEqual([]);
  });

  it.each([3, 8])('seed %i is the same twice, to the byte', async (seed) => {
    const first = await runScenario(seed);
    const second = await runScenario(seed);
    expect(second).toEqual(first);
    expect(first.digest).toMatch(/^[\da-f]{64}$/);
  });

  it('other seeds are other scenarios', async () => {
    const [first, second] = [await runScenario(1), await runScenario(2)];
    expect(first.digest).not.toBe(second.digest);
  });
});

import { afterAll, beforeAll, describe, it } from 'vitest';
import { openPair, type Pair } from './pair.ts';
import { runSequence, sequenceOf } from './sequences.ts';

/** `scripts/interchange.mjs` asks for more of them, and longer ones. */
const COUNT = Number(process.env['PINTLE_SEQUENCES'] ?? '20');
const LENGTH = Number(process.env['PINTLE_SEQUENCE_LENGTH'] ?? '6');
const SEED = Number(process.env['PINTLE_SEED'] ?? '1');

let pair: Pair;
beforeAll(async () => {
  pair = await openPair();
});
afterAll(() => pair.close());

describe.concurrent('releases that both programs work on', () => {
  it.each(Array.from({ length: COUNT }, (_, i) => SEED + i))(
    'sequence %i',
    async (seed) => {
      await runSequence(pair, sequenceOf(seed, LENGTH));
    },
    LENGTH * 20_000,
  );
});

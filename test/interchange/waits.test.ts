import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RESOURCES } from '../../src/kube/resources.ts';
import { compare } from './compare.ts';
import { openPair, type Pair } from './pair.ts';
import { PROBE_DEFINITION, WAITED } from './wait-charts.ts';

/** So slow that no Deployment's ten minutes are over when a wait is. */
const SPEED = 30;

let pair: Pair;
beforeAll(async () => {
  pair = await openPair({ speed: SPEED });
  for (const { embedded } of [pair.theirs, pair.ours]) {
    await embedded.cluster.client.create(RESOURCES.customResourceDefinitions, PROBE_DEFINITION);
    await embedded.cluster.clock.settle();
  }
});
afterAll(() => pair.close());

/** What does not keep each strategy waiting, though it is not as it should be. */
const OVERLOOKED: Readonly<Record<string, readonly string[]>> = {
  // An address is not among the things that it looks for.
  watcher: ['balancer'],
  // It knows no custom resources, and takes a refused name for an answer.
  legacy: ['custom', 'definition'],
};

describe.concurrent('what gets ready, waited for', () => {
  it.each(['watcher', 'legacy'])('as --wait=%s has it', async (strategy) => {
    const codes = await Promise.all(
      ['true', 'false'].map((mode) =>
        compare(pair, {
          run: `install web wait-all --wait=${strategy} --wait-for-jobs --server-side=${mode} --timeout 120s`,
        }),
      ),
    );
    expect(codes).toEqual([0, 0]);
  });
});

describe.concurrent('what never gets ready', () => {
  // Several at once, for each takes its whole timeout; not all, for that has to be enough for what comes before the waiting.
  it.each(['watcher', 'legacy'])('keeps --wait=%s waiting', async (strategy) => {
    const passed: string[] = [];
    const kinds = WAITED.values();
    const worker = async (): Promise<void> => {
      for (const kind of kinds) {
        const code = await compare(pair, {
          run: `install web wait-${kind} --set bad=true --wait=${strategy} --wait-for-jobs --timeout 8s`,
          ...(strategy === 'legacy' ? { ownWords: 'what is not ready is named, whatever the strategy' } : {}),
        });
        if (code === 0) passed.push(kind);
      }
    };
    await Promise.all([worker(), worker(), worker(), worker()]);
    expect(passed.toSorted()).toEqual(OVERLOOKED[strategy]);
  });

  it.each([
    'install web wait-all --set bad=true --wait=hookOnly',
    'install web wait-all --set bad=true --wait=false',
    'install web wait-job --set bad=true --wait=legacy --timeout 60s',
  ])('does not keep %s', async (run) => {
    expect(await compare(pair, { run })).toBe(0);
  });
});

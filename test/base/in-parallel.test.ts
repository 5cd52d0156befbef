import { describe, expect, it } from 'vitest';
import { inParallel } from '../../src/base/in-parallel.ts';

/** Work that is finished by hand. */
function bench(): {
  begun: number[];
  run: (item: number) => Promise<number>;
  finish: (item: number, error?: Error) => void;
} {
  const begun: number[] = [];
  const open = new Map<number, { resolve: (value: number) => void; reject: (error: Error) => void }>();
  return {
    begun,
    run: (item) => {
      begun.push(item);
      return new Promise((resolve, reject) => open.set(item, { resolve, reject }));
    },
    finish: (item, error) => {
      const each = open.get(item);
      if (error === undefined) each?.resolve(item * 10);
      else each?.reject(error);
    },
  };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('inParallel', () => {
  it('begins the next one whenever one ends, and answers in order', async () => {
    const { begun, run, finish } = bench();
    const all = inParallel([1, 2, 3, 4], 2, run);
    expect(begun).toEqual([1, 2]);
    finish(2);
    await turn();
    expect(begun).toEqual([1, 2, 3]);
    finish(3);
    finish(1);
    await turn();
    expect(begun).toEqual([1, 2, 3, 4]);
    finish(4);
    expect(await all).toEqual([10, 20, 30, 40]);
  });

  it('begins nothing after a failure, waits for what runs, and throws the first in order', async () => {
    const { begun, run, finish } = bench();
    const all = inParallel([1, 2, 3], 2, run).catch((error: unknown) => error);
    finish(2, new Error('second'));
    await turn();
    finish(1, new Error('first'));
    expect(await all).toEqual(new Error('first'));
    expect(begun).toEqual([1, 2]);
  });

  it('has nothing to do for nothing', async () => {
    expect(await inParallel([], 4, () => Promise.reject(new Error('never')))).toEqual([]);
  });
});

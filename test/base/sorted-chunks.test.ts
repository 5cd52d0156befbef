import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../src/base/random.ts';
import { SortedChunks } from '../../src/base/sorted-chunks.ts';

interface Item {
  readonly key: number;
  readonly step: number;
}

const byKey = (a: Item, b: Item): number => a.key - b.key;

describe('sorted chunks', () => {
  test('hold what a sorted array holds, and change nothing that was handed out', () => {
    const random = new SeededRandom(3);
    const begin = Array.from({ length: 700 }, (_, key) => ({ key: key * 3, step: -1 }));
    const chunks = new SortedChunks(byKey, begin);
    const model = new Map<number, Item>(begin.map((item) => [item.key, item]));
    let shown = chunks.list();
    let copy = [...shown];
    for (let step = 0; step < 6000; step += 1) {
      const item = { key: random.below(2500), step };
      // More goes than comes in the second half, so that pieces are emptied.
      if (random.below(10) < (step < 3000 ? 7 : 2)) {
        chunks.put(item);
        model.set(item.key, item);
      } else {
        chunks.delete(item);
        model.delete(item.key);
      }
      if (step % 500 > 0) continue;
      expect(shown).toEqual(copy);
      shown = chunks.list();
      copy = [...shown];
      expect(shown).toEqual([...model.values()].sort(byKey));
      expect(chunks.list()).toBe(shown);
    }
  });

  test('begin with nothing, and end with nothing', () => {
    const chunks = new SortedChunks(byKey);
    expect(chunks.list()).toEqual([]);
    chunks.delete({ key: 1, step: 0 });
    chunks.put({ key: 1, step: 0 });
    chunks.delete({ key: 1, step: 1 });
    expect(chunks.list()).toEqual([]);
  });
});

import { describe, expect, test } from 'vitest';
import { Heap } from '../../src/base/heap.ts';
import { SeededRandom } from '../../src/base/random.ts';

describe('a heap', () => {
  test('gives what comes first first, whatever comes in between', () => {
    const random = new SeededRandom(7);
    const heap = new Heap<number>((a, b) => a < b);
    let model: number[] = [];
    for (let step = 0; step < 2000; step += 1) {
      if (random.below(5) < 3) {
        const item = random.below(500);
        heap.push(item);
        model = [...model, item].sort((a, b) => a - b);
      } else {
        expect(heap.peek()).toBe(model[0]);
        expect(heap.pop()).toBe(model.shift());
      }
      expect(heap.size).toBe(model.length);
    }
    heap.clear();
    expect([heap.size, heap.peek(), heap.pop()]).toEqual([0, undefined, undefined]);
  });
});

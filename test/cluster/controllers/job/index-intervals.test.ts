import { describe, expect, test } from 'vitest';
import {
  countIndexes,
  countSharedIndexes,
  firstFreeIndexes,
  formatIndexes,
  hasIndex,
  indexesOf,
  mergeIndexes,
  parseIndexes,
} from '../../../../src/cluster/controllers/job/index-intervals.ts';
import { fc } from '../../../support/property.ts';

test.each([
  ['', 10, ''],
  ['0', 10, '0'],
  ['0,1', 10, '0,1'],
  ['0,1,2', 10, '0-2'],
  ['0-2,4,6-9', 10, '0-2,4,6-9'],
  ['0-20', 10, '0-9'],
  ['3,12', 10, '3'],
  ['x,3,4-y,7', 10, '3,7'],
])('%j of %i is %j', (text, completions, expected) => {
  expect(formatIndexes(parseIndexes(text, completions))).toBe(expected);
});

describe('sets of indexes', () => {
  const set = fc.uniqueArray(fc.integer({ min: 0, max: 40 }), { maxLength: 25 });

  test('hold what they are made of', () => {
    fc.assert(
      fc.property(set, set, (a, b) => {
        const x = indexesOf(a);
        const y = indexesOf(b);
        const both = new Set([...a, ...b]);
        const merged = mergeIndexes(x, y);
        expect(countIndexes(merged)).toBe(both.size);
        for (let i = 0; i <= 41; i += 1) expect(hasIndex(merged, i)).toBe(both.has(i));
        expect(parseIndexes(formatIndexes(merged), 100)).toEqual(merged);
        expect(countSharedIndexes(x, y)).toBe(a.filter((i) => b.includes(i)).length);
        const free = Array.from({ length: 30 }, (_, i) => i).filter((i) => !both.has(i));
        expect(firstFreeIndexes(merged, 5, 30)).toEqual(free.slice(0, 5));
      }),
    );
  });
});

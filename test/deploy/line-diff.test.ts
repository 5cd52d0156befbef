import { describe, expect, test } from 'vitest';
import { type DiffLine, diffLines } from '../../src/deploy/line-diff.ts';
import { fc } from '../support/property.ts';

const side = (lines: readonly DiffLine[], sign: '-' | '+'): string[] =>
  lines.filter((line) => line.sign === ' ' || line.sign === sign).map((line) => line.text);

/** The length of the longest common subsequence, by the book. */
function common(a: readonly string[], b: readonly string[]): number {
  let row = Array.from({ length: b.length + 1 }, () => 0);
  for (const x of a) {
    const next = [0];
    for (const [j, y] of b.entries()) {
      next.push(x === y ? (row[j] ?? 0) + 1 : Math.max(row[j + 1] ?? 0, next[j] ?? 0));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

describe('diffLines', () => {
  test.each<[string, string, string]>([
    ['', '', ''],
    ['abc', 'abc', ' a b c'],
    ['abc', '', '-a-b-c'],
    ['', 'ab', '+a+b'],
    ['abc', 'axc', ' a-b+x c'],
    ['abcd', 'bcde', '-a b c d+e'],
    ['abab', 'baba', '-a b a b+a'],
  ])('%j to %j', (before, after, expected) => {
    expect(
      diffLines(before.split(''), after.split(''))
        .map(({ sign, text }) => sign + text)
        .join(''),
    ).toBe(expected);
  });

  test('goes the shortest way, and both sides come out whole', () => {
    const text = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 30 });
    fc.assert(
      fc.property(text, text, (before, after) => {
        const lines = diffLines(before, after);
        expect(side(lines, '-')).toEqual(before);
        expect(side(lines, '+')).toEqual(after);
        expect(lines.filter((line) => line.sign === ' ')).toHaveLength(common(before, after));
      }),
      { numRuns: 500 },
    );
  });

  test('does not search for ever', () => {
    const numbers = (from: number): string[] => Array.from({ length: 5000 }, (_, i) => String(from + i));
    const lines = diffLines(numbers(0), numbers(100_000));
    expect(lines).toHaveLength(10_000);
  });
});

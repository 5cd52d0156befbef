import { describe, expect, test } from 'vitest';
import { cloneJson } from '../../src/kube/clone.ts';
import { deepEqual, semanticEqual } from '../../src/kube/equality.ts';
import { fc } from '../support/property.ts';

describe('deepEqual', () => {
  test('a copy is equal, a changed one is not', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(deepEqual(value, cloneJson(value))).toBe(true);
        expect(deepEqual({ a: value }, { b: value })).toBe(false);
        expect(deepEqual([value], [value, value])).toBe(false);
      }),
    );
  });

  test('is what JSON texts with sorted keys say', () => {
    const sorted = (value: unknown): unknown =>
      Array.isArray(value)
        ? value.map(sorted)
        : typeof value === 'object' && value !== null
          ? Object.fromEntries(
              Object.entries(value)
                .sort(([a], [b]) => (a < b ? -1 : 1))
                .map(([k, v]) => [k, sorted(v)]),
            )
          : value;
    const small = fc.jsonValue({ maxDepth: 2, noUnicodeString: true });
    fc.assert(
      fc.property(small, small, (a, b) => {
        expect(deepEqual(a, b)).toBe(JSON.stringify(sorted(a)) === JSON.stringify(sorted(b)));
      }),
    );
  });

  test('undefined fields are absent, null ones are not', () => {
    expect(deepEqual({ a: undefined }, {})).toBe(true);
    expect(deepEqual({ a: null }, {})).toBe(false);
    expect(deepEqual({ a: undefined }, { b: 1 })).toBe(false);
    expect(deepEqual([], {})).toBe(false);
    expect(deepEqual({ toString: 1 }, {})).toBe(false);
  });
});

describe('semanticEqual', () => {
  test('empty is absent', () => {
    expect(semanticEqual({ a: [], b: {}, c: null }, {})).toBe(true);
    expect(semanticEqual({ a: { b: [] } }, { a: {} })).toBe(true);
    expect(semanticEqual({ a: [{}] }, { a: [] })).toBe(false);
    expect(semanticEqual({ a: '' }, {})).toBe(false);
  });

  test('quantities are compared by amount where there are quantities', () => {
    const limits = (cpu: string) => ({ resources: { limits: { cpu } } });
    expect(semanticEqual(limits('1'), limits('1000m'))).toBe(true);
    expect(semanticEqual(limits('1'), limits('2'))).toBe(false);
    expect(semanticEqual({ labels: { cpu: '1' } }, { labels: { cpu: '1000m' } })).toBe(false);
  });
});

import { expect, test } from 'vitest';
import { deepEqual } from '../../src/kube/equality.ts';
import { applyMergePatch, createMergePatch } from '../../src/kube/merge-patch.ts';
import { fc } from '../support/property.ts';

// RFC 7386, appendix A.
test.each<[unknown, unknown, unknown]>([
  [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
  [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
  [{ a: 'b' }, { a: null }, {}],
  [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
  [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
  [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
  [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
  [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
  [
    ['a', 'b'],
    ['c', 'd'],
    ['c', 'd'],
  ],
  [{ a: 'b' }, ['c'], ['c']],
  [{ a: 'foo' }, 'bar', 'bar'],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [[1, 2], { a: 'b', c: null }, { a: 'b' }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  [{}, { a: [{ b: null, c: 1 }] }, { a: [{ c: 1 }] }],
])('%j with %j', (document, patch, result) => {
  expect(applyMergePatch(document, patch)).toEqual(result);
});

const value = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 3 }, fc.integer(), fc.string(), fc.boolean(), fc.array(fc.integer()), tie('object')),
  object: fc.dictionary(fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor'), tie('value'), {
    noNullPrototype: true,
  }),
})).object;

test('a patch that was made brings one object to the other', () => {
  fc.assert(
    fc.property(value, value, (original, modified) => {
      const before = JSON.stringify([original, modified]);
      const patch = createMergePatch(original, modified);
      expect(deepEqual(applyMergePatch(original, patch), modified)).toBe(true);
      expect(JSON.stringify([original, modified])).toBe(before);
      expect(createMergePatch(original, original)).toEqual({});
    }),
  );
});

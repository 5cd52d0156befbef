import { describe, expect, test } from 'vitest';
import {
  EMPTY_FIELD_SET,
  equalFieldSets,
  fieldPaths,
  fieldSetOf,
  formatFieldSet,
  hasFieldPath,
  intersectFieldSets,
  isEmptyFieldSet,
  leafFields,
  parseFieldSet,
  subtractFieldSets,
  subtractFieldSetsDeep,
  unionFieldSets,
  type FieldSet,
} from '../../src/kube/field-set.ts';
import { compareElements, formatFieldPath, keyElement, type FieldPath } from '../../src/kube/path-element.ts';
import { fc } from '../support/property.ts';

const element = fc.constantFrom('f:a', 'f:b', 'k:{"name":"x"}', 'v:1', 'i:0');
const paths = fc.array(fc.array(element, { minLength: 1, maxLength: 3 }), { maxLength: 8 });
const text = (path: FieldPath): string => path.join('/');
const members = (set: FieldSet): Set<string> => new Set(fieldPaths(set).map(text));
const sorted = (items: Iterable<string>): string[] => [...new Set(items)].sort();

describe('sets of paths, against plain sets of strings', () => {
  const pair = fc.tuple(paths, paths);

  test('a set has the paths it was made of', () => {
    fc.assert(
      fc.property(paths, paths, (own, others) => {
        const set = fieldSetOf(...own);
        expect(sorted(members(set))).toEqual(sorted(own.map(text)));
        for (const path of [...own, ...others]) {
          expect(hasFieldPath(set, path)).toBe(own.some((other) => text(other) === text(path)));
        }
        expect(isEmptyFieldSet(set)).toBe(own.length === 0);
      }),
    );
  });

  test('union, intersection, difference', () => {
    fc.assert(
      fc.property(pair, ([first, second]) => {
        const a = fieldSetOf(...first);
        const b = fieldSetOf(...second);
        const [x, y] = [members(a), members(b)];
        expect(sorted(members(unionFieldSets(a, b)))).toEqual(sorted([...x, ...y]));
        expect(sorted(members(intersectFieldSets(a, b)))).toEqual(sorted([...x].filter((path) => y.has(path))));
        expect(sorted(members(subtractFieldSets(a, b)))).toEqual(sorted([...x].filter((path) => !y.has(path))));
        const below = (path: string): boolean => [...y].some((top) => path === top || path.startsWith(`${top}/`));
        expect(sorted(members(subtractFieldSetsDeep(a, b)))).toEqual(sorted([...x].filter((path) => !below(path))));
      }),
    );
  });

  test('laws', () => {
    fc.assert(
      fc.property(paths, paths, paths, (first, second, third) => {
        const [a, b, c] = [fieldSetOf(...first), fieldSetOf(...second), fieldSetOf(...third)];
        expect(equalFieldSets(unionFieldSets(a, b), unionFieldSets(b, a))).toBe(true);
        expect(equalFieldSets(unionFieldSets(a, unionFieldSets(b, c)), unionFieldSets(unionFieldSets(a, b), c))).toBe(
          true,
        );
        expect(unionFieldSets(a, a)).toBe(a);
        expect(subtractFieldSets(a, EMPTY_FIELD_SET)).toBe(a);
        expect(isEmptyFieldSet(subtractFieldSets(a, fieldSetOf(...first)))).toBe(true);
        expect(equalFieldSets(unionFieldSets(subtractFieldSets(a, b), intersectFieldSets(a, b)), a)).toBe(true);
        expect(equalFieldSets(parseFieldSet(JSON.parse(JSON.stringify(a))), a)).toBe(true);
      }),
    );
  });

  test('leaves have no members below them', () => {
    fc.assert(
      fc.property(paths, (own) => {
        const all = sorted(own.map(text));
        const leaves = all.filter((path) => !all.some((other) => other.startsWith(`${path}/`)));
        expect(sorted(members(leafFields(fieldSetOf(...own))))).toEqual(leaves);
      }),
    );
  });
});

describe('fieldsV1', () => {
  test('is read: unknown elements dropped, keys put in order', () => {
    const fields = { 'f:a': { '.': {} }, 'x:b': {}, 'k:{"b":1,"a":"2"}': { 'f:c': {} }, 'f:d': { 'f:e': {}, '.': {} } };
    expect(parseFieldSet(fields)).toEqual({
      'f:a': {},
      'k:{"a":"2","b":1}': { 'f:c': {} },
      'f:d': { 'f:e': {}, '.': {} },
    });
    expect(parseFieldSet(undefined)).toBe(EMPTY_FIELD_SET);
  });

  test('is written in the order of path elements', () => {
    const port = (containerPort: number) => keyElement({ protocol: 'TCP', containerPort });
    const set = fieldSetOf(['v:"b"'], ['f:b', 'f:x'], ['f:b'], ['f:a'], [port(443)], [port(80)], ['i:10'], ['i:9']);
    expect(Object.keys(formatFieldSet(set))).toEqual([
      'f:a',
      'f:b',
      'k:{"containerPort":80,"protocol":"TCP"}',
      'k:{"containerPort":443,"protocol":"TCP"}',
      'v:"b"',
      'i:9',
      'i:10',
    ]);
    expect(Object.keys(formatFieldSet(set)['f:b'] ?? {})).toEqual(['.', 'f:x']);
    expect(compareElements('v:2', 'v:10')).toBeLessThan(0);
    expect(compareElements('v:true', 'v:"a"')).toBeGreaterThan(0);
  });

  test('paths are shown as conflicts show them', () => {
    expect(formatFieldPath(['f:spec', 'f:ports', 'k:{"containerPort":80,"protocol":"TCP"}', 'f:name'])).toBe(
      '.spec.ports[containerPort=80,protocol="TCP"].name',
    );
    expect(formatFieldPath(['f:finalizers', 'v:"a/b"'])).toBe('.finalizers[="a/b"]');
    expect(formatFieldPath(['f:args', 'i:2'])).toBe('.args[2]');
  });
});

import { describe, expect, test } from 'vitest';
import { GoInt } from '../../src/base/go-int.ts';
import { newObject } from '../../src/base/json.ts';
import { deepEqual } from '../../src/gotemplate/runtime/deep-equal.ts';
import { BOOL, INT64, pointerTo, sliceOf, STRING, type GoType } from '../../src/gotemplate/runtime/go-type.ts';
import {
  goInts,
  GoStruct,
  goStringMap,
  goStrings,
  GoTyped,
  isNil,
  kindName,
  mapEntries,
  plainValue,
  sliceElements,
  truth,
  typeName,
  zeroValue,
} from '../../src/gotemplate/runtime/go-value.ts';
import { printValue, sprint, sprintln } from '../../src/gotemplate/runtime/print.ts';
import { sprintf } from '../../src/gotemplate/runtime/printf.ts';
import { goData } from './support.ts';

const DURATION: GoType = {
  name: 'time.Duration',
  kind: 'int64',
  string: (value: GoTyped<bigint>) => `${value.value}ns`,
};
const VERSION: GoType = {
  name: 'semver.Version',
  kind: 'struct',
  fields: [
    { name: 'Major', type: INT64 },
    { name: 'Pre', type: STRING },
    { name: 'Loose', type: BOOL },
  ],
};
const version = new GoStruct(VERSION, { Major: 1n, Pre: 'rc', Loose: true });
const pointer = new GoStruct(pointerTo(VERSION), { Major: 2n, Pre: '', Loose: false });
const duration = new GoTyped(DURATION, 5n);

describe('types', () => {
  const table: readonly (readonly [unknown, string, string, boolean, string])[] = [
    [null, '<nil>', 'invalid', false, '<nil>'],
    [true, 'bool', 'bool', true, 'true'],
    ['', 'string', 'string', false, ''],
    [0, 'float64', 'float64', false, '0'],
    [1e21, 'float64', 'float64', true, '1e+21'],
    [7n, 'int64', 'int64', true, '7'],
    [new GoInt(0), 'int', 'int', false, '0'],
    [new GoInt(200, 'uint8'), 'uint8', 'uint8', true, '200'],
    [[], '[]interface {}', 'slice', false, '[]'],
    [['a', null], '[]interface {}', 'slice', true, '[a <nil>]'],
    [newObject(), 'map[string]interface {}', 'map', false, 'map[]'],
    [goData({ b: 1, a: ['x'] }), 'map[string]interface {}', 'map', true, 'map[a:[x] b:1]'],
    [new Uint8Array([1, 2]), '[]uint8', 'slice', true, '[1 2]'],
    [goStrings(['a']), '[]string', 'slice', true, '[a]'],
    [goInts([1, 2n]), '[]int', 'slice', true, '[1 2]'],
    [goStringMap({}), 'map[string]string', 'map', false, 'map[]'],
    [new GoTyped(sliceOf(STRING), null), '[]string', 'slice', false, '[]'],
    [version, 'semver.Version', 'struct', true, '{1 rc true}'],
    [pointer, '*semver.Version', 'ptr', true, '&{2  false}'],
    [new GoTyped(pointerTo(VERSION), null), '*semver.Version', 'ptr', false, '<nil>'],
    [duration, 'time.Duration', 'int64', true, '5ns'],
  ];
  test.each(table)('%o', (value, type, kind, isTrue, text) => {
    expect([typeName(value), kindName(value), truth(value), printValue(value)]).toEqual([type, kind, isTrue, text]);
  });
});

test('bytes are printed one by one', () => {
  const bytes = Uint8Array.of(0, 7, 255, 7);
  const verbs = '%v %d %5d|%+d|%08b %o %#o %c %U %t %#v %x';
  expect(
    sprintf(
      verbs,
      Array.from({ length: 12 }, () => bytes),
    ),
  ).toBe(
    '[0 7 255 7] [0 7 255 7] [    0     7   255     7]|[+0 +7 +255 +7]|[00000000 00000111 11111111 00000111] ' +
      '[0 7 377 7] [0 07 0377 07] [\u0000 \u0007 ÿ \u0007] [U+0000 U+0007 U+00FF U+0007] ' +
      '[%!t(uint8=0) %!t(uint8=7) %!t(uint8=255) %!t(uint8=7)] []byte{0x0, 0x7, 0xff, 0x7} 0007ff07',
  );
  const files = Object.assign(newObject(), { a: Uint8Array.of(1, 2), b: new Uint8Array(0) });
  expect(printValue(files)).toBe('map[a:[1 2] b:[]]');
  const large = printValue(new Uint8Array(1_000_000).fill(10));
  expect(large.length).toBe(3_000_001);
});

test('printf sees through names and pointers', () => {
  expect(sprintf('%d %v %s %T', [duration, duration, duration, duration])).toBe('5 5ns 5ns time.Duration');
  expect(sprintf('%z', [duration])).toBe('%!z(time.Duration=5)');
  expect(sprintf('%+v %#v', [version, version])).toBe(
    '{Major:1 Pre:rc Loose:true} semver.Version{Major:1, Pre:"rc", Loose:true}',
  );
  expect(sprintf('%v %s', [[pointer], [version]])).toBe('[0xc000010000] [{%!s(int64=1) rc %!s(bool=true)}]');
  expect(
    sprintf(
      '%x %X %q %s % x',
      Array.from({ length: 5 }, () => new Uint8Array([104, 255])),
    ),
  ).toBe('68ff 68FF "h\\xff" h\udcff 68 ff');
  expect(sprintf('%#v %#v', [new Uint8Array([1]), goStrings(['a'])])).toBe('[]byte{0x1} []string{"a"}');
  expect(sprintf('%p', ['a'])).toBe('%!p(string=a)');
  expect(sprintf('%d', [new Uint8Array([1, 2])])).toBe('[1 2]');
  expect(sprintf('%v|%6.2f|%t', [Number.NaN, Number.POSITIVE_INFINITY, false])).toBe('NaN|  +Inf|false');
});

test('print puts a space between two operands that are no strings', () => {
  expect(sprint([1n, 2n, 'a', 'b', 3n, null, new GoTyped({ name: 'x.S', kind: 'string' }, 'n'), true])).toBe(
    '1 2ab3 <nil>ntrue',
  );
  expect(sprintln(['a', 1n, null])).toBe('a 1 <nil>\n');
});

test('deepEqual tells types apart', () => {
  expect(deepEqual(1, 1n)).toBe(false);
  expect(deepEqual(1n, new GoInt(1))).toBe(false);
  expect(deepEqual(new GoInt(1), new GoInt(1))).toBe(true);
  expect(deepEqual(goData({ a: [1, { b: null }] }), goData({ a: [1, { b: null }] }))).toBe(true);
  expect(deepEqual(goData({ a: 1 }), goData({ b: 1 }))).toBe(false);
  expect(deepEqual(goStrings(['a']), ['a'])).toBe(false);
  expect(deepEqual(goStrings(['a']), goStrings(['a']))).toBe(true);
  expect(deepEqual(null, undefined)).toBe(true);
  expect(deepEqual(null, [])).toBe(false);
  expect(deepEqual(version, new GoStruct(VERSION, { Major: 1n, Pre: 'rc', Loose: true }))).toBe(true);
  expect(deepEqual(version, pointer)).toBe(false);
  expect(deepEqual(new Uint8Array([1]), new Uint8Array([1]))).toBe(true);
});

test('views of typed values', () => {
  const labels = goStringMap({ a: 'b' });
  expect({ ...mapEntries(labels) }).toEqual({ a: 'b' });
  expect(mapEntries('x')).toBeUndefined();
  expect(sliceElements(new Uint8Array([7]))).toEqual([new GoInt(7, 'uint8')]);
  expect(sliceElements(new GoTyped(sliceOf(STRING), null))).toEqual([]);
  expect(plainValue(labels)).toBe(labels.value);
  expect([isNil(null), isNil(new GoTyped(sliceOf(STRING), null)), isNil(labels)]).toEqual([true, true, false]);
});

test('zero values', () => {
  expect(zeroValue(STRING)).toBe('');
  expect(zeroValue(INT64)).toBe(0n);
  expect(printValue(zeroValue(VERSION))).toBe('{0  false}');
  expect(printValue(zeroValue(DURATION))).toBe('0ns');
  expect(isNil(zeroValue(sliceOf(STRING)))).toBe(true);
});

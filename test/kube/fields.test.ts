import { expect, test } from 'vitest';
import { escapeFieldValue, parseFieldSelector } from '../../src/kube/fields.ts';
import { SelectorError } from '../../src/kube/labels.ts';

test.each<[string, Record<string, string>, boolean]>([
  ['', {}, true],
  ['metadata.name=a', { 'metadata.name': 'a' }, true],
  ['metadata.name==a', { 'metadata.name': 'b' }, false],
  ['status.phase!=Running', { 'status.phase': 'Pending' }, true],
  ['status.phase!=Running,metadata.name=a', { 'status.phase': 'Running', 'metadata.name': 'a' }, false],
  ['spec.nodeName=', {}, true],
  ['a=x\\,y\\=z\\\\', { a: 'x,y=z\\' }, true],
])('%s', (text, fields, expected) => {
  expect(parseFieldSelector(text).matches(fields)).toBe(expected);
});

test('requirements are sorted and read back', () => {
  const matcher = parseFieldSelector('b!=2,a==1\\,5,');
  expect(matcher.requirements).toEqual([
    { field: 'a', operator: '=', value: '1,5' },
    { field: 'b', operator: '!=', value: '2' },
  ]);
  expect(matcher.toString()).toBe('a=1\\,5,b!=2');
  expect(escapeFieldValue('a=b,c\\')).toBe('a\\=b\\,c\\\\');
});

test.each<[string, string]>([
  ['abc', "invalid selector: 'abc'; can't understand 'abc'"],
  ['a=b=c', 'invalid field selector: unescaped character in value: 61'],
  ['a=\\x', 'invalid field selector: invalid escape sequence: \\x'],
  ['a=b\\', 'invalid field selector: invalid escape sequence: \\'],
])('%s is refused', (text, message) => {
  expect(() => parseFieldSelector(text)).toThrow(new SelectorError(message));
});

import { expect, test } from 'vitest';
import { compileGlob } from '../../src/base/glob.ts';

test.each([
  ['*.txt', 'a.txt', true],
  ['*.txt', 'd/a.txt', false],
  ['**.txt', 'd/a.txt', true],
  ['**/a', 'a', false],
  ['**/a', 'x/y/a', true],
  ['d/**', 'd/', true],
  ['a?c', 'abc', true],
  ['a?c', 'a/c', false],
  ['[a-c]x', 'bx', true],
  ['[!a-c]x', 'bx', false],
  ['[!a]x', 'bx', true],
  ['[a^\\]]x', ']x', true],
  ['[a^-]x', '^x', true],
  ['{a,b*}/c', 'bbb/c', true],
  ['{a,{b,c}}', 'c', true],
  ['a,b', 'a,b', true],
  ['a}', 'a}', true],
  ['\\*', '*', true],
  ['\\*', 'a', false],
  ['a.(b)+$', 'a.(b)+$', true],
  ['a-b', 'a-b', true],
  ['é?', 'é😀', true],
])('%s on %s: %s', (pattern, path, expected) => {
  expect(compileGlob(pattern)?.matches(path)).toBe(expected);
});

test.each(['[', '[]', '[a', '[c-a]', '{a', '[a-]x'])('%s is malformed', (pattern) => {
  expect(compileGlob(pattern)).toBeUndefined();
});

import { expect, test } from 'vitest';
import { PintleError } from '../../src/base/errors.ts';
import { SeededRandom } from '../../src/base/random.ts';
import { splitDocuments, splitManifests } from '../../src/yaml/index.ts';

test.each([
  ['', []],
  ['\n \n', []],
  ['a: 1\n', ['a: 1']],
  ['---\na: 1\n---\nb: 2\n', ['a: 1', 'b: 2']],
  ['a: 1\n\n  \n---   \n\n b: 2', ['a: 1', 'b: 2']],
  ['---\n---\na: 1', ['---\na: 1']],
  ['a: 1\n--- # note\nb: 2', ['a: 1', '# note\nb: 2']],
  ['a: 1\n----\nb: 2', ['a: 1', '-\nb: 2']],
  ['a: |\n  x\n---\n  y\n', ['a: |\n  x', 'y']],
  ['a: 1 ---\n b: ---', ['a: 1 ---\n b: ---']],
  ['a: 1\r\n---\r\nb: 2\r\n', ['a: 1', 'b: 2']],
  ['\u0085---\na: 1\u00a0', ['a: 1']],
])('splitManifests %j', (text, documents) => {
  expect(splitManifests(text)).toEqual(documents);
});

test('splitManifests cuts where the pattern of Helm cuts', () => {
  const random = new SeededRandom('split');
  const pieces = ['---', '--', '-', '\n', '\n', ' ', '\t', '\r', '\f', 'a', 'b: 1', '\n---\n'];
  for (let i = 0; i < 3000; i += 1) {
    let text = '';
    for (let j = random.below(14); j > 0; j -= 1) text += pieces[random.below(pieces.length)] ?? '';
    const trimmed = text.replace(/^[\s\u0085]+|[\s\u0085]+$/g, '');
    const expected = trimmed
      .split(/(?:^|[\t\n\f\r ]*\n)---[\t\n\f\r ]*/)
      .filter((each) => each !== '')
      .map((each) => each.trim());
    expect({ text, parts: splitManifests(text) }).toEqual({ text, parts: expected });
  }
});

test('splitManifests takes long runs of white space in its stride', () => {
  // So long that going over it once for each character would outlast the test's limit.
  const text = `a: 1\n${' \n'.repeat(1_000_000)}x\n---\n${'\n '.repeat(1_000_000)}b: 2`;
  expect(splitManifests(text)).toHaveLength(2);
});

test.each([
  ['', []],
  ['a: 1', ['a: 1\n']],
  ['---\na: 1\n---\nb: 2\n', ['---\na: 1\n', 'b: 2\n']],
  ['a: 1\r\n--- # note\r\nb: 2\r\n---\n', ['a: 1\n', 'b: 2\n']],
  ['a: |\n  x\n  ---\n', ['a: |\n  x\n  ---\n']],
])('splitDocuments %j', (text, documents) => {
  expect(splitDocuments(text)).toEqual(documents);
});

test('splitDocuments refuses text behind a separator', () => {
  const text = 'a: 1\n--- b: 2\n';
  try {
    splitDocuments(text, 'values.yaml');
    expect.unreachable();
  } catch (error) {
    if (!(error instanceof PintleError)) throw error;
    expect(error.message).toBe('invalid Yaml document separator: b: 2');
    expect(error.location).toMatchObject({ file: 'values.yaml', line: 2, column: 1 });
  }
});

import { readFileSync } from 'node:fs';
import { newObject } from '../../src/base/json.ts';
import { compareKeys } from '../../src/yaml/key-order.ts';
import type { Random } from '../../src/base/random.ts';

/** The strings of a fixture, one in JSON a line; lines with `//` are headings. */
export function readCases(name: string): string[] {
  const text = readFileSync(new URL(`fixtures/${name}.jsonl`, import.meta.url), 'utf8');
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('//'));
  return lines.map((line) => JSON.parse(line) as string);
}

/** Texts that look like other types, or need care to stay strings. */
export const NASTY = readCases('nasty');

/** Lines and pieces of lines that texts are made of. */
const FRAGMENTS = readCases('fragments');

/** What keys and strings are made of; the ones that go-yaml's reader refuses come last. */
const PIECES = Array.from('ab-_./:#,\'"\\%{}[]$()=~<>?@`!&*| ').concat(
  [
    'word',
    'longer-word',
    'x1',
    '10',
    '2',
    '007',
    'é',
    '日',
    '😀',
    '  ',
    '\n',
    '\n\n',
    '\t',
    ': ',
    ' #',
    '- ',
    ' ',
    ' ',
  ],
  ['\u2028', '\u0085', '\ufeff', '\u0001', '\u007f', '\udc80'],
);

function pick<T>(random: Random, items: readonly T[]): T {
  return items[random.below(items.length)] as T;
}

/** A string: one of the nasty ones, or pieces in a row, some of them long. */
export function randomString(random: Random): string {
  const kind = random.below(10);
  if (kind < 3) return pick(random, NASTY);
  if (kind < 5) return pick(random, NASTY) + pick(random, PIECES) + pick(random, NASTY);
  const pool = kind < 8 ? PIECES.slice(0, -6) : PIECES;
  const length = kind === 5 ? 20 + random.below(60) : 1 + random.below(12);
  let out = '';
  for (let i = 0; i < length; i += 1) out += pick(random, pool);
  return out;
}

/** A number as JSON texts have them. */
function randomNumber(random: Random): number {
  switch (random.below(6)) {
    case 0:
      return random.below(100) - 50;
    case 1:
      return random.below(2 ** 31) * random.below(2 ** 31);
    case 2:
      return (random.next() - 0.5) * 10 ** (random.below(60) - 30);
    case 3:
      return random.below(1000) / 8;
    case 4:
      return 10 ** random.below(25) * (random.below(9) + 1);
    default:
      return pick(random, [
        0,
        -0,
        1e6,
        1e20,
        1e21,
        1e-6,
        1e-7,
        0.1,
        2 ** 53,
        2 ** 63,
        -(2 ** 63),
        2 ** 64,
        123456789.5,
        5e-324,
        1.7976931348623157e308,
      ]);
  }
}

/** A value of the kinds that JSON has. */
export function randomValue(random: Random, depth = 0): unknown {
  const kind = random.below(depth > 3 ? 5 : 8);
  if (kind < 3) return randomString(random);
  if (kind === 3) return randomNumber(random);
  if (kind === 4) return pick(random, [true, false, null]);
  if (kind === 5) return Array.from({ length: random.below(4) }, () => randomValue(random, depth + 1));
  return randomMap(random, depth + 1);
}

/** False for keys of which each comes before another: go-yaml's order has such circles, and leaves them to chance. */
function isOrdered(keys: readonly string[]): boolean {
  return [false, true].every((v3) =>
    keys.every((a) =>
      keys.every((b) => a === b || keys.every((c) => !(before(a, b, v3) && before(b, c, v3) && before(c, a, v3)))),
    ),
  );
}

function before(a: string, b: string, v3: boolean): boolean {
  return compareKeys(a, b, v3) < 0;
}

/** An object with nasty keys. */
export function randomMap(random: Random, depth = 0): Record<string, unknown> {
  const out = newObject();
  for (let i = random.below(5); i > 0; i -= 1) {
    const key =
      random.below(3) === 0
        ? randomString(random)
        : `${pick(random, PIECES)}${pick(random, PIECES)}${random.below(120)}`;
    out[key] = randomValue(random, depth);
    if (!isOrdered(Object.keys(out))) delete out[key];
  }
  return out;
}

/** A text of YAML fragments at random indentations; about half of them are valid. */
export function randomYaml(random: Random): string {
  let out = '';
  let indent = 0;
  for (let i = 1 + random.below(7); i > 0; i -= 1) {
    const move = random.below(10);
    if (move === 0) indent = 0;
    else if (move < 4) indent += 2;
    else if (move === 4) indent += 1;
    else if (move === 5) indent = Math.max(0, indent - 2);
    out += `${' '.repeat(indent)}${pick(random, FRAGMENTS)}${random.below(30) === 0 ? '' : '\n'}`;
  }
  return out;
}

/** A text with a few characters put in, taken out or doubled. */
export function mutate(random: Random, text: string): string {
  let out = text;
  for (let i = 1 + random.below(3); i > 0; i -= 1) {
    const at = random.below(out.length + 1);
    const kind = random.below(4);
    if (kind === 0) out = out.slice(0, at) + out.slice(at + 1 + random.below(3));
    else if (kind === 1) out = out.slice(0, at) + pick(random, PIECES) + out.slice(at);
    else if (kind === 2) out = out.slice(0, at) + pick(random, FRAGMENTS) + out.slice(at);
    else out = out.slice(0, at) + pick(random, [' ', '\n', '  ', '\n  ', ': ', '- ']) + out.slice(at);
  }
  return out;
}

import { newObject } from '../../src/base/json.ts';
import type { Random } from '../../src/base/random.ts';

/** Texts that look like other types, or need care to stay strings. */
export const NASTY = [
  ...[
    '',
    ' ',
    '~',
    'null',
    'Null',
    'NULL',
    'nUll',
    'true',
    'True',
    'TRUE',
    'tRue',
    'y',
    'Y',
    'yes',
    'YES',
    'no',
    'No',
    'on',
    'OFF',
  ],
  ...[
    '0',
    '-0',
    '+0',
    '00',
    '07',
    '08',
    '0777',
    '0o17',
    '0O17',
    '0x1F',
    '0XfF',
    '0b101',
    '0B1',
    '-0b1',
    '+1',
    '-1',
    '1_000',
    '_1',
    '1__0',
  ],
  ...[
    '1.0',
    '1.',
    '.5',
    '-.5',
    '+.5',
    '1e3',
    '1E+3',
    '1e-7',
    '1e400',
    '.',
    '..',
    '...',
    '....',
    '.e3',
    '.5e3',
    '.inf',
    '-.Inf',
    '+.INF',
    '.nan',
    '.NaN',
  ],
  ...[
    '9223372036854775807',
    '9223372036854775808',
    '18446744073709551615',
    '18446744073709551616',
    '-9223372036854775808',
    '-9223372036854775809',
  ],
  ...[
    '12:30',
    '1:30:00',
    '-1:30',
    '12:60',
    '1:2.5',
    '0:0',
    '2001-01-01',
    '2001-1-1',
    '2001-13-01',
    '2001-02-29',
    '2000-02-29',
  ],
  ...[
    '2001-01-01T00:00:00Z',
    '2001-01-01t1:2:3.5+01:00',
    '2001-01-01 10:00:00',
    '2001-01-01  1:1:1,5',
    '2001-01-01T25:00:00Z',
    '2001-01-01 10:00:00 Z',
  ],
  ...[
    '<<',
    '=',
    '-',
    '--',
    '---',
    '--- a',
    '----',
    '- a',
    '-a',
    '?',
    '? a',
    '?a',
    ':',
    ': a',
    ':a',
    'a:',
    'a: b',
    'a:b',
    'a :b',
    '#',
    '# a',
    'a #b',
    'a#b',
  ],
  ...[
    '!',
    '!a',
    '&a',
    '*a',
    '|',
    '>',
    '%a',
    '@a',
    '`a',
    '[',
    ']',
    '{',
    '}',
    '[a]',
    '{a: b}',
    ',',
    'a,b',
    'a, b',
    "'",
    "''",
    '"',
    '""',
    "it's",
    'say "hi"',
  ],
  ...[
    '\n',
    '\n\n',
    'a\n',
    'a\n\n',
    '\na',
    ' a',
    'a ',
    ' a\nb',
    'a \nb',
    'a\n b',
    'a\n\n\nb\n',
    'a\tb',
    '\ta',
    'a\t',
    'a\r\nb',
    'a\rb',
    'a\n\tb',
  ],
  ...[
    '\u0000',
    '\u0007',
    '\u001b',
    '\u007f',
    'a\u0085b',
    ' \u0085 ',
    '\u00a0',
    'é',
    '日本語',
    '\u2028',
    'a\u2028b',
    'a\n\u2029b',
    '\u2028a',
    'a\u2028',
    '\u2028 a',
    '\ufeff',
    '\ufeffa b',
    'a\ufeff',
  ],
  ...[
    '😀',
    'a 😀 b',
    'a\n😀',
    '\ud7ff',
    '\ue000',
    '\ufffd',
    '\ufffe',
    '\uffff',
    '\udc80',
    'a\udcffb',
    '\udcc3x',
    '\u0301',
    '\u200d',
    '\\',
    '\\n',
    'C:\\a',
  ],
  ...[
    'null\n',
    'true ',
    ' 1',
    '1 ',
    '1,000',
    '1 2',
    'Infinity',
    'NaN',
    'inf',
    '+',
    '-.',
    '+.',
    'e3',
    '0x',
    '0x_1',
    '0b2',
    '0o8',
    '-0x10',
    '+0o7',
    '1e',
    '1.2.3',
    '0.1e+3',
    '1_0.5_0',
  ],
];

const PIECES = [
  ...[
    'a',
    'b',
    'word',
    'longer-word',
    'x1',
    '10',
    '2',
    '007',
    'é',
    '日',
    '😀',
    '.',
    '/',
    '_',
    '-',
    ':',
    '#',
    ',',
    "'",
    '"',
    '\\',
    '%',
    '{',
    '}',
    '[',
    ']',
  ],
  ...[
    ' ',
    ' ',
    ' ',
    '  ',
    '\n',
    '\n\n',
    '\t',
    ': ',
    ' #',
    '- ',
    '\u2028',
    '\u0085',
    '\ufeff',
    '\u0001',
    '\u007f',
    '\udc80',
    '&',
    '*',
    '!',
    '|',
    '>',
    '?',
    '@',
    '`',
    '<',
    '=',
    '~',
    '$',
    '(',
    ')',
  ],
];

function pick<T>(random: Random, items: readonly T[]): T {
  return items[random.below(items.length)] as T;
}

/** A string: one of the nasty ones, or pieces in a row, some of them long. */
export function randomString(random: Random): string {
  const kind = random.below(10);
  if (kind < 3) return pick(random, NASTY);
  if (kind < 5) return pick(random, NASTY) + pick(random, PIECES) + pick(random, NASTY);
  const pool = kind < 8 ? PIECES.slice(0, 30) : PIECES;
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

/** An object with nasty keys. */
export function randomMap(random: Random, depth = 0): Record<string, unknown> {
  const out = newObject();
  for (let i = random.below(5); i > 0; i -= 1) {
    const key =
      random.below(3) === 0
        ? randomString(random)
        : `${pick(random, PIECES)}${pick(random, PIECES)}${random.below(120)}`;
    out[key] = randomValue(random, depth);
  }
  return out;
}

const FRAGMENTS = [
  ...[
    'a: 1',
    'b: "x"',
    "c: 'y'",
    'key: value',
    'k:',
    '- a',
    '- b: 1',
    '-',
    '- - x',
    '? q',
    ': r',
    '? - c',
    '# note',
    'a: # note',
    'a: b # note',
    'a: |',
    'a: >',
    'a: |-',
    'a: >+',
    '- |2',
    'a: |1-',
  ],
  ...[
    'a: [1, 2]',
    'b: {c: d, e: "f"}',
    'b: [a: b]',
    'c: [',
    '  x,',
    ']',
    '{',
    '}',
    'd: {a: 1,',
    '"q": 1',
    '"q" : 2',
    "'it''s': 3",
    'text more text',
    '  continued',
    '"open',
    'close"',
    "'open",
    "close'",
  ],
  ...[
    '&x a: 1',
    'a: &x 1',
    'b: *x',
    '<<: *x',
    '<<: [*x]',
    'm: &x {a: 1}',
    'a: !!str 1',
    'a: !!int "3"',
    'a: !foo bar',
    '! a: b',
    '!!map {a: b}',
    'a: !!binary aGk=',
    'a: !!float 1',
    '!<tag:yaml.org,2002:str> 1',
  ],
  ...[
    '---',
    '...',
    '--- a',
    '%YAML 1.1',
    '%TAG ! tag:a,2000:',
    '--- # c',
    '\ta: 1',
    'a:\tb',
    '- \ta',
    'a: b: c',
    'a: - b',
    'a : b',
    'a:b',
    'a: "x" y',
    'a: @b',
    'a: `b',
    'a: %b',
    '? a',
    '~: 1',
    '1: 2',
    '1.5: 3',
    'true: x',
    'y: n',
    '"": e',
  ],
  ...[
    'a: "\\u00e9\\n\\x41\\U0001F600\\/"',
    'a: "\\q"',
    'a: "x\\',
    'b"',
    'a: {x: [y, {z: "w"}]}',
    'a: {? b : c}',
    'a: [? b : c]',
    'a: [b, ]',
    'a: [,]',
    'a: {"b":1,"c":[true,null]}',
    '{"json": {"a": [1, 2.5, "x"]}}',
    '[1, [2]]',
    'a: []',
    'a: {}',
  ],
  ...[
    'a: é',
    '日本: 語',
    '😀: 😀',
    'a: x\u0085y',
    'a: x\u2028y',
    '\ufeffa: 1',
    'a: x\u0007',
    'a: \udc80',
    'a: 1\r',
    'b: 2\r',
    '   ',
    '\t',
    '',
    '',
    '  # c',
    'a: 2001-01-01',
    'a: 1_000',
    'a: .nan',
    'a: 0x_f',
    'a: <<',
    'a: "<<"',
  ],
];

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

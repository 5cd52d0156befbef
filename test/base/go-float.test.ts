import { expect, test } from 'vitest';
import { type FloatFormat, formatFloat, formatFloatValue } from '../../src/base/go-float.ts';
import { SeededRandom } from '../../src/base/random.ts';
import { askHelm } from '../yaml/helm-oracle.ts';

const VERBS: readonly (readonly [string, FloatFormat, number])[] = [
  ...(['e', 'E', 'f', 'g', 'G'] as const).flatMap((format) =>
    [0, 1, 2, 3, 6, 10, 17, 25].map((precision) => [`%.${precision}${format}`, format, precision] as const),
  ),
  ['%e', 'e', 6],
  ['%f', 'f', 6],
  ['%g', 'g', -1],
  ['%G', 'G', -1],
];

function numbers(): number[] {
  const random = new SeededRandom('floats');
  const out = [0, -0, 1, -1, 0.5, 1.5, 2.5, 0.125, 0.375, 1.125, 2.675, 0.05, 0.25, 5e-324, 1.7976931348623157e308];
  for (let i = -10; i <= 25; i += 1) out.push(10 ** i, -1.5 * 10 ** i, 123456789 * 10 ** (i - 8), 9.9999995 * 10 ** i);
  for (let i = 0; i < 100; i += 1) {
    out.push(
      (random.next() - 0.5) * 10 ** (random.below(40) - 20),
      random.below(100_000) / 64,
      random.below(1000) + 0.5,
    );
  }
  return out;
}

test("formatFloat writes what helm's printf writes", () => {
  const values = numbers();
  const format = VERBS.map(([verb]) => verb).join(' ');
  const args = VERBS.map(() => '$v').join(' ');
  const results = askHelm(
    [`$v := float64 $t -}}{{ printf "${format} %v" ${args} $v`],
    values.map((value) => (Object.is(value, -0) ? '-0' : String(value))),
  );
  const wrong: unknown[] = [];
  values.forEach((value, i) => {
    const texts = (results[i]?.[0] ?? '').split(' ');
    VERBS.forEach(([verb, kind, precision], j) => {
      const ours = formatFloat(value, kind, precision);
      if (ours !== texts[j]) wrong.push({ value, verb, ours, helm: texts[j] });
    });
    if (formatFloatValue(value) !== texts.at(-1)) wrong.push({ value, verb: '%v', helm: texts.at(-1) });
  });
  expect(wrong).toEqual([]);
});

test('formatFloat of 32 bits, of what is no number, and without precision', () => {
  expect(formatFloat(0.1, 'g', -1, 32)).toBe('0.1');
  expect(formatFloat(16777217, 'g', -1, 32)).toBe('1.6777216e+07');
  expect(formatFloat(1e300, 'g', -1, 32)).toBe('+Inf');
  expect(formatFloat(Number.NaN, 'g', -1)).toBe('NaN');
  expect(formatFloat(Number.NEGATIVE_INFINITY, 'f', 2)).toBe('-Inf');
  expect(formatFloat(1e21, 'f', -1)).toBe('1000000000000000000000');
  expect(formatFloat(1.5e-7, 'f', -1)).toBe('0.00000015');
  expect(formatFloat(123.456, 'e', -1)).toBe('1.23456e+02');
  expect(formatFloat(1.5, 'f', 120)).toBe(`1.5${'0'.repeat(119)}`);
});

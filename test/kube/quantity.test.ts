import { describe, expect, test } from 'vitest';
import { resolveIntOrPercent } from '../../src/kube/int-or-string.ts';
import {
  addQuantities,
  compareQuantities,
  formatQuantity,
  milliValue,
  newQuantity,
  parseQuantity,
  quantityValue,
  subtractQuantities,
} from '../../src/kube/quantity.ts';
import { fc } from '../support/property.ts';

describe('quantities', () => {
  test.each<[string | number, string, bigint]>([
    ['0', '0', 0n],
    ['0Mi', '0', 0n],
    ['100m', '100m', 100_000_000n],
    ['0.1', '100m', 100_000_000n],
    [0.1, '100m', 100_000_000n],
    [2, '2', 2_000_000_000n],
    ['1000m', '1', 1_000_000_000n],
    ['1500m', '1500m', 1_500_000_000n],
    ['1.5', '1500m', 1_500_000_000n],
    // Kubernetes keeps this one as it came.
    ['1.500', '1.500', 1_500_000_000n],
    ['1024Mi', '1Gi', 1_073_741_824_000_000_000n],
    ['1000Ki', '1000Ki', 1_024_000_000_000_000n],
    ['1.5Gi', '1536Mi', 1_610_612_736_000_000_000n],
    ['0.5Mi', '512Ki', 524_288_000_000_000n],
    ['1023', '1023', 1_023_000_000_000n],
    ['12e6', '12e6', 12_000_000_000_000_000n],
    ['1E3', '1E3', 1_000_000_000_000n],
    ['1k', '1k', 1_000_000_000_000n],
    ['1000k', '1M', 1_000_000_000_000_000n],
    ['1n', '1n', 1n],
    ['0.0000000001', '1n', 1n],
    ['-1.5', '-1500m', -1_500_000_000n],
    ['.', '0', 0n],
    ['9Ei', '9223372036854775807', 9_223_372_036_854_775_807_000_000_000n],
  ])('%s is written %s', (text, written, nano) => {
    const quantity = parseQuantity(text);
    expect(quantity.text).toBe(written);
    expect(quantity.nano).toBe(nano);
  });

  test.each(['', 'abc', '1x', '--1', '1.2.3', '1_000', '1 0', '1e5Mi'])('%s is none', (text) => {
    expect(() => parseQuantity(text)).toThrow(/quantities must match|unable to parse quantity's suffix/);
  });

  test('values round up', () => {
    expect(quantityValue('1.1')).toBe(2);
    expect(quantityValue('-1.1')).toBe(-2);
    expect(milliValue('1.5')).toBe(1500);
    expect(milliValue('1u')).toBe(1);
    expect(quantityValue('1Gi')).toBe(1_073_741_824);
  });

  test('sums keep the first format unless it is nothing', () => {
    const sum = (a: string, b: string) => addQuantities(parseQuantity(a), parseQuantity(b)).text;
    expect(sum('1Gi', '512Mi')).toBe('1536Mi');
    expect(sum('0', '512Mi')).toBe('512Mi');
    expect(sum('100m', '0.9')).toBe('1');
    expect(subtractQuantities(parseQuantity('1'), parseQuantity('250m')).text).toBe('750m');
    expect(compareQuantities('1', '1000m')).toBe(0);
    expect(compareQuantities('1Gi', '1G')).toBe(1);
  });

  test('the canonical form is read back as itself', () => {
    const amount = fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n });
    const format = fc.constantFrom('DecimalSI' as const, 'BinarySI' as const, 'DecimalExponent' as const);
    fc.assert(
      fc.property(amount, format, (nano, written) => {
        const text = formatQuantity(newQuantity(nano, written));
        const back = parseQuantity(text);
        expect(back.nano).toBe(nano);
        expect(formatQuantity(back)).toBe(text);
      }),
    );
  });

  test('order is that of the amounts', () => {
    const suffix = fc.constantFrom('', 'm', 'k', 'M', 'Ki', 'Mi');
    const quantity = fc.tuple(fc.nat(100_000), suffix).map(([n, s]) => `${n}${s}`);
    fc.assert(
      fc.property(quantity, quantity, (a, b) => {
        const difference = subtractQuantities(parseQuantity(a), parseQuantity(b)).nano;
        expect(Math.sign(compareQuantities(a, b))).toBe(difference < 0n ? -1 : difference > 0n ? 1 : 0);
      }),
    );
  });
});

test('counts and percentages', () => {
  expect(resolveIntOrPercent(3, 10, true)).toBe(3);
  expect(resolveIntOrPercent('25%', 10, true)).toBe(3);
  expect(resolveIntOrPercent('25%', 10, false)).toBe(2);
  expect(resolveIntOrPercent('7%', 100, true)).toBe(7);
  expect(() => resolveIntOrPercent('3', 10, true)).toThrow(
    'invalid value for IntOrString: invalid type: string is not a percentage',
  );
  expect(() => resolveIntOrPercent('x%', 10, true)).toThrow(
    'invalid value for IntOrString: invalid value "x%": strconv.Atoi: parsing "x": invalid syntax',
  );
});

import { GoInt } from '../base/go-int.ts';
import type { TemplateFunction } from '../base/template-function.ts';
import { goInts } from '../gotemplate/runtime/go-value.ts';
import { printValue } from '../gotemplate/runtime/print.ts';
import { parseInteger, parseIntegerClipped, toFloat64, toInt64 } from './cast.ts';
import {
  addDecimals,
  type Decimal,
  decimalOf,
  divideDecimals,
  floatOf,
  multiplyDecimals,
  subtractDecimals,
} from './decimal.ts';
import { checkElements } from './bounds.ts';
import { alias, define, defineVariadic } from './define.ts';
import type { SprigEnvironment } from './environment.ts';
import { powerOfTen } from './power.ts';

const DIVIDE_BY_ZERO = 'runtime error: integer divide by zero';
const max = defineVariadic('max', ['any', 'any'], (...values: unknown[]) => extreme(values, (a, b) => a > b));

/** Numbers: Sprig's numeric.go. Integers are int64 and wrap around, `…f` functions work on exact decimals. */
export const mathFunctions: readonly TemplateFunction[] = [
  defineVariadic('add', ['any'], (...values: unknown[]) => values.reduce<bigint>((a, b) => wrap(a + toInt64(b)), 0n)),
  define('add1', ['any'], (value: unknown) => wrap(toInt64(value) + 1n)),
  define('sub', ['any', 'any'], (a: unknown, b: unknown) => wrap(toInt64(a) - toInt64(b))),
  define('div', ['any', 'any'], (a: unknown, b: unknown) => wrap(toInt64(a) / divisor(b))),
  define('mod', ['any', 'any'], (a: unknown, b: unknown) => wrap(toInt64(a) % divisor(b))),
  defineVariadic('mul', ['any', 'any'], (first: unknown, ...values: unknown[]) =>
    values.reduce<bigint>((a, b) => wrap(a * toInt64(b)), toInt64(first)),
  ),
  max,
  alias('biggest', max),
  defineVariadic('min', ['any', 'any'], (...values: unknown[]) => extreme(values, (a, b) => a < b)),
  defineVariadic('addf', ['any'], (...values: unknown[]) => decimals([0, ...values], addDecimals)),
  define('add1f', ['any'], (value: unknown) => decimals([value, 1], addDecimals)),
  defineVariadic('subf', ['any', 'any'], (...values: unknown[]) => decimals(values, subtractDecimals)),
  defineVariadic('mulf', ['any', 'any'], (...values: unknown[]) => decimals(values, multiplyDecimals)),
  defineVariadic('divf', ['any', 'any'], (...values: unknown[]) => decimals(values, divideDecimals)),
  defineVariadic('maxf', ['any', 'any'], (...values: unknown[]) =>
    values.map(toFloat64).reduce((a, b) => (a === Infinity || b === Infinity ? Infinity : Math.max(a, b))),
  ),
  defineVariadic('minf', ['any', 'any'], (...values: unknown[]) =>
    values.map(toFloat64).reduce((a, b) => (a === -Infinity || b === -Infinity ? -Infinity : Math.min(a, b))),
  ),
  define('ceil', ['any'], (value: unknown) => Math.ceil(toFloat64(value))),
  define('floor', ['any'], (value: unknown) => Math.floor(toFloat64(value))),
  defineVariadic('round', ['any', 'int', 'float64'], (value: unknown, places: bigint, roundOn = 0.5) =>
    round(toFloat64(value), Number(places), roundOn),
  ),
  define('until', ['int'], (count: bigint) => goInts(untilStep(0n, count, count < 0n ? -1n : 1n))),
  define('untilStep', ['int', 'int', 'int'], (start: bigint, stop: bigint, step: bigint) =>
    goInts(untilStep(start, stop, step)),
  ),
  defineVariadic('seq', ['int'], (...params: bigint[]) => sequence(params).join(' ')),
  define('atoi', ['string'], (text: string) => new GoInt(parseIntegerClipped(text, 10) ?? 0n)),
  define('int', ['any'], (value: unknown) => new GoInt(toInt64(value))),
  define('int64', ['any'], toInt64),
  define('float64', ['any'], toFloat64),
  define('toDecimal', ['any'], (value: unknown) => parseInteger(printValue(value), 8) ?? 0n),
];

/** `randInt low high`: an int below `high`. */
export function randomNumberFunctions({ random }: SprigEnvironment): readonly TemplateFunction[] {
  return [
    define('randInt', ['int', 'int'], (low: bigint, high: bigint) => {
      if (high <= low) throw new Error('invalid argument to Intn');
      return new GoInt(low + BigInt(random.below(Number(high - low))));
    }),
  ];
}

function wrap(value: bigint): bigint {
  return BigInt.asIntN(64, value);
}

function divisor(value: unknown): bigint {
  const number = toInt64(value);
  if (number === 0n) throw new Error(DIVIDE_BY_ZERO);
  return number;
}

function extreme(values: readonly unknown[], better: (a: bigint, b: bigint) => boolean): bigint {
  return values.map(toInt64).reduce((a, b) => (better(b, a) ? b : a));
}

function decimals(values: readonly unknown[], operation: (a: Decimal, b: Decimal) => Decimal): number {
  return floatOf(values.map((value) => decimalOf(toFloat64(value))).reduce((a, b) => operation(a, b)));
}

function round(value: number, places: number, roundOn: number): number {
  const power = powerOfTen(places);
  const digit = power * value;
  const fraction = Number.isFinite(digit) ? digit - Math.trunc(digit) : Number.NaN;
  return (fraction >= roundOn ? Math.ceil(digit) : Math.floor(digit)) / power;
}

function untilStep(start: bigint, stop: bigint, step: bigint): bigint[] {
  const out: bigint[] = [];
  if (step !== 0n) checkElements((stop - start) / step);
  if (stop < start && step < 0n) for (let i = start; i > stop; i += step) out.push(i);
  else if (stop >= start && step > 0n) for (let i = start; i < stop; i += step) out.push(i);
  return out;
}

/** `seq end`, `seq start end`, `seq start step end`; both ends belong to it. */
function sequence(params: readonly bigint[]): bigint[] {
  const [a = 1n, b = 1n, c = 1n] = params;
  switch (params.length) {
    case 1:
      return a < 1n ? untilStep(1n, a - 1n, -1n) : untilStep(1n, a + 1n, 1n);
    case 2:
      return b < a ? untilStep(a, b - 1n, -1n) : untilStep(a, b + 1n, 1n);
    case 3:
      if (c < a) return b > 0n ? [] : untilStep(a, c - 1n, b);
      return untilStep(a, c + 1n, b);
    default:
      return [];
  }
}

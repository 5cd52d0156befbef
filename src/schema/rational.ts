import { GoInt } from '../base/go-int.ts';
import { JsonNumber } from '../base/json-number.ts';

/** A number of a value or a schema. */
export type AnyNumber = number | bigint | GoInt | JsonNumber;

/** True for whatever is a number in values and schemas. */
export function isNumber(value: unknown): value is AnyNumber {
  return (
    typeof value === 'number' || typeof value === 'bigint' || value instanceof GoInt || value instanceof JsonNumber
  );
}

/** An exact decimal number: `digits` times ten to the power of `exponent`. */
export class Decimal {
  readonly digits: bigint;
  readonly exponent: number;

  private constructor(digits: bigint, exponent: number) {
    this.digits = digits;
    this.exponent = exponent;
  }

  /** What a number says when it is written down in its shortest form; undefined for infinities and NaN. */
  static of(value: AnyNumber): Decimal | undefined {
    if (typeof value === 'bigint') return new Decimal(value, 0);
    if (value instanceof GoInt) return new Decimal(value.value, 0);
    if (typeof value === 'number' && Number.isSafeInteger(value)) return new Decimal(BigInt(value), 0);
    const match = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([-+]?\d+))?$/.exec(String(value));
    if (match === null) return undefined;
    const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
    return new Decimal(BigInt(`${sign}${whole}${fraction}`), Number(exponent) - fraction.length);
  }

  /** Negative, zero or positive. */
  compare(other: Decimal): number {
    const [a, b] = aligned(this, other);
    return a < b ? -1 : a > b ? 1 : 0;
  }

  isInteger(): boolean {
    if (this.exponent >= 0 || this.digits === 0n) return true;
    return this.digits % power(-this.exponent) === 0n;
  }

  /** Whether the quotient is an integer; `other` must not be 0. */
  isMultipleOf(other: Decimal): boolean {
    const [a, b] = aligned(this, other);
    return b !== 0n && a % b === 0n;
  }

  toNumber(): number {
    return Number(`${this.digits}e${this.exponent}`);
  }
}

/** The digits of two numbers at one exponent. */
function aligned(a: Decimal, b: Decimal): [bigint, bigint] {
  const least = Math.min(a.exponent, b.exponent);
  return [a.digits * power(a.exponent - least), b.digits * power(b.exponent - least)];
}

/** Ten to a power; exponents beyond those of float64 are cut, nothing that is compared reaches them. */
function power(exponent: number): bigint {
  return 10n ** BigInt(Math.min(exponent, 2000));
}

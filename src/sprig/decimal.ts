/** An exact decimal number: value × 10^exponent (shopspring/decimal). */
export interface Decimal {
  readonly value: bigint;
  readonly exponent: number;
}

/** Digits behind the point that a division keeps. */
const DIVISION_DIGITS = 16;

/** The decimal with the shortest digits that identify a float. Throws Go's panic for what is no number. */
export function decimalOf(value: number): Decimal {
  if (!Number.isFinite(value)) {
    const text = Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
    throw new Error(`Cannot create a Decimal from ${text}`);
  }
  const [mantissa = '0', power = '0'] = value.toExponential().split('e');
  const [whole = '0', fraction = ''] = mantissa.split('.');
  return { value: BigInt(whole + fraction), exponent: Number(power) - fraction.length };
}

/** The float nearest to a decimal. */
export function floatOf({ value, exponent }: Decimal): number {
  return Number(`${value}e${exponent}`);
}

export function addDecimals(a: Decimal, b: Decimal): Decimal {
  const exponent = Math.min(a.exponent, b.exponent);
  return { value: scaled(a, exponent) + scaled(b, exponent), exponent };
}

export function subtractDecimals(a: Decimal, b: Decimal): Decimal {
  return addDecimals(a, { value: -b.value, exponent: b.exponent });
}

export function multiplyDecimals(a: Decimal, b: Decimal): Decimal {
  return { value: a.value * b.value, exponent: a.exponent + b.exponent };
}

/** Division to 16 digits behind the point, halves away from zero. */
export function divideDecimals(a: Decimal, b: Decimal): Decimal {
  if (b.value === 0n) throw new Error('decimal division by 0');
  const shift = a.exponent - b.exponent + DIVISION_DIGITS;
  const dividend = shift > 0 ? a.value * 10n ** BigInt(shift) : a.value;
  const divisor = shift < 0 ? b.value * 10n ** BigInt(-shift) : b.value;
  const quotient = dividend / divisor;
  const rest = dividend % divisor;
  const half = absolute(rest) * 2n >= absolute(divisor);
  const away = dividend < 0n === divisor < 0n ? 1n : -1n;
  return { value: half ? quotient + away : quotient, exponent: -DIVISION_DIGITS };
}

function scaled({ value, exponent }: Decimal, target: number): bigint {
  return value * 10n ** BigInt(exponent - target);
}

function absolute(value: bigint): bigint {
  return value < 0n ? -value : value;
}

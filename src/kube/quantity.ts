/** How a quantity is written: `12e6`, `12Mi` or `12M`. */
export type QuantityFormat = 'DecimalExponent' | 'BinarySI' | 'DecimalSI';

/** An amount, exact to 10^-9. */
export interface Quantity {
  /** In units of 10^-9. */
  readonly nano: bigint;
  readonly format: QuantityFormat;
  /** As the API server writes it back: canonical, but for some texts that it keeps as they came. */
  readonly text: string;
}

/** A text that is no quantity; the message is Kubernetes' own. */
export class QuantityError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'QuantityError';
  }
}

const NANO = 1_000_000_000n;
const MAX_BINARY = (2n ** 63n - 1n) * NANO;
const PATTERN = /^([+-]?)(\d*)(?:\.(\d*))?([eEinumkKMGTP]*)([-+]?\d*)$/;

/** Powers of ten of the decimal suffixes. */
const DECIMAL_EXPONENTS: ReadonlyMap<string, number> = new Map([
  ['n', -9],
  ['u', -6],
  ['m', -3],
  ['', 0],
  ['k', 3],
  ['M', 6],
  ['G', 9],
  ['T', 12],
  ['P', 15],
  ['E', 18],
]);
/** Powers of two of the binary suffixes. */
const BINARY_EXPONENTS: ReadonlyMap<string, number> = new Map([
  ['Ki', 10],
  ['Mi', 20],
  ['Gi', 30],
  ['Ti', 40],
  ['Pi', 50],
  ['Ei', 60],
]);
const DECIMAL_SUFFIXES: ReadonlyMap<number, string> = new Map([...DECIMAL_EXPONENTS].map(([s, e]) => [e, s]));
const BINARY_SUFFIXES: readonly string[] = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];

/** Nothing, as the server writes it. */
export const zeroQuantity: Quantity = { nano: 0n, format: 'DecimalSI', text: '0' };

const known = new Map<string, Quantity>([['0', zeroQuantity]]);
const KNOWN_LIMIT = 2000;

/**
 * Reads `100m`, `1.5Gi`, `12e6` or a number. apimachinery: pkg/api/resource/quantity.go.
 *
 * @throws QuantityError
 */
export function parseQuantity(value: string | number): Quantity {
  const text = typeof value === 'number' ? numberText(value) : value.trim();
  const memo = known.get(text);
  if (memo !== undefined) return memo;
  const quantity = parse(text);
  if (known.size >= KNOWN_LIMIT) known.clear();
  known.set(text, quantity);
  return quantity;
}

function numberText(value: number): string {
  return String(value).replace('e+', 'e');
}

function parse(text: string): Quantity {
  const match = text === '' ? null : PATTERN.exec(text);
  if (match === null) throw formatError();
  const [, sign = '', integer = '', fraction = '', letters = '', digits = ''] = match;
  const scale = readSuffix(letters + digits);
  if (integer === '' && fraction === '' && !isSmall(scale)) {
    throw new QuantityError('unable to parse numeric part of quantity');
  }
  const magnitude = scaleNumber(BigInt(integer + fraction || '0'), fraction.length, scale);
  let format = scale.format;
  if (format === 'BinarySI' && magnitude > 0n && magnitude < NANO) format = 'DecimalSI';
  const bounded = scale.format === 'BinarySI' && magnitude > MAX_BINARY ? MAX_BINARY : magnitude;
  const nano = sign === '-' ? -bounded : bounded;
  const kept = keepsText(integer, fraction, scale) && nano !== 0n;
  return { nano, format, text: kept ? text : canonicalText(nano, format) };
}

function formatError(): QuantityError {
  return new QuantityError(
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
  );
}

/** A suffix without a number is nothing, as long as Kubernetes need not look closely. */
function isSmall({ base, exponent }: Scale): boolean {
  return base === 2 ? exponent <= 40 : exponent >= -9;
}

interface Scale {
  readonly base: 2 | 10;
  readonly exponent: number;
  readonly format: QuantityFormat;
}

function readSuffix(suffix: string): Scale {
  const decimal = DECIMAL_EXPONENTS.get(suffix);
  if (decimal !== undefined) return { base: 10, exponent: decimal, format: 'DecimalSI' };
  const binary = BINARY_EXPONENTS.get(suffix);
  if (binary !== undefined) return { base: 2, exponent: binary, format: 'BinarySI' };
  if (!/^[eE][+-]?\d+$/.test(suffix)) throw new QuantityError("unable to parse quantity's suffix");
  return { base: 10, exponent: Number(suffix.slice(1)), format: 'DecimalExponent' };
}

/** `digits` * 10^-`places` * scale in nanos, fractions of which round away from zero. */
function scaleNumber(digits: bigint, places: number, { base, exponent }: Scale): bigint {
  if (base === 2) return divideUp((digits << BigInt(exponent)) * NANO, 10n ** BigInt(places));
  const power = exponent - places + 9;
  return power >= 0 ? digits * 10n ** BigInt(power) : divideUp(digits, 10n ** BigInt(-power));
}

function divideUp(value: bigint, divisor: bigint): bigint {
  return (value + divisor - 1n) / divisor;
}

/** The server keeps short texts that its quick check takes for canonical already. */
function keepsText(integer: string, fraction: string, { base, exponent, format }: Scale): boolean {
  const whole = integer.replace(/^0+/, '') || '0';
  const shifted = whole + fraction;
  if (base === 2) {
    if (fraction !== '' || 15 - whole.length - Math.trunc((exponent * 3) / 10) - 1 < 0) return false;
    return exponent % 10 === 0 && (BigInt(whole) & 7n) !== 0n;
  }
  const scale = exponent - fraction.length;
  if (shifted.length > 18 || scale < -9) return false;
  return scale % 3 === 0 && !shifted.endsWith('000') && !shifted.startsWith('0') && format !== 'BinarySI';
}

/** A quantity as Kubernetes writes it canonically: no fraction, no exponent digit too much, the largest suffix that fits. */
export function formatQuantity(quantity: Quantity): string {
  return canonicalText(quantity.nano, quantity.format);
}

function canonicalText(nano: bigint, format: QuantityFormat): string {
  if (nano === 0n) return '0';
  const magnitude = nano < 0n ? -nano : nano;
  if (format === 'BinarySI' && magnitude >= 1024n * NANO && magnitude % NANO === 0n) {
    let amount = nano / NANO;
    let power = 0;
    while (amount % 1024n === 0n && power < BINARY_SUFFIXES.length - 1) {
      amount /= 1024n;
      power += 1;
    }
    return `${amount}${BINARY_SUFFIXES[power] ?? ''}`;
  }
  let amount = nano;
  let exponent = -9;
  while (amount % 1000n === 0n && (format === 'DecimalExponent' || exponent < 18)) {
    amount /= 1000n;
    exponent += 3;
  }
  if (format !== 'DecimalExponent') return `${amount}${DECIMAL_SUFFIXES.get(exponent) ?? ''}`;
  return exponent === 0 ? `${amount}` : `${amount}e${exponent}`;
}

/** Negative, 0 or positive as a < b, a = b, a > b. */
export function compareQuantities(a: Quantity | string | number, b: Quantity | string | number): number {
  const first = toQuantity(a).nano;
  const second = toQuantity(b).nano;
  return first < second ? -1 : first > second ? 1 : 0;
}

/** The sum, in the format of the first unless that is zero. */
export function addQuantities(a: Quantity, b: Quantity): Quantity {
  return newQuantity(a.nano + b.nano, a.nano === 0n ? b.format : a.format);
}

/** The difference, in the format of the first unless that is zero. */
export function subtractQuantities(a: Quantity, b: Quantity): Quantity {
  return newQuantity(a.nano - b.nano, a.nano === 0n ? b.format : a.format);
}

/** A quantity of so many nanos, in canonical form. */
export function newQuantity(nano: bigint, format: QuantityFormat): Quantity {
  return { nano, format, text: canonicalText(nano, format) };
}

/** Thousandths, rounded up (away from zero). */
export function milliValue(value: Quantity | string | number): number {
  return roundAway(toQuantity(value).nano, 1_000_000n);
}

/** Whole units, rounded up (away from zero). */
export function quantityValue(value: Quantity | string | number): number {
  return roundAway(toQuantity(value).nano, NANO);
}

function toQuantity(value: Quantity | string | number): Quantity {
  return typeof value === 'object' ? value : parseQuantity(value);
}

function roundAway(nano: bigint, unit: bigint): number {
  return Number(nano < 0n ? -divideUp(-nano, unit) : divideUp(nano, unit));
}

/**
 * A quantity in a JSON body as the server writes it back.
 *
 * @throws QuantityError
 */
export function decodeQuantity(value: unknown): string {
  if (typeof value === 'string' || typeof value === 'number') return parseQuantity(value).text;
  throw formatError();
}

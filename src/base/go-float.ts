/** The formats of Go's strconv.FormatFloat. */
export type FloatFormat = 'e' | 'E' | 'f' | 'g' | 'G';

/**
 * A float as Go's strconv.FormatFloat writes it.
 *
 * @param precision digits after the point (`e`, `f`) or significant digits (`g`); -1: as few as identify the value
 * @param bitSize 32 for float32
 */
export function formatFloat(number: number, format: FloatFormat, precision: number, bitSize: 32 | 64 = 64): string {
  const value = bitSize === 32 ? Math.fround(number) : number;
  if (Number.isNaN(value)) return 'NaN';
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  if (value === Number.NEGATIVE_INFINITY) return '-Inf';
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const lower = format.toLowerCase() as 'e' | 'f' | 'g';
  const text = unsigned(Math.abs(value), lower, precision, bitSize);
  return sign + (format === lower ? text : text.toUpperCase());
}

/** `%v` of a float64: shortest digits, with an exponent below 1e-4 and from 1e6 on. */
export function formatFloatValue(value: number): string {
  return formatFloat(value, 'g', -1);
}

/** As many digits as JavaScript gives. */
const MAX_DIGITS = 100;

interface Decimal {
  /** Significant digits without point, at least one. */
  readonly digits: string;
  /** Power of ten of the first digit. */
  readonly exponent: number;
}

function unsigned(value: number, format: 'e' | 'f' | 'g', precision: number, bitSize: 32 | 64): string {
  if (format === 'f') {
    if (precision < 0) {
      const { digits, exponent } = shortest(value, bitSize);
      return plain(digits, exponent);
    }
    return fixed(value, precision);
  }
  if (format === 'e') {
    if (precision < 0) {
      const { digits, exponent } = shortest(value, bitSize);
      return scientific(digits, exponent);
    }
    const { digits, exponent } = rounded(value, precision + 1);
    return scientific(digits.padEnd(precision + 1, '0'), exponent);
  }
  const short = precision < 0;
  const wanted = precision === 0 ? 1 : precision;
  const { digits, exponent } = short ? shortest(value, bitSize) : trimmed(rounded(value, wanted));
  let limit = short ? 6 : wanted;
  if (!short && limit > digits.length && digits.length >= exponent + 1) limit = digits.length;
  return exponent < -4 || exponent >= limit ? scientific(digits, exponent) : plain(digits, exponent);
}

function shortest(value: number, bitSize: 32 | 64): Decimal {
  if (value === 0) return { digits: '0', exponent: 0 };
  if (bitSize === 32) {
    const target = Math.fround(value);
    for (let precision = 1; precision <= 9; precision += 1) {
      const text = target.toExponential(precision - 1);
      if (Math.fround(Number(text)) === target) return trimmed(parse(text));
    }
  }
  return parse(value.toExponential());
}

function rounded(value: number, digits: number): Decimal {
  if (value === 0) return { digits: '0'.repeat(digits), exponent: 0 };
  if (digits <= MAX_DIGITS) {
    const decimal = parse(value.toExponential(digits - 1));
    if (!value.toExponential(digits).includes('5e')) return decimal;
    // JavaScript rounds a tie up, Go to the even digit.
    const exact = parse(value.toExponential(MAX_DIGITS));
    const kept = exact.digits.slice(0, digits);
    return isTie(exact.digits.slice(digits)) && isEven(kept) ? { digits: kept, exponent: exact.exponent } : decimal;
  }
  const exact = parse(value.toExponential(MAX_DIGITS));
  return { digits: exact.digits.padEnd(digits, '0'), exponent: exact.exponent };
}

function fixed(value: number, precision: number): string {
  if (value >= 1e21) {
    // toFixed refuses large numbers: an integer of that size has no fraction.
    const integer = BigInt(value).toString();
    return precision === 0 ? integer : `${integer}.${'0'.repeat(precision)}`;
  }
  if (precision >= MAX_DIGITS) return value.toFixed(MAX_DIGITS).padEnd(value.toFixed(0).length + 1 + precision, '0');
  const text = value.toFixed(precision);
  if (!value.toFixed(precision + 1).endsWith('5')) return text;
  const exact = value.toFixed(MAX_DIGITS);
  const point = exact.indexOf('.');
  const kept = exact.slice(0, precision === 0 ? point : point + 1 + precision);
  return isTie(exact.slice(point + 1 + precision)) && isEven(kept) ? kept : text;
}

function isTie(rest: string): boolean {
  return /^50*$/.test(rest);
}

function isEven(digits: string): boolean {
  return '02468'.includes(digits.at(-1) ?? '0');
}

function parse(text: string): Decimal {
  const e = text.indexOf('e');
  return { digits: text.slice(0, e).replace('.', ''), exponent: Number(text.slice(e + 1)) };
}

function trimmed({ digits, exponent }: Decimal): Decimal {
  const short = digits.replace(/0+$/, '');
  return { digits: short === '' ? '0' : short, exponent };
}

function scientific(digits: string, exponent: number): string {
  const mantissa = digits.length > 1 ? `${digits[0] ?? ''}.${digits.slice(1)}` : digits;
  const power = String(Math.abs(exponent)).padStart(2, '0');
  return `${mantissa}e${exponent < 0 ? '-' : '+'}${power}`;
}

function plain(digits: string, exponent: number): string {
  if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${digits}`;
  if (digits.length <= exponent + 1) return digits.padEnd(exponent + 1, '0');
  return `${digits.slice(0, exponent + 1)}.${digits.slice(exponent + 1)}`;
}

interface Parts {
  readonly negative: boolean;
  readonly mantissa: bigint;
  /** Power of two of the mantissa's last bit. */
  readonly exponent: number;
}

function split(value: number): Parts {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const biased = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & ((1n << 52n) - 1n);
  return {
    negative: bits >> 63n === 1n,
    mantissa: biased === 0 ? fraction : fraction | (1n << 52n),
    exponent: (biased === 0 ? 1 : biased) - 1075,
  };
}

/** `%b`: mantissa and power of two, `4503599627370496p-52`. */
export function binaryFloat(value: number, size: 32 | 64): string {
  const { negative, mantissa, exponent } = split(value);
  const shift = size === 32 ? 29 : 0;
  const power = exponent + shift;
  return `${negative ? '-' : ''}${mantissa >> BigInt(shift)}p${power < 0 ? '' : '+'}${power}`;
}

/** `%x`: hexadecimal mantissa and power of two, `0x1.8p+01`. */
export function hexFloat(value: number, precision: number, upper: boolean): string {
  const parts = split(value);
  let { mantissa } = parts;
  let power = parts.exponent + 52;
  if (mantissa === 0n) power = 0;
  else {
    while (mantissa >> 52n === 0n) {
      mantissa <<= 1n;
      power -= 1;
    }
  }
  if (precision >= 0 && precision < 13) {
    const drop = BigInt(4 * (13 - precision));
    const rest = mantissa & ((1n << drop) - 1n);
    const half = 1n << (drop - 1n);
    mantissa >>= drop;
    if (rest > half || (rest === half && (mantissa & 1n) === 1n)) mantissa += 1n;
    mantissa <<= drop;
    if (mantissa >> 53n === 1n) {
      mantissa >>= 1n;
      power += 1;
    }
  }
  let fraction = (mantissa & ((1n << 52n) - 1n)).toString(16).padStart(13, '0');
  fraction = precision < 0 ? fraction.replace(/0+$/, '') : fraction.slice(0, precision).padEnd(precision, '0');
  const sign = parts.negative ? '-' : '';
  const digits = String(Math.abs(power)).padStart(2, '0');
  const text = `0x${mantissa === 0n ? '0' : '1'}${fraction === '' ? '' : `.${fraction}`}p${power < 0 ? '-' : '+'}${digits}`;
  return sign + (upper ? text.toUpperCase() : text);
}

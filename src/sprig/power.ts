/** Go's math.Pow(10, y) for whole y: by repeated squaring of a mantissa, so that it rounds where Go rounds. */
export function powerOfTen(exponent: number): number {
  let result = 1;
  let resultExponent = 0;
  // 10 = 0.625 × 2⁴
  let factor = 0.625;
  let factorExponent = 4;
  for (let rest = Math.abs(exponent); rest !== 0; rest = Math.floor(rest / 2)) {
    if (factorExponent > 4096) {
      resultExponent += factorExponent;
      break;
    }
    if (rest % 2 === 1) {
      result *= factor;
      resultExponent += factorExponent;
    }
    factor *= factor;
    factorExponent *= 2;
    if (factor < 0.5) {
      factor += factor;
      factorExponent -= 1;
    }
  }
  return exponent < 0 ? scale(1 / result, -resultExponent) : scale(result, resultExponent);
}

/** math.Ldexp: in two steps, so that neither factor overflows. */
function scale(mantissa: number, exponent: number): number {
  const half = Math.trunc(exponent / 2);
  return mantissa * 2 ** half * 2 ** (exponent - half);
}

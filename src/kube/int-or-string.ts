/** A number, or a text that is a percentage or, for ports, a name. */
export type IntOrString = number | string;

/**
 * The number that a count or a percentage of `total` means.
 * apimachinery: pkg/util/intstr (GetScaledValueFromIntOrPercent).
 *
 * @param roundUp what becomes of fractions of a percentage
 * @throws Error for a text that is no percentage
 */
export function resolveIntOrPercent(value: IntOrString, total: number, roundUp: boolean): number {
  if (typeof value === 'number') return value;
  if (!value.endsWith('%')) throw new Error('invalid value for IntOrString: invalid type: string is not a percentage');
  const digits = value.slice(0, -1);
  if (!/^[+-]?\d+$/.test(digits)) {
    const syntax = `strconv.Atoi: parsing ${JSON.stringify(digits)}: invalid syntax`;
    throw new Error(`invalid value for IntOrString: invalid value ${JSON.stringify(value)}: ${syntax}`);
  }
  const scaled = (Number(digits) * total) / 100;
  return roundUp ? Math.ceil(scaled) : Math.floor(scaled);
}

/**
 * What numbers become: `float64` — every one a JS number, as Go's encoding/json decodes into `interface{}`;
 * `int64-or-float` — a bigint where the number is an integer of 64 bits, as Kubernetes' JSON decoder does; `exact` — what is
 * written: bigint for integers (also those of uint64), a JS number for floats. `literal` is for JSON texts alone: every
 * number a JsonNumber.
 */
export type NumberMode = 'float64' | 'int64-or-float' | 'exact' | 'literal';

const MAX_INT64 = 2n ** 63n - 1n;
const MIN_INT64 = -(2n ** 63n);

/** A scalar's value after its way through JSON. */
export function toValue(value: null | boolean | bigint | number, mode: NumberMode): unknown {
  if (mode === 'exact') return value;
  if (typeof value === 'bigint') {
    return mode === 'float64' || value > MAX_INT64 || value < MIN_INT64 ? Number(value) : value;
  }
  if (typeof value !== 'number' || mode === 'float64') return value;
  // JSON writes a float without fraction as an integer, up to 1e21.
  if (!Number.isInteger(value) || Math.abs(value) >= 2 ** 63) return value;
  return BigInt(value);
}

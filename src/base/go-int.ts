/** Go's integer types besides int64. */
export type IntKind = 'int' | 'int8' | 'int16' | 'int32' | 'uint' | 'uint8' | 'uint16' | 'uint32' | 'uint64';

/**
 * A Go integer that is not an int64. In values and templates a JS number stands for Go's float64, a bigint for int64
 * (`--set n=1`, Sprig's arithmetic) and a GoInt for the rest (literals, lengths and indices are `int`).
 */
export class GoInt {
  readonly kind: IntKind;
  readonly value: bigint;

  constructor(value: bigint | number, kind: IntKind = 'int') {
    this.kind = kind;
    this.value = BigInt(value);
  }

  toString(): string {
    return this.value.toString();
  }
}

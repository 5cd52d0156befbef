/**
 * A value of a Go type that has no plain form (a typed map, a struct, a time): it says itself what Go's encoding/json makes
 * of it. The result may hold marshalers again; null is a nil map, slice or pointer.
 */
export interface GoMarshaler {
  toGoJson(): unknown;
  /** The result is an object whose keys are in the order of the fields. */
  readonly isStruct?: boolean;
}

/** True for values that bring their own JSON form. */
export function isGoMarshaler(value: object): value is GoMarshaler {
  return typeof (value as Partial<GoMarshaler>).toGoJson === 'function';
}

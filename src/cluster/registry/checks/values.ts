import { semanticEqual } from '../../../kube/equality.ts';
import type { IntOrString } from '../../../kube/int-or-string.ts';
import { isValidPercent } from '../../../kube/names.ts';
import type { Faults } from '../faults.ts';

/** What Kubernetes says of a field that may not change. */
export const IMMUTABLE = 'field is immutable';

/** What Kubernetes says of a number below zero. */
export const NEGATIVE = 'must be greater than or equal to 0';

/** Refuses numbers below zero; nothing counts as 0. */
export function checkNonNegative(value: number | undefined, path: string, faults: Faults): void {
  if (value !== undefined && value < 0) faults.invalid(path, value, NEGATIVE);
}

/** Refuses a change; shows the new value. */
export function checkImmutable(value: unknown, old: unknown, path: string, faults: Faults): void {
  if (!semanticEqual(value, old)) faults.invalid(path, value ?? null, IMMUTABLE);
}

/** Refuses a value that is not one of a few; nothing is Required if `required`. */
export function checkOneOf(
  value: string | undefined,
  supported: readonly string[],
  path: string,
  faults: Faults,
  options: { readonly required?: boolean } = {},
): void {
  if (value !== undefined && value !== '') {
    if (!supported.includes(value)) faults.notSupported(path, value, supported);
  } else if (options.required === true) faults.required(path);
}

/** Refuses negative counts and texts that are no percentage. kubernetes: pkg/apis/apps/validation ValidatePositiveIntOrPercent */
export function checkIntOrPercent(value: IntOrString | undefined, path: string, faults: Faults): void {
  if (value === undefined) return;
  if (typeof value === 'string') faults.invalidEach(path, value, isValidPercent(value));
  else checkNonNegative(value, path, faults);
}

/** Refuses percentages above 100. */
export function checkNotAbove100Percent(value: IntOrString | undefined, path: string, faults: Faults): void {
  const percent = percentOf(value);
  if (percent !== undefined && percent > 100) faults.invalid(path, value, 'must not be greater than 100%');
}

/** The number or the percentage; 0 for nothing and for texts that are neither. */
export function intOrPercentValue(value: IntOrString | undefined): number {
  if (typeof value === 'number') return value;
  return percentOf(value) ?? (value !== undefined && /^[+-]?\d+$/.test(value) ? Number(value) : 0);
}

function percentOf(value: IntOrString | undefined): number | undefined {
  return typeof value === 'string' && isValidPercent(value).length === 0 ? Number(value.slice(0, -1)) : undefined;
}

/** True if a counter went down or away. */
export function isDecremented(value: number | undefined, old: number | undefined): boolean {
  return old !== undefined && (value === undefined || value < old);
}

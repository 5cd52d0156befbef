import { GoInt } from '../base/go-int.ts';
import { compareStrings } from '../base/json.ts';
import { isTruthy } from './value-adapter.ts';

/** Comparison and logic for conditions, under the names that Go templates use. */
export const OPERATORS: ReadonlyMap<string, (...args: readonly unknown[]) => unknown> = new Map<
  string,
  (...args: readonly unknown[]) => unknown
>([
  ['eq', (first, ...others) => others.some((other) => isEqual(first, other))],
  ['ne', (a, b) => !isEqual(a, b)],
  ['lt', (a, b) => compare(a, b) < 0],
  ['le', (a, b) => compare(a, b) <= 0],
  ['gt', (a, b) => compare(a, b) > 0],
  ['ge', (a, b) => compare(a, b) >= 0],
  ['and', (...args) => args[firstOr(args, (arg) => !isTruthy(arg))]],
  ['or', (...args) => args[firstOr(args, isTruthy)]],
  ['not', (value) => !isTruthy(value)],
]);

/** The index of the first argument that decides, else of the last. */
function firstOr(args: readonly unknown[], decides: (arg: unknown) => boolean): number {
  const index = args.findIndex(decides);
  return index === -1 ? args.length - 1 : index;
}

function numberOf(value: unknown): number | bigint | undefined {
  if (value instanceof GoInt) return value.value;
  return typeof value === 'number' || typeof value === 'bigint' ? value : undefined;
}

function isEqual(a: unknown, b: unknown): boolean {
  const x = numberOf(a);
  const y = numberOf(b);
  // Loose equality compares bigint and number by value; both are numbers here.
  if (x !== undefined && y !== undefined) return !(x < y) && !(x > y);
  return (a ?? null) === (b ?? null);
}

function compare(a: unknown, b: unknown): number {
  if (typeof a === 'string' && typeof b === 'string') return compareStrings(a, b);
  const x = numberOf(a);
  const y = numberOf(b);
  if (x === undefined || y === undefined) throw new Error('only two numbers or two strings can be compared');
  return x < y ? -1 : x > y ? 1 : 0;
}

import { GoInt } from '../../base/go-int.ts';
import { compareStrings } from '../../base/json.ts';
import { GoObject, isNil, kindName, plainValue, typeName } from '../runtime/go-value.ts';
import { printValue } from '../runtime/print.ts';
import { sprintf } from '../runtime/printf.ts';

const BAD_TYPE = 'invalid type for comparison';
const NO_ARGUMENT = 'missing argument for comparison';

type Basic =
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'int' | 'uint'; readonly value: bigint }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string };

/** The value of a basic kind; undefined for all others and for nil. */
function basic(value: unknown): Basic | undefined {
  const plain = plainValue(value);
  switch (typeof plain) {
    case 'boolean':
      return { kind: 'bool', value: plain };
    case 'bigint':
      return { kind: 'int', value: plain };
    case 'number':
      return { kind: 'float', value: plain };
    case 'string':
      return { kind: 'string', value: plain };
    default:
      break;
  }
  if (!(plain instanceof GoInt)) return undefined;
  return { kind: plain.kind.startsWith('u') ? 'uint' : 'int', value: plain.value };
}

/** `eq a b c…`: true if a equals one of the others. */
export function eq(first: unknown, ...others: unknown[]): boolean {
  if (others.length === 0) throw new Error(NO_ARGUMENT);
  return others.some((other) => equal(first, other));
}

function equal(first: unknown, other: unknown): boolean {
  // The common cases, without boxes.
  if (typeof first === 'string' && typeof other === 'string') return first === other;
  const a = basic(first);
  const b = basic(other);
  if (a?.kind === b?.kind) return a === undefined ? equalOther(first, other) : a.value === b?.value;
  if (a !== undefined && b !== undefined && isInteger(a) && isInteger(b)) return a.value === b.value;
  if ((first ?? null) === null || (other ?? null) === null) return false;
  throw incompatible(first, other);
}

function incompatible(a: unknown, b: unknown): Error {
  return new Error(`incompatible types for comparison: ${typeName(a)} and ${typeName(b)}`);
}

function isInteger(value: Basic): value is Extract<Basic, { value: bigint }> {
  return value.kind === 'int' || value.kind === 'uint';
}

/** Values that are of no basic kind, or nil. */
function equalOther(first: unknown, other: unknown): boolean {
  const nil = (first ?? null) === null || (other ?? null) === null;
  if (!nil && kindName(first) !== kindName(other)) {
    throw new Error(
      `non-comparable types ${sprintf('%s', [first])}: ${typeName(first)}, ${typeName(other)}: ${printValue(other)}`,
    );
  }
  if (isNil(first) || isNil(other)) return isNil(first) === isNil(other);
  const kind = kindName(other);
  if (kind === 'map' || kind === 'slice' || kind === 'func') {
    throw new Error(`non-comparable type ${sprintf('%s', [other])}: ${typeName(other)}`);
  }
  return first === other || (first instanceof GoObject && other instanceof GoObject && equalStructs(first, other));
}

function equalStructs(a: GoObject, b: GoObject): boolean {
  if (a.type.kind === 'ptr' || a.type.name !== b.type.name) return false;
  return printValue(a) === printValue(b);
}

export function ne(a: unknown, b: unknown): boolean {
  return !eq(a, b);
}

export function lt(first: unknown, other: unknown): boolean {
  const a = basic(first);
  const b = basic(other);
  if (a === undefined || b === undefined) throw new Error(BAD_TYPE);
  if (isInteger(a) && isInteger(b)) return a.value < b.value;
  if (a.kind !== b.kind) throw incompatible(first, other);
  if (a.kind === 'string' && b.kind === 'string') return compareStrings(a.value, b.value) < 0;
  if (a.kind === 'float' && b.kind === 'float') return a.value < b.value;
  throw new Error(BAD_TYPE);
}

export function le(a: unknown, b: unknown): boolean {
  return lt(a, b) || eq(a, b);
}

export function gt(a: unknown, b: unknown): boolean {
  return !le(a, b);
}

export function ge(a: unknown, b: unknown): boolean {
  return !lt(a, b);
}

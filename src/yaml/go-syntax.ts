import { formatFloat } from '../base/go-float.ts';
import { compareStrings } from '../base/json.ts';
import { goQuote } from '../base/go-quote.ts';

/** A decoded value with the Go type that go-yaml gives it; bigint is int, or uint64 beyond int64. */
export type TypedValue = null | boolean | bigint | number | string | TypedMap | readonly TypedValue[];

/** A `map[interface {}]interface {}`. */
export interface TypedMap {
  readonly entries: readonly (readonly [TypedValue, TypedValue])[];
}

const MAX_INT64 = 2n ** 63n - 1n;

/** The name of a value's Go type as `%s` prints it. */
export function goTypeOf(value: TypedValue): string {
  if (value === null) return '%!s(<nil>)';
  switch (typeof value) {
    case 'string':
      return 'string';
    case 'boolean':
      return 'bool';
    case 'number':
      return 'float64';
    case 'bigint':
      return value > MAX_INT64 ? 'uint64' : 'int';
    default:
      return Array.isArray(value) ? '[]interface {}' : 'map[interface {}]interface {}';
  }
}

/** A value as Go's `%#v` writes it. */
export function goSyntax(value: TypedValue, nested = false): string {
  if (value === null) return nested ? 'interface {}(nil)' : '<nil>';
  switch (typeof value) {
    case 'string':
      return goQuote(value);
    case 'boolean':
      return String(value);
    case 'number':
      return formatFloat(value, 'g', -1);
    case 'bigint':
      return value > MAX_INT64 ? `0x${value.toString(16)}` : value.toString();
    default:
      return collectionSyntax(value);
  }
}

function collectionSyntax(value: TypedMap | readonly TypedValue[]): string {
  if (isTypedMap(value)) {
    const sorted = [...value.entries].sort(([a], [b]) => compareKeys(a, b));
    // Of equal keys the last one is in the map.
    const items = new Map(sorted.map(([key, item]) => [goTypeOf(key) + goSyntax(key, true), { key, item }]));
    const texts = [...items.values()].map(({ key, item }) => `${goSyntax(key, true)}:${goSyntax(item, true)}`);
    return `map[interface {}]interface {}{${texts.join(', ')}}`;
  }
  return `[]interface {}{${value.map((item) => goSyntax(item, true)).join(', ')}}`;
}

/** Kinds in the order in which helm's binary has their types, by which Go sorts the keys of printed maps. */
const TYPE_ORDER = ['%!s(<nil>)', 'string', 'uint64', 'int', 'float64', 'bool'];

function compareKeys(a: TypedValue, b: TypedValue): number {
  const order = TYPE_ORDER.indexOf(goTypeOf(a)) - TYPE_ORDER.indexOf(goTypeOf(b));
  if (order !== 0) return order;
  if (typeof a === 'string' && typeof b === 'string') return compareStrings(a, b);
  return Number(a) - Number(b);
}

function isTypedMap(value: TypedMap | readonly TypedValue[]): value is TypedMap {
  return !Array.isArray(value);
}

import { GoInt } from '../../base/go-int.ts';
import { GoObject, GoTyped, typeOf } from './go-value.ts';

/** Go's reflect.DeepEqual: types must be the same, so int 1, int64 1 and float64 1 differ, and a nil slice is not an empty one. */
export function deepEqual(a: unknown, b: unknown): boolean {
  if (a === null || a === undefined || b === null || b === undefined) return (a ?? null) === (b ?? null);
  if (typeof a !== 'object' || typeof b !== 'object') return a === b;
  if (a === b) return true;
  const type = typeOf(a);
  const other = typeOf(b);
  if (type === undefined || other === undefined || type.name !== other.name) return false;
  if (a instanceof GoInt) return b instanceof GoInt && a.value === b.value;
  if (a instanceof GoTyped) return b instanceof GoTyped && deepEqual(a.value, b.value);
  if (a instanceof GoObject) return b instanceof GoObject && equalStructs(a, b);
  if (a instanceof Uint8Array) {
    return b instanceof Uint8Array && a.length === b.length && a.every((byte, i) => byte === b[i]);
  }
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((element, i) => deepEqual(element, b[i]));
  }
  return equalMaps(a as Record<string, unknown>, b as Record<string, unknown>);
}

function equalMaps(a: Record<string, unknown>, b: Record<string, unknown>): boolean {
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && deepEqual(a[key], b[key]))
  );
}

function equalStructs(a: GoObject, b: GoObject): boolean {
  const struct = a.type.kind === 'ptr' ? a.type.elem : a.type;
  const fields = struct?.fields;
  if (fields === undefined) {
    const string = a.type.string as ((value: GoObject) => string) | undefined;
    return string !== undefined && string(a) === string(b);
  }
  return fields.every(({ name }) => deepEqual(a.field?.(name), b.field?.(name)));
}

import { newObject } from '../base/json.ts';

/** A JSON value as the template runtime holds it: objects without prototype; integers as int64, as client-go decodes them. */
export function goValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(goValue);
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (typeof value !== 'object' || value === null) return value ?? null;
  const out = newObject();
  for (const [key, member] of Object.entries(value)) out[key] = goValue(member);
  return out;
}

/**
 * Values that templates may change: a copy of all maps and lists, with those that stood in two places still being one.
 */
export function copyValues<Value>(value: Value): Value {
  return copy(value, new Map()) as Value;
}

function copy(value: unknown, copies: Map<object, unknown>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const known = copies.get(value);
  if (known !== undefined) return known;
  if (Array.isArray(value)) {
    const list: unknown[] = [];
    copies.set(value, list);
    for (const element of value) list.push(copy(element, copies));
    return list;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) return value;
  const map = newObject();
  copies.set(value, map);
  for (const key of Object.keys(value)) map[key] = copy((value as Record<string, unknown>)[key], copies);
  return map;
}

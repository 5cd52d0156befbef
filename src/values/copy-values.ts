import { newObject } from '../base/json.ts';

/** A copy of all maps and lists of a value; each place gets its own. helm: internal/copystructure. */
export function copyValues(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const out = newObject();
  for (const key of Object.keys(values)) out[key] = copyValue(values[key]);
  return out;
}

function copyValue(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copyValue);
  return isMap(value) ? copyValues(value) : value;
}

/** True for maps: objects that are neither lists nor of a class. */
export function isMap(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

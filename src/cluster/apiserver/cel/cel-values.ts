import { isObject } from '../../../base/json.ts';

/** JSON as expressions see it when nothing is known of its types: whole numbers are ints. */
export function celValue(value: unknown): unknown {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map(celValue);
  if (!isObject(value)) return value ?? null;
  const out: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    if (item !== undefined) out[key] = celValue(item);
  }
  return out;
}

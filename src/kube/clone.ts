import { setKey } from './set-key.ts';

/** A deep copy of a JSON value; faster than structuredClone by far. */
export function cloneJson<T>(value: T): T {
  return clone(value) as T;
}

function clone(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(clone);
  const source = value as Record<string, unknown>;
  const out: Record<string, unknown> = {};
  for (const key in source) {
    if (Object.hasOwn(source, key)) setKey(out, key, clone(source[key]));
  }
  return out;
}

import { isObject } from '../../base/json.ts';
import { Verbatim } from './field-error.ts';

/**
 * An object as faults show Kubernetes' internal structs, which have no names for JSON: the given fields in order, named as in Go,
 * null for what is missing.
 */
export function goStruct(value: object, fields: readonly string[]): Verbatim {
  const entries = fields.map((field) => [goName(field), renamed((value as Record<string, unknown>)[field]) ?? null]);
  return new Verbatim(JSON.stringify(Object.fromEntries(entries)));
}

function renamed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(renamed);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [goName(key), renamed(item)]));
}

function goName(field: string): string {
  return field === 'seLinuxOptions' ? 'SELinuxOptions' : field.charAt(0).toUpperCase() + field.slice(1);
}

import { formatFloatValue } from '../base/go-float.ts';
import { GoInt } from '../base/go-int.ts';
import { isObject, sortedKeys } from '../base/json.ts';

/** A value as Go's `%v` prints it. */
export function goText(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (typeof value === 'number') return formatFloatValue(value);
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`;
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean' || typeof value === 'bigint' || value instanceof GoInt) return value.toString();
  if (!isObject(value)) return '';
  return `map[${sortedKeys(value)
    .map((key) => `${key}:${goText(value[key])}`)
    .join(' ')}]`;
}

/** The Go type of a value, as `%T` prints it. */
export function goType(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (value instanceof GoInt) return value.kind;
  if (Array.isArray(value)) return '[]interface {}';
  switch (typeof value) {
    case 'string':
      return 'string';
    case 'number':
      return 'float64';
    case 'bigint':
      return 'int64';
    case 'boolean':
      return 'bool';
    default:
      return 'map[string]interface {}';
  }
}

/** A value as Go's `%t` prints it, which is meant for booleans. */
export function goBoolText(value: unknown): string {
  return value === null || value === undefined ? '%!t(<nil>)' : boolText(value);
}

function boolText(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return `[${value.map(boolText).join(' ')}]`;
  if (typeof value !== 'object' || value instanceof GoInt) return `%!t(${goType(value)}=${goText(value)})`;
  const members = sortedKeys(value).map(
    (key) => `${boolText(key)}:${boolText((value as Record<string, unknown>)[key])}`,
  );
  return `map[${members.join(' ')}]`;
}

import { GoInt } from '../base/go-int.ts';
import { sortedKeys } from '../base/json.ts';

/**
 * How templates look into values. {@link plainValues} knows JSON and the integer types of Go templates; a host whose data
 * holds other classes (structs, typed maps, times) wraps it.
 */
export interface ValueAdapter {
  /** A field, a key or an index of a value; undefined if it has none of that name. Inherited properties do not count. */
  get(value: unknown, key: string): unknown;
  /** The members in order, undefined if the value is no collection. */
  entries(value: unknown): readonly ValueEntry[] | undefined;
  /** The text of a value. */
  print(value: unknown): string;
}

/** A member of a list (`key` counts from 0) or of an object. */
export interface ValueEntry {
  readonly key: string | number;
  readonly value: unknown;
}

/**
 * Values as they are: own properties only, objects in the order of their sorted keys. Text: strings as they are, nothing
 * for null, numbers without exponent up to 1e21, lists and objects as JSON, which is YAML in flow style.
 */
export const plainValues: ValueAdapter = {
  get(value, key) {
    if (Array.isArray(value)) {
      if (key === 'length') return new GoInt(value.length);
      return /^(?:0|[1-9][0-9]*)$/.test(key) ? (value as unknown[])[Number(key)] : undefined;
    }
    if (typeof value !== 'object' || value === null || value instanceof GoInt || !Object.hasOwn(value, key)) {
      return undefined;
    }
    const member = (value as Record<string, unknown>)[key];
    return typeof member === 'function' ? undefined : member;
  },
  entries(value) {
    if (Array.isArray(value)) return value.map((item: unknown, index) => ({ key: index, value: item }));
    if (!isPlainObject(value)) return undefined;
    return sortedKeys(value).map((key) => ({ key, value: value[key] }));
  },
  print(value) {
    if (value === undefined || value === null) return '';
    return typeof value === 'string' ? value : printJson(value, plainValues);
  },
};

/** True for objects that are records, not instances of a class. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

/** A value as JSON with sorted keys; values of other classes as their text. */
export function printJson(value: unknown, adapter: ValueAdapter): string {
  if (value === undefined || value === null) return 'null';
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (value instanceof GoInt) return value.toString();
  const members = adapter.entries(value);
  if (members === undefined) {
    // Other classes are known to the adapter of the host, or not at all.
    return JSON.stringify(adapter === plainValues ? '' : adapter.print(value));
  }
  if (Array.isArray(value)) return `[${members.map((member) => printJson(member.value, adapter)).join(', ')}]`;
  const pairs = members.map(
    ({ key, value: member }) => `${JSON.stringify(String(key))}: ${printJson(member, adapter)}`,
  );
  return `{${pairs.join(', ')}}`;
}

/** Handlebars' idea of truth: false, nothing, '', 0 and empty lists are not; every object is. */
export function isTruthy(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === '') return false;
  if (isZero(value)) return false;
  return !(Array.isArray(value) && value.length === 0);
}

/** True for 0 of any number type. */
export function isZero(value: unknown): boolean {
  if (value instanceof GoInt) return value.value === 0n;
  return value === 0 || value === 0n || Number.isNaN(value);
}

/** A JSON value as JSON.parse gives it. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;

/** A JSON object. Keys may be any string, `__proto__` too: use {@link newObject} to build one from foreign keys. */
export interface JsonObject {
  readonly [key: string]: JsonValue | undefined;
}

/** A record without prototype, safe for foreign keys. */
export function newObject<T = unknown>(): Record<string, T> {
  return Object.create(null) as Record<string, T>;
}

/** True for objects that are neither null nor arrays. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Strings in the order of Go's sort.Strings: by UTF-8 bytes, which is the order of code points. */
export function compareStrings(a: string, b: string): number {
  if (a === b) return 0;
  if (HIGH.test(a) && HIGH.test(b)) return comparePoints(a, b);
  return a < b ? -1 : 1;
}

/** What sorts otherwise by UTF-16 than by UTF-8: surrogates, and what lies behind them in the basic plane. */
const HIGH = /[\ud800-\uffff]/;

function comparePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i += 1) {
    let x = a.charCodeAt(i);
    let y = b.charCodeAt(i);
    if (x !== y) {
      // Surrogates sort above the rest of the basic plane in UTF-8.
      if (x >= 0xd800 && y >= 0xd800) {
        x = x >= 0xe000 ? x - 0x800 : x + 0x2000;
        y = y >= 0xe000 ? y - 0x800 : y + 0x2000;
      }
      return x - y;
    }
  }
  return a.length - b.length;
}

/** The keys of an object as Go prints a map: sorted by {@link compareStrings}. */
export function sortedKeys(value: object): string[] {
  return Object.keys(value).sort(compareStrings);
}

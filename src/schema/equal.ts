import { Decimal, isNumber } from './rational.ts';

/** Whether two JSON values are the same; numbers are compared by what they are worth. */
export function isEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (isNumber(a) || isNumber(b)) return isNumber(a) && isNumber(b) && isSameNumber(a, b);
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, i) => isEqual(item, b[i]));
  }
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => hasEqual(a, b, key));
}

function isSameNumber(a: Parameters<typeof Decimal.of>[0], b: Parameters<typeof Decimal.of>[0]): boolean {
  const left = Decimal.of(a);
  const right = Decimal.of(b);
  return left !== undefined && right !== undefined && left.compare(right) === 0;
}

function hasEqual(a: object, b: object, key: string): boolean {
  return Object.hasOwn(b, key) && isEqual((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]);
}

/** The first two equal items of a list, as indices. */
export function findDuplicates(list: readonly unknown[]): readonly [number, number] | undefined {
  const seen = new Map<unknown, number>();
  const compound: number[] = [];
  for (const [i, item] of list.entries()) {
    if (typeof item === 'object' && item !== null) {
      const j = compound.find((each) => isEqual(list[each], item));
      if (j !== undefined) return [j, i];
      compound.push(i);
      continue;
    }
    // An int64 and a float64 may be worth the same.
    const key = typeof item === 'bigint' && Number.isSafeInteger(Number(item)) ? Number(item) : item;
    const j = seen.get(key);
    if (j !== undefined) return [j, i];
    seen.set(key, i);
  }
  return undefined;
}

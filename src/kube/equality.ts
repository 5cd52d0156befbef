import { parseQuantity } from './quantity.ts';

/** True if two JSON values are the same; the order of keys does not matter, a key with the value undefined is absent. */
export function deepEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a !== a && b !== b;
  if (Array.isArray(a)) return Array.isArray(b) && equalLists(a, b);
  if (Array.isArray(b)) return false;
  return equalObjects(a as Record<string, unknown>, b as Record<string, unknown>);
}

function equalLists(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i += 1) if (!deepEqual(a[i], b[i])) return false;
  return true;
}

function equalObjects(a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>): boolean {
  let count = 0;
  for (const key in a) {
    const value = a[key];
    if (value === undefined) continue;
    count += 1;
    const other = b[key];
    if (value !== other && (!Object.hasOwn(b, key) || !deepEqual(value, other))) return false;
  }
  for (const key in b) if (b[key] !== undefined) count -= 1;
  return count === 0;
}

/**
 * Equality as Kubernetes' controllers mean it: quantities by their amount, and nothing, null, an empty list and an empty map
 * are all the same. apimachinery: pkg/api/equality.
 *
 * @param isQuantity tells by the names that lead to a value whether it is a quantity; by default those of resource lists
 */
export function semanticEqual(a: unknown, b: unknown, isQuantity: QuantityTest = inResourceList): boolean {
  return equalAt(a, b, [], isQuantity);
}

/** Tells whether the value that a path of field names leads to is a quantity; list indices are left out. */
export type QuantityTest = (path: readonly string[]) => boolean;

const RESOURCE_LISTS: ReadonlySet<string> = new Set([
  'requests',
  'limits',
  'capacity',
  'allocatable',
  'allocatedResources',
  'overhead',
  'hard',
  'used',
  'default',
  'defaultRequest',
  'max',
  'min',
  'maxLimitRequestRatio',
]);

function inResourceList(path: readonly string[]): boolean {
  return RESOURCE_LISTS.has(path.at(-2) ?? '') || path.at(-1) === 'sizeLimit' || path.at(-1) === 'averageValue';
}

function equalAt(a: unknown, b: unknown, path: string[], isQuantity: QuantityTest): boolean {
  if (a === b) return true;
  if (isEmpty(a) && isEmpty(b)) return true;
  if (isScalar(a) && isScalar(b)) return isQuantity(path) && equalQuantities(a, b);
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((item, i) => equalAt(item, b[i], path, isQuantity));
  }
  const first = a as Record<string, unknown>;
  const second = b as Record<string, unknown>;
  for (const key in first) if (!equalField(first, second, key, path, isQuantity)) return false;
  for (const key in second) {
    if (!Object.hasOwn(first, key) && !equalField(first, second, key, path, isQuantity)) return false;
  }
  return true;
}

function equalField(
  a: Readonly<Record<string, unknown>>,
  b: Readonly<Record<string, unknown>>,
  key: string,
  path: string[],
  isQuantity: QuantityTest,
): boolean {
  path.push(key);
  const equal = equalAt(a[key], b[key], path, isQuantity);
  path.pop();
  return equal;
}

function isScalar(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (typeof value !== 'object') return false;
  return Array.isArray(value) ? value.length === 0 : Object.keys(value).length === 0;
}

function equalQuantities(a: string | number, b: string | number): boolean {
  try {
    return parseQuantity(a).nano === parseQuantity(b).nano;
  } catch {
    return false;
  }
}

import { isObject } from '../base/json.ts';
import { DIRECTIVE, noMergeKey, wrongType, type JsonMap } from './strategic-merge-schema.ts';

/** The value that tells an element from the others: itself, or its merge key. */
type Identity = (item: unknown) => unknown;

/** How elements of a list are told apart; '' for scalars. */
function identityBy(mergeKey: string): Identity {
  return mergeKey === '' ? (item) => item : (item) => (isObject(item) ? item[mergeKey] : undefined);
}

/** The element as a map. */
export function asMap(item: unknown): JsonMap {
  if (!isObject(item)) throw wrongType('map', item);
  return item;
}

/** The value of an element's merge key. */
export function mergeKeyOf(item: unknown, mergeKey: string): unknown {
  const map = asMap(item);
  if (!Object.hasOwn(map, mergeKey)) throw noMergeKey(map, mergeKey);
  return map[mergeKey];
}

/** True for elements with `$patch: delete`. */
export function isDeletion(item: unknown): boolean {
  return isObject(item) && item[DIRECTIVE] === 'delete';
}

/** Elements of a list by their place in an order; those that are deletions last. */
export function sortByOrder(list: readonly unknown[], order: readonly unknown[], mergeKey: string): unknown[] {
  const identity = identityBy(mergeKey);
  const ranks = new Map<unknown, number>();
  for (const [i, item] of order.entries()) {
    if (mergeKey !== '') mergeKeyOf(item, mergeKey);
    if (!ranks.has(identity(item))) ranks.set(identity(item), i);
  }
  if (mergeKey !== '') for (const item of list) mergeKeyOf(item, mergeKey);
  const kept = list.filter((item) => mergeKey === '' || !isDeletion(item));
  const removed = mergeKey === '' ? [] : list.filter(isDeletion);
  const rank = (item: unknown): number => ranks.get(identity(item)) ?? order.length;
  return [...kept.toSorted((a, b) => rank(a) - rank(b)), ...removed];
}

/** The elements that an order names, and those that only the server has. */
export function partition(
  list: readonly unknown[],
  order: readonly unknown[],
  mergeKey: string,
): { readonly ordered: unknown[]; readonly serverOnly: unknown[] } {
  const identity = identityBy(mergeKey);
  const named = new Set(order.map(identity));
  const ordered: unknown[] = [];
  const serverOnly: unknown[] = [];
  for (const item of list) {
    const id = mergeKey === '' ? item : mergeKeyOf(item, mergeKey);
    (named.has(id) ? ordered : serverOnly).push(item);
  }
  return { ordered, serverOnly };
}

interface Orders {
  readonly wanted: readonly unknown[];
  readonly server: readonly unknown[];
  readonly mergeKey: string;
}

/** One list of the elements that a patch orders and those that only the server has; each keep their own order. */
export function interleave(ordered: readonly unknown[], serverOnly: readonly unknown[], orders: Orders): unknown[] {
  const { wanted, server, mergeKey } = orders;
  const right = sortByOrder(ordered, wanted, mergeKey);
  const left = sortByOrder(serverOnly, server, mergeKey);
  const identity = identityBy(mergeKey);
  const ranks = new Map<unknown, number>();
  for (const [i, item] of server.entries()) if (!ranks.has(identity(item))) ranks.set(identity(item), i);
  const out: unknown[] = [];
  let i = 0;
  let j = 0;
  while (i < left.length || j < right.length) {
    if (i >= left.length) out.push(right[j++]);
    else if (j >= right.length) out.push(left[i++]);
    else {
      const first = ranks.get(identity(left[i]));
      const second = ranks.get(identity(right[j]));
      if (first !== undefined && second !== undefined && first < second) out.push(left[i++]);
      else out.push(right[j++]);
    }
  }
  return out;
}

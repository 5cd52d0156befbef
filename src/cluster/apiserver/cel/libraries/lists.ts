import type { Environment } from '@marcbachmann/cel-js';

type List = readonly unknown[];

/** Lists and sets as Kubernetes has them. apiserver: pkg/cel/library/lists.go; cel-go: ext/lists.go, ext/sets.go */
export function registerLists(env: Environment): void {
  env
    .registerFunction('list.isSorted(): bool', (list: List) =>
      list.every((item, i) => i === 0 || compare(list[i - 1], item) <= 0),
    )
    .registerFunction('list.sum(): dyn', sum)
    .registerFunction('list.min(): dyn', (list: List) => extreme(list, -1, 'min'))
    .registerFunction('list.max(): dyn', (list: List) => extreme(list, 1, 'max'))
    .registerFunction('list.indexOf(dyn): int', (list: List, wanted: unknown) =>
      BigInt(list.findIndex((item) => equal(item, wanted))),
    )
    .registerFunction('list.lastIndexOf(dyn): int', (list: List, wanted: unknown) =>
      BigInt(list.findLastIndex((item) => equal(item, wanted))),
    )
    .registerFunction('list.flatten(): list', (list: List) => list.flat())
    .registerFunction('list.flatten(int): list', (list: List, depth: bigint) =>
      (list as unknown[]).flat(Number(depth) as 1),
    )
    .registerFunction('list.distinct(): list', (list: List) =>
      list.filter((item, i) => list.findIndex((other) => equal(item, other)) === i),
    )
    .registerFunction('list.sort(): list', (list: List) => [...list].sort(compare))
    .registerFunction('list.reverse(): list', (list: List) => [...list].reverse())
    .registerFunction('list.slice(int, int): list', slice)
    .registerFunction('lists_range(int): list<int>', (count: bigint) =>
      Array.from({ length: Number(count) }, (_, i) => BigInt(i)),
    );
  registerNamespace(env, 'lists', {
    'range(int): list<int>': (count: bigint) => Array.from({ length: Number(count) }, (_, i) => BigInt(i)),
  });
  registerNamespace(env, 'sets', {
    'contains(list, list): bool': contains,
    'equivalent(list, list): bool': (a: List, b: List) => contains(a, b) && contains(b, a),
    'intersects(list, list): bool': (a: List, b: List) => a.some((item) => b.some((other) => equal(item, other))),
  });
}

/** Functions that are called by a prefix, such as `sets.contains(…)`. */
export function registerNamespace(
  env: Environment,
  name: string,
  // Handlers are called with what their signatures say.
  functions: Readonly<Record<string, (...args: never[]) => unknown>>,
): void {
  const type = `Namespace${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  class Namespace {
    readonly type = type;
  }
  Object.defineProperty(Namespace, 'name', { value: type });
  env.registerType(type, { ctor: Namespace, fields: {} });
  env.registerConstant(name, type, new Namespace());
  for (const [signature, handler] of Object.entries(functions)) {
    env.registerFunction(`${type}.${signature}`, (_self: unknown, ...args: never[]) => handler(...args));
  }
}

function contains(list: List, part: List): boolean {
  return part.every((item) => list.some((other) => equal(item, other)));
}

function slice(list: List, start: bigint, end: bigint): List {
  if (start < 0n || end < 0n) throw new Error(`cannot slice(${start}, ${end}), negative indexes not supported`);
  if (start > end)
    throw new Error(`cannot slice(${start}, ${end}), start index must be less than or equal to end index`);
  if (end > BigInt(list.length)) throw new Error(`cannot slice(${start}, ${end}), list is length ${list.length}`);
  return list.slice(Number(start), Number(end));
}

function sum(list: List): unknown {
  let total: bigint | number | undefined;
  for (const item of list) {
    if (typeof item !== 'bigint' && typeof item !== 'number') throw new Error('no such overload');
    if (total === undefined) total = item;
    else if (typeof total === 'bigint' && typeof item === 'bigint') total += item;
    else total = Number(total) + Number(item);
  }
  return total ?? 0n;
}

function extreme(list: List, sign: number, name: string): unknown {
  if (list.length === 0) throw new Error(`${name} called on empty list`);
  return list.reduce((best, item) => (compare(item, best) * sign > 0 ? item : best));
}

function compare(a: unknown, b: unknown): number {
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b));
  const [x, y] = [a as number, b as number];
  return x < y ? -1 : x > y ? 1 : 0;
}

function equal(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  const numeric = (value: unknown): boolean => typeof value === 'bigint' || typeof value === 'number';
  // CEL's numbers are equal across their types.
  // oxlint-disable-next-line eqeqeq
  if (numeric(a) && numeric(b)) return a == b;
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, i) => equal(item, b[i]));
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (a instanceof Date && b instanceof Date) return a.getTime() === b.getTime();
  const [x, y] = [a as Record<string, unknown>, b as Record<string, unknown>];
  const keys = Object.keys(x);
  return keys.length === Object.keys(y).length && keys.every((key) => Object.hasOwn(y, key) && equal(x[key], y[key]));
}

import { parse, type Tree } from './parse.ts';

/** Characters of source text that are kept parsed. */
const CAPACITY = 16_000_000;
/** Sets of function names that are told apart; more than a handful never occur. */
const MAX_NAME_SETS = 64;

type Trees = ReadonlyMap<string, Tree>;

/** The functions that templates may name. */
export interface FunctionNames {
  readonly id: number;
  readonly has: (name: string) => boolean;
}

const nameSets = new Map<string, FunctionNames>();
const cache = new Map<string, Trees>();
let cached = 0;
let lastId = 0;

/** The same object for the same names, so that sources parsed with them are found again. */
export function functionNames(names: readonly string[]): FunctionNames {
  const key = names.toSorted().join();
  let found = nameSets.get(key);
  if (found === undefined) {
    const all = new Set(names);
    lastId += 1;
    found = { id: lastId, has: (name) => all.has(name) };
    if (nameSets.size < MAX_NAME_SETS) nameSets.set(key, found);
  }
  return found;
}

/** {@link parse} with a memory, since a chart is often rendered several times; the oldest sources are dropped first. */
export function parseCached(name: string, text: string, names: FunctionNames): Trees {
  const key = `${names.id} ${name}\0${text}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const trees = parse(name, text, names.has);
  cache.set(key, trees);
  cached += key.length;
  for (const [oldest] of cache) {
    if (cached <= CAPACITY) break;
    cache.delete(oldest);
    cached -= oldest.length;
  }
  return trees;
}

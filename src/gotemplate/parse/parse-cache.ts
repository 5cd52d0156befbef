import { KnownClauses } from './clause.ts';
import type { FunctionNames } from './parse-clause.ts';
import { parse, type Tree } from './parse.ts';

/** Characters of source text that are kept parsed for one set of function names. */
const CAPACITY = 16_000_000;
/** Sets of function names that are told apart; more than a handful never occur. */
const MAX_NAME_SETS = 64;

type Trees = ReadonlyMap<string, Tree>;

/** {@link FunctionNames} with the sources that were parsed with them. */
export interface RememberedNames extends FunctionNames {
  /** By text, then by name. */
  readonly sources: Map<string, Map<string, Trees>>;
  /** Characters of these. */
  size: number;
}

const nameSets = new Map<string, RememberedNames>();

/** The same object for the same names, so that sources parsed with them are found again. */
export function functionNames(names: readonly string[]): RememberedNames {
  const key = names.toSorted().join();
  let found = nameSets.get(key);
  if (found === undefined) {
    const all = new Set(names);
    found = { has: (name) => all.has(name), clauses: new KnownClauses(), sources: new Map(), size: 0 };
    if (nameSets.size < MAX_NAME_SETS) nameSets.set(key, found);
  }
  return found;
}

/** {@link parse} with a memory, since a chart is often rendered several times; the oldest sources are dropped first. */
export function parseCached(name: string, text: string, names: RememberedNames): Trees {
  const { sources } = names;
  let byName = sources.get(text);
  const known = byName?.get(name);
  if (known !== undefined) return known;
  const trees = parse(name, text, names);
  if (byName === undefined) {
    byName = new Map();
    sources.set(text, byName);
    names.size += text.length;
  }
  byName.set(name, trees);
  for (const [oldest] of sources) {
    if (names.size <= CAPACITY) break;
    sources.delete(oldest);
    names.size -= oldest.length;
  }
  return trees;
}

import { isMap } from './copy-values.ts';

type Table = Readonly<Record<string, unknown>>;

/** A table by its dotted path. Not found: the key that is none. helm: Values.Table. */
export function tableAt(values: Table, path: string): { table: Table } | { missing: string } {
  let table = values;
  for (const key of path.split('.')) {
    const next = Object.hasOwn(table, key) ? table[key] : undefined;
    if (!isMap(next)) return { missing: key };
    table = next;
  }
  return { table };
}

/** A value that is no table by its dotted path; undefined if there is none. helm: Values.PathValue. */
export function valueAt(values: Table, path: string): { value: unknown } | undefined {
  const dot = path.lastIndexOf('.');
  const key = path.slice(dot + 1);
  let table = values;
  if (dot !== -1) {
    const found = tableAt(values, path.slice(0, dot));
    if ('missing' in found) return undefined;
    table = found.table;
  }
  if (!Object.hasOwn(table, key) || isMap(table[key])) return undefined;
  return { value: table[key] };
}

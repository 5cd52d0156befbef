import { newObject } from '../base/json.ts';
import { copyValues, isMap } from './copy-values.ts';
import { goText } from './go-text.ts';
import { Warnings } from './warning.ts';

type Table = Record<string, unknown>;

/**
 * Fills a table up with another one; what `over` says counts, and a null in it takes a key away. Both stay as they are.
 * helm: pkg/chart/common/util/coalesce.go, CoalesceTables.
 */
export function coalesceTables(over: Readonly<Table>, base: Readonly<Table>): Table {
  return fillTable(copyValues(over), copyValues(base), { prefix: '', merge: false, warnings: new Warnings() });
}

/** Like {@link coalesceTables}, but nulls stay. helm: MergeTables. */
export function mergeTables(over: Readonly<Table>, base: Readonly<Table>): Table {
  return fillTable(copyValues(over), copyValues(base), { prefix: '', merge: true, warnings: new Warnings() });
}

/** How one table is filled from another. */
export interface FillOptions {
  /** Dotted path of the tables, for warnings. */
  readonly prefix: string;
  /** Keep nulls. */
  readonly merge: boolean;
  readonly warnings: Warnings;
}

/** Fills `over` up from `base`, in place; tables of `base` may become part of `over`. helm: coalesceTablesFullKey. */
export function fillTable(over: Table, base: Table, { prefix, merge, warnings }: FillOptions): Table {
  const wasSet = newObject<boolean>();
  for (const key of Object.keys(base)) if (base[key] !== null) wasSet[key] = true;
  for (const key of Object.keys(over)) if (over[key] === null) base[key] = null;
  for (const key of Object.keys(base)) {
    const below = base[key];
    if (!Object.hasOwn(over, key)) {
      over[key] = below;
      continue;
    }
    const above = over[key];
    const path = joinPath(prefix, key);
    if (!merge && above === null && wasSet[key] === true) {
      delete over[key];
    } else if (isMap(below)) {
      if (isMap(above)) fillTable(above, below, { prefix: path, merge, warnings });
      else warnings.add('info', `warning: cannot overwrite table with non table for ${path} (${goText(below)})`);
    } else if (isMap(above) && below !== null) {
      warnings.add('info', `warning: destination for ${path} is a table. Ignoring non-table value (${goText(below)})`);
    }
  }
  return over;
}

/** A key behind a dotted path. */
export function joinPath(prefix: string, key: string): string {
  return prefix === '' ? key : `${prefix}.${key}`;
}

import { PintleError } from '../base/errors.ts';
import { newObject } from '../base/json.ts';
import { fillTable, joinPath } from './coalesce-tables.ts';
import { copyValues, isMap } from './copy-values.ts';
import { goBoolText } from './go-text.ts';
import { type ValuesWarning, Warnings } from './warning.ts';
import { goQuote } from '../base/go-quote.ts';

type Table = Record<string, unknown>;

/** What coalescing needs to know of a chart. */
export interface ChartTree {
  readonly metadata: { readonly name: string };
  readonly values: Readonly<Table>;
  readonly subcharts: readonly ChartTree[];
}

/** Values of a whole tree: those of a subchart lie under its name. */
export interface CoalescedValues {
  readonly values: Table;
  readonly warnings: readonly ValuesWarning[];
}

/**
 * The values of a chart and all its subcharts: the user's over the parent's over the subchart's own. Maps are merged,
 * other values replaced, a null takes away; `global` reaches every subchart. The arguments stay as they are.
 * helm: pkg/chart/common/util/coalesce.go, CoalesceValues.
 *
 * @throws PintleError `values-invalid` when something else than a map stands where a subchart's values go
 */
export function coalesceValues(chart: ChartTree, values: Readonly<Table>): CoalescedValues {
  const warnings = new Warnings();
  return { values: coalesceTree(chart, values, { merge: false, warnings }), warnings: warnings.list() };
}

/** Options of {@link coalesceTree}. */
interface TreeOptions {
  /** Keep nulls (helm: MergeValues). */
  readonly merge: boolean;
  readonly warnings: Warnings;
}

/** Like {@link coalesceValues}, with the choice to keep nulls for a later pass. */
export function coalesceTree(chart: ChartTree, values: Readonly<Table>, { merge, warnings }: TreeOptions): Table {
  const own = copyValues(values);
  new Coalescer(merge, warnings).coalesce(chart, own, '');
  return own;
}

class Coalescer {
  readonly #merge: boolean;
  readonly #warnings: Warnings;

  constructor(merge: boolean, warnings: Warnings) {
    this.#merge = merge;
    this.#warnings = warnings;
  }

  /** @param prefix dotted path of the chart's parents */
  coalesce(chart: ChartTree, values: Table, prefix: string): void {
    const path = joinPath(prefix, chart.metadata.name);
    this.#addDefaults(chart, values, path);
    for (const child of chart.subcharts) {
      const { name } = child.metadata;
      if (!Object.hasOwn(values, name)) values[name] = newObject();
      const table = values[name];
      if (!isMap(table)) {
        throw new PintleError('values-invalid', `type mismatch on ${name}: ${goBoolText(table)}`, {
          hint: `the values of the subchart "${name}" go under the key "${name}", which must be a map`,
        });
      }
      this.#addGlobals(table, values, path);
      this.coalesce(child, table, path);
    }
  }

  /** The chart's own values below those that are given. */
  #addDefaults(chart: ChartTree, values: Table, path: string): void {
    const defaults = copyValues(chart.values);
    for (const key of Object.keys(defaults)) {
      const below = defaults[key];
      if (!Object.hasOwn(values, key)) {
        values[key] = below;
        continue;
      }
      const above = values[key];
      if (above === null && !this.#merge) {
        delete values[key];
      } else if (isMap(above)) {
        if (isMap(below)) {
          const isChild = chart.subcharts.some((child) => child.metadata.name === key);
          const prefix = joinPath(path, key);
          // Nulls for a subchart stay until its own values have been laid below them.
          fillTable(above, below, { prefix, merge: this.#merge || isChild, warnings: this.#warnings });
        } else if (below !== null) {
          this.#warnings.add('info', `warning: skipped value for ${path}.${key}: Not a table.`);
        }
      }
    }
  }

  /** The parent's globals over those of a subchart. */
  #addGlobals(child: Table, parent: Table, path: string): void {
    const into = Object.hasOwn(child, 'global') ? child['global'] : newObject();
    if (!isMap(into)) {
      this.#warnings.add('info', 'warning: skipping globals because destination global is not a table.');
      return;
    }
    const from = Object.hasOwn(parent, 'global') ? parent['global'] : newObject();
    if (!isMap(from)) {
      this.#warnings.add('info', 'warning: skipping globals because source global is not a table.');
      return;
    }
    for (const key of Object.keys(from)) this.#addGlobal(into, key, from[key], path);
    child['global'] = into;
  }

  #addGlobal(into: Table, key: string, value: unknown, path: string): void {
    const present = Object.hasOwn(into, key) ? into[key] : undefined;
    if (!isMap(value)) {
      if (isMap(present)) this.#warnings.add('info', `key ${key} is table. Skipping`);
      else into[key] = value;
      return;
    }
    // Only the outer map is copied: deeper ones are shared by all charts, and templates may rely on it.
    const copy = Object.assign(newObject(), value);
    if (Object.hasOwn(into, key)) {
      if (!isMap(present)) {
        this.#warnings.add('info', `Conflict: cannot merge map onto non-map for ${goQuote(key)}. Skipping.`);
        return;
      }
      fillTable(copy, present, { prefix: joinPath(path, key), merge: true, warnings: this.#warnings });
    }
    into[key] = copy;
  }
}

import { newObject } from '../base/json.ts';
import type { Chart, ChartDependency, ChartMetadata } from '../chart/chart.ts';
import { isCompatibleRange } from '../chart/is-compatible-range.ts';
import { fillTable } from './coalesce-tables.ts';
import { coalesceTree } from './coalesce-values.ts';
import { copyValues, isMap } from './copy-values.ts';
import { goText } from './go-text.ts';
import { tableAt, valueAt } from './look-up.ts';
import type { Warnings } from './warning.ts';
import { goQuote } from '../base/go-quote.ts';

type Table = Record<string, unknown>;
type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Dependency = Mutable<ChartDependency>;

interface Metadata extends Omit<Mutable<ChartMetadata>, 'dependencies'> {
  dependencies?: Dependency[];
}

/** A chart under work. Copies that aliases make share the metadata of what lies below them, as in Helm. */
interface Node {
  readonly chart: Chart;
  metadata: Metadata;
  values: Readonly<Table>;
  subcharts: Node[];
  /** The chart that it was last made a subchart of. Copies share what lies below them, which has but one parent. */
  parent: Node | undefined;
}

/**
 * Applies what Chart.yaml says about dependencies: conditions and tags take subcharts away, aliases rename and double them,
 * import-values lifts values of subcharts into the parent. The chart stays as it is.
 * helm: pkg/chart/v2/util/dependencies.go, ProcessDependencies.
 *
 * @param values the user's
 * @throws PintleError `values-invalid`
 */
export function processDependencies(chart: Chart, values: Readonly<Table>, warnings: Warnings): Chart {
  const root = toNode(chart);
  new DependencyProcessor(warnings).process(root, values);
  return toChart(root);
}

function toNode(chart: Chart): Node {
  const metadata = copyMetadata(chart.metadata as Metadata);
  const node: Node = { chart, metadata, values: chart.values, subcharts: [], parent: undefined };
  setSubcharts(node, chart.subcharts.map(toNode));
  return node;
}

function setSubcharts(node: Node, subcharts: Node[]): void {
  node.subcharts = subcharts;
  for (const child of subcharts) child.parent = node;
}

/** @param path of the chart as it is nested */
function toChart(node: Node, path = node.metadata.name): Chart {
  const fullPath = pathOf(node);
  return {
    ...node.chart,
    metadata: node.metadata,
    values: node.values,
    subcharts: node.subcharts.map((child) => toChart(child, `${path}/charts/${child.metadata.name}`)),
    ...(fullPath === path ? {} : { fullPath }),
  };
}

/** helm: Chart.ChartFullPath. */
function pathOf({ metadata, parent }: Node): string {
  return parent === undefined ? metadata.name : `${pathOf(parent)}/charts/${metadata.name}`;
}

function copyMetadata(metadata: Metadata): Metadata {
  const copy = { ...metadata };
  if (metadata.dependencies !== undefined) copy.dependencies = metadata.dependencies.map((each) => ({ ...each }));
  return copy;
}

class DependencyProcessor {
  readonly #warnings: Warnings;
  /** What has become of entries of import-values; Helm does not know them again when it meets them a second time. */
  readonly #pairs = new WeakSet();

  constructor(warnings: Warnings) {
    this.#warnings = warnings;
  }

  process(root: Node, values: Readonly<Table>): void {
    this.#enable(root, values, '');
    this.#importAll(root);
  }

  /** helm: processDependencyEnabled. */
  #enable(node: Node, values: Readonly<Table>, path: string): void {
    const declared = node.metadata.dependencies;
    if (declared === undefined) return;
    setSubcharts(node, applyAliases(node.subcharts, declared));
    for (const dependency of declared) dependency.enabled = true;
    const coalesced = coalesceTree(node, values, { merge: false, warnings: this.#warnings });
    this.#applyTags(declared, coalesced);
    this.#applyConditions(declared, coalesced, path);
    const removed = new Set(declared.filter((each) => each.enabled !== true).map((each) => each.name));
    setSubcharts(
      node,
      node.subcharts.filter((child) => !removed.has(child.metadata.name)),
    );
    const kept = declared.filter((each) => !removed.has(each.name));
    for (const child of node.subcharts) this.#enable(child, coalesced, `${path}${child.metadata.name}.`);
    if (kept.length === 0) delete node.metadata.dependencies;
    else node.metadata.dependencies = kept;
  }

  #applyTags(declared: readonly Dependency[], values: Table): void {
    const found = tableAt(values, 'tags');
    if ('missing' in found) return;
    for (const dependency of declared) {
      let hasTrue = false;
      let hasFalse = false;
      for (const tag of dependency.tags ?? []) {
        if (!Object.hasOwn(found.table, tag)) continue;
        const value = found.table[tag];
        if (value === true) hasTrue = true;
        else if (value === false) hasFalse = true;
        else this.#warnings.add('warn', 'returned non-bool value', { tag, chart: dependency.name });
      }
      dependency.enabled = hasTrue || !hasFalse;
    }
  }

  /** The first condition whose path leads to a boolean decides. */
  #applyConditions(declared: readonly Dependency[], values: Table, path: string): void {
    for (const dependency of declared) {
      for (const condition of (dependency.condition ?? '').trim().split(',')) {
        if (condition === '') continue;
        const found = valueAt(values, path + condition);
        if (found === undefined) continue;
        if (typeof found.value === 'boolean') {
          dependency.enabled = found.value;
          break;
        }
        this.#warnings.add('warn', 'returned non-bool value', { path: condition, chart: dependency.name });
      }
    }
  }

  #importAll(node: Node): void {
    for (const child of node.subcharts) this.#importAll(child);
    this.#import(node);
  }

  /** helm: processImportValues. */
  #import(node: Node): void {
    const declared = node.metadata.dependencies;
    if (declared === undefined) return;
    const values = coalesceTree(node, newObject(), { merge: true, warnings: this.#warnings });
    let imported = newObject();
    for (const dependency of declared) {
      const pairs: Table[] = [];
      for (const item of dependency['import-values'] ?? []) {
        const pair = isMap(item) && this.#pairs.has(item) ? undefined : importPair(item);
        if (pair === undefined) continue;
        const shown = Object.assign(newObject(), pair);
        this.#pairs.add(shown);
        pairs.push(shown);
        const found = tableAt(values, `${dependency.name}.${pair.child}`);
        if ('missing' in found) {
          this.#warnMissing(dependency, item, found.missing);
          continue;
        }
        imported = this.#fill(imported, pathToMap(pair.parent, found.table));
      }
      if (dependency['import-values'] !== undefined) dependency['import-values'] = pairs;
    }
    node.values = this.#fill(copyValues(values), imported);
  }

  #fill(over: Table, base: Table): Table {
    return fillTable(over, base, { prefix: '', merge: true, warnings: this.#warnings });
  }

  #warnMissing(dependency: Dependency, item: unknown, missing: string): void {
    const error = `${goQuote(missing)} is not a table`;
    if (typeof item === 'string') this.#warnings.add('warn', 'ImportValues missing table', { error });
    else this.#warnings.add('warn', 'ImportValues missing table from chart', { chart: dependency.name, error });
  }
}

/** The subcharts with those renamed that have an alias; a chart can be there under several names. */
function applyAliases(subcharts: readonly Node[], declared: readonly Dependency[]): Node[] {
  const isDeclared = (child: Node): boolean =>
    declared.some(
      ({ name, version = '' }) => child.metadata.name === name && isCompatibleRange(version, child.metadata.version),
    );
  const out = subcharts.filter((child) => !isDeclared(child));
  for (const dependency of declared) {
    const { name, version = '', alias = '' } = dependency;
    const child = subcharts.find(
      (each) => each.metadata.name === name && isCompatibleRange(version, each.metadata.version),
    );
    if (child !== undefined) {
      const metadata = copyMetadata(child.metadata);
      if (alias !== '') metadata.name = alias;
      const copy = { ...child, metadata };
      setSubcharts(
        copy,
        child.subcharts.map((each) => ({ ...each })),
      );
      out.push(copy);
    }
    if (alias !== '') dependency.name = alias;
  }
  return out;
}

function importPair(item: unknown): { child: string; parent: string } | undefined {
  if (typeof item === 'string') return { child: `exports.${item}`, parent: '.' };
  if (!isMap(item)) return undefined;
  const text = (key: string): string => goText(Object.hasOwn(item, key) ? item[key] : null);
  return { child: text('child'), parent: text('parent') };
}

/** A table at a dotted path; `.` is the root. */
function pathToMap(path: string, table: Readonly<Table>): Table {
  if (path === '.') return table;
  let out: Table = table;
  for (const key of path.split('.').reverse()) out = Object.assign(newObject(), { [key]: out });
  return out;
}

import { decodeUtf8 } from '../../base/go-string.ts';
import { PintleError } from '../../base/errors.ts';
import { newObject } from '../../base/json.ts';
import type { SourceLocation } from '../../base/source.ts';
import type { Chart, ChartDependency } from '../../chart/chart.ts';
import { isMap } from '../../values/copy-values.ts';
import { type SetKind, setValues } from '../../values/set.ts';
import { decodeJson } from '../../yaml/json-decode.ts';
import { YamlPlaces } from './look-up-yaml.ts';
import { startsWithPath, type ValuePath } from './value-path.ts';

/** Something that the user gave values with. */
export type ValueLayer =
  | { readonly kind: 'file'; readonly name: string; readonly text: () => string }
  /** `text` is what followed the flag. */
  | { readonly kind: 'flag'; readonly flag: string; readonly set: SetKind; readonly text: string };

/** A place that sets a value. */
export interface ValueOrigin {
  /** `prod.yaml`, `--set image.tag=2`, `web/values.yaml` */
  readonly name: string;
  /** For files. */
  readonly location?: SourceLocation;
  /** What is set there. */
  readonly value: unknown;
}

/** The places that set a value: the one that counts first, then those that it hides. */
export type ValueOriginFinder = (path: ValuePath) => readonly ValueOrigin[];

/** What one layer says of a path; `hides`: whatever lower layers say of it does not count. */
interface Finding {
  readonly origin?: ValueOrigin;
  readonly hides: boolean;
}

const NOTHING: Finding = { hides: false };

/**
 * Finds where values of a chart tree are set. Nothing is read or parsed before it is asked for.
 *
 * @param chart as it was loaded, or with its dependencies settled
 * @param layers of the user, the weakest first
 */
export function valueOrigins(chart: Chart, layers: readonly ValueLayer[] = []): ValueOriginFinder {
  const places = new YamlPlaces();
  const user = layers.map((layer) => layerReader(layer, places)).reverse();
  const search = new ChartSearch(places);
  return (path) => search.find(chart, path, (below) => through(user, below));
}

interface Place {
  readonly chart: Chart;
  /** Below the chart's own values. */
  readonly path: ValuePath;
  /** `web/charts/db` */
  readonly folder: string;
  /** What stands above the chart's own values. */
  readonly above: (path: ValuePath) => readonly Finding[];
}

/** Looks through the values of a chart and its subcharts. */
class ChartSearch {
  readonly #places: YamlPlaces;

  constructor(places: YamlPlaces) {
    this.#places = places;
  }

  find(chart: Chart, path: ValuePath, above: Place['above']): ValueOrigin[] {
    return this.#search({ chart, path, folder: chart.metadata.name, above });
  }

  #search({ chart, path, folder, above }: Place): ValueOrigin[] {
    const own = (below: ValuePath): readonly Finding[] =>
      visible(above(below), () => this.#inChart(chart, folder, below));
    const [first = '', ...rest] = path;
    const child = typeof first === 'string' && first !== 'global' ? subchart(chart, first) : undefined;
    if (child === undefined || rest.length === 0) return originsOf(own(path));
    // The parent's globals go over those for the subchart.
    const inParent = (below: ValuePath): readonly Finding[] =>
      visible(below[0] === 'global' ? own(below) : [], () => own([first, ...below]));
    const childFolder = `${folder}/charts/${child.metadata.name}`;
    return this.#search({ chart: child, path: rest, folder: childFolder, above: inParent });
  }

  /** The chart's values.yaml, then what it imports from subcharts. */
  #inChart(chart: Chart, folder: string, path: ValuePath): readonly Finding[] {
    const file = chart.raw.find(({ name }) => name === 'values.yaml');
    const own = file === undefined ? [] : [inYaml(this.#places, decodeUtf8(file.data), `${folder}/values.yaml`, path)];
    return visible(own, () => {
      const imported = (chart.metadata.dependencies ?? []).flatMap((dependency) => importedBy(dependency, path));
      return imported.flatMap(({ name, path: from }) => {
        const child = subchart(chart, name);
        return child === undefined ? [] : this.#inChart(child, `${folder}/charts/${child.metadata.name}`, from);
      });
    });
  }
}

/** Findings, and those below them if they can be seen. */
function visible(upper: readonly Finding[], lower: () => readonly Finding[]): readonly Finding[] {
  return upper.some(({ hides }) => hides) ? upper : [...upper, ...lower()];
}

function originsOf(findings: readonly Finding[]): ValueOrigin[] {
  return findings.flatMap(({ origin }) => origin ?? []);
}

function through(readers: readonly ((path: ValuePath) => Finding)[], path: ValuePath): Finding[] {
  const out: Finding[] = [];
  for (const read of readers) {
    const finding = read(path);
    out.push(finding);
    if (finding.hides) break;
  }
  return out;
}

/** The paths in a subchart whose values a dependency lifts to a path of the parent. */
function importedBy(dependency: ChartDependency, path: ValuePath): { name: string; path: ValuePath }[] {
  const name = dependency.alias === undefined || dependency.alias === '' ? dependency.name : dependency.alias;
  return (dependency['import-values'] ?? []).flatMap((item) => {
    const pair = typeof item === 'string' ? { child: `exports.${item}`, parent: '.' } : item;
    if (!isMap(pair) || typeof pair['child'] !== 'string' || typeof pair['parent'] !== 'string') return [];
    const parent = pair['parent'] === '.' ? [] : pair['parent'].split('.');
    if (!startsWithPath(path, parent)) return [];
    return [{ name, path: [...pair['child'].split('.'), ...path.slice(parent.length)] }];
  });
}

/** A subchart by the key of its values, which is its alias if it has one. */
function subchart(chart: Chart, key: string): Chart | undefined {
  const alias = (chart.metadata.dependencies ?? []).find((each) => each.alias === key);
  const byName = (name: string): Chart | undefined => chart.subcharts.find((each) => each.metadata.name === name);
  return byName(key) ?? (alias === undefined ? undefined : byName(alias.name));
}

function layerReader(layer: ValueLayer, places: YamlPlaces): (path: ValuePath) => Finding {
  if (layer.kind === 'file') {
    let text: string | undefined;
    return (path) => {
      text ??= layer.text();
      return inYaml(places, text, layer.name, path);
    };
  }
  let table: unknown;
  const name = `${layer.flag} ${layer.text}`;
  return (path) => {
    table ??= flagValues(layer);
    return inTable(table, name, path);
  };
}

function flagValues({ set, text }: ValueLayer & { readonly kind: 'flag' }): unknown {
  const table = newObject();
  try {
    if (set === 'json' && text.trim().startsWith('{')) return decodeJson(text.trim(), { target: 'map' });
    setValues(table, text, { kind: set });
  } catch (error) {
    // What cannot be read has been refused before.
    if (!(error instanceof PintleError)) throw error;
  }
  return table;
}

function inTable(table: unknown, name: string, path: ValuePath): Finding {
  let value = table;
  for (const step of path) {
    if (Array.isArray(value)) {
      // A flag changes single elements of a list.
      if (typeof step !== 'number' || value[step] === undefined || value[step] === null) return NOTHING;
      value = value[step];
    } else if (isMap(value)) {
      if (!Object.hasOwn(value, String(step))) return NOTHING;
      value = value[String(step)];
    } else {
      return { hides: true };
    }
  }
  return { origin: { name, value }, hides: !isMap(value) };
}

function inYaml(places: YamlPlaces, text: string, name: string, path: ValuePath): Finding {
  const found = places.find(text, name, path);
  if (found === undefined) return NOTHING;
  if (found.value === undefined) return { hides: found.hides };
  return {
    origin: { name, location: found.location, value: found.value.content },
    hides: !isMap(found.value.content),
  };
}

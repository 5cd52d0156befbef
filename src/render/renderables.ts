import { decodeUtf8 } from '../base/go-string.ts';
import { compareStrings, newObject } from '../base/json.ts';
import type { Chart } from '../chart/chart.ts';
import { GoTyped } from '../gotemplate/runtime/go-value.ts';
import { chartValues } from './chart-values.ts';
import { filesValue } from './files.ts';
import { VALUES } from './values-type.ts';

/** A template with what it is run with. helm: engine.renderable. */
export interface Renderable {
  readonly name: string;
  readonly text: string;
  /** The top-level object; all templates of a chart share it. */
  readonly data: Record<string, unknown>;
  /** The chart's templates folder: `web/templates`. */
  readonly basePath: string;
  readonly engine: 'gotemplate' | 'handlebars';
}

type Values = Record<string, unknown>;

/** What is the same for all charts of a release. */
export interface CommonData {
  readonly release: unknown;
  readonly capabilities: unknown;
}

/**
 * All templates of a chart and its subcharts, each with the values of its own chart, in the order in which Helm parses and
 * runs them: deeper paths first. helm: engine.allTemplates, sortTemplates.
 *
 * @param values the coalesced values of the whole tree; templates may change them
 */
export function collectRenderables(chart: Chart, values: Values, common: CommonData): Renderable[] {
  const found = new Map<string, Renderable>();
  collect({ chart, path: chart.metadata.name, values, isRoot: true }, common, found);
  return [...found.values()].sort((a, b) => depth(b.name) - depth(a.name) || compareStrings(b.name, a.name));
}

interface Place {
  readonly chart: Chart;
  /** `web/charts/db` */
  readonly path: string;
  readonly values: Values;
  readonly isRoot: boolean;
}

function collect({ chart, path, values, isRoot }: Place, common: CommonData, found: Map<string, Renderable>): unknown {
  const subcharts = newObject();
  const data: Record<string, unknown> = Object.assign(newObject(), {
    Chart: chartValues(chart, isRoot),
    Files: filesValue([...chart.raw.filter(({ name }) => name.startsWith('crds/')), ...chart.files]),
    Release: common.release,
    Capabilities: common.capabilities,
    Values: new GoTyped(VALUES, values),
    Subcharts: subcharts,
  });
  for (const child of chart.subcharts) {
    const { name } = child.metadata;
    const below = child.fullPath ?? `${path}/charts/${name}`;
    const place = { chart: child, path: below, values: tableOf(values, name), isRoot: false };
    subcharts[name] = collect(place, common, found);
  }
  // Old charts say `engine: gotpl`; Helm does not read it.
  const defaultEngine = chart.metadata.engine === 'handlebars' ? 'handlebars' : 'gotemplate';
  const isLibrary = chart.metadata.type?.toLowerCase() === 'library';
  for (const file of chart.templates) {
    if (isLibrary && !isPartial(file.name)) continue;
    const name = joinPath(path, file.name);
    const engine = name.endsWith('.hbs') ? 'handlebars' : defaultEngine;
    found.set(name, { name, text: decodeUtf8(file.data), data, basePath: `${path}/templates`, engine });
  }
  return data;
}

/** What a template is run with: the object of its chart, with `.Template` set. */
export function templateData({ name, basePath, data, engine }: Renderable): unknown {
  // All templates of a chart share the object, so what one sets in it the next one sees.
  data['Template'] = new GoTyped(VALUES, Object.assign(newObject(), { Name: name, BasePath: basePath }));
  return engine === 'gotemplate' ? new GoTyped(VALUES, data) : data;
}

/** True for files that are only included from others. */
export function isPartial(path: string): boolean {
  return path.slice(path.lastIndexOf('/') + 1).startsWith('_');
}

/** The values of a subchart; a dotted name is looked up as a path, as Helm does. */
function tableOf(values: Values, name: string): Values {
  let table: unknown = values;
  for (const part of name.split('.')) {
    if (typeof table !== 'object' || table === null || !Object.hasOwn(table, part)) return newObject();
    table = (table as Values)[part];
  }
  return typeof table === 'object' && table !== null && !Array.isArray(table) ? (table as Values) : newObject();
}

function depth(path: string): number {
  return path.split('/').length;
}

function joinPath(folder: string, name: string): string {
  const out: string[] = [];
  for (const part of `${folder}/${name}`.split('/')) {
    if (part === '..' && out.length > 0 && out.at(-1) !== '..') out.pop();
    else if (part !== '' && part !== '.') out.push(part);
  }
  return out.join('/');
}

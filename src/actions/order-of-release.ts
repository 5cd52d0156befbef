import { PintleError } from '../base/errors.ts';
import { decodeUtf8 } from '../base/go-string.ts';
import type { SourceLocation } from '../base/source.ts';
import type { Chart } from '../chart/chart.ts';
import { planOrder, RENDERED, type Wave } from '../deploy/operation-graph.ts';
import type { Resource } from '../deploy/resource.ts';

/**
 * Makes sure that the objects of a release can be ordered as their annotations say, before anything is written but definitions in
 * `crds/`, which must be there before a chart is rendered.
 *
 * @param chart in whose templates faults are shown
 * @returns the order
 * @throws PintleError `manifest-invalid`
 */
export function checkOrder(resources: readonly Resource[], chart?: Chart): Wave[] {
  try {
    return planOrder(resources);
  } catch (error) {
    if (!(error instanceof PintleError) || chart === undefined) throw error;
    throw new PintleError(error.code, error.message, {
      ...(error.location === undefined ? {} : { location: inTemplate(error.location, chart) }),
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      trace: error.trace.map((entry) =>
        entry.location === undefined ? entry : { ...entry, location: inTemplate(entry.location, chart) },
      ),
    });
  }
}

/** The line of the template that is the rendered line; the rendered line itself where there is not exactly one. */
function inTemplate(location: SourceLocation, chart: Chart): SourceLocation {
  const { file, line, source } = location;
  if (line === undefined || source === undefined) return location;
  const path = file.endsWith(RENDERED) ? file.slice(0, -RENDERED.length) : file;
  const text = templateText(chart, chart.fullPath ?? chart.metadata.name, path);
  const wanted = source.split('\n')[line - 1]?.trim();
  if (text === undefined || wanted === undefined) return location;
  const lines = text.split('\n');
  const fitting = lines.flatMap((each, i) => (each.trim() === wanted ? [i] : []));
  const [only] = fitting;
  if (only === undefined || fitting.length > 1) return location;
  const column = (/\S/.exec(lines[only] ?? '')?.index ?? 0) + 1;
  return { file: path, line: only + 1, column, source: text };
}

function templateText(chart: Chart, prefix: string, path: string): string | undefined {
  const own = chart.templates.find(({ name }) => `${prefix}/${name}` === path);
  if (own !== undefined) return decodeUtf8(own.data);
  for (const child of chart.subcharts) {
    const found = templateText(child, child.fullPath ?? `${prefix}/charts/${child.metadata.name}`, path);
    if (found !== undefined) return found;
  }
  return undefined;
}

import { PintleError } from '../../src/base/errors.ts';
import { SeededRandom } from '../../src/base/random.ts';
import { loadChartFiles } from '../../src/chart/load-chart-files.ts';
import { defaultCapabilities } from '../../src/render/capabilities.ts';
import { renderTemplates } from '../../src/render/render-chart.ts';
import { coalesceForRender } from '../../src/values/coalesce-for-render.ts';
import { coalesceValues } from '../../src/values/coalesce-values.ts';
import { type FuzzCase, LEAF } from './cases.ts';

const CHART_YAML =
  'apiVersion: v2\nname: c\nversion: 0.1.0\nicon: https://x.y/z.png\nkeywords: [one, "two"]\nmaintainers:\n- name: m\n  email: a@b.c\nannotations:\n  k: v\n';

/** What linting renders for. */
const RELEASE = {
  name: 'test-release',
  namespace: 'default',
  revision: 0,
  isInstall: false,
  isUpgrade: false,
  service: 'Helm',
};

/** The files of a case's chart. The file that is rendered fails with the case's output in its error, so that linting shows it. */
export function filesOf({ values, template }: FuzzCase): Readonly<Record<string, string>> {
  return {
    'Chart.yaml': CHART_YAML,
    'values.yaml': values,
    'files/a.txt': 'line one\nline é two\n\nlast',
    'files/b.txt': '',
    'files/c.bin': '\u0001\u0002',
    'templates/_leaf.tpl': LEAF,
    'templates/_t.tpl': `{{ define "t" }}${template}{{ end }}`,
    'templates/t.yaml': '{{ include (print "OUT:" (include "t" .)) . }}',
  };
}

/** What comes of a case here: the error that rendering it ends with. */
export async function ourOutcome(each: FuzzCase): Promise<string> {
  try {
    const files = Object.entries(filesOf(each)).map(([name, text]) => ({ name, data: new TextEncoder().encode(text) }));
    const chart = await loadChartFiles(files, '');
    // Linting takes the chart's own values for the user's too.
    const { values } = coalesceValues(chart, {});
    renderTemplates({
      ...(await coalesceForRender(chart, values)),
      release: RELEASE,
      capabilities: defaultCapabilities(),
      clock: { now: () => Date.now() },
      random: new SeededRandom('fuzz'),
      lenient: () => undefined,
    });
    return 'no error';
  } catch (error) {
    if (error instanceof PintleError) return error.message;
    return `INTERNAL ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  }
}

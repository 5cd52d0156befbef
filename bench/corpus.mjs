// `node bench/corpus.mjs FOLDER [first|again]`: renders every chart of a folder, and again with each of its `ci/*-values.yaml`, one after
// the other in this process, as a service would; prints one line of JSON for whoever compares it. `npm run bench -- corpus` calls it when
// PINTLE_BENCH_CHARTS names the folder.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadChart, mergeValues, SeededRandom, templateChart } from '../dist/lib/index.js';

/** The charts of a folder, each with its values files. */
export function casesIn(folder) {
  const cases = [];
  for (const name of readdirSync(folder).sort()) {
    const chart = join(folder, name);
    if (!existsSync(join(chart, 'Chart.yaml'))) continue;
    cases.push({ chart, values: undefined });
    const ci = join(chart, 'ci');
    const files = existsSync(ci) ? readdirSync(ci).filter((file) => /values\.ya?ml$/.test(file)) : [];
    for (const file of files.sort()) cases.push({ chart, values: join(ci, file) });
  }
  return cases;
}

const clock = {
  now: () => Date.now(),
  setTimer: () => {
    throw new Error('rendering sets no timers');
  },
  blockOn: (promise) => promise,
};
const random = new SeededRandom('corpus');
const charts = new Map();

async function render({ chart: folder, values: file }) {
  let chart = charts.get(folder);
  if (chart === undefined) {
    chart = await loadChart(folder);
    charts.set(folder, chart);
  }
  const values = await mergeValues({
    files: file === undefined ? [] : [file],
    jsonValues: [],
    values: [],
    stringValues: [],
    fileValues: [],
    literalValues: [],
    readFile: (path) => Promise.resolve(readFileSync(path)),
  });
  const result = await templateChart({
    name: 'bench',
    namespace: 'default',
    chart,
    values,
    isUpgrade: false,
    apiVersions: [],
    skipSchemaValidation: false,
    renderSubchartNotes: false,
    clock,
    random,
  });
  return result.manifest.length;
}

/** Renders all of them; refusals count as Helm's do: it takes time to refuse. */
async function renderAll(cases) {
  const times = [];
  let rendered = 0;
  let characters = 0;
  const started = performance.now();
  for (const each of cases) {
    const begun = performance.now();
    try {
      characters += await render(each);
      rendered += 1;
    } catch {
      // Refused.
    }
    times.push({ case: each.values ?? each.chart, milliseconds: performance.now() - begun });
  }
  const milliseconds = performance.now() - started;
  times.sort((a, b) => b.milliseconds - a.milliseconds);
  return { cases: cases.length, rendered, characters, milliseconds, slowest: times.slice(0, 8) };
}

if (process.argv[1] === import.meta.filename) {
  const cases = casesIn(process.argv[2] ?? '.');
  const first = await renderAll(cases);
  const again = process.argv[3] === 'again' ? await renderAll(cases) : undefined;
  const peak = process.resourceUsage().maxRSS / 1024;
  process.stdout.write(`${JSON.stringify({ first, again, peak })}\n`);
}

import {
  coalesceForRender,
  defaultCapabilities,
  loadChartFiles,
  mergeValues,
  PintleError,
  renderChart,
  SeededRandom,
} from '../../src/browser.ts';
import type { PackedChart } from './charts.ts';

/** Renders a chart with everything that could differ given: the text of the manifests, or of the error. */
export async function renderPacked(packed: PackedChart): Promise<string> {
  try {
    const files = packed.files.map(({ name, base64 }) => ({
      name,
      data: Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)),
    }));
    const chart = await loadChartFiles(files, packed.name);
    const values = await mergeValues({
      files: packed.values === '' ? [] : ['values.yaml'],
      values: packed.set,
      readFile: async () => new TextEncoder().encode(packed.values),
    });
    const result = renderChart({
      ...(await coalesceForRender(chart, values)),
      release: { name: 'rel', namespace: 'ns', revision: 1, isInstall: true, isUpgrade: false, service: 'Helm' },
      capabilities: defaultCapabilities(),
      clock: { now: () => Date.UTC(2026, 2, 3, 4, 5, 6) },
      random: new SeededRandom('browser'),
    });
    return `${result.manifest}\n${result.hooks.map(({ manifest }) => manifest).join('\n')}\n${result.notes}`;
  } catch (error) {
    if (error instanceof PintleError) return `${error.code}: ${error.message}`;
    throw error;
  }
}

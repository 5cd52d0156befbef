// How time grows with the number of templates: charts of the same kind, larger and larger.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const SIZES = [100, 1000, 3000, 10_000];

/** Writes a chart with so many templates. */
function writeChart(folder, count) {
  mkdirSync(join(folder, 'templates'), { recursive: true });
  writeFileSync(join(folder, 'Chart.yaml'), 'apiVersion: v2\nname: large\nversion: 1.0.0\n');
  writeFileSync(join(folder, 'values.yaml'), 'name: large\nlabels: {a: b, c: d}\n');
  writeFileSync(
    join(folder, 'templates', '_helpers.tpl'),
    '{{- define "large.labels" -}}\napp: {{ .Values.name }}\n{{ toYaml .Values.labels }}\n{{- end -}}\n',
  );
  for (let i = 0; i < count; i += 1) {
    const text = `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Values.name }}-${i}\n  labels: {{- include "large.labels" . | nindent 4 }}\ndata:\n  number: {{ ${i} | quote }}\n`;
    writeFileSync(join(folder, 'templates', `item-${i}.yaml`), text);
  }
}

/**
 * Prints milliseconds a template for each size.
 *
 * @param work a temporary folder
 * @param time gives the median milliseconds of both programs for `template x CHART`
 */
export async function printScaling(work, time) {
  process.stdout.write('scaling: template of a chart with many templates\n');
  for (const size of SIZES) {
    const folder = join(work, `large-${size}`);
    writeChart(folder, size);
    const { ours, theirs } = await time(folder);
    const each = (milliseconds) => `${milliseconds.toFixed(0)} ms (${(milliseconds / size).toFixed(3)} each)`;
    process.stdout.write(
      `  ${String(size).padStart(6)} templates: pintle ${each(ours)}; helm ${each(theirs)}; ratio ${(ours / theirs).toFixed(2)}\n`,
    );
  }
}

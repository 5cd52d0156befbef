// How time grows with the number of templates, of manifests of one template, and with the values: charts of the same kind, larger and larger.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What grows, and how far. */
const CURVES = [
  { unit: 'templates', sizes: [100, 1000, 3000, 10_000], write: writeTemplates },
  { unit: 'manifests of one template', sizes: [1000, 10_000, 30_000], write: writeManifests },
  { unit: 'kB of values', sizes: [100, 1000, 5000], write: writeValues },
];

/** Writes a chart whose one template gives so many manifests. */
function writeManifests(folder, count) {
  mkdirSync(join(folder, 'templates'), { recursive: true });
  writeFileSync(join(folder, 'Chart.yaml'), 'apiVersion: v2\nname: large\nversion: 1.0.0\n');
  writeFileSync(join(folder, 'values.yaml'), `count: ${count}\n`);
  writeFileSync(
    join(folder, 'templates', 'items.yaml'),
    '{{- range until (int .Values.count) }}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: item-{{ . }}\ndata:\n  number: {{ . | quote }}\n{{- end }}\n',
  );
}

/** Writes a chart with values of so many kilobytes, of which one is read. */
function writeValues(folder, kilobytes) {
  mkdirSync(join(folder, 'templates'), { recursive: true });
  writeFileSync(join(folder, 'Chart.yaml'), 'apiVersion: v2\nname: large\nversion: 1.0.0\n');
  let values = '';
  for (let i = 0; values.length < kilobytes * 1000; i += 1) {
    values += `part${i}:\n  # What part ${i} is for.\n  enabled: true\n  image: { repository: "registry.example.org/part${i}", tag: v1.${i} }\n  ports: [80, 443]\n  note: plain text with some words\n`;
  }
  writeFileSync(join(folder, 'values.yaml'), values);
  writeFileSync(
    join(folder, 'templates', 'item.yaml'),
    'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: one\ndata:\n  note: {{ .Values.part0.note | quote }}\n',
  );
}

/** Writes a chart with so many templates. */
function writeTemplates(folder, count) {
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
 * Prints milliseconds for each size.
 *
 * @param work a temporary folder
 * @param time gives the median milliseconds of both programs for `template x CHART`
 */
export async function printScaling(work, time) {
  process.stdout.write('scaling: template of a chart that grows\n');
  for (const [i, { unit, sizes, write }] of CURVES.entries()) {
    for (const size of sizes) {
      const folder = join(work, `curve${i}-${size}`);
      write(folder, size);
      const { ours, theirs } = await time(folder);
      const each = (milliseconds) => `${milliseconds.toFixed(0)} ms (${(milliseconds / size).toFixed(3)} each)`;
      const ratio = (ours / theirs).toFixed(2);
      process.stdout.write(
        `  ${String(size).padStart(6)} ${unit}: pintle ${each(ours)}; helm ${each(theirs)}; ratio ${ratio}\n`,
      );
    }
  }
}

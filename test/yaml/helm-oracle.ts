import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeUtf8, encodeUtf8 } from '../../src/base/go-string.ts';
import { fromYaml } from '../../src/yaml/index.ts';
import { isolatedEnvironment, realTools } from '../support/real-tools.ts';

/** Helm takes no files above 5 MiB into a chart. */
const MAX_BATCH = 2_000_000;

/**
 * What real helm's template functions make of many texts, in as few runs as it takes.
 *
 * @param expressions template expressions over `$t`, a text, that give strings
 * @returns for each text the results of all expressions
 */
export function askHelm(expressions: readonly string[], texts: readonly string[]): string[][] {
  const out: string[][] = [];
  let batch: string[] = [];
  let size = 0;
  for (const text of texts) {
    if (size + text.length > MAX_BATCH) {
      out.push(...askOnce(expressions, batch));
      batch = [];
      size = 0;
    }
    batch.push(text);
    size += text.length;
  }
  return [...out, ...askOnce(expressions, batch)];
}

function askOnce(expressions: readonly string[], texts: readonly string[]): string[][] {
  const folder = mkdtempSync(join(tmpdir(), 'pintle-yaml-'));
  try {
    mkdirSync(join(folder, 'templates'));
    writeFileSync(join(folder, 'Chart.yaml'), 'apiVersion: v2\nname: oracle\nversion: 1.0.0\n');
    writeFileSync(join(folder, 'cases.json'), JSON.stringify(texts.map(toBase64)));
    const lines = expressions.map((text, i) => `  c{{ $i }}-${i}: {{ ${text} | b64enc | quote }}`);
    const template = [
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: oracle\ndata:',
      '{{- range $i, $c := .Files.Get "cases.json" | fromJsonArray }}{{ $t := b64dec $c }}',
      ...lines,
      '{{- end }}\n',
    ];
    writeFileSync(join(folder, 'templates', 'oracle.yaml'), template.join('\n'));
    const output = execFileSync(realTools().helm, ['template', 'oracle', folder], {
      encoding: 'utf8',
      env: isolatedEnvironment(folder),
      maxBuffer: 1 << 30,
    });
    const { data } = fromYaml(output, { target: 'map' });
    const results = data as Record<string, string>;
    return texts.map((_, i) =>
      expressions.map((_expression, j) => decodeUtf8(Buffer.from(results[`c${i}-${j}`] ?? '', 'base64'))),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function toBase64(text: string): string {
  return Buffer.from(encodeUtf8(text)).toString('base64');
}

import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isolatedEnvironment, realTools } from '../support/real-tools.ts';

/** Charts with schemas in one umbrella: real helm checks them all in one run. */
export interface ChartSchema {
  /** A text, or JSON. */
  readonly schema: unknown;
  readonly values: unknown;
}

/**
 * What real helm says about each schema with its values, '' for none; lines that helm orders by chance are sorted.
 * All cases are checked in one run, as subcharts.
 */
export async function helmFailures(cases: readonly ChartSchema[]): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'pintle-schema-'));
  try {
    const name = (i: number): string => `case${String(i).padStart(4, '0')}`;
    mkdirSync(join(folder, 'all', 'templates'), { recursive: true });
    writeFileSync(join(folder, 'all', 'Chart.yaml'), 'apiVersion: v2\nname: all\nversion: 1.0.0\n');
    for (const [i, { schema, values }] of cases.entries()) {
      const chart = join(folder, 'all', 'charts', name(i));
      mkdirSync(chart, { recursive: true });
      writeFileSync(join(chart, 'Chart.yaml'), `apiVersion: v2\nname: ${name(i)}\nversion: 1.0.0\n`);
      writeFileSync(join(chart, 'values.yaml'), JSON.stringify(values));
      writeFileSync(join(chart, 'values.schema.json'), typeof schema === 'string' ? schema : JSON.stringify(schema));
    }
    const { err } = await run(folder);
    const parts = new Map<string, string>();
    // A schema that is no good leaves no line break behind its message.
    for (const match of err.matchAll(/(case\d{4}):\n([\s\S]*?)(?=case\d{4}:\n|$)/g)) {
      parts.set(match[1] ?? '', sortedLines(match[2] ?? ''));
    }
    return cases.map((_, i) => parts.get(name(i)) ?? '');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(folder: string): Promise<{ err: string }> {
  return new Promise((done) => {
    const options = { encoding: 'utf8', maxBuffer: 1e8, env: isolatedEnvironment(folder) } as const;
    execFile(realTools().helm, ['template', 'rel', join(folder, 'all')], options, (_error, _out, err) => done({ err }));
  });
}

/** The lines of a text in an order that does not depend on that of Go's maps; names in lists too. */
export function sortedLines(text: string): string {
  return text
    .trim()
    .split('\n')
    .map((line) =>
      line.replace(/(additional properties )(.*)( not allowed)/, (_, before: string, names: string, after: string) => {
        return before + names.split(', ').sort().join(', ') + after;
      }),
    )
    .sort()
    .join('\n');
}

import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { isolatedEnvironment, realTools } from '../support/real-tools.ts';
import type { FuzzCase } from './cases.ts';
import { filesOf } from './outcome.ts';

/** What stands for the outcome of a case that ends the process of helm. */
export const CRASH = 'CRASH';

/**
 * What real helm makes of cases: the error of each, by one process that lints a chart for every case. Where the process dies the
 * cases are parted until it is known of which.
 */
export async function helmOutcomes(cases: readonly FuzzCase[]): Promise<string[]> {
  const outcomes = await lintAll(cases);
  if (outcomes !== undefined) return outcomes;
  if (cases.length === 1) return [CRASH];
  const middle = Math.floor(cases.length / 2);
  return [...(await helmOutcomes(cases.slice(0, middle))), ...(await helmOutcomes(cases.slice(middle)))];
}

/** Undefined if the process dies. */
async function lintAll(cases: readonly FuzzCase[]): Promise<string[] | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'pintle-fuzz-'));
  try {
    for (const [i, each] of cases.entries()) {
      for (const [path, text] of Object.entries(filesOf(each))) {
        const file = join(folder, `c${i}`, path);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, text);
      }
    }
    const out = await lint(folder, cases.length);
    const found = new Map<number, string>();
    for (const part of out.split(/^==> Linting c/m).slice(1)) {
      const end = part.indexOf('\n');
      found.set(Number(part.slice(0, end)), errorOf(part.slice(end + 1)));
    }
    const outcomes = cases.map((_, i) => found.get(i) ?? '');
    return found.size === cases.length ? outcomes : undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function lint(folder: string, count: number): Promise<string> {
  const args = ['lint', ...Array.from({ length: count }, (_, i) => `c${i}`)];
  const options = {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 1 << 30,
    env: isolatedEnvironment(join(folder, '.home')),
  } as const;
  return new Promise((resolve) => {
    // Its exit code is that of failed charts, which all of them are.
    execFile(realTools().helm, args, options, (_, out, err) => resolve(out === '' ? err : out));
  });
}

/** The error of rendering among what lint says of a chart. */
function errorOf(text: string): string {
  const start = text.indexOf('[ERROR] templates/: ');
  if (start === -1) return text.includes('[ERROR]') ? text.trim() : 'no error';
  return text
    .slice(start + '[ERROR] templates/: '.length)
    .replace(/\n(?:\[ERROR\] |Error: \d+ chart\(s\) linted)[\s\S]*$/, '')
    .trim();
}

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { normalise } from './normalise.ts';
import type { Program } from './served.ts';

/**
 * Runs command lines one after the other and gives what a terminal would have shown, normalised. A line may end in `<<< text`
 * (standard input); words may be quoted with `'`.
 */
export async function transcript(
  programs: Readonly<Record<string, Program>>,
  lines: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<string> {
  let text = '';
  for (const line of lines) {
    const [command = '', input] = line.split(' <<< ');
    const [name = '', ...args] = words(command);
    const program = programs[name];
    if (program === undefined) throw new Error(`no program ${name}`);
    const run = await program(args, { env, ...(input === undefined ? {} : { input }) });
    text += `$ ${line}\n${run.stdout}${run.stderr}`;
    if (run.code !== 0) text += `[exit ${run.code}]\n`;
    text += '\n';
  }
  return normalise(text);
}

/** The words of a command line; `'` keeps together. */
export function words(line: string): string[] {
  return [...line.matchAll(/(?:[^\s']|'[^']*')+/g)].map(([word]) => word.replaceAll("'", ''));
}

/** Compares with a golden file below test/golden; UPDATE_GOLDEN=1 writes it. */
export function expectGolden(name: string, text: string): void {
  const path = join(import.meta.dirname, '..', '..', 'golden', name);
  if (process.env['UPDATE_GOLDEN'] === '1' || !existsSync(path)) {
    if (process.env['CI'] !== undefined && process.env['CI'] !== '') throw new Error(`${path} is missing`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  expect(text).toBe(readFileSync(path, 'utf8'));
}

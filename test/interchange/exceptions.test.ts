import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { isolatedEnvironment, realTools } from '../support/real-tools.ts';
import flags from './release-flags.json' with { type: 'json' };

const folder = import.meta.dirname;
const tables = readdirSync(folder).filter((name) => name.endsWith('.test.ts') && !name.startsWith('exceptions'));
const text = tables.map((name) => readFileSync(join(folder, name), 'utf8')).join('\n');
/** Without what is only run before something else. */
const compared = text
  .replaceAll(/before: \[[^\]]*\]/g, '')
  .replaceAll(/const (?:INSTALLED|TWO|MANY) = \[[^\]]*\]/g, '');
const page = readFileSync(join(folder, '..', '..', 'docs', 'helm-differences.md'), 'utf8');

/** Flags that a command's help tells of, in the way of release-flags.json. */
async function flagsOfHelm(command: string): Promise<string[]> {
  const args = command === 'global' ? ['--help'] : [...command.split(' '), '--help'];
  const { stdout } = await promisify(execFile)(realTools().helm, args, { env: isolatedEnvironment(folder) });
  const own = stdout.slice(
    stdout.indexOf('\nFlags:'),
    command === 'global' ? undefined : stdout.indexOf('\nGlobal Flags:'),
  );
  return [...own.matchAll(/^ {2,}(?:-(\w), )?--([\w-]+)/gm)]
    .map(([, short, long = '']) => (short === undefined ? long : `${long}|${short}`))
    .filter((name) => name !== 'help|h');
}

describe('the comparisons', () => {
  it.concurrent.each(Object.entries(flags))('know every flag of %s', async (command, names) => {
    expect(names).toEqual(await flagsOfHelm(command));
  });

  it('give a reason for each exception that the documentation gives too', () => {
    const reasons = [...text.matchAll(/(?:ownWords|differs): '([^']+)'/g)].map(([, reason]) => reason ?? '');
    expect(reasons.length).toBeGreaterThan(5);
    for (const reason of reasons) expect(page).toContain(`| ${reason} |`);
  });

  it.each(Object.entries(flags))('try every flag of %s', (command, names) => {
    const lines = [...compared.matchAll(/(['`"])((?:(?!\1).)*)\1/g)].map(([, , line]) => line ?? '');
    const own = command === 'global' ? lines : lines.filter((line) => new RegExp(`(?:^| )${command}\\b`).test(line));
    const isTried = (name: string): boolean => {
      const [long = '', short] = name.split('|');
      const spelling = short === undefined ? `--${long}` : `(?:--${long}|-${short})`;
      return own.some((line) => new RegExp(` ${spelling}(?![\\w-])`).test(` ${line}`));
    };
    const missing = names.filter((name) => !isTried(name));
    expect(missing).toEqual([]);
  });
});

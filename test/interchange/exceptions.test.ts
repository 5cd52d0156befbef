import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import flags from './release-flags.json' with { type: 'json' };

const folder = import.meta.dirname;
const tables = readdirSync(folder).filter((name) => name.endsWith('.test.ts') && !name.startsWith('exceptions'));
const text = tables.map((name) => readFileSync(join(folder, name), 'utf8')).join('\n');
const page = readFileSync(join(folder, '..', '..', 'docs', 'helm-differences.md'), 'utf8');

describe('the comparisons', () => {
  it('give a reason for each exception that the documentation gives too', () => {
    const reasons = [...text.matchAll(/(?:ownWords|differs): '([^']+)'/g)].map(([, reason]) => reason ?? '');
    expect(reasons.length).toBeGreaterThan(5);
    for (const reason of reasons) expect(page).toContain(`| ${reason} |`);
  });

  it.each(Object.entries(flags))('try every flag of %s', (command, names) => {
    const lines = [...text.matchAll(/(['`"])((?:(?!\1).)*)\1/g)].map(([, , line]) => line ?? '');
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

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const FOLDER = join(root, 'docs', 'controllers');

interface Row {
  readonly behaviour: string;
  readonly source: string;
  readonly test: string;
}

/** The rows of the tables with the columns `behaviour | source | test`. */
function behaviours(page: string): Row[] {
  const rows: Row[] = [];
  let inTable = false;
  for (const line of page.split('\n')) {
    if (!line.startsWith('|')) inTable = false;
    else if (/^\| *behaviour *\| *source *\| *test *\|/i.test(line)) inTable = true;
    else if (inTable && !/^\|[-:| ]+\|$/.test(line)) {
      const [behaviour = '', source = '', test = ''] = line
        .slice(1)
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim());
      rows.push({ behaviour, source, test });
    }
  }
  return rows;
}

/** What is wrong with a row: its test must be a file below test/ and a title in it. */
function fault({ behaviour, source, test }: Row): string | undefined {
  if (behaviour === '') return 'no behaviour';
  if (!/\.go\b/.test(source)) return `no source file: ${source}`;
  const [, path, title] = /^`([^`]+\.test\.ts)`:? (.+)$/.exec(test) ?? [];
  if (path === undefined || title === undefined) return `not a file and a title: ${test}`;
  const file = ['test', 'test/cluster'].map((folder) => join(root, folder, path)).find((each) => existsSync(each));
  if (file === undefined) return `no such file: ${path}`;
  const text = readFileSync(file, 'utf8').replaceAll("\\'", "'");
  const quoted = [`'${title}'`, `"${title}"`, `\`${title}\``];
  return quoted.some((each) => text.includes(each)) ? undefined : `no such title in ${path}: ${title}`;
}

const pages = readdirSync(FOLDER).filter((name) => name.endsWith('.md'));

describe('behaviours of controllers', () => {
  it('are many', () => {
    expect(pages.length).toBeGreaterThan(8);
    expect(pages.flatMap((page) => behaviours(readFileSync(join(FOLDER, page), 'utf8'))).length).toBeGreaterThan(100);
  });

  it.each(pages)('%s: each has its source and a test', (page) => {
    const rows = behaviours(readFileSync(join(FOLDER, page), 'utf8'));
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.map(fault).filter((each) => each !== undefined)).toEqual([]);
  });

  it.each(pages)('%s: is in the list', (page) => {
    expect(readFileSync(join(root, 'docs', 'controllers.md'), 'utf8')).toContain(`controllers/${page}`);
  });

  it('are missed when they are not there', () => {
    const table = (source: string, test: string): string =>
      `| behaviour | source | test |\n|---|---|---|\n| does | ${source} | ${test} |\n`;
    const faults = (source: string, test: string): (string | undefined)[] => behaviours(table(source, test)).map(fault);
    const path = 'docs/behaviours.test.ts';
    expect(faults('`a.go`', `\`${path}\` are many`)).toEqual([undefined]);
    expect(faults('`a.go`', `\`${path}\` are few`)).toEqual([`no such title in ${path}: are few`]);
    expect(faults('`a.go`', '`docs/none.test.ts` are many')).toEqual(['no such file: docs/none.test.ts']);
    expect(faults('somewhere', `\`${path}\` are many`)).toEqual(['no source file: somewhere']);
    expect(faults('`a.go`', 'none')).toEqual(['not a file and a title: none']);
  });
});

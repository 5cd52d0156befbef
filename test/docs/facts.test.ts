import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ERROR_CODES } from '../../src/base/errors.ts';

const root = join(import.meta.dirname, '..', '..');

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

/** First cells of the rows of the tables in a page, without backticks. */
function firstCells(page: string): string[] {
  return [...page.matchAll(/^\| `?([^`|]+?)`? \|/gm)].map((match) => match[1] ?? '');
}

describe('facts that stand in two places', () => {
  it('error codes: the code and docs/errors.md', () => {
    const documented = firstCells(read('docs/errors.md')).filter((cell) => /^[a-z]+(?:-[a-z]+)*$/.test(cell));
    expect(documented.filter((code) => code !== 'code').sort((a, b) => a.localeCompare(b))).toEqual(
      [...ERROR_CODES].sort((a, b) => a.localeCompare(b)),
    );
  });

  it('dependencies: package.json and docs/dependencies.md', () => {
    const { dependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string> };
    const page = read('docs/dependencies.md');
    const documented = firstCells(page).flatMap((cell) => cell.split(', '));
    expect(Object.keys(dependencies).filter((name) => !documented.includes(name))).toEqual([]);
    expect(documented.filter((name) => name !== 'package' && dependencies[name] === undefined)).toEqual([]);
  });
});

describe('pages and code', () => {
  it('hold no marks of a merge', () => {
    const marked = ['README.md', 'CHANGELOG.md', 'docs', 'src', 'test', 'bench', 'scripts', 'bin']
      .flatMap((path) =>
        path.includes('.')
          ? [path]
          : readdirSync(join(root, path), { recursive: true, encoding: 'utf8' }).map((name) => `${path}/${name}`),
      )
      .filter((path) => /\.(?:md|ts|mjs|js)$/.test(path))
      .filter((path) => /^(?:<{7}|>{7}) /m.test(read(path)));
    expect(marked).toEqual([]);
  });
});

describe('links between pages', () => {
  const pages = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md']
    .concat(readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).map((name) => `docs/${name}`))
    .filter((name) => name.endsWith('.md'));

  it('sees the pages', () => expect(pages.length).toBeGreaterThan(20));

  it.each(pages)('%s', (page) => {
    const targets = [...read(page).matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map((match) => match[1] ?? '');
    const missing = targets.filter((target) => {
      try {
        read(join(dirname(page), target));
        return false;
      } catch (error) {
        return !(error instanceof Error && 'code' in error && error.code === 'EISDIR');
      }
    });
    expect(missing).toEqual([]);
  });
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { boundaryFaults, importCycles, importsOf, readSources } from './support/boundaries.ts';
import { IMPORT_TABLE } from './support/import-table.ts';

const root = join(import.meta.dirname, '..');
const src = join(root, 'src');
const files = readSources(src);

describe('import table', () => {
  it('sees the files', () => {
    expect(files.length).toBeGreaterThan(100);
    for (const folder of ['base', 'kube', 'deploy', 'actions', 'cluster']) {
      expect(files.some((file) => file.path.startsWith(`${folder}/`))).toBe(true);
    }
    const apply = files.find((file) => file.path === 'deploy/apply.ts');
    expect(apply?.imports).toContain('base/errors.ts');
  });

  it('is kept', () => {
    expect(boundaryFaults(files)).toEqual([]);
  });

  it('has no cycle', () => {
    expect(importCycles(files)).toEqual([]);
  });

  it('goes downwards only', () => {
    for (const [folder, row] of Object.entries(IMPORT_TABLE)) {
      for (const target of row.imports) {
        expect(IMPORT_TABLE[target]?.layer, `${folder} → ${target}`).toBeLessThan(row.layer);
      }
    }
  });

  it('finds planted faults', () => {
    const planted = (path: string, text: string): string[] =>
      boundaryFaults([{ path, imports: importsOf(src, path, text) }]);
    expect(planted('yaml/x.ts', "import { a } from '../kube/object.ts';")).toHaveLength(1);
    expect(planted('yaml/x.ts', "import type { A } from '../kube/object.ts';")).toHaveLength(1);
    expect(planted('kube/x.ts', "export * from '../cli/main.ts';")).toHaveLength(1);
    expect(planted('actions/x.ts', "const a = await import('../cluster/cluster.ts');")).toHaveLength(1);
    expect(planted('cluster/kubelet/x.ts', "import { a } from '../apiserver/x.ts';")).toHaveLength(1);
    expect(planted('elsewhere/x.ts', '')).toHaveLength(1);
    expect(planted('kube/x.ts', "import { a } from '../base/json.ts';")).toEqual([]);
    const cycle = [
      { path: 'base/a.ts', imports: ['base/b.ts'] },
      { path: 'base/b.ts', imports: ['base/a.ts'] },
    ];
    expect(importCycles(cycle)).toHaveLength(1);
  });

  it('stands in ARCHITECTURE.md as it is', () => {
    const text = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');
    for (const [folder, row] of Object.entries(IMPORT_TABLE)) {
      const line = text.split('\n').find((each) => each.includes(`| \`${folder}/\` |`));
      expect(line, folder).toBeDefined();
      const named = [...(line?.split('|')[4] ?? '').matchAll(/`([a-z]+)`/g)].map((match) => match[1]);
      if (named.length > 0) expect(new Set(named)).toEqual(new Set(row.imports));
    }
  });
});

describe('rules of the code', () => {
  it('keeps the wall clock and chance out of the cluster', () => {
    const offenders = files
      .filter((file) => file.path.startsWith('cluster/'))
      .filter((file) =>
        /\bMath\.random\b|\bDate\.now\b|new Date\(\)|performance\.now|\bsetTimeout\(|\bsetInterval\(/.test(
          readFileSync(join(src, file.path), 'utf8'),
        ),
      );
    expect(offenders.map((file) => file.path)).toEqual([]);
  });

  it('keeps process and console in the CLI', () => {
    const offenders = files
      .filter((file) => !file.path.startsWith('cli/'))
      .filter((file) =>
        /\bprocess\.(env|exit|argv|stdout|stderr)\b|\bconsole\./.test(readFileSync(join(src, file.path), 'utf8')),
      );
    expect(offenders.map((file) => file.path)).toEqual([]);
  });

  it('keeps files and functions short', () => {
    const long = files
      .filter((file) => !file.path.includes('.generated.'))
      .filter((file) => readFileSync(join(src, file.path), 'utf8').split('\n').length > 600);
    expect(long.map((file) => file.path)).toEqual([]);
  });
});

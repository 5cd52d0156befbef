import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { parseSync } from 'oxc-parser';
import { CLUSTER_TABLE, IMPORT_TABLE } from './import-table.ts';

/** A source file with what it imports. */
export interface SourceFile {
  /** Path below src/, with `/`. */
  readonly path: string;
  /** Relative imports resolved to paths below src/, and packages as they are named; type imports count. */
  readonly imports: readonly string[];
}

/** Every TypeScript file below a src folder. */
export function readSources(src: string): SourceFile[] {
  const paths = readdirSync(src, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.ts'))
    .sort();
  return paths.map((path) => ({ path, imports: importsOf(src, path, readFileSync(join(src, path), 'utf8')) }));
}

/** The imports of one file: static, re-exported and dynamic ones with a literal. */
export function importsOf(src: string, path: string, text: string): string[] {
  const { module } = parseSync(path, text, { lang: 'ts', sourceType: 'module' });
  const specifiers = [
    ...module.staticImports.map((each) => each.moduleRequest.value),
    ...module.staticExports.flatMap((each) => each.entries.flatMap((entry) => entry.moduleRequest?.value ?? [])),
    ...module.dynamicImports.flatMap((each) => {
      const literal = /^(['"])(.*)\1$/.exec(text.slice(each.moduleRequest.start, each.moduleRequest.end).trim());
      return literal?.[2] ?? [];
    }),
    ...[...text.matchAll(/\bimport\((['"])([^'"]+)\1\)/g)].map((match) => match[2] ?? ''),
  ];
  const out = specifiers.map((specifier) =>
    specifier.startsWith('.') ? relative(src, resolve(src, dirname(path), specifier)).replaceAll('\\', '/') : specifier,
  );
  return [...new Set(out)];
}

/** Every import that the tables do not allow, as `from → to`. */
export function boundaryFaults(files: readonly SourceFile[]): string[] {
  const faults: string[] = [];
  for (const file of files) {
    const from = file.path.split('/')[0] ?? '';
    if (file.path === 'index.ts' || file.path === 'browser.ts') continue;
    const row = IMPORT_TABLE[from];
    if (row === undefined) {
      faults.push(`${file.path}: folder ${from} is not in the table`);
      continue;
    }
    for (const target of file.imports) {
      if (!target.endsWith('.ts')) continue;
      const to = target.split('/')[0] ?? '';
      const allowed = to === from ? clusterAllows(file.path, target) : to === 'base' || row.imports.includes(to);
      if (!allowed) faults.push(`${file.path} → ${target}`);
    }
  }
  return faults;
}

function clusterAllows(path: string, target: string): boolean {
  if (!path.startsWith('cluster/')) return true;
  const part = (file: string): string => (file.split('/').length > 2 ? (file.split('/')[1] ?? '') : '.');
  const from = part(path);
  const to = part(target);
  return from === to || CLUSTER_TABLE[from]?.includes(to) === true;
}

/** Import cycles, each as the list of its files. */
export function importCycles(files: readonly SourceFile[]): string[][] {
  const graph = new Map(files.map((file) => [file.path, file.imports.filter((target) => target.endsWith('.ts'))]));
  const state = new Map<string, 'open' | 'done'>();
  const cycles: string[][] = [];
  const visit = (path: string, trail: string[]): void => {
    if (state.get(path) === 'done') return;
    if (state.get(path) === 'open') {
      cycles.push(trail.slice(trail.indexOf(path)));
      return;
    }
    state.set(path, 'open');
    for (const target of graph.get(path) ?? []) visit(target, [...trail, target]);
    state.set(path, 'done');
  };
  for (const path of graph.keys()) visit(path, [path]);
  return cycles;
}

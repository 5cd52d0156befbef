import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeUtf8 } from '../../src/base/go-string.ts';
import { loadChart } from '../../src/chart/load-chart.ts';
import { loadChartFiles } from '../../src/chart/load-chart-files.ts';
import { helm, inFolder } from '../values/support.ts';
import { chartFiles, faultOf, outline } from './support.ts';

describe('loadChart of a folder', () => {
  it('sorts files into what they are for', async () => {
    const files = chartFiles('web', {
      'values.yaml': 'a: 1\n---\nb: 2\n',
      'values.schema.json': '{}',
      'Chart.lock':
        'digest: sha256:x\ngenerated: "2026-01-01T00:00:00Z"\ndependencies:\n- name: db\n  version: 1.0.0\n  repository: ""\n',
      'README.md': '\ufeffread me',
      'crds/a.yaml': 'kind: CustomResourceDefinition',
      'templates/b.yaml': 'b',
      'templates/a/z.yaml': 'z',
      'templates/.hidden': 'never',
      'charts/db/Chart.yaml': 'apiVersion: v1\nname: db\nversion: 0.1.0\n',
      'charts/db/requirements.yaml': 'dependencies: []\n',
      'charts/_ignored/x': '',
      'charts/.ignored': '',
      'charts/db-0.1.0.tgz.prov': 'signature',
      'conf/z.txt': 'z',
      'conf/a.txt': 'a',
    });
    await inFolder(files, async (folder) => {
      const chart = await loadChart(join(folder, 'web'));
      expect(outline(chart)).toEqual({
        name: 'web',
        templates: ['templates/a/z.yaml', 'templates/b.yaml'],
        files: ['README.md', 'charts/db-0.1.0.tgz.prov', 'conf/a.txt', 'conf/z.txt'],
        subcharts: [{ name: 'db', templates: [], files: ['requirements.yaml'], subcharts: [] }],
      });
      expect(chart.values).toEqual({ a: 1, b: 2 });
      expect(decodeUtf8(chart.files[0]?.data ?? new Uint8Array())).toBe('read me');
      expect(chart.lock?.dependencies).toEqual([{ name: 'db', version: '1.0.0', repository: '' }]);
      expect(chart.subcharts[0]?.metadata.dependencies).toEqual([]);
      expect(chart.origin).toBe(join(folder, 'web'));
    });
  });

  it('reads metadata as Helm does: names in any case, scalars as texts, requirements.yaml', async () => {
    const files = {
      'old/Chart.yaml':
        'Name: old\nversion: 1.10\nappVersion: 2\ndescription: "a\\tb\\u200bc"\nkeywords: [1, true, x]\ndeprecated: true\nunknown: {}\nannotations: {m: 1.50, b: no}\nhome: null\n',
      'old/requirements.yaml': 'dependencies:\n- name: db\n  version: 1\n  import-values: [{child: 1}]\n',
    };
    await inFolder(files, async (folder) => {
      const { metadata } = await loadChart(join(folder, 'old'));
      expect(metadata).toEqual({
        apiVersion: 'v1',
        name: 'old',
        version: '1.1',
        appVersion: '2',
        description: 'a bc',
        keywords: ['1', 'true', 'x'],
        deprecated: true,
        annotations: { m: '1.5', b: 'false' },
        dependencies: [{ name: 'db', version: '1', 'import-values': [{ child: 1 }] }],
      });
    });
  });

  it('follows links, and finds those that lead in circles or nowhere', async () => {
    const files = { ...chartFiles('web', { 'templates/a.yaml': 'a' }), 'shared/b.yaml': 'b', 'shared/sub/c.txt': 'c' };
    await inFolder(files, async (folder) => {
      const web = join(folder, 'web');
      symlinkSync('../../shared/b.yaml', join(web, 'templates', 'b.yaml'));
      symlinkSync('../shared', join(web, 'linked'));
      expect(outline(await loadChart(web))).toMatchObject({
        templates: ['templates/a.yaml', 'templates/b.yaml'],
        files: ['linked/b.yaml', 'linked/sub/c.txt'],
      });
      symlinkSync('..', join(web, 'templates', 'circle'));
      expect(await faultOf(folder, () => loadChart(web))).toMatchObject({
        code: 'chart-invalid',
        message: 'error evaluating symlink ./web/templates/circle: EvalSymlinks: too many links',
      });
      symlinkSync('nowhere', join(web, 'linked-2'));
      expect(await faultOf(folder, () => loadChart(web))).toMatchObject({
        message: 'error evaluating symlink ./web/linked-2: lstat ./web/linked-2: no such file or directory',
      });
    });
  });

  it('refuses files that are too large', async () => {
    const files = chartFiles('web', { 'big.bin': 'x'.repeat(100) });
    await inFolder(files, async (folder) => {
      expect(await faultOf(folder, () => loadChart(join(folder, 'web'), { limits: { file: 99 } }))).toEqual({
        code: 'chart-invalid',
        message: 'chart file "big.bin" is larger than the maximum file size 99',
        at: './web/big.bin',
      });
    });
  });

  it('warns of requirements.yaml beside apiVersion v2', async () => {
    const warnings: string[] = [];
    const text = (value: string): Uint8Array => new TextEncoder().encode(value);
    await loadChartFiles(
      [
        { name: 'Chart.yaml', data: text('apiVersion: v2\nname: web\nversion: 1.0.0\n') },
        { name: 'requirements.yaml', data: text('dependencies: []\n') },
      ],
      'web',
      { warn: (message) => warnings.push(message) },
    );
    expect(warnings).toHaveLength(1);
  });
});

interface FaultCase {
  readonly files: Readonly<Record<string, string>>;
  readonly code: string;
  readonly at?: string;
}

const DEPENDENCY = (more: string): string =>
  `apiVersion: v2\nname: web\nversion: 1.0.0\ndependencies:\n- name: a\n${more}`;

const FAULTS: readonly FaultCase[] = [
  { files: { 'web/README.md': '' }, code: 'chart-invalid', at: './web/Chart.yaml' },
  { files: { 'web/Chart.yaml': '' }, code: 'chart-invalid', at: './web/Chart.yaml' },
  { files: { 'web/Chart.yaml': 'a: b: c\n' }, code: 'yaml-syntax', at: './web/Chart.yaml:1:5' },
  { files: { 'web/Chart.yaml': '[]' }, code: 'chart-invalid' },
  { files: { 'web/Chart.yaml': 'apiVersion: [1]' }, code: 'chart-invalid', at: './web/Chart.yaml:1:1' },
  { files: { 'web/Chart.yaml': 'apiVersion: v9\nname: web' }, code: 'chart-invalid', at: './web/Chart.yaml:1:1' },
  { files: { 'web/Chart.yaml': 'apiVersion: v2\nname: {a: b}\n' }, code: 'chart-invalid', at: './web/Chart.yaml:2:1' },
  {
    files: { 'web/Chart.yaml': 'apiVersion: v2\nname: web\ndeprecated: "no"\n' },
    code: 'chart-invalid',
    at: './web/Chart.yaml:3:1',
  },
  { files: { 'web/Chart.yaml': 'apiVersion: v2\nname: web\nkeywords: x\n' }, code: 'chart-invalid' },
  { files: { 'web/Chart.yaml': 'apiVersion: v2\nname: web\nannotations: {a: [1]}\n' }, code: 'chart-invalid' },
  { files: { 'web/Chart.yaml': 'apiVersion: v2\nname: web\nmaintainers: [x]\n' }, code: 'chart-invalid' },
  { files: { 'web/Chart.yaml': 'apiVersion: v2\nname: web\nmaintainers: [{name: [x]}]\n' }, code: 'chart-invalid' },
  { files: { 'web/Chart.yaml': 'apiVersion: v2\nname: web\n' }, code: 'chart-invalid' },
  {
    files: { 'web/Chart.yaml': 'apiVersion: v2\nname: a/b\nversion: 1.0.0\n' },
    code: 'chart-invalid',
    at: './web/Chart.yaml:2:1',
  },
  { files: { 'web/Chart.yaml': 'apiVersion: v2\nname: ..\nversion: 1.0.0\n' }, code: 'chart-invalid' },
  {
    files: { 'web/Chart.yaml': 'apiVersion: v2\nname: web\nversion: one\n' },
    code: 'chart-invalid',
    at: './web/Chart.yaml:3:1',
  },
  { files: { 'web/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.0.0\ntype: thing\n' }, code: 'chart-invalid' },
  {
    files: { 'web/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.0.0\nmaintainers: [null]\n' },
    code: 'chart-invalid',
  },
  {
    files: { 'web/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.0.0\ndependencies: [null]\n' },
    code: 'chart-invalid',
  },
  { files: { 'web/Chart.yaml': DEPENDENCY('  alias: "a b"\n') }, code: 'chart-invalid', at: './web/Chart.yaml:6:3' },
  { files: { 'web/Chart.yaml': DEPENDENCY('- name: b\n  alias: a\n') }, code: 'chart-invalid' },
  { files: { 'web/Chart.yaml': DEPENDENCY('  tags: x\n') }, code: 'chart-invalid' },
  {
    files: { ...chartFiles('web', { 'values.yaml': 'a: 1\nb: [\n' }) },
    code: 'yaml-syntax',
    at: './web/values.yaml:3:1',
  },
  {
    files: { ...chartFiles('web', { 'values.yaml': 'a: 1\n---\nb: c: d\n' }) },
    code: 'yaml-syntax',
    at: './web/values.yaml:3:5',
  },
  { files: { ...chartFiles('web', { 'values.yaml': '- a\n' }) }, code: 'yaml-syntax' },
  {
    files: { ...chartFiles('web', { 'values.yaml': 'a: 1\n--- x\n' }) },
    code: 'yaml-syntax',
    at: './web/values.yaml:2:1',
  },
  { files: { ...chartFiles('web', { 'Chart.lock': 'dependencies: x\n' }) }, code: 'chart-invalid' },
  { files: { ...chartFiles('web', { '.helmignore': 'a/**\n' }) }, code: 'chart-invalid', at: './web/.helmignore:1' },
  { files: { ...chartFiles('web', { '.helmignore': 'ok\n[a\n' }) }, code: 'chart-invalid', at: './web/.helmignore:2' },
  { files: { ...chartFiles('web', { 'charts/README.md': 'x' }) }, code: 'chart-invalid' },
  {
    files: { ...chartFiles('web', { 'charts/a/Chart.yaml': 'name: a\n' }) },
    code: 'chart-invalid',
    at: './web/charts/a/Chart.yaml',
  },
  { files: { ...chartFiles('web', { 'charts/a/Chart.yaml': '[]' }) }, code: 'chart-invalid' },
  { files: { ...chartFiles('web', { 'charts/a.tgz': 'no archive' }) }, code: 'chart-invalid' },
  { files: { ...chartFiles('web', { 'charts/a.tgz/x': 'folder' }) }, code: 'chart-invalid' },
];

describe('faults of charts', () => {
  it.each(FAULTS)('$files', async ({ files, code, at }) => {
    await inFolder(files, async (folder) => {
      const fault = await faultOf(folder, () => loadChart(join(folder, 'web')));
      expect(fault).toMatchObject({ code, ...(at === undefined ? {} : { at }) });
      const real = await helm(folder, ['template', 'rel', './web']);
      expect({ ok: real.ok, message: fault?.message }).toEqual({
        ok: false,
        message: real.err.trim().replaceAll(folder, '.'),
      });
    });
  });

  it('a path that leads nowhere, and files that are no charts', async () => {
    await inFolder({ 'values.yaml': 'a: 1\n', junk: 'x', 'page.html': '<html></html>' }, async (folder) => {
      for (const name of ['values.yaml', 'junk', 'page.html']) {
        const fault = await faultOf(folder, () => loadChart(join(folder, name)));
        const real = await helm(folder, ['template', 'rel', `./${name}`]);
        expect(fault?.message.replace('./', join(folder, '/'))).toBe(real.err.trim());
      }
      expect(await faultOf(folder, () => loadChart(join(folder, 'none')))).toEqual({
        code: 'chart-not-found',
        message: 'path "./none" not found',
        at: '',
      });
    });
  });
});

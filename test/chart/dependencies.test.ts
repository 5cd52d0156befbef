import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { dependencyStatuses, undeclaredCharts } from '../../src/chart/dependency-status.ts';
import { loadChart } from '../../src/chart/load-chart.ts';
import { packageChart } from '../../src/chart/package-chart.ts';
import { buildDependencies, type DependencySource, updateDependencies } from '../../src/chart/update-dependencies.ts';
import { fromYaml } from '../../src/yaml/index.ts';
import { helm, inFolder, writeFiles } from '../values/support.ts';
import { chartFiles, faultOf } from './support.ts';

const NOW = Date.UTC(2026, 0, 2);

const webYaml = (dependencies: string): string =>
  `apiVersion: v2\nname: web\nversion: 1.0.0\ndependencies:\n${dependencies}`;

const FILES = {
  'web/Chart.yaml': webYaml(
    '- name: db\n  version: 1.x\n  repository: file://../db\n  condition: db.enabled\n  import-values: [a, {child: "<x>", parent: y}]\n- name: local\n  version: ">=0.1"\n  alias: other\n  tags: [a, b]\n',
  ),
  'web/charts/local/Chart.yaml': 'apiVersion: v2\nname: local\nversion: 0.2.0\n',
  ...chartFiles('db', { 'Chart.yaml': 'apiVersion: v2\nname: db\nversion: 1.2.3\n', 'templates/a.yaml': 'a: 1\n' }),
};

/** What lies in web/charts, and its lock without the time. */
function outcome(folder: string): unknown {
  const lock = join(folder, 'web', 'Chart.lock');
  const { digest, dependencies } = existsSync(lock) ? fromYaml(readFileSync(lock, 'utf8'), { target: 'map' }) : {};
  return { charts: readdirSync(join(folder, 'web', 'charts')).sort(), digest, dependencies };
}

describe('updateDependencies', () => {
  it('brings what helm dependency update brings, with the same lock', async () => {
    const old = await inFolder(FILES, async (folder) =>
      packageChart(await loadChart(join(folder, 'db')), { version: '1.0.0' }),
    );
    const files = { ...FILES, 'web/charts/db-1.0.0.tgz': old };
    const theirs = await inFolder(files, async (folder) => {
      const { ok, out } = await helm(folder, ['dependency', 'update', 'web']);
      expect(ok).toBe(true);
      return { lines: out.trim().split('\n'), ...(outcome(folder) as object) };
    });
    await inFolder(files, async (folder) => {
      const lines: string[] = [];
      await updateDependencies(join(folder, 'web'), { now: NOW, report: (line) => lines.push(line) });
      expect({ lines, ...(outcome(folder) as object) }).toEqual(theirs);
      expect(readFileSync(join(folder, 'web', 'Chart.lock'), 'utf8')).toContain(
        'generated: "2026-01-02T00:00:00.000Z"',
      );
      const { ok } = await helm(folder, ['dependency', 'build', 'web']);
      expect(ok).toBe(true);
      await updateDependencies(join(folder, 'web'), { now: NOW + 1 });
      expect(readFileSync(join(folder, 'web', 'Chart.lock'), 'utf8')).toContain('2026-01-02T00:00:00.000Z');
    });
  });

  it('takes charts from a source', async () => {
    await inFolder(FILES, async (folder) => {
      const archive = await packageChart(await loadChart(join(folder, 'db')));
      const source: DependencySource = {
        resolveNames: (dependencies) => [...dependencies],
        prepare: async () => {},
        resolve: async ({ name }) => (name === 'db' ? '1.2.3' : undefined),
        fetch: async ({ version }) => {
          expect(version).toBe('1.2.3');
          return { name: 'db-1.2.3.tgz', archive };
        },
      };
      const declared = '- name: db\n  version: ^1.0.0\n  repository: https://example.com\n';
      writeFiles(folder, { 'web/Chart.yaml': webYaml(declared) });
      await updateDependencies(join(folder, 'web'), { now: NOW, source });
      expect(outcome(folder)).toMatchObject({
        charts: ['db-1.2.3.tgz', 'local'],
        dependencies: [{ name: 'db', version: '1.2.3', repository: 'https://example.com' }],
      });
      writeFiles(folder, { 'web/Chart.yaml': webYaml(declared.replace('db', 'none')) });
      expect(await faultOf(folder, () => updateDependencies(join(folder, 'web'), { now: NOW, source }))).toMatchObject({
        code: 'chart-dependency',
        message: expect.stringContaining(
          'can\'t get a valid version for 1 subchart(s): "none" (repository "https://example.com", version "^1.0.0")',
        ),
      });
    });
  });

  const faults: readonly (readonly [string, string])[] = [
    ['- name: db\n  version: 2.x\n  repository: file://../db\n', 'can\'t get a valid version for 1 subchart(s): "db"'],
    ['- name: db\n  version: 1.x\n  repository: file://../none\n', 'directory ./none not found'],
    ['- name: none\n  version: 1.x\n', 'directory ./web/charts/none not found'],
    [
      '- name: db\n  version: "?"\n  repository: file://../db\n',
      'dependency "db" has an invalid version/constraint format',
    ],
    ['- name: local\n  version: 9.x\n', 'dependency local at version 0.2.0 does not satisfy the constraint 9.x'],
    [
      '- name: db\n  version: 1.x\n  repository: https://example.com\n',
      'no repository definition for https://example.com',
    ],
  ];

  it.each(faults)('refuses %s', async (dependencies, message) => {
    await inFolder({ ...FILES, 'web/Chart.yaml': webYaml(dependencies) }, async (folder) => {
      const fault = await faultOf(folder, () => updateDependencies(join(folder, 'web'), { now: NOW }));
      expect(fault?.message).toContain(message);
      if (dependencies.includes('https:')) return;
      const real = await helm(folder, ['dependency', 'update', 'web']);
      expect(real.ok).toBe(false);
      expect(fault?.message.replace(/(?<![./])\.\//g, '')).toBe(real.err.trim());
    });
  });
});

describe('buildDependencies', () => {
  it('keeps to the lock, and refuses one that does not fit', async () => {
    await inFolder(FILES, async (folder) => {
      const web = join(folder, 'web');
      expect((await helm(folder, ['dependency', 'update', 'web'])).ok).toBe(true);
      const lines: string[] = [];
      await buildDependencies(web, { now: NOW, report: (line) => lines.push(line) });
      expect(lines[0]).toBe('Saving 2 charts');
      writeFileSync(join(web, 'Chart.yaml'), FILES['web/Chart.yaml'].replace('1.x', '~1.2'));
      expect(await faultOf(folder, () => buildDependencies(web, { now: NOW }))).toMatchObject({
        code: 'chart-dependency',
        message: (await helm(folder, ['dependency', 'build', 'web'])).err.trim(),
      });
    });
  });

  it('updates where there is no lock, and leaves charts without dependencies alone', async () => {
    await inFolder({ ...FILES, ...chartFiles('plain') }, async (folder) => {
      await buildDependencies(join(folder, 'web'), { now: NOW });
      expect(outcome(folder)).toMatchObject({ charts: ['db-1.2.3.tgz', 'local'] });
      await buildDependencies(join(folder, 'plain'), { now: NOW });
      expect(existsSync(join(folder, 'plain', 'charts'))).toBe(false);
    });
  });
});

describe('dependencyStatuses', () => {
  it('says of each dependency what helm dependency list says', async () => {
    const packed = await inFolder(FILES, async (folder) => packageChart(await loadChart(join(folder, 'db'))));
    const names = ['db', 'local', 'missing', 'misnamed', 'wrong', 'many', 'invalid'];
    const declared = names.map(
      (name) => `- name: ${name}\n  version: ${name === 'wrong' ? '9.x' : name === 'invalid' ? '"?"' : '">=0.1"'}\n`,
    );
    const files = {
      'web/Chart.yaml': webYaml(declared.join('')),
      'web/charts/db-1.2.3.tgz': packed,
      'web/charts/local/Chart.yaml': 'apiVersion: v2\nname: local\nversion: 0.2.0\n',
      'web/charts/misnamed-1.2.3.tgz': packed,
      'web/charts/wrong/Chart.yaml': 'apiVersion: v2\nname: wrong\nversion: 0.2.0\n',
      'web/charts/invalid/Chart.yaml': 'apiVersion: v2\nname: invalid\nversion: 0.2.0\n',
      'web/charts/many-1.0.0.tgz': packed,
      'web/charts/many-1.1.0.tgz': packed,
      'web/charts/extra/Chart.yaml': 'apiVersion: v2\nname: extra\nversion: 0.2.0\n',
    };
    await inFolder(files, async (folder) => {
      const web = join(folder, 'web');
      const chart = await loadChart(web);
      const { out } = await helm(folder, ['dependency', 'list', './web']);
      const wanted = out
        .split('\n')
        .slice(1)
        .map((line) => line.split('\t').map((cell) => cell.trim()))
        .filter((cells) => cells.length === 4)
        .map(([name, , , state]) => [name, state]);
      expect(wanted).toHaveLength(names.length);
      const got = await dependencyStatuses(chart, web);
      expect(got.map(({ dependency, state }) => [dependency.name, state])).toEqual(wanted);
      const warnings = await undeclaredCharts(chart, web);
      expect(warnings.map((line) => `WARNING: ${line.replace(folder, '').replace('"/', '"')}`)).toEqual(
        out.match(/^WARNING: .*$/gm),
      );
    });
  });
});

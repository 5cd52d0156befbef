import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeUtf8 } from '../../src/base/go-string.ts';
import { loadChart, loadChartArchive } from '../../src/chart/load-chart.ts';
import { packageChart, savePackage } from '../../src/chart/package-chart.ts';
import { saveChart } from '../../src/chart/save-chart.ts';
import { helm, inFolder } from '../values/support.ts';
import { chartFiles, faultOf, outline } from './support.ts';

const FILES = {
  ...chartFiles('web', {
    'Chart.yaml':
      'apiVersion: v2\n# a comment\nname: web\nversion: 1.0.0+build\nappVersion: 1.10\ndescription: "é: x"\ndependencies:\n- name: db\n  version: "*"\n  repository: ""\n  condition: db.enabled\n  tags: [a]\n  import-values: [data, {child: a, parent: b}]\nannotations: {b: "1", a: x}\nkeywords: [x]\nmaintainers: [{name: n}]\n',
    'Chart.lock':
      'dependencies:\n- name: db\n  repository: ""\n  version: 0.1.0\ndigest: sha256:0\ngenerated: "2026-01-01T00:00:00Z"\n',
    'values.yaml': '# kept as it is\na: 1\n',
    'values.schema.json': '{"type": "object"}\n',
    'README.md': 'read me',
    '.helmignore': '*.bak\n',
    'x.bak': 'never',
    'crds/a.yaml': 'kind: X\n',
    'templates/a.yaml': 'a: {{ .Values.a }}\n',
    'charts/db/Chart.yaml': 'apiVersion: v1\nname: db\nversion: 0.1.0\n',
    'charts/db/requirements.yaml': 'dependencies: []\n',
    'charts/db/templates/b.yaml': 'b: 1\n',
    [`deep/${'folder/'.repeat(30)}file.txt`]: 'deep',
  }),
};

/** Names and contents of an archive's files, in its order. */
function listing(archive: string): string[] {
  const names = execFileSync('tar', ['tzf', archive], { encoding: 'utf8' }).trim().split('\n');
  return names.map((name) => `${name}\n${execFileSync('tar', ['xzOf', archive, name], { encoding: 'utf8' })}`);
}

describe('packageChart', () => {
  it('packs what helm package packs, in its order', async () => {
    await inFolder(FILES, async (folder) => {
      const real = await helm(folder, ['package', 'web', '-d', 'theirs']);
      expect(real.err).toBe('');
      const path = await savePackage(await loadChart(join(folder, 'web')), join(folder, 'ours'));
      expect(path).toBe(join(folder, 'ours', 'web-1.0.0+build.tgz'));
      expect(listing(path)).toEqual(listing(join(folder, 'theirs', 'web-1.0.0+build.tgz')));
      const rendered = await helm(folder, ['template', 'rel', './ours/web-1.0.0+build.tgz']);
      expect(rendered.out).toContain('a: 1');
    });
  });

  it('is the same to the byte for the same chart and time', async () => {
    await inFolder(FILES, async (folder) => {
      const chart = await loadChart(join(folder, 'web'));
      const once = await packageChart(chart, { modTime: 1_700_000_000_000 });
      writeFileSync(join(folder, 'web', 'README.md'), 'read me');
      const again = await packageChart(await loadChart(join(folder, 'web')), { modTime: 1_700_000_000_000 });
      expect(Buffer.from(once).equals(Buffer.from(again))).toBe(true);
      const { metadata, values } = await loadChartArchive(once, 'web.tgz');
      expect({ metadata, values }).toEqual({ metadata: chart.metadata, values: chart.values });
    });
  });

  it('sets versions, and refuses what is none', async () => {
    await inFolder(FILES, async (folder) => {
      const chart = await loadChart(join(folder, 'web'));
      const path = await savePackage(chart, folder, { version: '2.0.0', appVersion: '9' });
      expect((await loadChart(path)).metadata).toMatchObject({ version: '2.0.0', appVersion: '9' });
      expect(await faultOf(folder, () => packageChart(chart, { version: 'two' }))).toMatchObject({
        code: 'chart-invalid',
      });
      expect(await faultOf(folder, () => savePackage(chart, join(folder, 'web', 'values.yaml')))).toMatchObject({
        code: 'io',
        message: 'is not a directory: ./web/values.yaml',
      });
      const bad = { ...chart, schema: new TextEncoder().encode('{') };
      expect(await faultOf(folder, () => packageChart(bad))).toMatchObject({
        message: 'invalid JSON in values.schema.json',
      });
    });
  });

  it('writes folders too', async () => {
    await inFolder(FILES, async (folder) => {
      const chart = await loadChart(join(folder, 'web'));
      const saved = await saveChart(chart, join(folder, 'out'));
      expect(saved).toBe(join(folder, 'out', 'web'));
      const again = await loadChart(saved);
      expect(again.metadata).toEqual(chart.metadata);
      expect(outline(again)).toEqual(outline(chart));
      expect(decodeUtf8(readFileSync(join(saved, 'values.yaml')))).toBe('# kept as it is\na: 1\n');
    });
  });
});

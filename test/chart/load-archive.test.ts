import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { loadChart, loadChartArchive } from '../../src/chart/load-chart.ts';
import { helm, inFolder } from '../values/support.ts';
import { archiveOf, chartEntry, type Entry, tarOf } from './archives.ts';
import { faultOf, outline } from './support.ts';

interface UnsafeCase {
  readonly title: string;
  readonly entries: readonly Entry[];
  readonly message: string;
  readonly code?: string;
}

const WEB = chartEntry('web');

const UNSAFE: readonly UnsafeCase[] = [
  {
    title: 'names that lead above the chart',
    entries: [WEB, { path: 'web/../../evil', text: 'x' }],
    message: 'chart illegally references parent directory',
  },
  {
    title: 'names that lead above the chart, for Windows',
    entries: [WEB, { path: 'web\\..\\..\\evil', text: 'x' }],
    message: 'chart illegally references parent directory',
  },
  {
    title: 'absolute names',
    entries: [WEB, { path: 'web//etc/passwd', text: 'x' }],
    message: 'chart illegally contains absolute paths',
  },
  {
    title: 'drive letters',
    entries: [WEB, { path: 'web/c:/evil', text: 'x' }],
    message: 'chart contains illegally named files',
  },
  {
    title: 'files beside the chart',
    entries: [WEB, { path: 'evil', text: 'x' }],
    message: 'chart illegally contains content outside the base directory: "evil"',
  },
  {
    title: 'Chart.yaml as a folder',
    entries: [{ path: 'Chart.yaml/x', text: 'x' }],
    message: 'chart yaml not in base directory',
    code: 'chart-invalid',
  },
  { title: 'nothing', entries: [], message: 'no files in chart archive', code: 'chart-invalid' },
  {
    title: 'folders alone',
    entries: [{ path: 'web/', type: 'Directory' }],
    message: 'no files in chart archive',
    code: 'chart-invalid',
  },
];

describe('archives', () => {
  it.each(UNSAFE)('refuses $title', async ({ entries, message, code = 'chart-archive-unsafe' }) => {
    const bytes = archiveOf(entries);
    expect(await faultOf('-', () => loadChartArchive(bytes, 'web.tgz'))).toEqual({
      code,
      message: `unable to load chart archive: ${message}`,
      at: 'web.tgz',
    });
    await inFolder({ 'web.tgz': bytes }, async (folder) => {
      expect((await helm(folder, ['template', 'rel', 'web.tgz'])).ok).toBe(false);
      expect(existsSync(join(folder, '..', 'evil'))).toBe(false);
    });
  });

  it('makes empty files of links, wherever they lead', async () => {
    const bytes = archiveOf([
      WEB,
      { path: 'web/link', type: 'SymbolicLink', linkpath: '/etc/passwd' },
      { path: 'web/hard', type: 'Link', linkpath: '../../etc/passwd' },
    ]);
    const chart = await loadChartArchive(bytes, 'web.tgz');
    expect(chart.files.map(({ name, data }) => [name, data.length])).toEqual([
      ['link', 0],
      ['hard', 0],
    ]);
  });

  it('keeps to its limits', async () => {
    const text = 'x'.repeat(1000);
    const bytes = archiveOf([WEB, { path: 'web/a', text }, { path: 'web/b', text }]);
    const load = (total: number, file: number) => () => loadChartArchive(bytes, 'web.tgz', { limits: { total, file } });
    expect(await faultOf('-', load(5000, 1000))).toBeUndefined();
    expect(await faultOf('-', load(5000, 999))).toMatchObject({
      code: 'chart-archive-unsafe',
      message: 'unable to load chart archive: decompressed chart file "web/a" is larger than the maximum file size 999',
    });
    expect(await faultOf('-', load(1500, 1000))).toMatchObject({
      message: 'unable to load chart archive: decompressed chart is larger than the maximum size 1500',
    });
  });

  it('does not unpack bombs', async () => {
    const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024));
    expect(bomb.length).toBeLessThan(300_000);
    expect(await faultOf('-', () => loadChartArchive(bomb, 'bomb.tgz'))).toMatchObject({
      code: 'chart-archive-unsafe',
    });
    const inner = archiveOf([chartEntry('db'), { path: 'db/big', text: 'x'.repeat(6 * 1024 * 1024) }]);
    const nested = archiveOf([WEB, { path: 'web/charts/db.tgz', text: '' }]);
    await expect(loadChartArchive(nested, 'web.tgz')).rejects.toThrow('error unpacking subchart db.tgz in web');
    expect(inner.length).toBeLessThan(100_000);
    await inFolder({ 'web/Chart.yaml': WEB.text ?? '', 'web/charts/db.tgz': inner }, async (folder) => {
      expect(await faultOf(folder, () => loadChart(join(folder, 'web')))).toMatchObject({
        code: 'chart-archive-unsafe',
        message:
          'error unpacking subchart db.tgz in web: decompressed chart file "db/big" is larger than the maximum file size 5242880',
      });
      const real = await helm(folder, ['template', 'rel', './web']);
      expect(real.err).toContain('decompressed chart file "db/big" is larger than the maximum file size 5242880');
    });
  });

  it('says what is damaged', async () => {
    const whole = Buffer.from(archiveOf([WEB, { path: 'web/a', text: 'x'.repeat(2000) }]));
    const broken = tarOf([WEB]);
    broken[10] = 0x7a;
    const damaged: readonly (readonly [Uint8Array, string])[] = [
      [whole.subarray(0, whole.length - 30), 'unable to load chart archive: unexpected EOF'],
      [gzipSync(tarOf([WEB, { path: 'web/a', size: 9000 }])), 'unable to load chart archive: unexpected EOF'],
      [gzipSync(broken), 'unable to load chart archive: archive/tar: invalid tar header'],
      [Buffer.from('PK'), "file 'web.tgz' does not appear to be a valid chart file (details: gzip: invalid header)"],
    ];
    for (const [bytes, message] of damaged) {
      expect(await faultOf('-', () => loadChartArchive(bytes, 'web.tgz'))).toMatchObject({
        code: 'chart-invalid',
        message,
      });
    }
  });

  it('takes the first folder for the chart, long names, and global headers', async () => {
    const long = `${'folder/'.repeat(20)}file.txt`;
    await inFolder(
      { 'web/Chart.yaml': WEB.text ?? '', [`web/${long}`]: 'x', 'web/templates/a.yaml': 'a: 1' },
      async (folder) => {
        expect((await helm(folder, ['package', 'web'])).ok).toBe(true);
        const packaged = await loadChart(join(folder, 'web-1.0.0.tgz'));
        expect(outline(packaged)).toEqual({
          name: 'web',
          templates: ['templates/a.yaml'],
          files: [long],
          subcharts: [],
        });
      },
    );
    const bytes = archiveOf([
      { path: 'pax_global_header', type: 'GlobalExtendedHeader', text: '30 comment=0123456789abcdefgh\n' },
      { path: 'other-name/Chart.yaml', text: WEB.text ?? '' },
    ]);
    expect((await loadChartArchive(bytes, 'web.tgz')).metadata.name).toBe('web');
  });

  it('loads subcharts that are archives', async () => {
    await inFolder(
      { 'web/Chart.yaml': WEB.text ?? '', 'db/Chart.yaml': chartEntry('db').text ?? '' },
      async (folder) => {
        writeFileSync(join(folder, 'x'), '');
        expect((await helm(folder, ['package', 'db', '-d', 'web/charts'])).ok).toBe(true);
        expect(outline(await loadChart(join(folder, 'web')))).toMatchObject({ subcharts: [{ name: 'db' }] });
      },
    );
  });
});

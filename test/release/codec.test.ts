import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PintleError } from '../../src/base/errors.ts';
import { loadChart } from '../../src/chart/load-chart.ts';
import { decodeRelease, encodeRelease, releaseJson, releaseJsonText } from '../../src/release/codec.ts';
import { chartOfRecord, recordChart } from '../../src/release/record-chart.ts';
import type { Release } from '../../src/release/release.ts';
import { isolatedEnvironment, realTools } from '../support/real-tools.ts';
import { sampleRelease } from './sample-release.ts';
import { fc } from '../support/property.ts';

const pack = (value: unknown): string => gzipSync(JSON.stringify(value)).toString('base64');

describe('encodeRelease', () => {
  test('writes the JSON of Go: order of fields, nothing empty, times without zeros at the end, HTML escaped', () => {
    const data = Buffer.from(encodeRelease(sampleRelease()), 'base64');
    expect([...data.subarray(0, 10)]).toEqual([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 0xff]);
    expect(gunzipSync(data).toString()).toBe(
      '{"name":"web","info":{"first_deployed":"2024-05-01T10:00:00.12Z","last_deployed":"2024-05-01T10:00:00Z",' +
        '"description":"Install complete","status":"deployed","notes":"Visit \\u003chttp://web\\u003e"},' +
        '"chart":{"metadata":{"name":"web","version":"1.2.3","apiVersion":"v2","appVersion":"9"},"lock":null,' +
        '"templates":[{"name":"templates/web.yaml","data":"YTogMQo="}],"values":{"image":"nginx","replicas":2},' +
        '"schema":null,"schemamodtime":"0001-01-01T00:00:00Z","files":null},"config":{"replicas":3},' +
        '"manifest":"---\\n# Source: web/templates/web.yaml\\na: 1\\n",' +
        '"hooks":[{"name":"check","kind":"Pod","path":"web/templates/check.yaml","manifest":"kind: Pod",' +
        '"events":["test"],"last_run":{"phase":""}}],"version":1,"namespace":"default","apply_method":"ssa"}',
    );
  });

  test('keeps integers of 64 bits and keys that are names of JavaScript', () => {
    const config = Object.assign(Object.create(null) as Record<string, unknown>, { big: 9_007_199_254_740_993n });
    Object.defineProperty(config, '__proto__', { value: { a: 1 }, enumerable: true });
    const text = gunzipSync(Buffer.from(encodeRelease(sampleRelease({ config })), 'base64')).toString();
    expect(text).toContain('"config":{"__proto__":{"a":1},"big":9007199254740993}');
    const { config: read } = decodeRelease(encodeRelease(sampleRelease({ config })));
    expect(Object.keys(read ?? {})).toEqual(['__proto__', 'big']);
    expect(Object.getPrototypeOf(read)).toBeNull();
  });
});

describe('decodeRelease', () => {
  test('gives back what was encoded', () => {
    const release = sampleRelease();
    const { labels: _, ...rest } = release;
    const info = { ...rest.info, first_deployed: '2024-05-01T10:00:00.12Z' };
    expect(decodeRelease(encodeRelease(release))).toEqual({ ...rest, info });
  });

  test('is the inverse of encodeRelease for any values', () => {
    const key = fc.string({ unit: 'grapheme', maxLength: 6 });
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.string({ unit: 'grapheme' }),
        fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => (number === 0 ? 0 : number)),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(key, tie('value'), { maxKeys: 3 }),
      ),
    }));
    fc.assert(
      fc.property(
        fc.dictionary(key, value, { minKeys: 1, maxKeys: 4 }),
        fc.string({ unit: 'grapheme' }),
        (config, manifest) => {
          const read = decodeRelease(encodeRelease(sampleRelease({ config, manifest })));
          expect(JSON.stringify(sorted(read.config))).toBe(JSON.stringify(sorted(config)));
          expect(read.manifest).toBe(manifest);
        },
      ),
      { numRuns: 200 },
    );
  });

  test('keeps fields that it does not know', () => {
    const text = pack({
      name: 'web',
      info: { status: 'deployed', rollback_revision: 3 },
      chart: { metadata: { name: 'web', version: '1.0.0', apiVersion: 'v3', future: ['x'] } },
      version: 4,
      namespace: 'a',
      sequencing: { enabled: true },
    });
    const release = decodeRelease(text);
    const again = JSON.parse(releaseJsonText(release)) as Record<string, Record<string, unknown>>;
    expect(again['sequencing']).toEqual({ enabled: true });
    expect(again['info']).toEqual({ status: 'deployed', rollback_revision: 3 });
    expect(again['chart']?.['metadata']).toEqual({ name: 'web', version: '1.0.0', apiVersion: 'v3', future: ['x'] });
  });

  test('reads records that are not gzipped', () => {
    const text = Buffer.from(releaseJsonText(sampleRelease())).toString('base64');
    expect(decodeRelease(text).name).toBe('web');
  });

  test('reads empty and zero times as absent', () => {
    const info = { status: 'failed', first_deployed: '', last_deployed: '0001-01-01T00:00:00Z', deleted: null };
    expect(decodeRelease(pack({ name: 'a', info, version: 1 })).info).toEqual({ status: 'failed' });
  });

  const packed = encodeRelease(sampleRelease());
  test.each([
    ['', 'it holds no data under "release"'],
    ['not base64!', 'it is not base64'],
    [packed.slice(0, packed.length / 2), 'unexpected end of file'],
    [Buffer.from('hello world').toString('base64'), 'it is not JSON'],
    [pack([]), 'the record is an array, not an object'],
    [pack({ info: { status: 'deployed' } }), 'it has no name'],
    [pack({ name: 'a' }), 'it has no info'],
    [pack({ name: 1, info: {} }), 'name is a number, not a string'],
    [pack({ name: 'a', info: {}, version: '1' }), 'version is a string, not an integer'],
    [pack({ name: 'a', info: {}, hooks: [{ events: 'test' }] }), 'hooks[0].events is a string, not an array'],
    [pack({ name: 'a', info: {}, chart: { values: [] } }), 'chart.values is an array, not an object'],
  ])('refuses %j', (text, reason) => {
    let error: unknown;
    try {
      decodeRelease(text, 'Secret default/sh.helm.release.v1.web.v1');
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(PintleError);
    const { code, message, hint } = error as PintleError;
    expect(code).toBe('release-corrupt');
    expect(message).toBe(`cannot read Secret default/sh.helm.release.v1.web.v1: ${reason}`);
    expect(hint).toContain('restore');
  });
});

test('releaseJson can leave the chart out, and keeps integers as such', () => {
  expect(releaseJson(sampleRelease({ config: { big: 12_345_678 } }), { withoutChart: true })).toEqual({
    name: 'web',
    info: expect.anything() as unknown,
    config: { big: 12_345_678n },
    manifest: expect.anything() as unknown,
    hooks: expect.anything() as unknown,
    version: 1n,
    namespace: 'default',
    apply_method: 'ssa',
  });
});

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, item]) => [key, sorted(item)]);
}

describe('beside the real helm', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'pintle-codec-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const files: Readonly<Record<string, string>> = {
    'Chart.yaml': [
      'apiVersion: v2',
      'name: demo',
      'version: 1.2.3+meta',
      'type: application',
      'appVersion: "1.16"',
      'description: a <demo> & more',
      'keywords: [b, a]',
      'home: https://example.com',
      'sources: [https://example.com/src]',
      'maintainers: [{name: Ann, email: ann@example.com}]',
      'annotations: {z: "1", a: "2"}',
      'deprecated: true',
      'kubeVersion: ">=1.20.0-0"',
      'icon: https://example.com/i.png',
    ].join('\n'),
    'values.yaml': 'b: 1.50\na: {y: 100000000, x: [1, null, "<"]}\nlarge: 1e30\n',
    'values.schema.json': '{"type": "object"}',
    'README.md': 'read me\n',
    'crds/things.yaml':
      'apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: things.example.com}\n',
    'templates/_helpers.tpl': '{{ define "x" }}y{{ end }}',
    'templates/config.yaml':
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\ndata:\n  v: {{ .Values.b | quote }}\n',
    'templates/hook.yaml':
      'apiVersion: v1\nkind: Pod\nmetadata:\n  name: check\n  annotations:\n    helm.sh/hook: test,post-install\n    helm.sh/hook-weight: "5"\n    helm.sh/hook-delete-policy: hook-succeeded\n    helm.sh/hook-output-log-policy: hook-failed\n',
    'templates/NOTES.txt': 'Use {{ .Release.Name }} & <enjoy>.\n',
  };

  test('a release that helm writes is read and written again to the byte', async () => {
    const chartFolder = join(folder, 'demo');
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(chartFolder, name)), { recursive: true });
      writeFileSync(join(chartFolder, name), text);
    }
    const written = execFileSync(
      realTools().helm,
      ['install', 'web', chartFolder, '--dry-run=client', '-o', 'json', '--set', 'b=2,flag=true'],
      { env: isolatedEnvironment(folder), encoding: 'utf8', stdio: 'pipe' },
    );
    const release = decodeRelease(Buffer.from(written.trimEnd()).toString('base64'));
    expect(`${releaseJsonText(release)}\n`).toBe(written);

    const chart = await loadChart(chartFolder);
    const helms = withoutTimes(release.chart);
    const ours = withoutTimes(
      (JSON.parse(releaseJsonText({ ...release, chart: recordChart(chart) })) as Release).chart,
    );
    expect(ours).toEqual(helms);
    const again = chartOfRecord(release.chart);
    expect(again.templates.map((file) => file.name)).toEqual(chart.templates.map((file) => file.name));
    expect(again.files.map((file) => file.name)).toEqual(chart.files.map((file) => file.name));
    expect(Buffer.from(again.schema ?? [])).toEqual(Buffer.from(chart.schema ?? []));
  });
});

/** Helm keeps nanoseconds and the local zone. */
function withoutTimes(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (key, item: unknown) => (key.endsWith('modtime') ? undefined : item)));
}

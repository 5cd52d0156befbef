import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { main } from '../../src/cli/main.ts';
import { testIo } from '../cli/support.ts';
import { isolatedEnvironment, realTools } from '../support/real-tools.ts';

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pintle-output-'));
  helm(['create', 'demo']);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function helm(args: readonly string[]): string {
  return execFileSync(realTools().helm, [...args], {
    cwd: folder,
    env: isolatedEnvironment(folder),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

async function pintle(...args: string[]): Promise<string> {
  const { io, out, err } = testIo({ cwd: folder, env: { PINTLE_HOME: join(folder, 'home') } });
  const code = await main(args, io);
  if (code !== 0) throw new Error(err());
  return out();
}

function withoutTimes(text: string): string {
  return text
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replaceAll(/\d{4}-\d\d-\d\d [\d:.]+ \+0000 UTC/g, 'TIME')
    .replaceAll(/\w{3} \w{3} [ \d]\d [\d:]{8} \d{4}/g, 'TIME');
}

describe('dry runs print what helm prints', () => {
  for (const flags of [[], ['-o', 'json'], ['-o', 'yaml'], ['--hide-secret'], ['--hide-notes'], ['--debug']]) {
    test(flags.join(' ') || 'table', async () => {
      const args = ['install', 'web', 'demo', '--dry-run=client', '--set', 'replicaCount=3', ...flags];
      expect(withoutTimes(await pintle(...args))).toBe(withoutTimes(helm(args)));
    });
  }
});

describe('releases in every format', () => {
  beforeAll(async () => {
    await pintle('install', 'web', 'demo', '--labels', 'team=a', '--set', 'image.tag=<1>');
  });

  const CASES: readonly (readonly [args: readonly string[], expected: string])[] = [
    [
      ['list', '-o', 'json'],
      '[{"name":"web","namespace":"default","revision":"1","updated":"TIME","status":"deployed","chart":"demo-0.1.0","app_version":"1.16.0"}]\n',
    ],
    [
      ['list', '-o', 'yaml'],
      '- app_version: 1.16.0\n  chart: demo-0.1.0\n  name: web\n  namespace: default\n  revision: "1"\n  status: deployed\n  updated: TIME\n',
    ],
    [['list', '-q', '-o', 'json'], '["web"]\n'],
    [['list', '--time-format', '06/1/2', '-o', 'json', '-l', 'team=b'], '[]\n'],
    [
      ['history', 'web', '-o', 'json'],
      '[{"revision":1,"updated":"TIME","status":"deployed","chart":"demo-0.1.0","app_version":"1.16.0","description":"Install complete"}]\n',
    ],
    [['history', 'web', '-o', 'json', '--max', '0'], '[]\n'],
    [
      ['get', 'metadata', 'web', '--revision', '1', '-o', 'json'],
      '{"name":"web","chart":"demo","version":"0.1.0","appVersion":"1.16.0","labels":{"team":"a"},"namespace":"default","revision":1,"status":"deployed","deployedAt":"TIME","applyMethod":"ssa"}\n',
    ],
    [['get', 'values', 'web', '-o', 'json'], '{"image":{"tag":"\\u003c1\\u003e"}}\n'],
    [['get', 'values', 'web'], 'USER-SUPPLIED VALUES:\nimage:\n  tag: <1>\n'],
    [
      [
        'get',
        'all',
        'web',
        '--template',
        '{{ .Release.Chart.Metadata.APIVersion }} {{ .Release.Info.Status }} {{ .Release.Version }}',
      ],
      'v2 deployed 1',
    ],
  ];
  for (const [args, expected] of CASES) {
    test(args.join(' '), async () => {
      expect(withoutTimes(await pintle(...args))).toBe(expected);
    });
  }

  test('status in JSON has the objects and no chart', async () => {
    const release = JSON.parse(await pintle('status', 'web', '-o', 'json')) as {
      readonly info: { readonly resources: Readonly<Record<string, readonly { readonly kind: string }[]>> };
    };
    expect(Object.keys(release)).toEqual([
      'name',
      'info',
      'config',
      'manifest',
      'hooks',
      'version',
      'namespace',
      'apply_method',
    ]);
    expect(Object.keys(release.info.resources)).toEqual([
      'v1/Deployment',
      'v1/Pod(related)',
      'v1/Service',
      'v1/ServiceAccount',
    ]);
    expect(release.info.resources['v1/Deployment']?.map((each) => each.kind)).toEqual(['Deployment']);
  });

  test('status as a table lists them as kubectl does', async () => {
    expect(await pintle('status', 'web')).toMatch(/RESOURCES:\n==> v1\/Deployment\nNAME {7}READY {3}UP-TO-DATE/);
  });
});

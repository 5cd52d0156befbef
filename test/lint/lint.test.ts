import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newObject } from '../../src/base/json.ts';
import { SeededRandom } from '../../src/base/random.ts';
import { VirtualClock } from '../../src/base/virtual-clock.ts';
import { formatLint } from '../../src/lint/format-lint.ts';
import { type LintChartsOptions, lintCharts } from '../../src/lint/lint-charts.ts';
import { parseKubeVersion } from '../../src/render/capabilities.ts';
import { setValues } from '../../src/values/set.ts';
import { isolatedEnvironment, realTools } from '../support/real-tools.ts';
import { BASE, CASES, type LintCase } from './charts.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pintle-lint-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const OPTIONS: LintChartsOptions = {
  namespace: 'default',
  clock: new VirtualClock({ start: 0 }),
  random: new SeededRandom(1),
};

/** Writes a case's chart and answers with its folder. */
function write({ files }: LintCase, id: string): string {
  const path = join(folder, id);
  mkdirSync(path, { recursive: true });
  for (const [name, text] of Object.entries({ ...BASE, ...files })) {
    if (text === undefined) continue;
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), text);
  }
  return path;
}

interface Outcome {
  readonly stdout: string;
  /** The error, '' if all is well. */
  readonly error: string;
}

function helmLint(paths: readonly string[], flags: readonly string[] = []): Outcome {
  const run = spawnSync(realTools().helm, ['lint', ...paths, ...flags], {
    env: isolatedEnvironment(folder),
    encoding: 'utf8',
  });
  const error = run.stderr.split('\n').find((line) => line.startsWith('Error: ')) ?? '';
  return { stdout: run.stdout, error: error.replace('Error: ', '') };
}

async function pintleLint(paths: readonly string[], flags: readonly string[] = []): Promise<Outcome> {
  const values = newObject();
  const value = (flag: string): string | undefined => {
    const at = flags.indexOf(flag);
    return at === -1 ? undefined : flags[at + 1];
  };
  const set = value('--set');
  if (set !== undefined) setValues(values, set, { kind: 'typed', flag: '--set' });
  const version = value('--kube-version');
  const report = await lintCharts(paths, values, {
    ...OPTIONS,
    namespace: value('-n') ?? 'default',
    strict: flags.includes('--strict'),
    withSubcharts: flags.includes('--with-subcharts'),
    skipSchemaValidation: flags.includes('--skip-schema-validation'),
    ...(version === undefined ? {} : { kubeVersion: parseKubeVersion(version) }),
  });
  const { text, summary } = formatLint(report, { quiet: flags.includes('--quiet') });
  return { stdout: text, error: report.failed > 0 ? summary : '' };
}

describe('beside the real helm', () => {
  test.each(CASES.map((each, i) => [each.name, each, String(i)] as const))('a chart %s', async (_, each, id) => {
    const path = write(each, id);
    expect(await pintleLint([path], each.flags)).toEqual(helmLint([path], each.flags));
  });

  test('several charts, and one that is not there', async () => {
    const good = write({ name: '', files: {} }, 'good');
    const bad = write({ name: '', files: { 'templates/a.yaml': 'a: [' } }, 'bad');
    const paths = [good, bad, join(folder, 'nowhere')];
    expect(await pintleLint(paths)).toEqual(helmLint(paths));
    expect(await pintleLint(paths, ['--quiet'])).toEqual(helmLint(paths, ['--quiet']));
  });

  test('archives', async () => {
    const path = write({ name: '', files: { 'templates/a.yaml': 'a: [' } }, 'demo');
    execFileSync('tar', ['-czf', join(folder, 'demo.tgz'), '-C', folder, 'demo']);
    rmSync(path, { recursive: true });
    writeFileSync(join(folder, 'broken.tgz'), 'no archive');
    const archive = join(folder, 'demo.tgz');
    expect(await pintleLint([archive])).toEqual(helmLint([archive]));
    const { stdout } = await pintleLint([join(folder, 'broken.tgz'), join(folder, 'none.tgz')]);
    expect(stdout).toMatch(/Error unable to extract tarball: .*\n\n.*\nError unable to open tarball: /);
  });
});

test('tells what required and fail would have said', async () => {
  const path = write(
    { name: '', files: { 'templates/a.yaml': '{{ required "need it" .Values.x }}{{ fail "stop" }}' } },
    'soft',
  );
  const heard: string[] = [];
  const report = await lintCharts([path], {}, { ...OPTIONS, warn: (message) => heard.push(message) });
  expect(report.failed).toBe(0);
  expect(heard.join('\n')).toMatch(/need it[^]*stop/);
});

test('takes Handlebars templates for what they become', async () => {
  const files = { 'templates/config.yaml.hbs': 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: A_B\n' };
  const report = await lintCharts([write({ name: '', files }, 'hbs')], {}, OPTIONS);
  expect(report.charts[0]?.messages).toMatchObject([
    { severity: 'WARNING', path: 'templates/config.yaml.hbs', message: expect.stringContaining('A_B') as unknown },
  ]);
});

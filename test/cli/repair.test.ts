import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type CommandLine, commandLine } from './run.ts';

let line: CommandLine;
let chart: string;

function map(value: string): string {
  return `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: box}\ndata: {x: "${value}", y: "1"}\n`;
}

beforeAll(async () => {
  line = commandLine();
  chart = join(line.home, 'chart');
  mkdirSync(join(chart, 'templates'), { recursive: true });
  writeFileSync(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: box\nversion: 0.1.0\n');
  writeFileSync(join(chart, 'templates', 'map.yaml'), map('a'));
  writeFileSync(join(line.home, 'rules.yaml'), 'ignore: [{kind: ConfigMap, paths: [data.x]}]\n');
  writeFileSync(join(line.home, 'bad.yaml'), 'ignore: [{kinds: x}]\n');
  expect((await line.run('install', 'box', chart)).code).toBe(0);
  // Another release of the same objects is somebody who changes them.
  writeFileSync(join(chart, 'templates', 'map.yaml'), map('changed'));
  expect((await line.run('install', 'other', chart, '--take-ownership', '--force-conflicts')).code).toBe(0);
});
afterAll(() => line.close());

const rules = (): string => join(line.home, 'rules.yaml');

it('shows first, with an exit code', async () => {
  const shown = await line.run('repair', 'box', '--dry-run', '--detailed-exitcode');
  expect(shown.code).toBe(2);
  expect(shown.out).toContain('data.x was changed since the last revision: a → changed');
  expect((await line.run('diff', 'drift', 'box', '--detailed-exitcode')).code).toBe(2);
});

it('leaves alone what rules say', async () => {
  const drift = await line.run('diff', 'drift', 'box', '--detailed-exitcode', '--ignore', rules());
  expect({ code: drift.code, out: drift.out }).toEqual({ code: 0, out: '' });
  expect((await line.run('repair', 'box', '--ignore', rules())).out).toContain('are as the release has them');
});

it('puts back, and then finds nothing', async () => {
  const done = await line.run('repair', 'box', '--wait');
  expect({ code: done.code, out: done.out }).toEqual({ code: 0, out: 'ConfigMap default/box: 1 field put back\n' });
  expect((await line.run('cluster', 'get', 'configmap', 'box', '-o', 'yaml')).out).toContain('x: a');
  expect((await line.run('repair', 'box')).out).toBe('All objects of "box" are as the release has them.\n');
  expect((await line.run('diff', 'drift', 'box', '--detailed-exitcode')).code).toBe(0);
});

it.each([
  [['repair', 'nothing'], 'release: not found'],
  [['repair', 'box', '--ignore', '/nowhere.yaml'], 'cannot read /nowhere.yaml'],
  [['repair', 'box', '-o', 'xml'], 'unknown output format "xml"'],
])('refuses %j', async (args, message) => {
  const { code, err } = await line.run(...args);
  expect(code).toBe(1);
  expect(err).toContain(message);
});

it('tells what is wrong with rules', async () => {
  const { err } = await line.run('repair', 'box', '--ignore', join(line.home, 'bad.yaml'));
  expect(err).toContain('ignore[0].kinds: there is no such field');
});

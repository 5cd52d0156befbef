import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CommandLine, commandLine } from './run.ts';

const TEMPLATE = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  strategy: {rollingUpdate: {maxUnavailable: {{ .Values.out }}}}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: c, image: {{ .Values.image | quote }}}]}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web}
spec: {minAvailable: 1, selector: {matchLabels: {app: web}}}
`;

let line: CommandLine;
let chart: string;

beforeAll(async () => {
  line = commandLine();
  chart = join(line.home, 'chart');
  mkdirSync(join(chart, 'templates'), { recursive: true });
  writeFileSync(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: web\nversion: 0.1.0\n');
  writeFileSync(join(chart, 'values.yaml'), 'image: shop/web:1\nout: 0\n');
  writeFileSync(join(chart, 'templates', 'web.yaml'), TEMPLATE);
  expect((await line.run('install', 'web', chart, '--wait')).code).toBe(0);
});
afterAll(() => line.close());

describe('pintle rehearse', () => {
  it('succeeds with 0, and changes nothing', async () => {
    const before = await line.run('cluster', 'get', 'pods');
    const { code, out, err } = await line.run('rehearse', 'upgrade', 'web', chart, '--set', 'image=shop/web:2');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('It would succeed.');
    expect(await line.run('cluster', 'get', 'pods')).toEqual(before);
    expect((await line.run('history', 'web')).out.trimEnd().split('\n')).toHaveLength(2);
  });

  it('fails with 3, and says why', async () => {
    const flags = ['--set', 'image=registry.invalid/web:2', '--wait', '--timeout', '40s'];
    const { code, out, err } = await line.run('rehearse', 'upgrade', 'web', chart, ...flags);
    expect(code).toBe(3);
    expect(out).toContain('It would fail after 40s');
    expect(out).toContain('With --atomic: revision 1 is back');
    expect(err).toContain('the upgrade of "web" would fail');
  });

  it('tells of broken promises with 4', async () => {
    const flags = ['--set', 'image=shop/web:2,out=2'];
    const broken = await line.run('rehearse', 'upgrade', 'web', chart, ...flags);
    expect(broken.code).toBe(4);
    expect(broken.err).toContain('PodDisruptionBudget default/web is broken (0 of 1 healthy)');
    const asked = ['--set', 'image=shop/web:2,out=1', '--min-available', '100%'];
    expect((await line.run('rehearse', 'upgrade', 'web', chart, ...asked)).code).toBe(4);
  });

  it('writes data and a picture', async () => {
    const picture = join(line.home, 'picture.svg');
    const { code, out } = await line.run('rehearse', 'upgrade', 'web', chart, '-o', 'json', '--svg', picture);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      format: 'pintle-rehearsal/1',
      verb: 'upgrade',
      revision: 2,
      succeeds: true,
    });
    expect(readFileSync(picture, 'utf8')).toMatch(/^<svg [^>]+>[\s\S]*<\/svg>\n$/);
  });

  it('rehearses installations and rollbacks', async () => {
    const install = await line.run('rehearse', 'install', 'other', chart, '-n', 'elsewhere', '--create-namespace');
    expect({ code: install.code, err: install.err }).toEqual({ code: 0, err: '' });
    expect((await line.run('cluster', 'get', 'namespaces', '-o', 'name')).out).not.toContain('elsewhere');
    expect((await line.run('upgrade', 'web', chart, '--set', 'image=shop/web:2', '--wait')).code).toBe(0);
    const rollback = await line.run('rehearse', 'rollback', 'web', '1', '-o', 'json');
    expect(rollback.code).toBe(0);
    expect(JSON.parse(rollback.out)).toMatchObject({ verb: 'rollback', revision: 3, succeeds: true });
  });

  it.each([
    [['upgrade', 'nothing'], 'has no deployed releases'],
    [['upgrade', 'web', '--dry-run'], 'a rehearsal never changes the cluster'],
    [['upgrade', 'web', '-o', 'xml'], 'unknown output format "xml"'],
    [['upgrade', 'web', '--min-available', '120%'], 'invalid argument "120%"'],
    [['upgrade', 'web', '--svg', '/nowhere/at/all.svg'], 'cannot write the picture'],
  ])('refuses %j', async ([verb = '', name = '', ...flags], message) => {
    const { code, err } = await line.run('rehearse', verb, name, chart, ...flags);
    expect(code).toBe(1);
    expect(err).toContain(message);
  });
});

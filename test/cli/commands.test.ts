import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isolatedEnvironment, realTools } from '../support/real-tools.ts';
import { commandLine, type CommandLine } from './run.ts';

const GUESTBOOK = 'charts/guestbook';

let cli: CommandLine;
beforeEach(() => {
  cli = commandLine();
});
afterEach(() => cli.close());

function helm(...args: string[]): string {
  return execFileSync(realTools().helm, args, { env: isolatedEnvironment(cli.home), encoding: 'utf8' });
}

describe('template', () => {
  it.each([GUESTBOOK, 'charts/reports'])('prints %s to the byte as helm does', async (chart) => {
    expect((await cli.run('template', 'x', chart)).out).toBe(helm('template', 'x', chart));
  });

  it('prints a chart that helm made', async () => {
    const chart = join(cli.home, 'demo');
    helm('create', chart);
    expect((await cli.run('template', 'x', chart)).out).toBe(helm('template', 'x', chart));
    const flags = [
      '--set',
      'ingress.enabled=true,autoscaling.enabled=true',
      '--is-upgrade',
      '-n',
      'prod',
      '--kube-version',
      '1.30',
    ];
    expect((await cli.run('template', 'x', chart, ...flags)).out).toBe(helm('template', 'x', chart, ...flags));
  });

  it.each([
    [['--show-only', 'templates/service.yaml']],
    [['-s', 'templates/*.yaml', '--skip-tests']],
    [['--no-hooks']],
    [['--name-template', 'n-{{ "a" | upper | lower }}']],
    [['--set-json', 'service={"type":"NodePort"}', '--set-string', 'replicaCount=3']],
  ])('takes %j', async (flags) => {
    const names = flags.includes('--name-template') ? [] : ['x'];
    const theirs = helm('template', ...names, GUESTBOOK, '--skip-schema-validation', ...flags);
    expect((await cli.run('template', ...names, GUESTBOOK, '--skip-schema-validation', ...flags)).out).toBe(theirs);
  });

  it('renders Handlebars', async () => {
    const { out, code } = await cli.run('template', 'x', 'charts/hello-hbs', '--set', 'greeting.name=Ada');
    expect(code).toBe(0);
    expect(out).toContain('# Source: hello-hbs/templates/deployment.hbs');
  });
});

describe('a release', () => {
  it('goes through its life', async () => {
    const installed = await cli.run('install', 'shop', GUESTBOOK, '--wait');
    expect(installed.err).toContain('on embedded cluster "default", namespace "default"');
    expect(installed.out).toContain('NAME: shop\nLAST DEPLOYED: Thu Jan 15 12:00:');
    expect(installed.out).toContain('STATUS: deployed\nREVISION: 1\nDESCRIPTION: Install complete');
    expect(installed.code).toBe(0);

    const upgraded = await cli.run('upgrade', 'shop', GUESTBOOK, '--set', 'replicaCount=3', '--wait');
    expect(upgraded.out).toContain('Release "shop" has been upgraded. Happy Helming!');
    const pods = await cli.run('cluster', 'get', 'pods', '-l', 'app.kubernetes.io/component!=store', '-o', 'name');
    expect(pods.code).toBe(0);

    const failed = await cli.run('upgrade', 'shop', GUESTBOOK, '--set', 'image.tag=does-not-exist', '--atomic');
    expect(failed.code).toBe(1);
    expect(failed.err).toContain('has been rolled back due to rollback-on-failure being set');
    expect(failed.err).toContain('ImagePullBackOff');

    const history = await cli.run('history', 'shop');
    expect(history.out.split('\n').map((line) => line.split('\t').map((cell) => cell.trim())[2])).toEqual([
      'STATUS',
      'superseded',
      'superseded',
      'failed',
      'deployed',
      undefined,
    ]);
    expect((await cli.run('rollback', 'shop', '1', '--wait')).out).toBe('Rollback was a success! Happy Helming!\n');
    expect((await cli.run('get', 'values', 'shop', '--revision', '2')).out).toBe(
      'USER-SUPPLIED VALUES:\nreplicaCount: 3\n',
    );
    expect((await cli.run('status', 'shop')).out).toContain('RESOURCES:\n==> v1/ConfigMap');
    expect((await cli.run('test', 'shop')).code).toBe(0);
    expect((await cli.run('uninstall', 'shop', '--wait')).out).toBe('release "shop" uninstalled\n');
    expect((await cli.run('list', '--short')).out).toBe('');
  });

  it('keeps its record as Helm does', async () => {
    await cli.run('install', 'shop', GUESTBOOK, '--set', 'replicaCount=1');
    const { out } = await cli.run('cluster', 'get', 'configmap', 'sh.helm.release.v1.shop.v1', '-o', 'json');
    const record = JSON.parse(out) as { data: { release: string }; metadata: { labels: Record<string, string> } };
    expect(record.metadata.labels).toMatchObject({ name: 'shop', owner: 'helm', status: 'deployed', version: '1' });
    const json = gunzipSync(Buffer.from(record.data.release, 'base64')).toString('utf8');
    const release = JSON.parse(json) as Record<string, unknown>;
    expect(Object.keys(release)).toEqual([
      'name',
      'info',
      'chart',
      'config',
      'manifest',
      'hooks',
      'version',
      'namespace',
      'apply_method',
    ]);
    expect(release).toMatchObject({ name: 'shop', version: 1, namespace: 'default', config: { replicaCount: 1 } });
  });

  it('lets an hour pass', async () => {
    await cli.run('install', 'r', 'charts/reports');
    expect((await cli.run('cluster', 'advance', '1h1m')).out).toBe('advanced by 1h1m0s to 2026-01-15T13:01:00.000Z\n');
    const jobs = await cli.run('cluster', 'get', 'jobs', '-o', 'name');
    expect(jobs.out.split('\n').filter((name) => name.includes('traffic'))).toHaveLength(3);
  });

  it('says how much of a week it passed over', async () => {
    await cli.run('install', 'r', 'charts/reports');
    const { err } = await cli.run('cluster', 'advance', '7d');
    expect(err).toMatch(
      /^passed over \d+h0m0s of runs of CronJobs that leave no trace; --every-run lives through them\n$/,
    );
    expect((await cli.run('cluster', 'advance', '1d', '--every-run')).err).toBe('');
  });

  it('is compared with what an upgrade would make of it', async () => {
    await cli.run('install', 'shop', GUESTBOOK);
    const same = await cli.run('diff', 'upgrade', 'shop', GUESTBOOK, '--detailed-exitcode');
    expect(same).toMatchObject({ code: 0, out: '' });
    const other = await cli.run(
      'diff',
      'upgrade',
      'shop',
      GUESTBOOK,
      '--set',
      'replicaCount=5',
      '--detailed-exitcode',
      '-C',
      '0',
    );
    expect(other.code).toBe(2);
    expect(other.out).toContain('default, shop-guestbook, Deployment (apps) has changed:');
    expect(other.out).toContain('+   replicas: 5');
    expect(other.out).toContain('Plan: 0 to add, 1 to change, 0 to destroy.');
  });
});

describe('bad input', () => {
  function chart(files: Readonly<Record<string, string>>): string {
    const folder = join(cli.home, 'bad');
    const all = { 'Chart.yaml': 'apiVersion: v2\nname: bad\nversion: 0.1.0\n', ...files };
    for (const [name, text] of Object.entries(all)) {
      mkdirSync(join(folder, name, '..'), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    return folder;
  }

  it.each([
    ['a chart that is not there', () => ['template', 'x', './nowhere'], /path ".*nowhere" not found[\s\S]*Hint:/],
    [
      'a chart of a repository',
      () => ['template', 'x', 'nowhere'],
      /repo_name\/path_to_chart, got: nowhere[\s\S]*Hint:/,
    ],
    ['broken values', () => ['template', 'x', chart({ 'values.yaml': 'a: 1\nb: [\n' })], /values\.yaml:\d+/],
    [
      'a template that does not parse',
      () => ['template', 'x', chart({ 'templates/a.yaml': 'a: b\nc: {{ .Values.x \n' })],
      /bad\/templates\/a\.yaml:2/,
    ],
    [
      'an unknown function',
      () => ['template', 'x', chart({ 'templates/a.yaml': 'a: {{ nope 1 }}\n' })],
      /function "nope" not defined/,
    ],
    [
      'a template that fails inside an include',
      () => [
        'template',
        'x',
        chart({
          'templates/_h.tpl': '{{ define "h" }}{{ .Values.a.b.c }}{{ end }}',
          'templates/a.yaml': 'a: {{ include "h" . }}\n',
        }),
      ],
      /nil pointer evaluating interface \{\}\.[bc]/,
    ],
    ['a bad --set', () => ['template', 'x', GUESTBOOK, '--set', 'a[-1]=b'], /failed parsing --set data/],
    [
      'values that do not meet the schema',
      () => ['template', 'x', GUESTBOOK, '--set', 'replicaCount=many'],
      /values don't meet the specifications of the schema/,
    ],
    ['a bad name', () => ['install', 'Bad_Name', GUESTBOOK], /release name/i],
    ['a flag that does not exist', () => ['list', '--nope'], /unknown flag: --nope/],
    ['a release that does not exist', () => ['status', 'nobody'], /release: not found/],
    [
      'a kind that does not exist',
      () => ['cluster', 'get', 'unicorns'],
      /the server doesn't have a resource type "unicorns"/,
    ],
    ['time that goes back', () => ['cluster', 'advance', '--', '-1h'], /time does not go back/],
    [
      'a kubeconfig that is not there',
      () => ['list', '--kubeconfig', '/nowhere/config'],
      /cluster unreachable: stat \/nowhere\/config: no such file/,
    ],
  ])('%s', async (_, args, message) => {
    const { code, err, out } = await cli.run(...args());
    expect(err).toMatch(message);
    expect(out).toBe('');
    expect(code).toBe(1);
  });

  it('a name that is taken changes nothing', async () => {
    await cli.run('install', 'shop', GUESTBOOK);
    const { code, err } = await cli.run('install', 'shop', GUESTBOOK, '--set', 'replicaCount=9');
    expect(code).toBe(1);
    expect(err).toContain('cannot reuse a name that is still in use');
    expect((await cli.run('history', 'shop', '-o', 'json')).out).not.toContain('"revision":2');
  });

  it('a record that is damaged is named, and the others are still there', async () => {
    await cli.run('install', 'one', 'charts/hello-hbs');
    await cli.run('install', 'two', 'charts/hello-hbs');
    const record = 'sh.helm.release.v1.one.v1';
    const { openLmdbStore } = await import('../../src/cluster/store/lmdb-store.ts');
    const store = await openLmdbStore(join(cli.home, 'clusters', 'default', 'store'));
    const entry = store.get('/configmaps', 'default', record);
    if (entry === undefined) throw new Error('no record');
    const value = { ...entry.value, data: { release: 'H4sIAAAA' } };
    store.commit([{ type: 'put', bucket: '/configmaps', namespace: 'default', name: record, value }]);
    await store.close();
    const list = await cli.run('list', '--short');
    expect(list.out).toBe('two\n');
    expect(list.err).toContain('sh.helm.release.v1.one.v1');
    expect((await cli.run('status', 'one')).code).toBe(1);
    expect((await cli.run('uninstall', 'two')).code).toBe(0);
  });
});

describe('settings', () => {
  it('keep releases where HELM_DRIVER says, and find them again', async () => {
    await cli.runWith({ HELM_DRIVER: 'secret' }, 'install', 'shop', 'charts/hello-hbs');
    expect((await cli.run('cluster', 'get', 'secrets', '-o', 'name')).out).toContain(
      'secret/sh.helm.release.v1.shop.v1',
    );
    expect((await cli.run('list', '--short')).out).toBe('shop\n');
    expect((await cli.run('upgrade', 'shop', 'charts/hello-hbs')).code).toBe(0);
    expect((await cli.run('cluster', 'get', 'secrets', '-o', 'name')).out).toContain(
      'secret/sh.helm.release.v1.shop.v2',
    );
  });

  it('say which namespace', async () => {
    expect((await cli.run('install', 'shop', 'charts/hello-hbs', '-n', 'prod')).code).toBe(1);
    expect((await cli.run('install', 'shop', 'charts/hello-hbs', '-n', 'prod', '--create-namespace')).code).toBe(0);
    expect((await cli.run('list', '-A', '--short')).out).toBe('shop\n');
    expect((await cli.run('list', '--short')).out).toBe('');
  });
});

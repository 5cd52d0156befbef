import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { main } from '../../src/cli/main.ts';
import { isolatedEnvironment, realTools } from '../support/real-tools.ts';
import { commandLine, type CommandLine } from './run.ts';
import { testIo } from './support.ts';

let cli: CommandLine;
const env: Record<string, string> = {};

beforeAll(async () => {
  cli = commandLine();
  const chart = join(cli.home, 'box');
  mkdirSync(join(chart, 'templates'), { recursive: true });
  writeFileSync(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: box\nversion: 0.1.0\n');
  writeFileSync(
    join(chart, 'templates', 'a.yaml'),
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Release.Name }}}\n',
  );
  for (const name of ['web', 'web-two', 'db']) await cli.run('install', name, chart);
  await cli.run('upgrade', 'web', chart);
  const kubeconfig = join(cli.home, 'contexts');
  const context = (name: string): object => ({ name, context: { cluster: 'c' } });
  writeFileSync(kubeconfig, JSON.stringify({ contexts: [context('prod'), context('staging')] }));
  const config = join(cli.home, 'repositories.yaml');
  const cache = join(cli.home, 'cache');
  mkdirSync(cache);
  writeFileSync(config, 'repositories: [{name: near, url: "http://near"}, {name: far, url: "http://far"}]\n');
  const versions = ['2.0.0', '1.0.0'].map((version) => ({
    name: 'box',
    apiVersion: 'v2',
    version,
    appVersion: '9',
    urls: ['x'],
  }));
  const index = { apiVersion: 'v1', entries: { box: versions.map((each) => ({ ...each, description: 'a box' })) } };
  writeFileSync(join(cache, 'near-index.yaml'), JSON.stringify(index));
  Object.assign(env, { HELM_REPOSITORY_CONFIG: config, HELM_REPOSITORY_CACHE: cache, HELM_CONFIG: kubeconfig });
});
afterAll(() => cli.close());

async function complete(...words: string[]): Promise<string[]> {
  const { code, out, err } = await cli.runWith(env, '__complete', ...words);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return out.trimEnd().split('\n');
}

const values = async (...words: string[]): Promise<string[]> =>
  (await complete(...words)).map((line) => line.split('\t')[0] ?? '');

describe('completion', () => {
  it('offers commands and what they do', async () => {
    expect(await complete('')).toContain('upgrade\tupgrade a release');
    expect(await values('in')).toEqual(['install', ':4']);
    expect(await values('get', '')).toEqual(['all', 'hooks', 'manifest', 'metadata', 'notes', 'values', ':4']);
    expect(await values('-n', 'x', 'get', 'val')).toEqual(['values', ':4']);
    expect(await values('nonsense', 'x')).toEqual([':4']);
  });

  it('offers flags, of the command and of all', async () => {
    expect(await values('upgrade', 'web', '--reu')).toEqual(['--reuse-values', ':4']);
    expect(await values('list', '--kube-c')).toEqual(['--kube-ca-file', '--kube-context', ':4']);
    expect(await values('list', '-')).toEqual(expect.arrayContaining(['-A', '--all-namespaces', '-n', '--help']));
    expect(await values('status', '--', '-')).toEqual([':4']);
  });

  it('offers releases, and what they are', async () => {
    expect(await complete('status', '')).toEqual([
      'db\tbox-0.1.0 -> deployed',
      'web\tbox-0.1.0 -> deployed',
      'web-two\tbox-0.1.0 -> deployed',
      ':4',
    ]);
    expect(await values('upgrade', 'web')).toEqual(['web', 'web-two', ':4']);
    expect(await values('get', 'values', '--output', 'json', 'd')).toEqual(['db', ':4']);
    expect(await values('uninstall', 'web', '')).toEqual(['db', 'web-two', ':4']);
    expect(await values('status', 'web', '')).toEqual([':4']);
    expect(await values('status', '-n', 'elsewhere', '')).toEqual([':4']);
    const { out } = await cli.run('__completeNoDesc', 'status', 'd');
    expect(out).toBe('db\n:4\n');
  });

  it('offers revisions', async () => {
    expect(await complete('rollback', 'web', '')).toEqual([
      '1\tsuperseded, box-0.1.0, Install complete',
      '2\tdeployed, box-0.1.0, Upgrade complete',
      ':4',
    ]);
    expect(await values('get', 'all', 'web', '--revision', '')).toEqual(['1', '2', ':4']);
    expect(await values('rollback', 'nobody', '')).toEqual([':4']);
  });

  it('offers values of flags', async () => {
    expect(await values('list', '-o', '')).toEqual(['table', 'json', 'yaml', ':4']);
    expect(await values('list', '--output=y')).toEqual(['--output=yaml', ':4']);
    expect(await values('list', '--namespace', 'kube')).toEqual(expect.arrayContaining(['kube-system', ':4']));
    expect(await values('list', '--kubeconfig', env['HELM_CONFIG'] ?? '', '--kube-context', '')).toEqual([
      'prod',
      'staging',
      ':4',
    ]);
    expect(await values('install', 'x', 'y', '--values', '')).toEqual([':0']);
    expect(await values('install', 'x', 'near/box', '--version', '')).toEqual(['2.0.0', '1.0.0', ':4']);
  });

  it('offers repositories, charts and files', async () => {
    expect(await values('repo', 'update', 'near', '')).toEqual(['far', ':4']);
    expect(await values('install', 'x', '')).toEqual(['near/', 'far/', 'oci://', ':2']);
    expect(await values('install', '')).toEqual([':4']);
    expect(await values('install', '--generate-name', 'n')).toEqual(['near/', ':2']);
    expect(await complete('show', 'chart', 'near/')).toEqual(['near/box', ':4']);
    // What was kept for this purpose goes before the index, which can be large.
    const kept = join(cli.home, 'cache', 'near-charts.txt');
    writeFileSync(kept, 'bell\nbox\n');
    expect(await complete('show', 'chart', 'near/b')).toEqual(['near/bell', 'near/box', ':4']);
    rmSync(kept);
    expect(await complete('show', 'chart', 'elsewhere/')).toEqual([':0']);
    expect(await values('install', 'x', './b')).toEqual([':0']);
    expect(await values('lint', '')).toEqual([':0']);
    expect(await values('env', 'HELM_REPOSITORY_CA')).toEqual(['HELM_REPOSITORY_CACHE', ':4']);
  });

  it.each(['bash', 'zsh', 'fish', 'powershell'])('prints a script for %s', async (shell) => {
    const { code, out } = await cli.run('completion', shell);
    expect(code).toBe(0);
    expect(out).toContain('__complete');
    expect(out).toMatch(/^[\n\x20-\x7e]*$/);
    expect((await cli.run('completion', shell, '--no-descriptions')).out).toContain('__completeNoDesc');
  });

  it('works in bash', async () => {
    const { out: script } = await cli.run('completion', 'bash');
    const answers = `pintle() { case "$*" in
      "__completeNoDesc st") printf 'status\\n:4\\n' ;;
      "__completeNoDesc list --output=y") printf -- '--output=yaml\\n:4\\n' ;;
      "__completeNoDesc install x ") printf 'near/\\noci://\\n:2\\n' ;;
      "__completeNoDesc pull oci:") printf 'oci://\\n:2\\n' ;;
      *) printf ':4\\n' ;;
    esac; }
    try() { COMP_LINE="$1" COMP_POINT=\${#1} COMP_WORDBREAKS=$' \\t\\n"><=;|&(:' ; _pintle_complete 2> /dev/null; echo "\${COMPREPLY[*]}"; }
    for line in "pintle st" "pintle list --output=y" "pintle install x " "pintle pull oci:" "pintle no "; do try "$line"; done`;
    const out = execFileSync('bash', ['-c', `${script}\n${answers}`], { encoding: 'utf8' });
    expect(out.split('\n')).toEqual(['status', 'yaml', 'near/ oci://', '//', '', '']);
  });
});

describe('env', () => {
  it('prints what helm prints, and where clusters are', async () => {
    const home = cli.home;
    const settings = {
      ...isolatedEnvironment(home),
      HELM_KUBEASGROUPS: 'a,b',
      HELM_BURST_LIMIT: 'x',
      HELM_QPS: '3',
      HELM_KUBEINSECURE_SKIP_TLS_VERIFY: '1',
      HELM_KUBETOKEN: 't',
      HELM_MAX_HISTORY: '5',
      KUBECONFIG: join(home, 'contexts'),
    } as Record<string, string>;
    const lines = (text: string): string[] =>
      text.split('\n').filter((line) => !/^(?:HELM_BIN|PINTLE_HOME)=/.test(line));
    for (const args of [['-n', 'x', '--debug', '--kube-context', 'prod'], ['NOTHING']]) {
      const theirs = execFileSync(realTools().helm, ['env', ...args], { env: settings, encoding: 'utf8' });
      const { io, out } = testIo({ env: settings });
      expect(await main(['env', ...args], io)).toBe(0);
      expect(lines(out())).toEqual(lines(theirs));
    }
    const { code, err } = await cli.run('env', 'A', 'B');
    expect({ code, err }).toMatchObject({
      code: 1,
      err: expect.stringContaining('"pintle env" accepts at most 1 argument') as string,
    });
    expect((await cli.run('env')).out).toContain(`PINTLE_HOME="${home}"\n`);
  });
});

describe('plugin', () => {
  it('lists none and refuses the rest', async () => {
    const theirs = execFileSync(realTools().helm, ['plugin', 'list'], {
      env: isolatedEnvironment(cli.home),
      encoding: 'utf8',
    });
    expect(await cli.run('plugin', 'list')).toEqual({ code: 0, out: theirs, err: '' });
    const { code, err } = await cli.run('plugin', 'install', 'https://example.com/x', '--version', '1');
    expect(code).toBe(1);
    expect(err).toContain('plugins are not run by Pintle');
  });
});

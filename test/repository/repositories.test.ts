import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serveFolder, type TwoClients, twoClients } from './two-clients.ts';

let clients: TwoClients;
let server: Server;
let url: string;

/** A chart with little in it, as a folder in `work`. */
function writeChart(name: string, files: Readonly<Record<string, string>> = {}): void {
  const folder = join(clients.folder, 'work', name);
  mkdirSync(join(folder, 'templates'), { recursive: true });
  const metadata = `apiVersion: v2\nname: ${name}\nversion: 1.0.0\nappVersion: "7"\ndescription: Something <small>\nkeywords: [tiny]\n`;
  const template = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Release.Name }}-{{ .Chart.Version }}}\n';
  for (const [path, text] of Object.entries({ 'Chart.yaml': metadata, 'templates/a.yaml': template, ...files })) {
    writeFileSync(join(folder, path), text);
  }
}

/** What helm and pintle print alike, but for their names. */
function alike(text: string): string {
  return text
    .replaceAll(/^ {2}Hint: .*\n/gm, '')
    .replaceAll(/\b(?:helm|pintle) (repo|dependency) /g, 'X $1 ')
    .replaceAll(clients.ofHelm(), 'HOME')
    .replaceAll(clients.ofPintle(), 'HOME')
    .replaceAll(/^(?:level=WARN|Warning:).*\n/gm, '');
}

/** Runs a command line with both programs; what they print and their exit codes must be the same. */
async function same(...args: readonly string[]): Promise<string> {
  const { helm, pintle } = await clients.both(args);
  expect({ ...pintle, out: alike(pintle.out), err: alike(pintle.err) }, args.join(' ')).toEqual({
    ...helm,
    out: alike(helm.out),
    err: alike(helm.err),
  });
  return pintle.out + pintle.err;
}

beforeAll(async () => {
  clients = await twoClients();
  writeChart('tiny');
  writeChart('other');
  const served = join(clients.folder, 'served');
  mkdirSync(served);
  const work = join(clients.folder, 'work');
  for (const version of ['1.0.0', '1.1.0', '2.0.0-rc.1']) {
    await clients.helm(['package', join(work, 'tiny'), '--version', version, '-d', served]);
  }
  await clients.helm(['package', join(work, 'other'), '--version', '0.1.0+build.1', '-d', served]);
  ({ server, url } = await serveFolder(served));
  await clients.helm(['repo', 'index', served, '--url', url]);
});
afterAll(() => {
  server.close();
  clients.close();
});

describe('repositories', () => {
  it('are added, listed, updated and removed as helm does, in the same files', async () => {
    await same('repo', 'list');
    await same('repo', 'update');
    await same('search', 'repo');
    expect(await same('repo', 'add', 'near', url)).toContain('"near" has been added to your repositories');
    await same('repo', 'add', 'near', url);
    await same('repo', 'add', 'near', `${url}/elsewhere`);
    await same('repo', 'add', 'a/b', url);
    await same('repo', 'add', 'none', `${url}/none`);
    await same('repo', 'add', 'none', 'http://127.0.0.1:1');
    await same('repo', 'add', 'none', 'ftp://127.0.0.1');
    await same('repo', 'add', 'old', 'https://kubernetes-charts.storage.googleapis.com');
    await same('repo', 'add', 'closed', `${url}/private/`);
    await same('repo', 'add', 'closed', `${url}/private/`, '--username', 'anna', '--password', 'secret');
    await same('repo', 'list');
    await same('repo', 'list', '--no-headers');
    await same('repo', 'list', '-o', 'json');
    await same('repo', 'list', '-o', 'yaml');
    await same('repo', 'update', 'near');
    await same('repo', 'update', 'nobody');
    const file = (program: string): string => readFileSync(join(program, 'helm-config', 'repositories.yaml'), 'utf8');
    expect(file(clients.ofPintle())).toBe(file(clients.ofHelm()));
    expect(statSync(clients.ofPintle('helm-config', 'repositories.yaml')).mode & 0o777).toBe(0o600);
    const kept = (program: string): string[] => readdirSync(join(program, 'helm-cache', 'repository')).sort();
    expect(kept(clients.ofPintle())).toEqual(kept(clients.ofHelm()));
    await same('repo', 'remove', 'closed');
    await same('repo', 'remove', 'closed');
    expect(kept(clients.ofPintle())).toEqual(kept(clients.ofHelm()));
  });

  it.each([
    [['repo']],
    [['repo', 'tiny']],
    [['repo', 'TINY', '-l']],
    [['repo', 'small', '--devel']],
    [['repo', '--version', '^1', '-o', 'json']],
    [['repo', '--version', '~1.0', '-o', 'yaml']],
    [['repo', 't.n', '-r']],
    [['repo', 'nothing-of-that-name']],
    [['repo', 'nothing-of-that-name', '--fail-on-no-result']],
    [['repo', '--version', '>>1']],
    [['repo', '--max-col-width', '6']],
  ])('are searched: %s', async (args) => {
    await same('search', ...args);
  });

  it('take a password from standard input, and do not show it', async () => {
    const args = ['repo', 'add', 'shut', `${url}/private`, '--username', 'anna', '--password-stdin'];
    const { code, out, err } = await clients.pintle(args, 'secret\n');
    expect(code).toBe(0);
    expect(out + err).not.toContain('secret');
    expect((await clients.pintle(['template', 'x', 'shut/tiny'])).out).toContain('name: x-1.1.0');
    await clients.pintle(['repo', 'remove', 'shut']);
  });

  it('take a login from their address, and do not tell its password', async () => {
    const login = url.replace('//', '//anna:secret@');
    await same('repo', 'add', 'shut', `${login}/private`);
    await same('template', 'x', 'shut/tiny');
    await same('template', 'x', `${login}/private/tiny-1.0.0.tgz`);
    await same('repo', 'remove', 'shut');
    for (const args of [
      ['repo', 'add', 'shut', `${url.replace('//', '//anna:hidden@')}/private`],
      ['template', 'x', `${url.replace('//', '//anna:hidden@')}/private/tiny-1.0.0.tgz`],
      ['template', 'x', 'tiny', '--repo', 'http://anna:hidden@127.0.0.1:1'],
    ]) {
      const { helm, pintle } = await clients.both(args);
      expect([helm.code, pintle.code]).toEqual([1, 1]);
      // Helm shows the password in messages of its own.
      expect(alike(pintle.err)).toBe(helm.err.replaceAll(':hidden@', ':***@'));
    }
  });

  it.each([['yaml'], ['json']])(
    'are made of a folder of archives, with an index as helm writes it: %s',
    async (format) => {
      const folder = join(clients.folder, 'work', 'charts');
      mkdirSync(join(folder, 'below'), { recursive: true });
      const tiny = join(clients.folder, 'served', 'tiny-1.0.0.tgz');
      writeFileSync(join(folder, 'tiny-1.0.0.tgz'), readFileSync(tiny));
      writeFileSync(join(folder, 'below', 'tiny-1.1.0.tgz'), readFileSync(tiny.replace('1.0.0', '1.1.0')));
      writeFileSync(join(folder, 'no-chart.tgz'), 'nothing');
      for (const flags of [
        [],
        ['--url', 'https://example.com/charts'],
        ['--url', 'https://example.com', '--merge', 'm.yaml'],
      ]) {
        await same('repo', 'index', 'charts', ...flags, ...(format === 'json' ? ['--json'] : []));
        const index = (path: string): string =>
          readFileSync(path, 'utf8').replaceAll(/("?(?:created|generated)"?:) .*/g, '$1');
        expect(index(clients.ofPintle('work', 'charts', 'index.yaml'))).toBe(
          index(clients.ofHelm('work', 'charts', 'index.yaml')),
        );
      }
      rmSync(folder, { recursive: true });
    },
  );
});

describe('charts of repositories', () => {
  it.each([
    [['template', 'x', 'near/tiny']],
    [['template', 'x', 'near/tiny', '--version', '1.0.0']],
    [['template', 'x', 'near/tiny', '--version', '~1.0']],
    [['template', 'x', 'near/tiny', '--devel']],
    [['template', 'x', 'near/other', '--version', '0.1.0+build.1']],
    [['template', 'x', 'near/tiny', '--version', '9']],
    [['template', 'x', 'near/none']],
    [['template', 'x', 'far/tiny']],
    [['template', 'x', 'tiny-of-nowhere']],
    [['template', 'x', './tiny-of-nowhere']],
    [['show', 'chart', 'near/tiny']],
  ])('%s', async (args) => {
    await same(...args);
  });

  it('come from an address, and from a repository without a name', async () => {
    await same('template', 'x', `${url}/tiny-1.0.0.tgz`);
    await same('template', 'x', `${url}/tiny-7.0.0.tgz`);
    await same('template', 'x', 'tiny', '--repo', url);
    await same('template', 'x', 'tiny', '--repo', url, '--version', '1.0.0');
    await same('template', 'x', 'tiny', '--repo', url, '--version', '7');
    await same('template', 'x', 'none', '--repo', url);
    await same('template', 'x', 'tiny', '--repo', `${url}/private`);
    await same('template', 'x', 'tiny', '--repo', `${url}/private`, '--username', 'anna', '--password', 'secret');
  });

  it('are downloaded', async () => {
    const files = (program: string): string[] =>
      readdirSync(join(program, 'work'), { recursive: true, encoding: 'utf8' }).sort();
    for (const args of [
      ['near/tiny'],
      ['near/tiny', '--version', '1.0.0', '-d', 'tiny'],
      ['near/tiny', '--untar', '--untardir', 'out'],
      ['near/tiny', '--untar'],
      ['near/tiny', '-d', 'missing'],
      ['near/tiny', '--prov'],
      ['near/none'],
    ]) {
      if (args.includes('missing')) {
        const { helm, pintle } = await clients.both(['pull', ...args]);
        expect([helm.code, pintle.code]).toEqual([1, 1]);
      } else if (args.length === 2 && args.includes('--untar')) {
        // A folder of that name is there.
        const { helm, pintle } = await clients.both(['pull', ...args]);
        expect([helm.code, pintle.code]).toEqual([1, 1]);
      } else await same('pull', ...args);
      expect(files(clients.ofPintle()), args.join(' ')).toEqual(files(clients.ofHelm()));
    }
  });

  it('are unpacked into a folder of their own, or not at all', async () => {
    const work = join(clients.folder, 'work');
    const archive = `${url}/tiny-1.0.0.tgz`;
    const pull = (...args: string[]): ReturnType<TwoClients['both']> => clients.both(['pull', '--untar', ...args]);
    const left = (): string[] => readdirSync(clients.ofPintle('work')).sort();
    // The folder of the chart's name is there.
    for (const args of [['near/tiny'], ['near/tiny', '--untardir', './']]) {
      const { helm, pintle } = await pull(...args);
      expect({ ...pintle, err: alike(pintle.err) }).toEqual(helm);
      expect(left()).toEqual(readdirSync(work).sort());
    }
    // Helm writes into it here.
    const over = (await pull(archive)).pintle;
    const text = 'failed to untar: a file or directory with the name tiny already exists';
    expect([over.code, over.err]).toEqual([1, expect.stringContaining(text)]);
    expect((await pull(archive, '--untardir', 'out')).pintle).toEqual({ code: 0, out: '', err: '' });
    expect(readdirSync(clients.ofPintle('work', 'out'))).toEqual(['tiny']);
    expect(readdirSync(clients.ofPintle('work', 'out', 'tiny'))).toEqual(
      readdirSync(clients.ofHelm('work', 'out', 'tiny')),
    );
    // There is a file where a folder should be.
    expect((await pull(archive, '--untardir', 'tiny/Chart.yaml')).pintle.code).toBe(1);
    expect(left()).toEqual(readdirSync(work).sort());
  });

  it('are refused when they are not what the index says', async () => {
    const served = join(clients.folder, 'served');
    const archive = readFileSync(join(served, 'tiny-1.0.0.tgz'));
    writeFileSync(join(served, 'tiny-1.0.0.tgz'), readFileSync(join(served, 'tiny-1.1.0.tgz')));
    rmSync(clients.ofPintle('helm-cache', 'content'), { recursive: true, force: true });
    const { code, err } = await clients.pintle(['template', 'x', 'near/tiny', '--version', '1.0.0']);
    writeFileSync(join(served, 'tiny-1.0.0.tgz'), archive);
    expect(code).toBe(1);
    expect(err).toContain('does not have the digest of the index');
  });

  it('give values files from addresses', async () => {
    writeFileSync(join(clients.folder, 'served', 'values.yaml'), 'a: 1\n');
    writeChart('valued', { 'templates/a.yaml': 'a: {{ .Values.a }}\n' });
    await same('template', 'x', 'valued', '-f', `${url}/values.yaml`);
    await same('template', 'x', 'valued', '-f', `${url}/none.yaml`);
  });
});

describe('dependencies of repositories', () => {
  const lockOf = (path: string): string =>
    existsSync(path) ? readFileSync(path, 'utf8').replace(/generated: .*/, '') : 'none';

  it.each([
    ['by address', '{name: tiny, version: ^1.0.0, repository: URL}'],
    ['by name', '{name: tiny, version: ~1.0, repository: "@near"}'],
    ['by alias', '{name: tiny, version: 1.x, repository: "alias:near"}'],
    ['twice', '{name: tiny, version: 1.x, repository: URL}\n- {name: tiny, alias: two, version: 1.x, repository: URL}'],
    ['of a repository without a name', '{name: tiny, version: 1.x, repository: "URL/private/.."}'],
    ['of no such version', '{name: tiny, version: 9.x, repository: URL}'],
    ['of no such chart', '{name: none, version: 1.x, repository: URL}'],
    ['of no such repository', '{name: tiny, version: 1.x, repository: "http://127.0.0.1:1"}'],
  ])('are brought as helm brings them: %s', async (_, declared) => {
    writeChart('parent', {
      'Chart.yaml': `apiVersion: v2\nname: parent\nversion: 1.0.0\ndependencies:\n- ${declared.replaceAll('URL', url)}\n`,
    });
    await same('dependency', 'update', 'parent');
    const [ours, theirs] = [clients.ofPintle('work', 'parent'), clients.ofHelm('work', 'parent')];
    expect(lockOf(join(ours, 'Chart.lock'))).toBe(lockOf(join(theirs, 'Chart.lock')));
    const charts = (path: string): string[] =>
      existsSync(join(path, 'charts')) ? readdirSync(join(path, 'charts')) : [];
    expect(charts(ours)).toEqual(charts(theirs));
    if (existsSync(join(theirs, 'Chart.lock'))) {
      const lock = readFileSync(join(theirs, 'Chart.lock'));
      writeFileSync(join(clients.folder, 'work', 'parent', 'Chart.lock'), lock);
      await same('dependency', 'build', 'parent');
      await same('dependency', 'build', 'parent', '--skip-refresh');
      expect(charts(ours)).toEqual(charts(theirs));
      await same('template', 'x', 'parent', '--dependency-update');
      await same('template', 'x', 'parent');
    }
    rmSync(join(clients.folder, 'work', 'parent'), { recursive: true });
  });
});

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hashSync } from 'bcryptjs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { onFreePort } from '../support/free-port.ts';
import { otherProgram } from '../support/other-programs.ts';
import { type TwoClients, twoClients } from './two-clients.ts';

const program = otherProgram('docker-registry', [process.env['PINTLE_REGISTRY'], '/usr/bin/docker-registry']);

describe.skipIf(program === undefined)('charts in a registry, beside helm', () => {
  let clients: TwoClients;
  let child: ChildProcess;
  let host: string;

  /** What both print, but for hints, and the words for warnings and unknown fields. */
  const alike = (text: string): string =>
    text.replaceAll(/^ {2}Hint: .*\n/gm, '').replaceAll(/^(?:level=WARN|Warning:).*\n/gm, '');

  async function same(...args: readonly string[]): Promise<string> {
    const { helm, pintle } = await clients.both(args);
    const shown = { ...pintle, out: alike(pintle.out), err: alike(pintle.err) };
    expect(shown, args.join(' ')).toEqual({ ...helm, out: alike(helm.out), err: alike(helm.err) });
    return pintle.out + pintle.err;
  }

  beforeAll(async () => {
    clients = await twoClients();
    const work = join(clients.folder, 'work');
    await clients.helm(['create', join(work, 'demo')]);
    for (const version of ['0.1.0', '0.2.0', '0.3.0-beta.1', '0.2.1+build.5']) {
      await clients.helm(['package', join(work, 'demo'), '--version', version, '-d', work]);
      utimesSync(join(work, `demo-${version}.tgz`), 1_700_000_000, 1_700_000_000);
    }
    const data = join(clients.folder, 'data');
    mkdirSync(data);
    const password = hashSync('secret', 4).replace('$2b$', '$2y$');
    writeFileSync(join(clients.folder, 'htpasswd'), `anna:${password}\n`);
    const auth = { htpasswd: { realm: 'basic', path: join(clients.folder, 'htpasswd') } };
    await onFreePort(async (port) => {
      host = `127.0.0.1:${port}`;
      const config = {
        version: 0.1,
        storage: { filesystem: { rootdirectory: data } },
        http: { addr: host },
        auth,
      };
      writeFileSync(join(clients.folder, 'registry.yml'), JSON.stringify(config));
      child = spawn(program ?? '', ['serve', join(clients.folder, 'registry.yml')], { stdio: 'ignore' });
      // It ends when somebody has the port.
      const status = async (): Promise<number> => {
        if (child.exitCode !== null) return child.exitCode;
        return await fetch(`http://${host}/v2/`).then(
          (answer) => answer.status,
          () => -1,
        );
      };
      await vi.waitFor(async () => expect(await status()).not.toBe(-1), { timeout: 60_000 });
      expect(await status()).toBe(401);
    });
  });
  afterAll(() => {
    child.kill();
    clients.close();
  });

  const remote = (path: string): string => `oci://${host}/${path}`;

  it('wants to know who one is', async () => {
    const { helm, pintle } = await clients.both(['push', 'demo-0.1.0.tgz', remote('charts'), '--plain-http']);
    expect([helm.code, pintle.code]).toEqual([1, 1]);
    expect(pintle.err).toContain(`log in with "pintle registry login ${host}"`);
    await same('template', 'x', remote('charts/demo'), '--plain-http');
    await same('registry', 'login', host, '-u', 'anna', '-p', 'wrong', '--plain-http');
    await same('registry', 'login', host, '-u', 'anna', '-p', 'secret', '--plain-http');
    const file = (home: string): string => readFileSync(join(home, 'helm-config', 'registry', 'config.json'), 'utf8');
    expect(JSON.parse(file(clients.ofPintle()))).toEqual(JSON.parse(file(clients.ofHelm())));
  });

  it('takes charts, under the digest that helm gives them', async () => {
    for (const version of ['0.1.0', '0.2.0', '0.3.0-beta.1']) {
      expect(await same('push', `demo-${version}.tgz`, remote('charts'), '--plain-http')).toContain('Digest: sha256:');
    }
    await same('push', 'demo', remote('charts'), '--plain-http');
    await same('push', 'none.tgz', remote('charts'), '--plain-http');
    await same('push', 'demo-0.1.0.tgz', `http://${host}/charts`);
    await same('push', 'demo-0.1.0.tgz', `${host}/charts`);
  });

  it('keeps a version with a plus sign under a tag that may not have one', async () => {
    const archive = 'demo-0.2.1+build.5.tgz';
    const { code, err } = await clients.pintle([
      'push',
      join(clients.folder, 'work', archive),
      remote('plus'),
      '--plain-http',
    ]);
    expect(code).toBe(0);
    expect(err).toContain(`${host}/plus/demo:0.2.1_build.5 contains an underscore.`);
    const shown = await clients.helm([
      'show',
      'chart',
      remote('plus/demo'),
      '--version',
      '0.2.1+build.5',
      '--plain-http',
    ]);
    expect(shown.out).toContain('version: 0.2.1+build.5');
    const own = await clients.pintle(['show', 'chart', remote('plus/demo'), '--plain-http']);
    expect(own.out).toContain('version: 0.2.1+build.5');
  });

  it.each([
    ['the newest', 'charts/demo', []],
    ['an exact version', 'charts/demo', ['--version', '0.1.0']],
    ['what satisfies a constraint', 'charts/demo', ['--version', '^0.1']],
    ['a tag', 'charts/demo:0.2.0', []],
    ['a tag and another version', 'charts/demo:0.2.0', ['--version', '0.1.0']],
    ['a version that is not there', 'charts/demo', ['--version', '9.9.9']],
    ['a constraint that nothing satisfies', 'charts/demo', ['--version', '>9']],
    ['pre-releases, too', 'charts/demo', ['--devel']],
  ])('gives %s', async (_, path, flags) => {
    await same('template', 'x', remote(path), '--plain-http', ...flags);
  });

  it('says what it does not have', async () => {
    const { pintle, helm } = await clients.both(['template', 'x', remote('charts/none'), '--plain-http']);
    expect([helm.code, pintle.code]).toEqual([1, 1]);
    expect(pintle.err).toContain('response status code 404: name unknown: repository name not known to registry');
    await same('template', 'x', remote('charts/demo'));
    expect((await clients.pintle(['template', 'x', remote('Charts/demo')])).err).toContain('invalid repository');
  });

  it('gives charts by their digest', async () => {
    const pushed = await clients.pintle([
      'push',
      join(clients.folder, 'work', 'demo-0.1.0.tgz'),
      remote('sums'),
      '--plain-http',
    ]);
    const digest = /sha256:[0-9a-f]+/.exec(pushed.err)?.[0] ?? '';
    await same('template', 'x', remote(`sums/demo@${digest}`), '--plain-http');
    await same('template', 'x', remote(`sums/demo:0.1.0@${digest}`), '--plain-http');
    await same('pull', remote(`sums/demo@${digest}`), '--plain-http');
    const other = digest.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
    expect((await clients.pintle(['template', 'x', remote(`sums/demo@${other}`), '--plain-http'])).code).toBe(1);
  });

  it('has charts that others depend on', async () => {
    mkdirSync(join(clients.folder, 'work', 'parent'), { recursive: true });
    const dependency = `{name: demo, version: ~0.2.0, repository: "${remote('charts')}"}`;
    writeFileSync(
      join(clients.folder, 'work', 'parent', 'Chart.yaml'),
      `apiVersion: v2\nname: parent\nversion: 1.0.0\ndependencies:\n- ${dependency}\n`,
    );
    await same('dependency', 'update', 'parent', '--plain-http');
    const lock = (home: string): string =>
      readFileSync(join(home, 'work', 'parent', 'Chart.lock'), 'utf8').replace(/generated.*/, '');
    expect(lock(clients.ofPintle())).toBe(lock(clients.ofHelm()));
  });

  it('is left again', async () => {
    await same('registry', 'logout', host);
    await same('registry', 'logout', host);
    await same('template', 'x', remote('charts/demo'), '--plain-http');
    await same('template', 'x', remote('charts/demo'), '--plain-http', '--username', 'anna', '--password', 'secret');
  });
});

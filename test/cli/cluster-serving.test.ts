import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isolatedEnvironment, realTools } from '../support/real-tools.ts';

interface Result {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

const program = join(import.meta.dirname, '..', '..', 'bin', 'pintle.js');
/** Of clusters that are stopped and served again: outside those that others choose from, who would take it meanwhile. */
const PORT = 17_500 + 2 * (process.pid % 1000);
let folder: string;
let env: NodeJS.ProcessEnv;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pintle-serving-'));
  const { KUBECONFIG: _, ...rest } = isolatedEnvironment(folder);
  env = { ...rest, HOME: folder, PINTLE_HOME: join(folder, 'pintle') };
});
afterAll(async () => {
  const { out } = await pintle('cluster', 'list', '-o', 'json');
  for (const { name } of JSON.parse(out) as { name: string }[]) await pintle('cluster', 'delete', name);
  rmSync(folder, { recursive: true, force: true });
});

function run(command: string, args: readonly string[]): Promise<Result> {
  return new Promise((resolve) => {
    execFile(command, [...args], { env, cwd: folder, timeout: 170_000 }, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), out, err });
    });
  });
}

function pintle(...args: readonly string[]): Promise<Result> {
  return run(process.execPath, [program, ...args]);
}

/** What a command writes to stdout when all is well. */
async function good(...args: readonly string[]): Promise<string> {
  const result = await pintle(...args);
  expect({ args, code: result.code, err: result.code === 0 ? '' : result.err }).toEqual({ args, code: 0, err: '' });
  return result.out;
}

async function kubectl(...args: readonly string[]): Promise<string> {
  const { code, out, err } = await run(realTools().kubectl, args);
  expect({ args, code, err }).toEqual({ args, code: 0, err: '' });
  return out;
}

describe('clusters that are served in the background', () => {
  it('are started, used through the server, and worked on directly once stopped', async () => {
    writeFileSync(join(folder, 'config'), '# mine\napiVersion: v1\nkind: Config\ncurrent-context: prod\n');
    const flags = ['--kubeconfig', join(folder, 'config')];
    const own = ['--nodes', '2', '--speed', '60', '--port', String(PORT)];
    const text = await good('cluster', 'start', '--detach', ...own, ...flags);
    const [, url = ''] = /is served at (https:\/\/127\.0\.0\.1:\d+)\n/.exec(text) ?? [];
    expect(text).toContain('kubectl --context pintle-default get nodes');
    const config = readFileSync(join(folder, 'config'), 'utf8');
    expect(config).toContain('# mine');
    expect(config).toContain('current-context: prod');
    expect(await kubectl(...flags, '--context', 'pintle-default', 'get', 'nodes', '-o', 'name')).toBe(
      'node/pintle-1\nnode/pintle-2\n',
    );

    const again = await pintle('cluster', 'start');
    expect(again.code).toBe(1);
    expect(again.err).toMatch(/is already served at https:\S+ \(pid \d+\)\n[^]*"pintle cluster stop"/);

    expect(JSON.parse(await good('cluster', 'status', '-o', 'json'))).toMatchObject({
      name: 'default',
      status: 'Serving',
      nodes: 2,
      speed: 60,
      url,
      context: 'pintle-default',
    });
    await kubectl(...flags, '--context', 'pintle-default', 'create', 'configmap', 'seen', '--from-literal=a=b');
    expect(await good('cluster', 'info')).toContain(`(served at ${url})`);
    expect(await good('cluster', 'get', 'configmap', 'seen', '-o', 'name')).toBe('configmap/seen\n');
    expect(await good('cluster', 'advance', '1h')).toMatch(/^advanced by 1h0m0s to /);
    for (const command of [
      ['cluster', 'reset'],
      ['cluster', 'restore', join(folder, 'config')],
    ]) {
      const { code, err } = await pintle(...command);
      expect(code).toBe(1);
      expect(err).toMatch(/is served \(pid \d+\)|cannot read the snapshot/);
    }

    expect(await good('cluster', 'stop')).toBe('embedded cluster "default" has stopped\n');
    expect(await good('cluster', 'stop')).toBe('embedded cluster "default" is not served\n');
    expect(await good('cluster', 'info')).not.toContain('served at');
    expect(await good('cluster', 'get', 'configmap', 'seen', '-o', 'name')).toBe('configmap/seen\n');
    await good('cluster', 'start', '-d', '--no-merge');
    expect(JSON.parse(await good('cluster', 'status', '-o', 'json'))).toMatchObject({ url, nodes: 2, speed: 1 });
  });

  it('stand side by side, each with a port of its own, and go with their contexts', async () => {
    await good('cluster', 'start', 'one', '-d', '--use', '--kubernetes-version', '1.31');
    await good('cluster', 'start', '--name', 'two', '-d', '--nodes', '1');
    expect(await kubectl('config', 'current-context')).toBe('pintle-one\n');
    expect(await kubectl('get', 'nodes', '-o', 'jsonpath={.items[0].status.nodeInfo.kubeletVersion}')).toBe('v1.31.0');
    expect(await kubectl('--context', 'pintle-two', 'get', 'nodes', '-o', 'name')).toBe('node/pintle\n');
    const list = JSON.parse(await good('cluster', 'list', '-o', 'json')) as { name: string; port: number }[];
    const ports = list.map(({ port }) => port);
    expect(new Set(ports).size).toBe(ports.length);
    expect(await good('cluster', 'ls')).toMatch(/^NAME +STATUS +ADDRESS +NODES +KUBERNETES +PID\n/);
    const taken = await pintle('cluster', 'start', 'three', '--port', String(ports.at(-1)));
    expect(taken.err).toContain('is that of embedded cluster "two"');
    await good('cluster', 'delete', 'one');
    expect((await run(realTools().kubectl, ['config', 'get-contexts', '-o', 'name'])).out).toBe('pintle-two\n');
    expect((await pintle('cluster', 'status', 'one')).err).toContain('there is no embedded cluster "one"');
    expect(existsSync(join(folder, 'pintle', 'clusters', 'one'))).toBe(false);
  });

  it('are kept in snapshots, served or not, and made of them', async () => {
    await kubectl('--context', 'pintle-two', 'create', 'configmap', 'kept');
    const file = join(folder, 'two.gz');
    await good('cluster', 'snapshot', file, '--name', 'two');
    expect(await good('cluster', 'restore', file, '--name', 'copy')).toMatch(/"copy" is as \S+ has it: \d+ objects/);
    expect((await pintle('cluster', 'restore', file, '--name', 'copy')).err).toContain('--force');
    await good('cluster', 'restore', file, '--name', 'copy', '--force');
    await good('cluster', 'start', 'copy', '-d');
    expect(await kubectl('--context', 'pintle-copy', 'get', 'configmap', 'kept', '-o', 'name')).toBe(
      'configmap/kept\n',
    );
    await good('cluster', 'delete', 'copy');
  });
});

describe('a cluster that is served in the foreground', () => {
  it('ends cleanly with the signals that users send, and lets others wait for it meanwhile', async () => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      const args = ['cluster', 'start', 'front', '--no-merge', '--port', String(PORT + 1)];
      const child = spawn(process.execPath, [program, ...args], { env });
      const ended = new Promise<number | null>((resolve) => {
        child.once('exit', resolve);
      });
      await new Promise((resolve) => {
        child.stdout.once('data', resolve);
      });
      child.kill(signal);
      expect(await ended).toBe(0);
      const status = JSON.parse(await good('cluster', 'status', 'front', '-o', 'json')) as { status: string };
      expect(status.status).toBe('Stopped');
    }
  });

  it('says what is wrong with flags, and begins nothing', async () => {
    const table: readonly (readonly [readonly string[], string])[] = [
      [['--port', '0'], 'invalid argument "0" for "--port"'],
      [['--port', '70000'], 'use a number from 1 to 65535'],
      [['--nodes', '0'], 'use a number from 1 to 1000'],
      [['--speed', 'fast'], 'use a number such as 1 or 60, or max'],
      [['--kubernetes-version', '1.36'], 'use one from 1.19 to 1.35'],
      [['--name', 'other'], 'the cluster is named twice: "wrong" and "other"'],
      [['--audit-log', '/nowhere/at/all'], 'cannot write the audit log'],
    ];
    for (const [flags, message] of table) {
      const { code, err } = await pintle('cluster', 'start', 'wrong', ...flags);
      expect({ flags, code, err }).toMatchObject({ code: 1, err: expect.stringContaining(message) as string });
    }
    expect((await pintle('cluster', 'start', '../x')).err).toContain('invalid cluster name "../x"');
    expect((await pintle('cluster', 'list', '-o', 'json')).out).not.toContain('"wrong"');
    expect((await pintle('cluster', 'kubeconfig', 'front')).out).toContain('name: pintle-front');
    expect((await pintle('cluster', 'stop', 'nobody')).code).toBe(1);
  });
});

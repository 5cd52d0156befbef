import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isolatedEnvironment } from '../support/real-tools.ts';

interface Result {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

const program = join(import.meta.dirname, '..', '..', 'bin', 'pintle.js');
const LIMIT = { timeout: 180_000 };
let folder: string;
let env: NodeJS.ProcessEnv;

function pintle(...args: readonly string[]): Promise<Result> {
  return new Promise((resolve) => {
    execFile(process.execPath, [program, ...args], { env, cwd: folder, timeout: 120_000 }, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), out, err });
    });
  });
}

async function good(...args: readonly string[]): Promise<Result> {
  const result = await pintle(...args);
  expect({ args, code: result.code, err: result.code === 0 ? '' : result.err }).toEqual({ args, code: 0, err: '' });
  return result;
}

/** Every revision as `1 superseded`. */
async function history(): Promise<string[]> {
  const { out } = await good('history', 'web', '-o', 'json');
  return (JSON.parse(out) as { revision: number; status: string }[]).map((each) => `${each.revision} ${each.status}`);
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pintle-pipelines-'));
  const { KUBECONFIG: _, ...rest } = isolatedEnvironment(folder);
  env = { ...rest, HOME: folder, PINTLE_HOME: join(folder, 'pintle'), KUBECONFIG: join(folder, 'config') };
  mkdirSync(join(folder, 'chart', 'templates'), { recursive: true });
  writeFileSync(join(folder, 'chart', 'Chart.yaml'), 'apiVersion: v2\nname: chart\nversion: 1.0.0\n');
  writeFileSync(join(folder, 'chart', 'values.yaml'), "image: nginx:1.27\nready: 'true'\n");
  writeFileSync(
    join(folder, 'chart', 'templates', 'web.yaml'),
    `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, annotations: {pintle.dev/ready-when: {{ .Values.ready | quote }}}}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: {{ .Values.image | quote }}}]}
`,
  );
  await good('cluster', 'start', '--detach', '--use', '--kubeconfig', join(folder, 'config'));
  await good('install', 'web', './chart');
}, LIMIT.timeout);
afterAll(async () => {
  await pintle('cluster', 'delete', 'default');
  rmSync(folder, { recursive: true, force: true });
}, LIMIT.timeout);

// Elsewhere than on Linux nobody can tell that it was killed before its lease expires.
test.runIf(existsSync('/proc/self/stat'))(
  'a second pipeline is told who is at work; when that one is killed, it takes over at once',
  LIMIT,
  async () => {
    const args = ['upgrade', 'web', './chart', '--set', 'ready=false', '--wait', '--timeout', '20m'];
    const first = spawn(process.execPath, [program, ...args], { env, cwd: folder, stdio: 'ignore' });
    const ended = once(first, 'exit');
    for (let tries = 0; tries < 200 && (await history()).length < 2; tries += 1);
    const refused = await pintle('upgrade', 'web', './chart');
    expect(refused.code).toBe(1);
    expect(refused.err).toContain('another operation (install/upgrade/rollback) is in progress');
    expect(refused.err).toContain(`(pid ${first.pid ?? 0})`);
    first.kill('SIGKILL');
    await ended;
    const { err } = await good('upgrade', 'web', './chart');
    expect(err).toContain('revision 2 of "web" was left pending-upgrade by a client that died');
    expect(await history()).toEqual(['1 superseded', '2 failed', '3 deployed']);
  },
);

test.each([0, 100, 300])(
  'of two pipelines %i ms apart each does all of its work, or is told that the other is at work',
  LIMIT,
  async (delay) => {
    const before = (await history()).length;
    const both = await Promise.all(
      [0, delay].map(async (wait, i) => {
        await new Promise((resolve) => {
          setTimeout(resolve, wait);
        });
        return await pintle('upgrade', 'web', './chart', '--set', `image=nginx:1.2${i}-${delay}`);
      }),
    );
    const won = both.filter(({ code }) => code === 0);
    expect(won.length).toBeGreaterThan(0);
    for (const { code, err } of both) {
      if (code !== 0) expect(err).toContain('another operation (install/upgrade/rollback) is in progress');
    }
    const after = await history();
    expect(after.length).toBe(before + won.length);
    expect(after.map((each) => each.endsWith(' deployed'))).toEqual(after.map((_, i) => i === after.length - 1));
  },
);

test('ages are told by the time of the cluster', LIMIT, async () => {
  await good('cluster', 'advance', '5h', '--embedded');
  expect((await good('status', 'web')).out).toMatch(/^web +\d\/1 .* 5h/m);
});

import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const BIN = resolve('bin/pintle.js');
const CHART = resolve('charts/guestbook');

let home = '';

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'pintle-killed-'));
});

afterAll(() => rmSync(home, { recursive: true, force: true }));

const env = (): NodeJS.ProcessEnv => ({ PATH: process.env['PATH'], PINTLE_HOME: home });

function pintle(...args: readonly string[]): {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
} {
  return spawnSync(process.execPath, [BIN, ...args], { env: env(), encoding: 'utf8' });
}

/** Starts a command and kills it as soon as `when` holds for what it has said; answers with the signal that ended it. */
async function killed(args: readonly string[], when: (said: string) => boolean): Promise<unknown> {
  const child = spawn(process.execPath, [BIN, ...args], { env: env(), stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const ended = new Promise<unknown>((done) => child.on('exit', (_, signal) => done(signal)));
  while (child.exitCode === null && !when(said)) await new Promise((done) => setTimeout(done, 5));
  child.kill('SIGKILL');
  return await ended;
}

interface Revision {
  readonly revision: number;
  readonly status: string;
}

function history(): readonly Revision[] {
  return JSON.parse(pintle('history', 'web', '-o', 'json').stdout) as readonly Revision[];
}

/** A hook that would be waited for for a year of the cluster's. */
const ENDLESS = ['--timeout', '8760h', '--set', 'migration.image=registry.invalid/none'];

/** When clients are killed, and with which flags they run. */
const MOMENTS: readonly (readonly [flags: readonly string[], when: (said: string) => boolean])[] = [
  [[], () => true],
  [[], (said) => said.includes('on embedded cluster')],
  [[], (said) => said.includes('Deployment web-guestbook')],
  // Others see an operation only a little later: commits are written several at a time.
  [ENDLESS, () => history().at(-1)?.status === 'pending-upgrade'],
];

describe('row 28: a client that is killed', () => {
  it('leaves a release that the next command takes up', async () => {
    expect(pintle('install', 'web', CHART, '--wait').status).toBe(0);
    let signal: unknown;
    for (const [i, [flags, when]] of MOMENTS.entries()) {
      const args = ['upgrade', 'web', CHART, '--wait', '--set', `replicaCount=${2 + (i % 2)}`, ...flags];
      signal = await killed(args, when);
      const revisions = history();
      expect(new Set(revisions.map(({ revision }) => revision)).size).toBe(revisions.length);
      expect(revisions.filter(({ status }) => status === 'deployed').length).toBeLessThanOrEqual(1);
    }
    expect(signal).toBe('SIGKILL');
    expect(history().at(-1)?.status).toBe('pending-upgrade');
    const recovered = pintle('upgrade', 'web', CHART, '--wait', '--set', 'replicaCount=3');
    expect(recovered.stderr).toContain('was left pending-upgrade by a client that died');
    expect(recovered.stderr).not.toContain('Error');
    expect(recovered.status).toBe(0);
    const revisions = history();
    expect(revisions.at(-1)?.status).toBe('deployed');
    expect(revisions.filter(({ status }) => status === 'deployed' || status.startsWith('pending'))).toHaveLength(1);
    expect(pintle('uninstall', 'web', '--wait').status).toBe(0);
    expect(pintle('list', '-A', '-q').stdout.trim()).toBe('');
  });
});

describe('a client whose reader has gone', () => {
  it('finishes what it has begun', () => {
    const install = [BIN, 'install', 'web', CHART, '--wait'];
    spawnSync('sh', ['-c', '"$0" "$@" 2>&1 | true', process.execPath, ...install], { env: env() });
    expect(history().map(({ status }) => status)).toEqual(['deployed']);
    expect(pintle('uninstall', 'web', '--wait').status).toBe(0);
  });
});

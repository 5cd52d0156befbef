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

/** Starts a command and kills it; answers with whether it was still at work. */
async function killed(args: readonly string[], after: number): Promise<boolean> {
  const child = spawn(process.execPath, [BIN, ...args], { env: env(), stdio: 'ignore' });
  const ended = new Promise<NodeJS.Signals | null>((done) => child.on('exit', (_, signal) => done(signal)));
  const timer = setTimeout(() => child.kill('SIGKILL'), after);
  const signal = await ended;
  clearTimeout(timer);
  return signal === 'SIGKILL';
}

interface Revision {
  readonly revision: number;
  readonly status: string;
}

describe('row 28: a client that is killed', () => {
  it('leaves a release that the next command takes up', async () => {
    expect(pintle('install', 'web', CHART, '--wait').status).toBe(0);
    const delays = [40, 70, 100, 130, 160, 200, 250];
    let kills = 0;
    for (const [i, delay] of delays.entries()) {
      if (await killed(['upgrade', 'web', CHART, '--wait', '--set', `replicaCount=${2 + (i % 2)}`], delay)) kills += 1;
      const history = JSON.parse(pintle('history', 'web', '-o', 'json').stdout) as readonly Revision[];
      const revisions = history.map(({ revision }) => revision);
      expect(new Set(revisions).size).toBe(revisions.length);
      expect(history.filter(({ status }) => status === 'deployed').length).toBeLessThanOrEqual(1);
    }
    expect(kills).toBeGreaterThan(0);
    const recovered = pintle('upgrade', 'web', CHART, '--wait', '--set', 'replicaCount=3');
    expect(recovered.stderr).not.toContain('Error');
    expect(recovered.status).toBe(0);
    const history = JSON.parse(pintle('history', 'web', '-o', 'json').stdout) as readonly Revision[];
    expect(history.at(-1)?.status).toBe('deployed');
    expect(history.filter(({ status }) => status === 'deployed' || status.startsWith('pending'))).toHaveLength(1);
    expect(pintle('uninstall', 'web', '--wait').status).toBe(0);
    expect(pintle('list', '-A', '-q').stdout.trim()).toBe('');
  }, 60_000);
});

import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  lockCluster,
  readClusterSettings,
  readServerFile,
  writeClusterSettings,
  writeServerFile,
} from '../../src/cli/cluster-folder.ts';
import { exitCodeOf } from '../../src/cli/error-text.ts';
import { testIo } from './support.ts';

describe('the lock of an embedded cluster', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pintle-lock-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const request = { name: 'default', command: 'pintle upgrade web', timeout: 0 };

  it('is held by one and then by the next', async () => {
    const { io } = testIo();
    const release = await lockCluster(io, folder, request);
    await expect(lockCluster(io, folder, request)).rejects.toMatchObject({
      code: 'lock-timeout',
      message: `embedded cluster "default" is in use by "pintle upgrade web" (pid ${process.pid}) for 0s`,
    });
    await release();
    await (await lockCluster(io, folder, request))();
  });

  it('is not waited for once the user interrupts', async () => {
    const { io } = testIo();
    const release = await lockCluster(io, folder, request);
    const controller = new AbortController();
    const waiting = lockCluster(io, folder, { ...request, timeout: 600_000, signal: controller.signal });
    controller.abort();
    const error: unknown = await waiting.catch((each: unknown) => each);
    expect(error).toMatchObject({ code: 'interrupted', message: 'interrupted while waiting' });
    expect(exitCodeOf(error)).toBe(130);
    await release();
  });

  it('is taken over from a process that is gone', async () => {
    const { io } = testIo();
    // No process has this number on Linux, whose largest is 4194304.
    writeFileSync(join(folder, 'lock'), JSON.stringify({ pid: 4_999_999, started: '1', command: 'x', since: 0 }));
    await (await lockCluster(io, folder, request))();
  });

  it('is taken over from an earlier process with the number of a living one', async () => {
    const { io } = testIo();
    writeFileSync(join(folder, 'lock'), JSON.stringify({ pid: process.pid, started: '1', command: 'x', since: 0 }));
    await (await lockCluster(io, folder, request))();
  });

  it('is taken over when its file is garbage', async () => {
    const { io } = testIo();
    writeFileSync(join(folder, 'lock'), '{');
    await (await lockCluster(io, folder, request))();
  });

  it.each([
    ['', ['lock']],
    [', also when whoever took it over was killed meanwhile', ['lock', 'lock.guard', 'lock.guard.guard']],
  ])('goes to exactly one of many that find it abandoned%s', async (_, files) => {
    const { io } = testIo();
    for (let round = 0; round < 5; round++) {
      for (const file of files) {
        writeFileSync(join(folder, file), JSON.stringify({ pid: 4_999_999, started: '1', command: 'x', since: 0 }));
      }
      const results = await Promise.allSettled(Array.from({ length: 20 }, () => lockCluster(io, folder, request)));
      const winners = results.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
      const errors = results.flatMap((each) => (each.status === 'rejected' ? [String(each.reason)] : []));
      expect(winners).toHaveLength(1);
      expect(errors.filter((each) => !each.includes(request.command))).toEqual([]);
      await winners[0]?.();
      expect(readdirSync(folder).filter((each) => each.startsWith('lock'))).toEqual([]);
    }
  });
});

describe('the process that serves an embedded cluster', () => {
  const server = { url: 'https://127.0.0.1:1', kubeconfig: '/x', since: 0, speed: 1 };

  // Only Linux tells of processes in /proc.
  it.runIf(process.platform === 'linux')(
    'is known while it runs, and not once it has ended and nobody has collected it',
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'pintle-server-'));
      // The shell gives way to a program that does not care for the child, well before that ends.
      const parent = spawn('sh', ['-c', 'sleep 1 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] });
      try {
        await writeServerFile(folder, { ...server, pid: process.pid });
        expect(readServerFile(folder)).toMatchObject({ pid: process.pid });
        const zombie = await new Promise<number>((resolve) => {
          parent.stdout.once('data', (text: Buffer) => resolve(Number(text.toString())));
        });
        await expect.poll(() => readFileSync(`/proc/${zombie}/stat`, 'utf8'), { interval: 50 }).toContain(') Z ');
        await writeServerFile(folder, { ...server, pid: zombie });
        expect(readServerFile(folder)).toBeUndefined();
      } finally {
        parent.kill();
        rmSync(folder, { recursive: true, force: true });
      }
    },
  );
});

describe('the settings of an embedded cluster', () => {
  it('are kept, and default to none', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pintle-settings-'));
    try {
      expect(await readClusterSettings(folder)).toEqual({});
      await writeClusterSettings(folder, { nodes: 3 });
      expect(await readClusterSettings(folder)).toEqual({ nodes: 3 });
      writeFileSync(join(folder, 'cluster.json'), '{');
      await expect(readClusterSettings(folder)).rejects.toMatchObject({ code: 'store-corrupt' });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

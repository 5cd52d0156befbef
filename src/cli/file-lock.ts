import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { PintleError } from '../base/errors.ts';
import { removeAbandoned, tryLock } from './cluster-folder.ts';
import type { Io } from './io.ts';
import { startOf } from './process-identity.ts';

/** As long as Helm waits, ms. */
const TIMEOUT = 30_000;
const POLL = 50;

/**
 * Does work while this process has a file locked, as Helm locks it (flock(2)): by the program `flock`, for Node cannot. Where there is
 * none, a file beside it keeps processes of Pintle apart.
 *
 * @throws PintleError `lock-timeout`
 */
export async function withFileLock<T>(io: Io, path: string, work: () => T | Promise<T>): Promise<T> {
  mkdirSync(dirname(path), { recursive: true });
  const unlock = (await flock(path, io.env)) ?? (await ownLock(io, path));
  try {
    return await work();
  } finally {
    await unlock();
  }
}

/** Holds the lock by a process that ends with its input, and so with this process. Undefined where there is no such program. */
async function flock(
  path: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<(() => Promise<void>) | undefined> {
  const child = spawn('flock', ['-x', path, 'sh', '-c', 'echo; exec cat > /dev/null'], {
    env: { ...env },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  child.stdin.on('error', () => {});
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('close', () => resolve());
  });
  let timer: NodeJS.Timeout | undefined;
  const outcome = await Promise.race([
    new Promise<'locked'>((resolve) => child.stdout.once('data', () => resolve('locked'))),
    ended.then(() => 'none' as const),
    new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), TIMEOUT);
    }),
  ]);
  clearTimeout(timer);
  if (outcome === 'locked') {
    return async () => {
      child.stdin.end();
      await ended;
    };
  }
  if (outcome === 'none') return undefined;
  child.kill();
  throw timedOut(path);
}

async function ownLock(io: Io, path: string): Promise<() => Promise<void>> {
  const own = `${path}.pintle`;
  const mine = { pid: io.pid, started: startOf(io.pid), command: 'pintle', since: io.now() };
  const deadline = io.now() + TIMEOUT;
  while (!(await tryLock(own, mine))) {
    await removeAbandoned(own, mine);
    if (io.now() > deadline) throw timedOut(path);
    await new Promise((resolve) => setTimeout(resolve, POLL));
  }
  return () => rm(own, { force: true });
}

function timedOut(path: string): PintleError {
  return new PintleError('lock-timeout', `${path} is locked by another process for ${TIMEOUT / 1000} seconds`, {
    hint: 'wait until it is done, or end that process',
  });
}

import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { link, mkdir, readFile, rm, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { formatDuration } from '../base/duration.ts';
import { PintleError } from '../base/errors.ts';
import { reword } from '../base/reword.ts';
import { replaceFile, writeNew } from '../chart/files.ts';
import type { Io } from './io.ts';
import { isAlive, startOf } from './process-identity.ts';
import { SERVER_FILE } from './target-choice.ts';

/** What an embedded cluster is made with; kept beside its store. */
export interface ClusterSettings {
  /** How many nodes it has; default 3. */
  readonly nodes?: number;
  /** Where it is served; chosen when it is first served, and kept since clients cache by it. */
  readonly port?: number;
  /** What it says it is: `v1.34.0`; default: the version whose API it serves. */
  readonly kubernetesVersion?: string;
  /** Files of the user's that hold its context. */
  readonly kubeconfigs?: readonly string[];
}

interface Holder {
  readonly pid: number;
  /** What tells this process from a later one with its number; '' where the platform does not say. */
  readonly started: string;
  readonly command: string;
  /** ms since the epoch */
  readonly since: number;
}

/** How a lock is asked for. */
export interface LockRequest {
  /** Of the cluster, for messages. */
  readonly name: string;
  /** What the others are told: `pintle upgrade web`. */
  readonly command: string;
  /** ms to wait for whoever holds it; 0: do not wait. */
  readonly timeout: number;
  /** Looked at while waiting; true: the lock is no longer wanted. */
  readonly unless?: () => boolean;
  /** Ends the wait. */
  readonly signal?: AbortSignal | undefined;
}

const POLL = 50;

/** ms that another process may take to remove a lock that nobody holds any more, and how often that is looked at. */
const TAKE_OVER = 10_000;
const TAKE_OVER_POLL = 5;

/** Ends a wait for a lock that is no longer wanted. */
export class LockUnwanted extends Error {}

/**
 * Takes the lock of an embedded cluster; a lock whose process is gone is taken over.
 *
 * @returns what gives it back
 * @throws PintleError `lock-timeout` that names the holder, `interrupted`, {@link LockUnwanted}
 */
export async function lockCluster(io: Io, folder: string, request: LockRequest): Promise<() => Promise<void>> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, 'lock');
  const mine: Holder = { pid: io.pid, started: startOf(io.pid), command: request.command, since: io.now() };
  const deadline = io.now() + request.timeout;
  let told = false;
  for (;;) {
    if (await tryLock(path, mine)) return () => rm(path, { force: true });
    const holder = await readHolder(path);
    if (holder === undefined) continue;
    const alive = isAlive(holder);
    if (!alive && (await removeAbandoned(path, mine))) continue;
    if (request.unless?.() === true) throw new LockUnwanted();
    if (request.signal?.aborted === true) {
      throw reword(timedOut(request, holder, io.now()), 'interrupted while waiting', { code: 'interrupted' });
    }
    if (io.now() >= (alive ? deadline : deadline + TAKE_OVER)) throw timedOut(request, holder, io.now());
    if (!told && alive) {
      told = true;
      io.stderr(
        `waiting for "${holder.command}" (pid ${holder.pid}), which works on embedded cluster "${request.name}"\n`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, alive ? POLL : TAKE_OVER_POLL));
  }
}

function timedOut(request: LockRequest, holder: Holder, now: number): PintleError {
  return new PintleError(
    'lock-timeout',
    `embedded cluster "${request.name}" is in use by "${holder.command}" (pid ${holder.pid}) for ${formatDuration(Math.max(0, Math.round((now - holder.since) / 1000)) * 1000)}`,
    { hint: 'wait until it is done, or end that process' },
  );
}

/** The lock file appears with its content: a link to a finished file either succeeds or finds one that is there. */
export async function tryLock(path: string, holder: Holder): Promise<boolean> {
  const draft = `${path}.${holder.pid}.${randomUUID()}`;
  writeNew(draft, JSON.stringify(holder));
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await unlink(draft);
  }
}

async function readHolder(path: string): Promise<Holder | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return JSON.parse(text) as Holder;
  } catch {
    return { pid: 0, started: '', command: 'unknown', since: 0 };
  }
}

/**
 * Removes a lock whose process is gone. Whoever does so holds a guard, itself such a lock: without it, a second process
 * that saw the same dead holder could remove the lock that a third one has taken since.
 *
 * @returns whether to try for the lock at once; false: somebody else is at it
 */
export async function removeAbandoned(path: string, mine: Holder): Promise<boolean> {
  const guard = `${path}.guard`;
  if (!(await tryLock(guard, mine))) {
    const other = await readHolder(guard);
    return other === undefined || (!isAlive(other) && (await removeAbandoned(guard, mine)));
  }
  try {
    const holder = await readHolder(path);
    if (holder !== undefined && !isAlive(holder)) await unlink(path);
    return true;
  } finally {
    await unlink(guard);
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

/** @throws PintleError `store-corrupt` */
export async function readClusterSettings(folder: string): Promise<ClusterSettings> {
  const path = join(folder, 'cluster.json');
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return {};
    throw error;
  }
  try {
    return JSON.parse(text) as ClusterSettings;
  } catch (error) {
    throw new PintleError('store-corrupt', 'the settings of the embedded cluster are not valid JSON', {
      location: { file: path, line: 1, column: 1, source: text },
      hint: 'repair the file or delete it',
      cause: error,
    });
  }
}

/** Keeps the settings; they take effect when the cluster is opened next. */
export async function writeClusterSettings(folder: string, settings: ClusterSettings): Promise<void> {
  await mkdir(folder, { recursive: true });
  replaceFile(join(folder, 'cluster.json'), `${JSON.stringify(settings, null, 2)}\n`);
}

/** What a serving process leaves beside the store; it appears with its content. */
export interface ServerFile {
  readonly pid: number;
  readonly started: string;
  /** `https://127.0.0.1:PORT` */
  readonly url: string;
  /** Absolute path of a kubeconfig with the context `pintle-NAME`. */
  readonly kubeconfig: string;
  /** ms since the epoch */
  readonly since: number;
  /** Seconds of the cluster's in one real second. */
  readonly speed: number;
}

/** The process that serves the cluster, or undefined when none does any more. */
export function readServerFile(folder: string): ServerFile | undefined {
  try {
    const server = JSON.parse(readFileSync(join(folder, SERVER_FILE), 'utf8')) as ServerFile;
    return isAlive(server) ? server : undefined;
  } catch {
    return undefined;
  }
}

/** Says that this process serves the cluster. */
export async function writeServerFile(folder: string, server: Omit<ServerFile, 'started'>): Promise<void> {
  replaceFile(join(folder, SERVER_FILE), JSON.stringify({ ...server, started: startOf(server.pid) }), 0o600);
}

/** Who works on the cluster now; undefined when nobody does. */
export async function lockHolder(
  folder: string,
): Promise<{ readonly pid: number; readonly command: string } | undefined> {
  const holder = await readHolder(join(folder, 'lock'));
  return holder !== undefined && isAlive(holder) ? holder : undefined;
}

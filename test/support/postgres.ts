import { type ChildProcess, execFileSync, spawn, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { onFreePort } from './free-port.ts';
import { otherProgram } from './other-programs.ts';

const ROOT = '/usr/lib/postgresql';
/** Debian keeps the programs of each version in a folder of its own. */
const FOLDERS = existsSync(ROOT) ? readdirSync(ROOT).map((version) => join(ROOT, version, 'bin')) : [];

/** The PostgreSQL server's program, or undefined where there is none. */
export const POSTGRES = otherProgram(
  'PostgreSQL (postgresql)',
  FOLDERS.toReversed().map((folder) => join(folder, 'postgres')),
);

/** A server of a test's own, on this machine alone. */
export interface PostgresServer {
  /** A connection string for a new, empty database. */
  database(): Promise<string>;
  stop(): Promise<void>;
}

/** Starts a server in a temporary folder; it refuses to run as root, so it runs as somebody else then. */
export async function startPostgres(): Promise<PostgresServer> {
  if (POSTGRES === undefined) throw new Error('there is no PostgreSQL');
  const initdb = join(POSTGRES, '..', 'initdb');
  const folder = mkdtempSync(join(tmpdir(), 'pintle-postgres-'));
  const user = unprivileged();
  if (user !== undefined) chownSync(folder, user.uid, user.gid);
  const options = { cwd: folder, env: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' }, ...user };
  const data = join(folder, 'data');
  execFileSync(initdb, ['-D', data, '-U', 'pintle', '-A', 'trust', '-E', 'UTF8', '--no-sync'], options);
  const { child, port } = await onFreePort((free) => startServer(POSTGRES, folder, { port: free, options }));
  const url = (name: string): string => `postgres://pintle@127.0.0.1:${port}/${name}?sslmode=disable`;
  let count = 0;
  return {
    database: async () => {
      count += 1;
      await query(port, `CREATE DATABASE test${count}`);
      return url(`test${count}`);
    },
    stop: async () => {
      const gone = once(child, 'exit');
      child.kill('SIGQUIT');
      await gone;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** @throws Error when it ends at once, as it does when somebody has the port */
async function startServer(
  program: string,
  folder: string,
  { port, options }: { readonly port: number; readonly options: SpawnOptions },
): Promise<{ readonly child: ChildProcess; readonly port: number }> {
  const settings = ['fsync=off', 'listen_addresses=127.0.0.1', `port=${port}`, `unix_socket_directories=${folder}`];
  const child = spawn(program, ['-D', join(folder, 'data'), ...settings.flatMap((each) => ['-c', each])], {
    ...options,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  await untilReady(
    () => query(port, 'SELECT 1'),
    () => (child.exitCode === null ? undefined : said),
  );
  return { child, port };
}

async function query(port: number, text: string): Promise<void> {
  const client = new Client({ host: '127.0.0.1', port, user: 'pintle', database: 'postgres' });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}

async function untilReady(attempt: () => Promise<void>, failure: () => string | undefined): Promise<void> {
  const end = Date.now() + 120_000;
  for (;;) {
    const said = failure();
    if (said !== undefined) throw new Error(`PostgreSQL does not start: ${said}`);
    try {
      await attempt();
      return;
    } catch (error) {
      if (Date.now() > end) throw new Error('PostgreSQL does not answer', { cause: error });
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** Somebody else than root, when this is root. */
function unprivileged(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const users = readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const name of ['postgres', 'nobody']) {
    const [, , uid, gid] = users.find((line) => line.startsWith(`${name}:`))?.split(':') ?? [];
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new Error('there is nobody but root to run PostgreSQL as');
}

import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { RealClock } from '../base/real-clock.ts';
import { PintleError } from '../base/errors.ts';
import type { ClusterKeys } from '../cluster/serve/cluster-keys.ts';
import { checkClusterName } from './cluster-name.ts';
import { readClusterSettings, readServerFile, writeClusterSettings, writeServerFile } from './cluster-folder.ts';
import type { Io } from './io.ts';
import { mergeKubeconfig } from './kubeconfig-file.ts';
import { openForServing } from './open-cluster.ts';
import { cliLogger } from './cli-logger.ts';
import { type GlobalOptions, integerFlag } from './settings.ts';
import { clusterFolder } from './target.ts';
import { SERVER_FILE } from './target-choice.ts';

/** The flags of `cluster start`. */
export interface StartFlags extends GlobalOptions {
  readonly name: string;
  readonly port?: string;
  readonly nodes?: string;
  readonly speed: string;
  readonly use?: boolean;
}

const KEYS_FILE = 'keys.json';

/** Serves an embedded cluster until the process is told to end. */
export async function runClusterStart(io: Io, flags: StartFlags): Promise<void> {
  checkClusterName(flags.name);
  const { name } = flags;
  const folder = clusterFolder(io, name);
  const running = readServerFile(folder);
  if (running !== undefined) {
    throw new PintleError(
      'target',
      `embedded cluster "${name}" is already served at ${running.url} (pid ${running.pid})`,
    );
  }
  const speed = speedFlag(flags.speed);
  await keepSettings(folder, flags);
  const logger = cliLogger(io, flags);
  const { cluster, close } = await openForServing(io, { name, folder, command: 'pintle cluster start', logger });
  try {
    const settings = await readClusterSettings(folder);
    const served = await cluster.serve({
      wallClock: systemClock(io),
      keys: await readKeys(folder),
      port: settings.port ?? 0,
      speed,
    });
    const { url, keys } = served;
    await writeKeys(folder, keys);
    await writeClusterSettings(folder, { ...settings, port: served.port });
    const kubeconfig = await writeKubeconfigs(io, flags, folder, { url, keys });
    await writeServerFile(folder, { pid: io.pid, url, kubeconfig: join(folder, 'kubeconfig') });
    io.stdout(
      `embedded cluster "${name}" is served at ${url}\n` +
        `  export KUBECONFIG=${kubeconfig}\n  kubectl --context pintle-${name} get nodes\n`,
    );
    await stopSignal();
    await rm(join(folder, SERVER_FILE), { force: true });
    await served.close();
  } finally {
    await close();
  }
}

function speedFlag(text: string): number {
  if (text === 'max') return 10_000;
  const speed = Number(text);
  if (!(speed > 0) || speed > 10_000) {
    throw new PintleError('usage', `invalid argument "${text}" for "--speed"`, {
      hint: 'use a number such as 1 or 60, or max',
    });
  }
  return speed;
}

async function keepSettings(folder: string, flags: StartFlags): Promise<void> {
  const settings = await readClusterSettings(folder);
  await writeClusterSettings(folder, {
    ...settings,
    ...(flags.nodes === undefined ? {} : { nodes: integerFlag('--nodes', flags.nodes) }),
    ...(flags.port === undefined ? {} : { port: integerFlag('--port', flags.port) }),
  });
}

function systemClock(io: Io): RealClock {
  return new RealClock({
    now: () => io.now(),
    setTimeout: (callback, delay) => setTimeout(callback, delay),
    clearTimeout: (handle) => clearTimeout(handle as NodeJS.Timeout),
  });
}

/** Keys and the token outlive the process, so that a kubeconfig stays good. */
async function readKeys(folder: string): Promise<Partial<ClusterKeys>> {
  try {
    return JSON.parse(await readFile(join(folder, KEYS_FILE), 'utf8')) as Partial<ClusterKeys>;
  } catch {
    // The first start makes them.
    return {};
  }
}

async function writeKeys(folder: string, keys: ClusterKeys): Promise<void> {
  const path = join(folder, KEYS_FILE);
  await writeFile(`${path}.new`, JSON.stringify(keys), { mode: 0o600 });
  await rename(`${path}.new`, path);
}

/** Writes the cluster's own kubeconfig, and adds to the user's when one was asked for. */
async function writeKubeconfigs(
  io: Io,
  flags: StartFlags,
  folder: string,
  { url, keys }: { readonly url: string; readonly keys: ClusterKeys },
): Promise<string> {
  const entry = { name: `pintle-${flags.name}`, server: url, authority: keys.authority.certificate, token: keys.token };
  const own = join(folder, 'kubeconfig');
  await mergeKubeconfig(own, entry, true);
  const variable = (io.env['KUBECONFIG'] ?? '').split(io.platform === 'win32' ? ';' : ':')[0] ?? '';
  const asked = flags.kubeconfig ?? (variable === '' || variable === '/dev/null' ? undefined : variable);
  if (asked === undefined) return own;
  const path = resolve(io.cwd, asked);
  await mergeKubeconfig(path, entry, flags.use === true);
  return path;
}

/** Resolves when the process is asked to end. */
function stopSignal(): Promise<void> {
  return new Promise((done) => {
    const keepAlive = setInterval(() => {}, 60_000);
    const stop = (): void => {
      clearInterval(keepAlive);
      done();
    };
    process.once('SIGINT', stop);
    process.once('SIGTERM', stop);
  });
}

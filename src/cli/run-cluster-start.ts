import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PintleError } from '../base/errors.ts';
import type { Cluster, ClusterServeOptions } from '../cluster/cluster.ts';
import type { ClusterKeys } from '../cluster/serve/cluster-keys.ts';
import type { ServedCluster } from '../cluster/serve/serve-cluster.ts';
import { checkPort, choosePort } from './choose-port.ts';
import {
  type ClusterSettings,
  LockUnwanted,
  readClusterSettings,
  readServerFile,
  writeClusterSettings,
  writeServerFile,
} from './cluster-folder.ts';
import { type GivenPlan, givenPlan, keepPlan } from './cluster-plan.ts';
import { replaceFile } from '../chart/files.ts';
import type { Io } from './io.ts';
import { kubeconfigText, type KubeconfigEntry } from '../client/http/kubeconfig-text.ts';
import { userKubeconfig } from './kubeconfig-paths.ts';
import { openForServing, type ServingCluster } from './open-cluster.ts';
import { cliLogger } from './cli-logger.ts';
import { startedText } from './started-text.ts';
import { integerFlag } from './settings.ts';
import type { StartFlags } from './start-flags.ts';
import { systemClock } from './system-clock.ts';
import { clusterFolder } from './target.ts';
import { SERVER_FILE } from './target-choice.ts';

const KEYS_FILE = 'keys.json';

/** `pintle cluster start`: serves an embedded cluster until the process is told to end. */
export async function runClusterStart(io: Io, flags: StartFlags): Promise<void> {
  const folder = clusterFolder(io, flags.name);
  const speed = speedFlag(flags.speed);
  refuseServed(folder, flags.name);
  const kept = await readClusterSettings(folder);
  const given = await givenPlan(io, flags);
  const settings = await settingsOf(folder, { flags, given }, kept);
  if (flags.detach === true) {
    const { startDetached } = await import('./start-detached.ts');
    await startDetached(io, flags, folder);
    return;
  }
  const audit = await auditOf(io, flags);
  // Heard from the beginning, so that nothing is left half done.
  const stopped = stopSignal();
  const opened = await open(io, flags, { folder, settings, given });
  try {
    const isNew = flags.port === undefined && kept.port === undefined;
    const served = await serve(
      opened.cluster,
      { clusters: dirname(folder), port: settings.port, isNew },
      {
        wallClock: systemClock(io),
        keys: await readKeys(folder),
        speed,
        audit,
      },
    );
    try {
      await announce(io, flags, { folder, served, settings: { ...settings, port: served.port }, given, speed });
      await stopped;
    } finally {
      await rm(join(folder, SERVER_FILE), { force: true });
      await served.close();
    }
  } finally {
    await opened.close();
  }
  io.stderr(`embedded cluster "${flags.name}" has stopped\n`);
}

/** @throws PintleError `target` when a process serves the cluster */
function refuseServed(folder: string, name: string): void {
  const running = existsSync(join(folder, SERVER_FILE)) ? readServerFile(folder) : undefined;
  if (running === undefined) return;
  throw new PintleError(
    'target',
    `embedded cluster "${name}" is already served at ${running.url} (pid ${running.pid})`,
    {
      hint: `use it, or end it with "pintle cluster stop${name === 'default' ? '' : ` ${name}`}"`,
    },
  );
}

interface StartSettings extends ClusterSettings {
  readonly port: number;
}

/** How often a port is chosen that somebody else then takes. */
const PORT_TRIES = 5;

/** A cluster that was never served gets another port when somebody was quicker. */
async function serve(
  cluster: Cluster,
  { clusters, port, isNew }: { readonly clusters: string; readonly port: number; readonly isNew: boolean },
  options: ClusterServeOptions,
): Promise<ServedCluster> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await cluster.serve({ ...options, port: tries === 1 ? port : await choosePort(clusters) });
    } catch (error) {
      if (!isNew || !isTaken(error) || tries === PORT_TRIES) throw error;
    }
  }
}

function isTaken(error: unknown): boolean {
  const cause = error instanceof PintleError ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE';
}

/** What was kept, with what the flags say; the port is chosen here once and for all. */
async function settingsOf(
  folder: string,
  { flags, given }: { readonly flags: StartFlags; readonly given: GivenPlan },
  kept: ClusterSettings,
): Promise<StartSettings> {
  const nodes = given.nodes === undefined ? {} : { nodes: given.nodes.plan.nodes.length };
  const version =
    flags.kubernetesVersion === undefined ? {} : { kubernetesVersion: await versionFlag(flags.kubernetesVersion) };
  const clusters = dirname(folder);
  if (flags.port === undefined)
    return { ...kept, ...nodes, ...version, port: kept.port ?? (await choosePort(clusters)) };
  const port = countFlag('--port', flags.port, 65_535);
  await checkPort(clusters, flags.name, port);
  return { ...kept, ...nodes, ...version, port };
}

function countFlag(name: string, text: string, most: number): number {
  const count = integerFlag(name, text);
  if (count >= 1 && count <= most) return count;
  throw new PintleError('usage', `invalid argument "${text}" for "${name}"`, {
    hint: `use a number from 1 to ${most}`,
  });
}

async function versionFlag(text: string): Promise<string> {
  const { parseKubernetesVersion } = await import('../cluster/kubernetes-version.ts');
  return parseKubernetesVersion(text).gitVersion;
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

async function open(
  io: Io,
  flags: StartFlags,
  { folder, settings, given }: { readonly folder: string; readonly settings: StartSettings; readonly given: GivenPlan },
): Promise<ServingCluster> {
  const { name } = flags;
  const isServed = (): boolean => readServerFile(folder) !== undefined;
  try {
    return await openForServing(io, { name, folder, logger: cliLogger(io, flags), settings, given, isServed });
  } catch (error) {
    if (error instanceof LockUnwanted) refuseServed(folder, name);
    throw error;
  }
}

async function auditOf(io: Io, flags: StartFlags): Promise<((event: object) => void) | undefined> {
  if (flags.auditLog === undefined) return undefined;
  const { openAuditLog } = await import('./audit-log.ts');
  return openAuditLog(io, flags.auditLog);
}

interface Started {
  readonly folder: string;
  readonly served: ServedCluster;
  readonly settings: StartSettings;
  readonly given: GivenPlan;
  readonly speed: number;
}

/** Keeps what later starts and other commands need, and tells the user. */
async function announce(io: Io, flags: StartFlags, { folder, served, settings, given, speed }: Started): Promise<void> {
  const { name } = flags;
  const { url, keys } = served;
  await writeKeys(folder, keys);
  const entry = { name: `pintle-${name}`, server: url, authority: keys.authority.certificate, token: keys.token };
  const own = join(folder, 'kubeconfig');
  replaceFile(own, kubeconfigText(entry), 0o600);
  const merged = await mergeIntoUsers(io, flags, entry);
  const kubeconfigs = [...new Set([...(settings.kubeconfigs ?? []), ...(merged === undefined ? [] : [merged])])];
  await keepPlan(folder, given);
  await writeClusterSettings(folder, { ...settings, kubeconfigs });
  await writeServerFile(folder, { pid: io.pid, url, kubeconfig: own, since: io.now(), speed });
  io.stdout(startedText(io, flags, folder, url));
}

/** The file that was written to; undefined when there is none to write to. */
async function mergeIntoUsers(io: Io, flags: StartFlags, entry: KubeconfigEntry): Promise<string | undefined> {
  const path = flags.merge ? userKubeconfig(io, flags) : undefined;
  if (path === undefined) return undefined;
  const { mergeKubeconfig } = await import('./kubeconfig-file.ts');
  await mergeKubeconfig(path, entry, flags.use === true);
  return path;
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
  replaceFile(join(folder, KEYS_FILE), JSON.stringify(keys), 0o600);
}

/** Resolves when the process is asked to end. */
function stopSignal(): Promise<void> {
  return new Promise((done) => {
    const stop = (): void => {
      process.off('SIGINT', stop);
      process.off('SIGTERM', stop);
      done();
    };
    process.once('SIGINT', stop);
    process.once('SIGTERM', stop);
  });
}

import { existsSync } from 'node:fs';
import { readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PintleError } from '../base/errors.ts';
import { formatDuration } from '../base/duration.ts';
import { formatTable } from '../terminal/table.ts';
import {
  lockCluster,
  lockHolder,
  readClusterSettings,
  readServerFile,
  writeClusterSettings,
} from './cluster-folder.ts';
import { clusterNameOf } from './cluster-name.ts';
import { clusterNames, type ClusterStatus, clusterStatus, requireCluster } from './cluster-status.ts';
import { formatData, outputFormat } from './formats.ts';
import type { Io } from './io.ts';
import { userKubeconfig } from './kubeconfig-paths.ts';
import { durationFlag, type GlobalOptions } from './settings.ts';
import { clusterFolder } from './target.ts';

/** Flags of the commands that look after clusters. */
export interface ClusterFlags extends GlobalOptions {
  readonly name?: string;
  readonly output?: string;
}

const POLL = 20;

/** `pintle cluster stop [NAME]` */
export async function runClusterStop(
  io: Io,
  argument: string | undefined,
  flags: ClusterFlags & { readonly timeout: string },
): Promise<void> {
  const name = clusterNameOf(argument, flags.name);
  requireCluster(io, name);
  const stopped = await stopServing(io, name, durationFlag('timeout', flags.timeout));
  io.stdout(stopped ? `embedded cluster "${name}" has stopped\n` : `embedded cluster "${name}" is not served\n`);
}

/**
 * Ends the process that serves a cluster, and waits until it is gone.
 *
 * @returns false when there is none
 * @throws PintleError `lock-timeout` when it does not end
 */
async function stopServing(io: Io, name: string, timeout: number): Promise<boolean> {
  const folder = clusterFolder(io, name);
  const server = readServerFile(folder);
  if (server === undefined) return false;
  try {
    process.kill(server.pid, 'SIGTERM');
  } catch (error) {
    const gone = error instanceof Error && 'code' in error && error.code === 'ESRCH';
    if (!gone) throw new PintleError('target', `cannot end process ${server.pid}: ${String(error)}`, { cause: error });
  }
  const deadline = io.now() + timeout;
  while ((await lockHolder(folder))?.pid === server.pid) {
    if (io.now() >= deadline) {
      throw new PintleError('lock-timeout', `embedded cluster "${name}" is still served (pid ${server.pid})`, {
        hint: 'give it more time with --timeout, or end that process; what was acknowledged is on disk',
      });
    }
    await new Promise((done) => setTimeout(done, POLL));
  }
  return true;
}

/** `pintle cluster status [NAME]` */
export async function runClusterStatus(io: Io, argument: string | undefined, flags: ClusterFlags): Promise<void> {
  const name = clusterNameOf(argument, flags.name);
  const format = outputFormat(flags.output);
  requireCluster(io, name);
  const status = await clusterStatus(io, name);
  if (format !== 'table') {
    io.stdout(formatData(format, status));
    return;
  }
  const rows = [
    ['Cluster', name],
    ['Status', statusText(status, io.now())],
    ['Kubernetes', status.kubernetesVersion],
    ['Nodes', String(status.nodes)],
    ...(status.speed === undefined ? [] : [['Speed', `${status.speed}×`]]),
    ...(status.url === undefined ? [] : [['Address', status.url]]),
    ['Port', status.port === undefined ? 'none yet' : String(status.port)],
    ['Context', status.context],
    ['Folder', status.folder],
  ];
  io.stdout(`${formatTable(rows)}\n`);
}

function statusText(status: ClusterStatus, now: number): string {
  if (status.status === 'Busy') return `Busy: ${status.command ?? ''} (pid ${status.pid ?? 0})`;
  if (status.since === undefined) return status.status;
  const seconds = Math.max(0, Math.round((now - Date.parse(status.since)) / 1000));
  return `Serving for ${formatDuration(seconds * 1000)} (pid ${status.pid ?? 0})`;
}

/** `pintle cluster list` */
export async function runClusterList(io: Io, flags: ClusterFlags): Promise<void> {
  const format = outputFormat(flags.output);
  const all = await Promise.all((await clusterNames(io)).map((name) => clusterStatus(io, name)));
  if (format !== 'table') {
    io.stdout(formatData(format, all));
    return;
  }
  if (all.length === 0) {
    io.stderr('There are no embedded clusters.\n');
    return;
  }
  const rows = all.map(({ name, status, url, nodes, kubernetesVersion, pid }) => [
    name,
    status,
    url ?? '-',
    String(nodes),
    kubernetesVersion,
    pid === undefined ? '-' : String(pid),
  ]);
  io.stdout(`${formatTable([['NAME', 'STATUS', 'ADDRESS', 'NODES', 'KUBERNETES', 'PID'], ...rows])}\n`);
}

/** Flags of `cluster kubeconfig`. */
export interface KubeconfigFlags extends ClusterFlags {
  readonly merge?: boolean;
  readonly use?: boolean;
}

/** `pintle cluster kubeconfig [NAME]` */
export async function runClusterKubeconfig(
  io: Io,
  argument: string | undefined,
  flags: KubeconfigFlags,
): Promise<void> {
  const name = clusterNameOf(argument, flags.name);
  requireCluster(io, name);
  const folder = clusterFolder(io, name);
  const path = join(folder, 'kubeconfig');
  if (!existsSync(path)) {
    throw new PintleError('target', `embedded cluster "${name}" has never been served`, {
      hint: 'run "pintle cluster start" first',
    });
  }
  const text = await readFile(path, 'utf8');
  if (flags.merge !== true && flags.use !== true) {
    io.stdout(text);
    return;
  }
  const target = userKubeconfig(io, flags);
  if (target === undefined)
    throw new PintleError('usage', 'there is no kubeconfig to merge into', { hint: 'name one with --kubeconfig' });
  const [{ mergeKubeconfig }, { readKubeconfigEntry }] = await Promise.all([
    import('./kubeconfig-file.ts'),
    import('./kubeconfig-entry.ts'),
  ]);
  await mergeKubeconfig(target, readKubeconfigEntry(path, text, `pintle-${name}`), flags.use === true);
  const settings = await readClusterSettings(folder);
  await writeClusterSettings(folder, {
    ...settings,
    kubeconfigs: [...new Set([...(settings.kubeconfigs ?? []), target])],
  });
  io.stdout(`context "pintle-${name}" is in ${target}\n`);
}

/** `pintle cluster delete [NAME]` */
export async function runClusterDelete(io: Io, argument: string | undefined, flags: ClusterFlags): Promise<void> {
  const name = clusterNameOf(argument, flags.name);
  requireCluster(io, name);
  const folder = clusterFolder(io, name);
  await stopServing(io, name, 30_000);
  await lockCluster(io, folder, { name, command: 'pintle cluster delete', timeout: 30_000 });
  const { kubeconfigs = [] } = await readClusterSettings(folder).catch(() => ({ kubeconfigs: [] }));
  // Moved away first, with the lock in it: a deletion that is cut short leaves no half of a cluster.
  const aside = `${folder}.deleted.${io.pid}`;
  await rename(folder, aside);
  await rm(aside, { recursive: true, force: true });
  for (const path of kubeconfigs) await forget(io, path, `pintle-${name}`);
  io.stdout(`embedded cluster "${name}" is deleted\n`);
}

/** The cluster is gone whatever becomes of the user's file. */
async function forget(io: Io, path: string, context: string): Promise<void> {
  const { removeFromKubeconfig } = await import('./kubeconfig-file.ts');
  try {
    await removeFromKubeconfig(path, context);
  } catch (error) {
    io.stderr(
      `Warning: context "${context}" stays in ${path}: ${error instanceof Error ? error.message : String(error)}\n`,
    );
  }
}

import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PintleError } from '../base/errors.ts';
import { KUBERNETES_VERSION } from '../cluster/kubernetes-version.ts';
import { lockHolder, readClusterSettings, readServerFile } from './cluster-folder.ts';
import type { Io } from './io.ts';
import { homeFolder } from './settings.ts';
import { clusterFolder } from './target.ts';

/** What is known of an embedded cluster without opening it. */
export interface ClusterStatus {
  readonly name: string;
  /** `Busy`: a command works on it right now. */
  readonly status: 'Serving' | 'Stopped' | 'Busy';
  readonly nodes: number;
  /** `v1.35.2` */
  readonly kubernetesVersion: string;
  /** The port that it keeps, once it was served. */
  readonly port?: number;
  /** While it is served. */
  readonly url?: string;
  readonly pid?: number;
  /** RFC 3339 */
  readonly since?: string;
  readonly speed?: number;
  /** What works on it, when it is busy. */
  readonly command?: string;
  /** Of a kubeconfig. */
  readonly context: string;
  readonly folder: string;
}

/** True when there is an embedded cluster of that name. */
export function clusterExists(io: Io, name: string): boolean {
  const folder = clusterFolder(io, name);
  return existsSync(join(folder, 'cluster.json')) || existsSync(join(folder, 'store'));
}

/** @throws PintleError `target` when there is none */
export function requireCluster(io: Io, name: string): void {
  if (clusterExists(io, name)) return;
  throw new PintleError('target', `there is no embedded cluster "${name}"`, {
    hint: 'see "pintle cluster list"; "pintle cluster start" makes one',
  });
}

/** @throws PintleError `store-corrupt` for settings that cannot be read */
export async function clusterStatus(io: Io, name: string): Promise<ClusterStatus> {
  const folder = clusterFolder(io, name);
  const { nodes = 3, port, kubernetesVersion = KUBERNETES_VERSION } = await readClusterSettings(folder);
  const server = readServerFile(folder);
  const holder = server === undefined ? await lockHolder(folder) : undefined;
  return {
    name,
    status: server !== undefined ? 'Serving' : holder === undefined ? 'Stopped' : 'Busy',
    nodes,
    kubernetesVersion,
    ...(port === undefined ? {} : { port }),
    ...(server === undefined
      ? {}
      : { url: server.url, pid: server.pid, since: new Date(server.since).toISOString(), speed: server.speed }),
    ...(holder === undefined ? {} : { pid: holder.pid, command: holder.command }),
    context: `pintle-${name}`,
    folder,
  };
}

/** The names of all embedded clusters, sorted. */
export async function clusterNames(io: Io): Promise<readonly string[]> {
  const entries = await readdir(join(homeFolder(io), 'clusters')).catch(() => []);
  return entries.filter((name) => clusterExists(io, name)).sort();
}

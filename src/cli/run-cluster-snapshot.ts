import { existsSync } from 'node:fs';
import { readFile, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { PintleError } from '../base/errors.ts';
import { readSnapshot } from '../cluster/store/snapshot.ts';
import { replaceFile } from '../chart/files.ts';
import { lockCluster, readClusterSettings, readServerFile, writeClusterSettings } from './cluster-folder.ts';
import { checkClusterName } from './cluster-name.ts';
import { requireCluster } from './cluster-status.ts';
import type { Io } from './io.ts';
import type { ClusterFlags } from './run-cluster-serving.ts';
import { cliLogger } from './cli-logger.ts';
import { keepPlan } from './cluster-plan.ts';
import type { NodePlan } from '../cluster/nodes/node-pool.ts';
import { clusterFolder, openEmbedded } from './target.ts';

/** `pintle cluster snapshot FILE` */
export async function runClusterSnapshot(
  io: Io,
  file: string,
  flags: ClusterFlags & { readonly name: string },
): Promise<void> {
  const { name } = flags;
  checkClusterName(name);
  requireCluster(io, name);
  const target = await openEmbedded(io, name, {
    access: 'write',
    command: 'pintle cluster snapshot',
    logger: cliLogger(io, flags),
  });
  let bytes: Uint8Array;
  try {
    if (target.snapshot === undefined) throw new PintleError('target', `${target.description} gives no snapshots`);
    bytes = await target.snapshot();
  } finally {
    await target.close();
  }
  const path = resolve(io.cwd, file);
  // It holds Secrets.
  replaceFile(path, bytes, 0o600);
  io.stdout(`embedded cluster "${name}" is kept in ${path} (${Math.ceil(bytes.length / 1024)} KiB)\n`);
}

/** `pintle cluster restore FILE` */
export async function runClusterRestore(
  io: Io,
  file: string,
  flags: ClusterFlags & { readonly name: string; readonly force?: boolean },
): Promise<void> {
  const { name } = flags;
  checkClusterName(name);
  const snapshot = await readSnapshot(await readBytes(resolve(io.cwd, file)), file);
  const folder = clusterFolder(io, name);
  refuseServed(folder, name);
  const unlock = await lockCluster(io, folder, { name, command: 'pintle cluster restore', timeout: 30_000 });
  try {
    refuseServed(folder, name);
    const store = join(folder, 'store');
    if (existsSync(store) && flags.force !== true) {
      throw new PintleError('target', `embedded cluster "${name}" exists`, {
        hint: 'replace it with --force, or restore under another --name',
      });
    }
    const draft = join(folder, `store.${io.pid}`);
    const { restoreStore } = await import('../cluster/store/restore-store.ts');
    await rm(draft, { recursive: true, force: true });
    await restoreStore(draft, snapshot);
    const old = join(folder, `store.old.${io.pid}`);
    if (existsSync(store)) await rename(store, old);
    await rename(draft, store);
    await rm(old, { recursive: true, force: true });
    const { nodes, kubernetesVersion, plan, scheduler } = snapshot.about;
    const text = scheduler === undefined ? undefined : `${JSON.stringify(scheduler, null, 2)}\n`;
    await keepPlan(folder, { scheduler: { configuration: undefined, text } });
    if (plan !== undefined) {
      const { planText } = await import('../cluster/nodes/plan-text.ts');
      const { clusterNodes } = await import('../cluster/cluster-nodes.ts');
      const text = planText(plan as NodePlan);
      const usual = text === planText({ nodes: clusterNodes(nodes), pools: [] });
      await keepPlan(folder, { nodes: { plan: plan as NodePlan, text: usual ? undefined : text } });
    }
    await writeClusterSettings(folder, { ...(await readClusterSettings(folder)), nodes, kubernetesVersion });
  } finally {
    await unlock();
  }
  const objects = [...snapshot.buckets.values()].reduce((sum, entries) => sum + entries.length, 0);
  io.stdout(`embedded cluster "${name}" is as ${file} has it: ${objects} objects\n`);
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new PintleError('io', `cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

function refuseServed(folder: string, name: string): void {
  const server = readServerFile(folder);
  if (server === undefined) return;
  throw new PintleError('target', `embedded cluster "${name}" is served (pid ${server.pid})`, {
    hint: `end that first: pintle cluster stop ${name}`,
  });
}

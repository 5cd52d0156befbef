import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SeededRandom } from '../base/random.ts';
import { VirtualClock } from '../base/virtual-clock.ts';
import { Cluster, resumeTime } from '../cluster/cluster.ts';
import { createCatalogue } from '../cluster/kubelet/images/catalogue.ts';
import { openLmdbStore } from '../cluster/store/lmdb-store.ts';
import { MemoryStore } from '../cluster/store/memory-store.ts';
import type { Store } from '../cluster/store/store.ts';
import { type ClusterSettings, lockCluster, readClusterSettings } from './cluster-folder.ts';
import type { Io } from './io.ts';
import { clusterPlan, type GivenPlan } from './cluster-plan.ts';
import type { Target, TargetRequest } from './opened-target.ts';

/** What others are told of a process that serves. */
export const START_COMMAND = 'pintle cluster start';

/** Which embedded cluster is opened, and how. */
export interface OpenRequest extends TargetRequest {
  readonly name: string;
  readonly folder: string;
  /** ms to wait for the lock. */
  readonly lockTimeout: number;
  /** Looked at while waiting for the lock: the cluster is served now, and to be reached that way. */
  readonly isServed: () => boolean;
}

/**
 * Opens an embedded cluster: for writing under its lock with all parts running and caught up with the wall clock; for reading
 * as it stands.
 *
 * @throws PintleError `lock-timeout`, `store-corrupt`; LockUnwanted when it is served meanwhile
 */
export async function openCluster(io: Io, request: OpenRequest): Promise<Target> {
  if (request.access === 'read') return await openForReading(io, request);
  const locked = await lockOrUndefined(io, request);
  if (locked === undefined) return await openForReading(io, request);
  try {
    return await openForWriting(io, request, locked);
  } catch (error) {
    await locked();
    throw error;
  }
}

/** Who only observes does not wait for the lock: what another process is doing is to be seen. */
async function lockOrUndefined(io: Io, request: OpenRequest): Promise<(() => Promise<void>) | undefined> {
  const timeout = request.access === 'observe' ? 0 : request.lockTimeout;
  try {
    return await lockCluster(io, request.folder, {
      name: request.name,
      command: request.command,
      timeout,
      unless: request.isServed,
      signal: request.signal,
    });
  } catch (error) {
    if (request.access === 'observe') return undefined;
    throw error;
  }
}

async function openForReading(io: Io, request: OpenRequest): Promise<Target> {
  const folder = join(request.folder, 'store');
  const store: Store = existsSync(folder) ? await openLmdbStore(folder, { readOnly: true }) : new MemoryStore();
  const cluster = await assemble(request, store, Math.max(Cluster.storedTime(store) ?? 0, io.now()));
  return {
    client: cluster.client,
    clock: cluster.clock,
    exclusive: false,
    defaultDriver: 'configmap',
    description: describe(request),
    folder: request.folder,
    flush: async () => {},
    close: () => store.close(),
  };
}

async function openForWriting(io: Io, request: OpenRequest, unlock: () => Promise<void>): Promise<Target> {
  const { cluster, store } = await startCluster(io, request);
  return {
    client: cluster.client,
    clock: cluster.clock,
    exclusive: true,
    defaultDriver: 'configmap',
    description: describe(request),
    folder: request.folder,
    advance: (duration, options) => cluster.advance(duration, options),
    snapshot: () => cluster.snapshot(),
    flush: async () => {
      await cluster.clock.settle();
      await store.flush();
    },
    close: async () => {
      try {
        cluster.stop();
        await store.close();
      } finally {
        await unlock();
      }
    },
  };
}

async function startCluster(
  io: Io,
  request: AssembleRequest,
): Promise<{ readonly cluster: Cluster; readonly store: Store }> {
  const store = await openLmdbStore(join(request.folder, 'store'));
  try {
    const cluster = await assemble(request, store, resumeTime(Cluster.storedTime(store), io.now()));
    await cluster.start();
    await cluster.catchUp(io.now());
    return { cluster, store };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** An embedded cluster that a process serves. */
export interface ServingCluster {
  readonly cluster: Cluster;
  close(): Promise<void>;
}

/**
 * Opens an embedded cluster for a process that serves it.
 *
 * @throws PintleError `lock-timeout`; LockUnwanted when another process serves it meanwhile
 */
export async function openForServing(
  io: Io,
  request: AssembleRequest & { readonly settings: ClusterSettings; readonly isServed: () => boolean },
): Promise<ServingCluster> {
  const unlock = await lockCluster(io, request.folder, {
    name: request.name,
    command: START_COMMAND,
    timeout: 10_000,
    unless: request.isServed,
  });
  try {
    const { cluster, store } = await startCluster(io, request);
    return {
      cluster,
      close: async () => {
        try {
          cluster.stop();
          await store.close();
        } finally {
          await unlock();
        }
      },
    };
  } catch (error) {
    await unlock();
    throw error;
  }
}

type AssembleRequest = Pick<OpenRequest, 'name' | 'folder' | 'logger'> & {
  /** Default: those that were kept. */
  readonly settings?: ClusterSettings;
  /** Over what was kept. */
  readonly given?: GivenPlan;
};

async function assemble(request: AssembleRequest, store: Store, start: number): Promise<Cluster> {
  const settings = request.settings ?? (await readClusterSettings(request.folder));
  const plan = await clusterPlan(request.folder, settings, request.given);
  return new Cluster({
    store,
    clock: new VirtualClock({ start }),
    random: new SeededRandom(seedOf(request.folder, store.revision)),
    logger: request.logger,
    nodes: plan.nodes.nodes,
    pools: plan.nodes.pools,
    catalogue: createCatalogue(plan.images),
    description: describe(request),
    kubernetesVersion: settings.kubernetesVersion,
    scheduler: plan.scheduler,
  });
}

/** Chance goes on where the store stands, so that names given before are not given again. */
function seedOf(folder: string, revision: number): number {
  return createHash('sha256').update(`${folder}\n${revision}`).digest().readUInt32BE(0);
}

function describe(request: AssembleRequest): string {
  return `embedded cluster "${request.name}"`;
}

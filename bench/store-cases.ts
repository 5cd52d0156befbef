import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '../src/base/logger.ts';
import { SeededRandom } from '../src/base/random.ts';
import { VirtualClock } from '../src/base/virtual-clock.ts';
import { ApiServer } from '../src/cluster/apiserver/api-server.ts';
import { builtinStrategies } from '../src/cluster/registry/builtins.ts';
import { type LmdbStore, openLmdbStore } from '../src/cluster/store/lmdb-store.ts';
import type { KubeClient } from '../src/client/kube-client.ts';
import { RESOURCES } from '../src/kube/resources.ts';

/** A store in a folder of its own, with an API server over it. */
export interface OurStore {
  readonly store: LmdbStore;
  readonly client: KubeClient;
  readonly close: () => Promise<void>;
}

export async function openStore(): Promise<OurStore> {
  const folder = mkdtempSync(join(tmpdir(), 'pintle-store-'));
  const store = await openLmdbStore(folder);
  const server = new ApiServer({
    store,
    strategies: builtinStrategies(),
    clock: new VirtualClock({ start: Date.now() }),
    random: new SeededRandom(1),
    logger: silentLogger,
  });
  const client = server.client({ fieldManager: 'bench' });
  await client.create(RESOURCES.namespaces, { metadata: { name: 'default' } });
  return {
    store,
    client,
    close: async () => {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** An object of about so many bytes, as the store keeps it. */
export function rawObject(
  name: string,
  bytes: number,
): { apiVersion: string; kind: string; metadata: object; data: object } {
  const metadata = { name, namespace: 'default', resourceVersion: '1' };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { x: 'x'.repeat(Math.max(0, bytes - 120)) } };
}

/** Puts one object straight into the store, and waits for the disk. */
export async function putDurably({ store }: OurStore, name: string, bytes: number): Promise<void> {
  store.commit([{ type: 'put', bucket: '/configmaps', namespace: 'default', name, value: rawObject(name, bytes) }]);
  await store.flush();
}

/** Creates an object through the API, and waits until the disk has it; all that ask at the same time wait for one sync. */
export async function createDurably({ store, client }: OurStore, name: string, bytes: number): Promise<void> {
  const data = { x: 'x'.repeat(Math.max(0, bytes - 120)) };
  await client.create(RESOURCES.configMaps, { metadata: { name, namespace: 'default' }, data });
  await store.written({ onDisk: true });
}

/** All objects, as JSON: the number of bytes. */
export function rangeJson({ store }: OurStore): number {
  let bytes = 0;
  for (const { value } of store.list('/configmaps', 'default')) bytes += Buffer.byteLength(JSON.stringify(value));
  return bytes;
}

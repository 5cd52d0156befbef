import { silentLogger } from '../base/logger.ts';
import { SeededRandom } from '../base/random.ts';
import { VirtualClock } from '../base/virtual-clock.ts';
import { Cluster } from '../cluster/cluster.ts';
import { createCatalogue } from '../cluster/kubelet/images/catalogue.ts';
import type { SchedulerConfiguration } from '../cluster/scheduler/profiles/settings.ts';
import { MemoryStore } from '../cluster/store/memory-store.ts';
import type { StoreChange } from '../cluster/store/store.ts';
import type { ClusterCopy } from './copy-cluster.ts';

/** Chance of all rehearsals: the same cluster and chart give the same story. */
const SEED = 1;

/** Starts a simulated cluster in memory that is as the copy says, at the copy's time. */
export async function startCopy(
  copy: ClusterCopy,
  description: string,
  scheduler?: SchedulerConfiguration,
): Promise<Cluster> {
  const store = new MemoryStore();
  const resourceVersion = String(store.revision + 1);
  store.commit(
    copy.objects.map(({ type, object }): StoreChange => {
      const { name = '', namespace = '' } = object.metadata;
      const value = { ...object, metadata: { ...object.metadata, resourceVersion } };
      return { type: 'put', bucket: `${type.group}/${type.resource}`, namespace, name, value };
    }),
  );
  const cluster = new Cluster({
    store,
    clock: new VirtualClock({ start: copy.time }),
    random: new SeededRandom(SEED),
    logger: silentLogger,
    nodes: copy.nodes,
    catalogue: createCatalogue({ images: copy.behaviours }),
    description,
    scheduler,
  });
  await cluster.start();
  return cluster;
}

import type { ActionContext } from '../../src/actions/context.ts';
import { silentLogger, type Logger } from '../../src/base/logger.ts';
import { SeededRandom } from '../../src/base/random.ts';
import { VirtualClock } from '../../src/base/virtual-clock.ts';
import { clusterNodes } from '../../src/cluster/cluster-nodes.ts';
import { Cluster } from '../../src/cluster/cluster.ts';
import { createCatalogue, type CatalogueOptions } from '../../src/cluster/kubelet/images/catalogue.ts';
import type { NodeOptions } from '../../src/cluster/kubelet/kubelet.ts';
import { MemoryStore } from '../../src/cluster/store/memory-store.ts';
import type { Store } from '../../src/cluster/store/store.ts';
import { createConfigMapDriver } from '../../src/release/configmap-driver.ts';
import { ReleaseStore } from '../../src/release/store.ts';

/** The instant at which clusters of tests begin. */
export const START = Date.UTC(2026, 0, 15, 12);

/** A cluster in memory for a test. */
export interface EmbeddedCluster {
  readonly cluster: Cluster;
  readonly store: Store;
  /** What actions work with, in a namespace. */
  context(namespace?: string): ActionContext;
  /** Lets time pass, ms. */
  advance(duration: number): Promise<void>;
  stop(): void;
}

export interface EmbeddedOptions {
  readonly nodes?: number | readonly NodeOptions[];
  readonly seed?: number;
  readonly catalogue?: CatalogueOptions;
  readonly logger?: Logger;
  /** Of a cluster that was stopped; default: a new one. */
  readonly store?: Store;
  /** ms since the epoch */
  readonly start?: number;
}

/** A logger that keeps what is told of work that makes no progress. */
export function progressLog(): { readonly logger: Logger; readonly warnings: string[] } {
  const warnings: string[] = [];
  const log: Logger['log'] = (level, message) => {
    if (level === 'warn' && message.startsWith('no progress')) warnings.push(message);
  };
  return { logger: { ...silentLogger, log }, warnings };
}

/** Starts a simulated cluster with all its parts. */
export async function embeddedCluster(options: EmbeddedOptions = {}): Promise<EmbeddedCluster> {
  const { nodes = 3 } = options;
  const store = options.store ?? new MemoryStore();
  const random = new SeededRandom(options.seed ?? 1);
  const logger = options.logger ?? silentLogger;
  const cluster = new Cluster({
    store,
    clock: new VirtualClock({ start: options.start ?? START }),
    random,
    logger,
    nodes: typeof nodes === 'number' ? clusterNodes(nodes) : nodes,
    catalogue: createCatalogue(options.catalogue),
    description: 'embedded cluster "test"',
  });
  await cluster.start();
  return {
    cluster,
    store,
    context: (namespace = 'default') => ({
      client: cluster.client,
      clock: cluster.clock,
      logger,
      namespace,
      store: new ReleaseStore(
        createConfigMapDriver({ client: cluster.client, clock: cluster.clock, namespace, logger }),
        {
          maxHistory: 10,
        },
      ),
      random,
      exclusive: true,
    }),
    advance: async (duration) => {
      await cluster.advance(duration);
    },
    stop: () => cluster.stop(),
  };
}

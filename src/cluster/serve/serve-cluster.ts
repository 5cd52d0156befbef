import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { VirtualClock } from '../../base/virtual-clock.ts';
import type { ApiServer } from '../apiserver/api-server.ts';
import { bootstrapAccess } from './bootstrap-access.ts';
import { ApiListener } from './api-listener.ts';
import { type ClusterKeys, completeKeys } from './cluster-keys.ts';
import { TimeDriver } from './time-driver.ts';

/** How a cluster is served. */
export interface ServeOptions {
  readonly apiServer: ApiServer;
  readonly clock: VirtualClock;
  readonly wallClock: Clock;
  readonly logger: Logger;
  /** Default: new ones. */
  readonly keys?: Partial<ClusterKeys>;
  /** Default: 127.0.0.1. */
  readonly host?: string;
  /** Default: any that is free. */
  readonly port?: number;
  /** Seconds of the cluster's in one real second; default 1. */
  readonly speed?: number;
}

/** A cluster that is served. */
export interface ServedCluster {
  readonly port: number;
  /** `https://127.0.0.1:PORT` */
  readonly url: string;
  readonly keys: ClusterKeys;
  /** Ends all connections; the cluster's time stands still again. */
  close(): Promise<void>;
}

/**
 * Serves the API of a cluster on a port, and lets its time pass meanwhile.
 *
 * @throws PintleError `target` when the port is taken
 */
export async function serveCluster(options: ServeOptions): Promise<ServedCluster> {
  const { apiServer, clock, wallClock, logger, host = '127.0.0.1', port = 0, speed = 1 } = options;
  const keys = await completeKeys(options.keys ?? {}, wallClock.now());
  await bootstrapAccess(apiServer);
  const driver = new TimeDriver({ clock, wallClock, speed, logger });
  const listener = new ApiListener({
    apiServer,
    clock,
    wallClock,
    logger,
    keys,
    host,
    port,
    poke: () => driver.poke(),
  });
  await listener.listen();
  driver.start();
  return {
    port: listener.port,
    url: `https://${host.includes(':') ? `[${host}]` : host}:${listener.port}`,
    keys,
    close: async () => {
      driver.stop();
      await listener.close();
    },
  };
}

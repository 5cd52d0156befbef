import { silentLogger } from '../../../src/base/logger.ts';
import { SeededRandom } from '../../../src/base/random.ts';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import type { KubeClient } from '../../../src/client/kube-client.ts';
import { ApiServer } from '../../../src/cluster/apiserver/api-server.ts';
import { builtinStrategies } from '../../../src/cluster/registry/builtins.ts';
import { MemoryStore } from '../../../src/cluster/store/memory-store.ts';
import type { Store } from '../../../src/cluster/store/store.ts';
import { RESOURCES } from '../../../src/kube/resources.ts';
import { type Status, StatusError } from '../../../src/kube/status-error.ts';

/** An instant to start at: 2024-05-01T12:00:00Z. */
export const START = Date.UTC(2024, 4, 1, 12);

/** A server with its parts, and what tests usually need in it. */
export interface TestServer {
  readonly server: ApiServer;
  readonly client: KubeClient;
  readonly clock: VirtualClock;
  readonly store: Store;
}

/** A server with the namespace `default` and its service account. */
export async function testServer(store: Store = new MemoryStore()): Promise<TestServer> {
  const strategies = builtinStrategies();
  const clock = new VirtualClock({ start: START });
  const server = new ApiServer({ store, strategies, clock, random: new SeededRandom(1), logger: silentLogger });
  const client = server.client({ fieldManager: 'test' });
  if (store.count('/namespaces') === 0) {
    await client.create(RESOURCES.namespaces, { metadata: { name: 'default' } });
    await client.create(RESOURCES.serviceAccounts, { metadata: { name: 'default', namespace: 'default' } });
  }
  return { server, client, clock, store };
}

/** A pod of one container. */
export function pod(name: string, more: Record<string, unknown> = {}, labels: Record<string, string> = {}): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', labels },
    spec: { containers: [{ name: 'c', image: 'nginx:1' }], ...more },
  };
}

/** What a request that must fail was answered with. */
export async function refusal(promise: Promise<unknown>): Promise<Status> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof StatusError) return error.status;
    throw error;
  }
  throw new Error('the request did not fail');
}

/** Gives promise jobs time to run. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 20; i += 1) await Promise.resolve();
}

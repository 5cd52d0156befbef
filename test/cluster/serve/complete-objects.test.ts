import { expect, test } from 'vitest';
import type { Logger } from '../../../src/base/logger.ts';
import { SeededRandom } from '../../../src/base/random.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import type { KubeClient } from '../../../src/client/kube-client.ts';
import { ApiServer } from '../../../src/cluster/apiserver/api-server.ts';
import { builtinStrategies } from '../../../src/cluster/registry/builtins.ts';
import { completeObjects } from '../../../src/cluster/serve/complete-objects.ts';
import { MemoryStore } from '../../../src/cluster/store/memory-store.ts';
import type { ConfigMap } from '../../../src/kube/api/core-v1.generated.ts';
import type { KubeObject } from '../../../src/kube/object.ts';
import { RESOURCES } from '../../../src/kube/resources.ts';

type TestMap = KubeObject & ConfigMap;
const KEY = { namespace: 'default', name: 'waits' };

async function begin(): Promise<KubeClient> {
  const common = {
    strategies: builtinStrategies(),
    clock: new VirtualClock({ start: 0 }),
    random: new SeededRandom(1),
  };
  const server = new ApiServer({ store: new MemoryStore(), ...common, logger: silentLogger });
  const client = server.client();
  await client.create(RESOURCES.namespaces, { metadata: { name: 'default' } });
  return client;
}

function add(client: KubeClient, data: Readonly<Record<string, string>>): Promise<unknown> {
  return client.create(RESOURCES.configMaps, { metadata: KEY, data });
}

async function dataOf(client: KubeClient): Promise<unknown> {
  return (await client.get<TestMap>(RESOURCES.configMaps, KEY)).data;
}

const isDue = ({ data }: TestMap): boolean => data?.['wish'] !== undefined && data['answer'] === undefined;

test('an object that changes while it is worked on is completed as it then is', async () => {
  const client = await begin();
  let go: (() => void) | undefined;
  const gate = new Promise<void>((resolve) => {
    go = resolve;
  });
  const watch = completeObjects<TestMap>({
    client,
    logger: silentLogger,
    resource: RESOURCES.configMaps,
    isDue,
    complete: async (map) => {
      await gate;
      return { ...map, data: { ...map.data, answer: `to ${map.data?.['wish'] ?? ''}` } };
    },
  });
  await add(client, { wish: 'one' });
  await client.patch(RESOURCES.configMaps, KEY, 'merge', { data: { wish: 'two' } });
  go?.();
  await expect.poll(() => dataOf(client)).toEqual({ wish: 'two', answer: 'to two' });
  watch.stop();
});

test('a failure is logged, and the next change tries again', async () => {
  const client = await begin();
  const logged: unknown[] = [];
  const logger: Logger = { log: (level, message) => void logged.push([level, message]) };
  let tries = 0;
  const watch = completeObjects<TestMap>({
    client,
    logger,
    resource: RESOURCES.configMaps,
    isDue,
    complete: async (map) => {
      tries += 1;
      if (tries === 1) throw new Error('the disk is full');
      return { ...map, data: { ...map.data, answer: 'yes' } };
    },
  });
  await add(client, { wish: 'one' });
  await expect.poll(() => logged).toHaveLength(1);
  expect(logged).toEqual([['warn', 'ConfigMap default/waits could not be completed: the disk is full']]);
  expect(await dataOf(client)).toEqual({ wish: 'one' });
  await client.patch(RESOURCES.configMaps, KEY, 'merge', { metadata: { labels: { again: 'yes' } } });
  await expect.poll(() => dataOf(client)).toEqual({ wish: 'one', answer: 'yes' });
  watch.stop();
});

import { afterEach, expect, it } from 'vitest';
import type { Node } from '../../../src/kube/api/core-v1.generated.ts';
import { RESOURCES } from '../../../src/kube/resources.ts';
import { type EmbeddedCluster, embeddedCluster, START } from '../../support/embedded-cluster.ts';

let current: EmbeddedCluster | undefined;

afterEach(() => current?.stop());

async function ready(name: string): Promise<string | undefined> {
  const node = await current?.cluster.client.get<Node>(RESOURCES.nodes, { name });
  return node?.status?.conditions?.find(({ type }) => type === 'Ready')?.status;
}

it('finds nodes lost that are gone after a start with fewer', async () => {
  current = await embeddedCluster({ nodes: 3 });
  const { store } = current;
  await current.advance(10_000);
  current.stop();
  current = await embeddedCluster({ nodes: 2, store, start: START + 10_000 });
  expect(await ready('pintle-3')).toBe('True');
  await current.advance(60_000);
  expect(await ready('pintle-2')).toBe('True');
  expect(await ready('pintle-3')).toBe('Unknown');
  current.stop();
  current = await embeddedCluster({ nodes: 3, store, start: START + 80_000 });
  await current.advance(10_000);
  expect(await ready('pintle-3')).toBe('True');
});

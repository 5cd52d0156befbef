import { expect, test } from 'vitest';
import { createNodeIpamController } from '../../../../src/cluster/controllers/node-ipam/node-ipam-controller.ts';
import type { Node } from '../../../../src/kube/api/core-v1.generated.ts';
import { RESOURCES } from '../../../../src/kube/resources.ts';
import { workloadCluster } from '../support/workload-cluster.ts';

test('nodes without a pod network get one that no other has, as long as there are some', async () => {
  const running = await workloadCluster({ controllers: [createNodeIpamController], runPods: false });
  const cidr = async (name: string): Promise<string | undefined> =>
    (await running.get<Node>(RESOURCES.nodes, name)).spec?.podCIDR;
  await running.create(RESOURCES.nodes, { metadata: { name: 'own' }, spec: { podCIDR: '10.244.255.0/24' } });
  await running.create(RESOURCES.nodes, { metadata: { name: 'a' } });
  await running.create(RESOURCES.nodes, { metadata: { name: 'b' } });
  await running.pass(1);
  expect([await cidr('own'), await cidr('a'), await cidr('b')]).toEqual([
    '10.244.255.0/24',
    '10.244.254.0/24',
    '10.244.253.0/24',
  ]);
  // What a node had is given to another when the node is gone.
  await running.delete(RESOURCES.nodes, 'a');
  await running.create(RESOURCES.nodes, { metadata: { name: 'c' } });
  await running.pass(1);
  expect(await cidr('c')).toBe('10.244.254.0/24');
  for (let i = 0; i < 254; i += 1) await running.create(RESOURCES.nodes, { metadata: { name: `n${i}` } });
  await running.pass(1);
  const nodes = await running.list<Node>(RESOURCES.nodes);
  const given = nodes.flatMap(({ spec }) => spec?.podCIDR ?? []);
  expect(new Set(given).size).toBe(256);
  const [late] = nodes.filter(({ spec }) => spec?.podCIDR === undefined);
  expect(await running.events(late?.metadata.name ?? '')).toContain(
    `CIDRNotAvailable: Node ${late?.metadata.name} status is now: CIDRNotAvailable`,
  );
  await running.delete(RESOURCES.nodes, 'b');
  await running.pass(10);
  expect(await cidr(late?.metadata.name ?? '')).toBe('10.244.253.0/24');
  running.stop();
});

import { afterEach, describe, expect, it } from 'vitest';
import { AddressPool } from '../../../../src/cluster/controllers/service/address-pool.ts';
import type { Service } from '../../../../src/kube/api/core-v1.generated.ts';
import { RESOURCES } from '../../../../src/kube/resources.ts';
import { type TestCluster, testCluster } from '../support.ts';

let cluster: TestCluster | undefined;

afterEach(() => {
  cluster?.stop();
  cluster = undefined;
});

async function create(running: TestCluster, name: string, spec: object = {}): Promise<void> {
  await running.client.create(RESOURCES.services, {
    metadata: { name, namespace: 'default' },
    spec: { type: 'LoadBalancer', ports: [{ port: 80 }], ...spec },
  });
  await running.clock.settle();
}

async function address(running: TestCluster, name: string): Promise<string | undefined> {
  const service = await running.client.get<Service>(RESOURCES.services, { namespace: 'default', name });
  return service.status?.loadBalancer?.ingress?.[0]?.ip;
}

describe('address pool', () => {
  it('gives the lowest free address, and the one asked for', () => {
    const pool = new AddressPool();
    expect([pool.claim('a'), pool.claim('b'), pool.claim('a')]).toEqual([
      '172.18.200.1',
      '172.18.200.2',
      '172.18.200.1',
    ]);
    expect(pool.claim('c', '172.18.200.2')).toBeUndefined();
    pool.release('a');
    expect(pool.claim('c')).toBe('172.18.200.1');
    expect(pool.claim('c', '1.2.3.4')).toBe('1.2.3.4');
    expect(pool.claim('d')).toBe('172.18.200.1');
  });

  it('leaves out network and broadcast addresses, and ends', () => {
    const pool = new AddressPool();
    const all: (string | undefined)[] = [];
    for (let i = 0; i < 300; i += 1) all.push(pool.claim(`s${i}`));
    expect(all).toContain('172.18.200.254');
    expect(all).toContain('172.18.201.1');
    expect(all.some((ip) => /\.(0|255)$/.test(ip ?? ''))).toBe(false);
  });
});

describe('load balancers', () => {
  it('get an address and give it back', async () => {
    cluster = await testCluster();
    await create(cluster, 'a');
    await create(cluster, 'b');
    expect([await address(cluster, 'a'), await address(cluster, 'b')]).toEqual(['172.18.200.1', '172.18.200.2']);
    const key = { namespace: 'default', name: 'a' };
    const service = await cluster.client.get<Service>(RESOURCES.services, key);
    expect(service.metadata.finalizers).toEqual(['service.kubernetes.io/load-balancer-cleanup']);
    expect(service.status?.loadBalancer).toEqual({ ingress: [{ ip: '172.18.200.1', ipMode: 'VIP' }] });
    expect(await cluster.events('Service', 'a')).toEqual([
      'EnsuringLoadBalancer: Ensuring load balancer',
      'EnsuredLoadBalancer: Ensured load balancer',
    ]);
    await cluster.client.delete(RESOURCES.services, key);
    await cluster.clock.settle();
    await expect(cluster.client.get(RESOURCES.services, key)).rejects.toMatchObject({ reason: 'NotFound' });
    await create(cluster, 'c');
    expect(await address(cluster, 'c')).toBe('172.18.200.1');
  });

  it('lose it with their type', async () => {
    cluster = await testCluster();
    await create(cluster, 'a');
    const key = { namespace: 'default', name: 'a' };
    await cluster.client.patch(RESOURCES.services, key, 'merge', { spec: { type: 'ClusterIP' } });
    await cluster.clock.settle();
    const service = await cluster.client.get<Service>(RESOURCES.services, key);
    expect(service.metadata.finalizers ?? []).toEqual([]);
    expect(service.status?.loadBalancer).toEqual({});
  });

  it('of another class are left alone', async () => {
    cluster = await testCluster();
    await create(cluster, 'a', { loadBalancerClass: 'example.com/other' });
    await create(cluster, 'b', { loadBalancerIP: '10.9.8.7' });
    expect([await address(cluster, 'a'), await address(cluster, 'b')]).toEqual([undefined, '10.9.8.7']);
  });
});

import { afterEach, describe, expect, it } from 'vitest';
import type { Endpoints, Pod } from '../../../../src/kube/api/core-v1.generated.ts';
import type { EndpointSlice } from '../../../../src/kube/api/discovery-v1.generated.ts';
import { RESOURCES } from '../../../../src/kube/resources.ts';
import { deployment, patchDeployment, setReady, type TestCluster, testCluster } from '../support.ts';

let cluster: TestCluster;

afterEach(() => cluster.stop());

async function service(spec: object, labels: object = {}): Promise<void> {
  await cluster.client.create(RESOURCES.services, {
    metadata: { name: 'web', namespace: 'default', labels },
    spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 'http' }], ...spec },
  });
  await cluster.clock.advance(5000);
}

async function start(spec: object = {}, replicas = 2): Promise<void> {
  cluster = await testCluster({ stopAfter: 3000 });
  await cluster.client.create(RESOURCES.deployments, deployment({ replicas }));
  await service(spec, { tier: 'front' });
}

async function slices(): Promise<readonly EndpointSlice[]> {
  return (await cluster.client.list<EndpointSlice>(RESOURCES.endpointSlices)).items;
}

async function conditions(): Promise<string[]> {
  return (await slices()).flatMap(({ endpoints }) =>
    endpoints.map(({ conditions: each }) => `${each?.ready} ${each?.serving} ${each?.terminating}`),
  );
}

const endpoints = (): Promise<Endpoints> =>
  cluster.client.get<Endpoints>(RESOURCES.endpoints, { namespace: 'default', name: 'web' });

describe('endpoints', () => {
  it('hold the ready pods', async () => {
    await start();
    const [slice] = await slices();
    const pods = [...cluster.pods()].sort((a, b) => ((a.status?.podIP ?? '') < (b.status?.podIP ?? '') ? -1 : 1));
    expect(slice?.metadata.name).toMatch(/^web-.{5}$/);
    expect(slice?.metadata.labels).toEqual({
      tier: 'front',
      'kubernetes.io/service-name': 'web',
      'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
    });
    expect(slice?.metadata.ownerReferences).toMatchObject([{ kind: 'Service', name: 'web', controller: true }]);
    expect(slice).toMatchObject({ addressType: 'IPv4', ports: [{ name: '', port: 80, protocol: 'TCP' }] });
    expect(
      [...(slice?.endpoints ?? [])].sort((a, b) => ((a.addresses[0] ?? '') < (b.addresses[0] ?? '') ? -1 : 1)),
    ).toEqual(
      pods.map(({ metadata, spec, status }) => ({
        addresses: [status?.podIP],
        conditions: { ready: true, serving: true, terminating: false },
        nodeName: spec?.nodeName,
        targetRef: { kind: 'Pod', namespace: 'default', name: metadata.name, uid: metadata.uid },
      })),
    );
    expect((await endpoints()).subsets).toEqual([
      {
        addresses: pods.map(({ metadata, spec, status }) => ({
          ip: status?.podIP,
          nodeName: spec?.nodeName,
          targetRef: { kind: 'Pod', namespace: 'default', name: metadata.name, uid: metadata.uid },
        })),
        ports: [{ port: 80, protocol: 'TCP' }],
      },
    ]);
    expect((await endpoints()).metadata.labels).toEqual({
      tier: 'front',
      'endpoints.kubernetes.io/managed-by': 'endpoint-controller',
    });
  });

  it('follow readiness and deletion', async () => {
    await start();
    const [first] = cluster.pods();
    if (first === undefined) throw new Error('no pod');
    await setReady(cluster.context, first, first.status?.podIP ?? '', false);
    await cluster.clock.settle();
    expect((await conditions()).sort()).toEqual(['false false false', 'true true false']);
    expect((await endpoints()).subsets?.[0]?.notReadyAddresses).toHaveLength(1);
    await patchDeployment(cluster, { spec: { replicas: 0 } });
    await cluster.clock.settle();
    expect((await conditions()).sort()).toEqual(['false false true', 'false true true']);
    expect((await endpoints()).subsets ?? []).toEqual([]);
    await cluster.clock.advance(5000);
    expect(await slices()).toHaveLength(1);
    expect(await conditions()).toEqual([]);
  });

  it('publish pods that are not ready when asked to', async () => {
    cluster = await testCluster({ readyAfter: () => undefined });
    await cluster.client.create(RESOURCES.deployments, deployment({ replicas: 1 }));
    await service({ publishNotReadyAddresses: true, clusterIP: 'None', ports: [] });
    const [pod] = cluster.pods();
    if (pod === undefined) throw new Error('no pod');
    await setReady(cluster.context, pod, '10.1.1.1', false);
    await cluster.clock.settle();
    expect(await conditions()).toEqual(['true false false']);
    const [slice] = await slices();
    expect(slice?.metadata.labels).toHaveProperty(['service.kubernetes.io/headless'], '');
    expect((await endpoints()).subsets).toMatchObject([{ addresses: [{ ip: '10.1.1.1' }] }]);
  });

  it('leave Services without selector alone', async () => {
    await start({ selector: undefined });
    expect(await slices()).toEqual([]);
    await expect(endpoints()).rejects.toMatchObject({ reason: 'NotFound' });
  });

  it('group pods by what a named port means to them', async () => {
    await start();
    const spec = { containers: [{ name: 'c', image: 'x', ports: [{ name: 'http', containerPort: 8080 }] }] };
    const metadata = { name: 'odd', namespace: 'default', labels: { app: 'web' } };
    await cluster.client.create<Pod>(RESOURCES.pods, { metadata, spec });
    await cluster.clock.advance(5000);
    const found = (await slices()).map((slice) => [slice.ports?.[0]?.port, slice.endpoints.length]);
    expect(found.sort(([a = 0], [b = 0]) => a - b)).toEqual([
      [80, 2],
      [8080, 1],
    ]);
    expect((await endpoints()).subsets?.map(({ ports }) => ports?.[0]?.port).sort()).toEqual([80, 8080]);
  });

  it('go with their Service', async () => {
    await start();
    await cluster.client.delete(RESOURCES.services, { namespace: 'default', name: 'web' });
    await cluster.clock.advance(1000);
    expect(await slices()).toEqual([]);
    await expect(endpoints()).rejects.toMatchObject({ reason: 'NotFound' });
  });

  it('written by hand are mirrored', async () => {
    cluster = await testCluster();
    await service({ selector: undefined });
    const subsets = [
      {
        addresses: [{ ip: '192.0.2.1' }],
        notReadyAddresses: [{ ip: '192.0.2.2' }],
        ports: [{ name: 'db', port: 5432 }],
      },
    ];
    const metadata = { name: 'web', namespace: 'default', labels: { by: 'hand' } };
    const made = await cluster.client.create<Endpoints>(RESOURCES.endpoints, { metadata, subsets });
    await cluster.clock.settle();
    const [slice] = await slices();
    expect(slice?.metadata.labels).toEqual({
      by: 'hand',
      'kubernetes.io/service-name': 'web',
      'endpointslice.kubernetes.io/managed-by': 'endpointslicemirroring-controller.k8s.io',
    });
    expect(slice?.metadata.ownerReferences).toMatchObject([{ kind: 'Endpoints', name: 'web' }]);
    expect(slice).toMatchObject({ addressType: 'IPv4', ports: [{ name: 'db', port: 5432, protocol: 'TCP' }] });
    expect(slice?.endpoints).toEqual([
      { addresses: ['192.0.2.1'], conditions: { ready: true } },
      { addresses: ['192.0.2.2'], conditions: { ready: false } },
    ]);
    await cluster.client.update(RESOURCES.endpoints, { ...made, subsets: [] });
    await cluster.clock.settle();
    expect(await slices()).toEqual([]);
  });

  /** Mirrored slices of Endpoints made by hand: family, port, number of endpoints, number of those that are ready. */
  async function mirrored(subsets: readonly object[], metadata: object = {}): Promise<unknown[]> {
    cluster = await testCluster();
    await service({ selector: undefined });
    const named = { name: 'web', namespace: 'default', ...metadata };
    await cluster.client.create<Endpoints>(RESOURCES.endpoints, { metadata: named, subsets });
    await cluster.clock.settle();
    return (await slices())
      .map(({ addressType, ports = [], endpoints }) => [
        addressType,
        ports[0]?.port,
        endpoints.length,
        endpoints.filter(({ conditions }) => conditions?.ready === true).length,
      ])
      .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }
  const addresses = (count: number, network = '10.1', from = 0): { readonly ip: string }[] =>
    Array.from({ length: count }, (_, i) => ({ ip: `${network}.${(i + from) >> 8}.${(i + from) & 255}` }));

  it.each<[string, readonly object[], unknown[]]>([
    ['nothing', [], []],
    ['an address without ports', [{ addresses: addresses(1) }], [['IPv4', undefined, 1, 1]]],
    [
      'two families: a slice each',
      [{ addresses: [...addresses(2), { ip: 'fd00::1' }], ports: [{ port: 80 }] }],
      [
        ['IPv4', 80, 2, 2],
        ['IPv6', 80, 1, 1],
      ],
    ],
    [
      'subsets of other ports: a slice each',
      [
        { addresses: addresses(2), ports: [{ port: 80 }] },
        { addresses: addresses(3), ports: [{ port: 81 }] },
      ],
      [
        ['IPv4', 80, 2, 2],
        ['IPv4', 81, 3, 3],
      ],
    ],
    [
      'subsets of the same ports: one slice',
      [
        { addresses: addresses(2), ports: [{ port: 80 }] },
        { addresses: addresses(3, '10.2'), ports: [{ port: 80 }] },
      ],
      [['IPv4', 80, 5, 5]],
    ],
    ['many addresses: still one', [{ addresses: addresses(250), ports: [{ port: 80 }] }], [['IPv4', 80, 250, 250]]],
  ])('of %s', async (_, subsets, expected) => {
    expect(await mirrored(subsets)).toEqual(expected);
  });

  it('of too many addresses are cut, those that are not ready first, which is told', async () => {
    const subset = { addresses: addresses(990), notReadyAddresses: addresses(25, '10.2'), ports: [{ port: 80 }] };
    expect(await mirrored([subset])).toEqual([['IPv4', 80, 1000, 990]]);
    expect(await cluster.events('Endpoints', 'web')).toContainEqual(
      expect.stringContaining(
        'TooManyAddressesToMirror: A max of 1000 addresses can be mirrored to EndpointSlices per Endpoints subset. 15 addresses were skipped',
      ),
    );
  });

  it.each<[string, object]>([
    ['a label', { labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } }],
    ['being a lock', { annotations: { 'control-plane.alpha.kubernetes.io/leader': '{}' } }],
  ])('are not mirrored for %s', async (_, metadata) => {
    expect(await mirrored([{ addresses: addresses(1), ports: [{ port: 80 }] }], metadata)).toEqual([]);
  });

  it('are mirrored no more once the Service selects pods', async () => {
    expect(await mirrored([{ addresses: addresses(1), ports: [{ port: 80 }] }])).toHaveLength(1);
    await cluster.client.patch(RESOURCES.services, { namespace: 'default', name: 'web' }, 'merge', {
      spec: { selector: { app: 'web' } },
    });
    await cluster.clock.settle();
    const managers = (await slices()).map(
      ({ metadata }) => metadata.labels?.['endpointslice.kubernetes.io/managed-by'],
    );
    expect(managers).toEqual(['endpointslice-controller.k8s.io']);
  });
});

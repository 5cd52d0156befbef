import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Event, Node, PersistentVolume, Pod } from '../../../src/kube/api/core-v1.generated.ts';
import type { CSINode, VolumeAttachment } from '../../../src/kube/api/storage-v1.generated.ts';
import { RESOURCES } from '../../../src/kube/resources.ts';
import { type EmbeddedCluster, embeddedCluster } from '../../support/embedded-cluster.ts';

const DRIVER = 'disk.csi.example.com';
let embedded: EmbeddedCluster;

beforeEach(async () => {
  embedded = await embeddedCluster({ nodes: 3 });
});
afterEach(() => embedded.stop());

const pass = (seconds: number): Promise<void> => embedded.advance(seconds * 1000);

async function create(type: keyof typeof RESOURCES, object: object): Promise<void> {
  await embedded.cluster.client.create(RESOURCES[type], object);
}

/** The driver, and a class of its disks that are made where the first pod runs. */
async function install({ limit = 25, zones = false }: { limit?: number; zones?: boolean } = {}): Promise<void> {
  if (zones) {
    for (const n of [1, 2, 3]) {
      const labels = { 'topology.kubernetes.io/zone': `zone-${n}` };
      await embedded.cluster.client.patch(RESOURCES.nodes, { name: `pintle-${n}` }, 'merge', { metadata: { labels } });
    }
  }
  const annotations = { 'pintle.dev/simulated': 'true', 'pintle.dev/attach-limit': String(limit) };
  await create('csiDrivers', { metadata: { name: DRIVER, annotations }, spec: {} });
  await create('storageClasses', {
    metadata: { name: 'disk' },
    provisioner: DRIVER,
    volumeBindingMode: 'WaitForFirstConsumer',
    allowVolumeExpansion: true,
  });
}

async function claim(name: string, accessMode = 'ReadWriteOnce', storageClassName = 'disk'): Promise<void> {
  await create('persistentVolumeClaims', {
    metadata: { name, namespace: 'default' },
    spec: { accessModes: [accessMode], storageClassName, resources: { requests: { storage: '1Gi' } } },
  });
}

async function pod(name: string, claimName: string, node?: number): Promise<void> {
  await create('pods', {
    metadata: { name, namespace: 'default' },
    spec: {
      containers: [{ name: 'c', image: 'shop/app:1', volumeMounts: [{ name: 'data', mountPath: '/data' }] }],
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName } }],
      terminationGracePeriodSeconds: 1,
      ...(node === undefined ? {} : { nodeSelector: { 'kubernetes.io/hostname': `pintle-${node}` } }),
    },
  });
}

async function phase(name: string): Promise<string> {
  const { status } = await embedded.cluster.client.get<Pod>(RESOURCES.pods, { namespace: 'default', name });
  return status?.containerStatuses?.[0]?.state?.waiting?.reason ?? status?.phase ?? '';
}

async function list<T extends object>(type: keyof typeof RESOURCES): Promise<readonly T[]> {
  return (await embedded.cluster.client.list<T>(RESOURCES[type])).items;
}

/** `node attached` of each attachment. */
async function attachments(): Promise<string[]> {
  return (await list<VolumeAttachment>('volumeAttachments'))
    .map(({ spec, status, metadata }) => {
      const state =
        metadata.deletionTimestamp !== undefined ? 'detaching' : status?.attached === true ? 'attached' : '…';
      return `${spec.nodeName} ${state}`;
    })
    .sort();
}

async function events(name: string, reason: string): Promise<string[]> {
  return (await list<Event>('events'))
    .filter((event) => event.involvedObject.name === name && event.reason === reason)
    .map(({ message = '' }) => message.replaceAll(/pvc-[\w-]+/g, 'PV'));
}

async function remove(name: string, options: object = {}): Promise<void> {
  await embedded.cluster.client.delete(RESOURCES.pods, { namespace: 'default', name }, options);
}

test('a disk is made in the zone of its pod, attached, told of at the node, and goes when it is no longer used', async () => {
  await install({ zones: true });
  await claim('data');
  await pod('web', 'data', 2);
  await pass(0.5);
  expect(await attachments()).toEqual(['pintle-2 …']);
  expect(await phase('web')).toBe('ContainerCreating');
  await pass(10);
  expect(await phase('web')).toBe('Running');
  const [volume] = await list<PersistentVolume>('persistentVolumes');
  expect(volume?.spec).toMatchObject({
    csi: { driver: DRIVER, fsType: 'ext4' },
    nodeAffinity: {
      required: {
        nodeSelectorTerms: [
          { matchExpressions: [{ key: 'topology.kubernetes.io/zone', operator: 'In', values: ['zone-2'] }] },
        ],
      },
    },
  });
  expect(await attachments()).toEqual(['pintle-2 attached']);
  expect(await events('web', 'SuccessfulAttachVolume')).toEqual(['AttachVolume.Attach succeeded for volume "PV" ']);
  const node = await embedded.cluster.client.get<Node>(RESOURCES.nodes, { name: 'pintle-2' });
  expect(node.status?.volumesAttached).toEqual([
    { name: `kubernetes.io/csi/${DRIVER}^${volume?.spec?.csi?.volumeHandle}`, devicePath: '' },
  ]);
  const csiNode = await embedded.cluster.client.get<CSINode>(RESOURCES.csiNodes, { name: 'pintle-2' });
  expect(csiNode.spec.drivers).toEqual([
    { name: DRIVER, nodeID: 'pintle-2', topologyKeys: ['topology.kubernetes.io/zone'], allocatable: { count: 25 } },
  ]);
  // A pod that uses the disk elsewhere finds no node.
  await pod('far', 'data', 1);
  await pass(5);
  const far = await embedded.cluster.client.get<Pod>(RESOURCES.pods, { namespace: 'default', name: 'far' });
  expect(far.status?.conditions?.[0]?.message).toContain("1 node(s) didn't match PersistentVolume's node affinity");
  await remove('far');
  await remove('web');
  await embedded.cluster.client.delete(RESOURCES.persistentVolumeClaims, { namespace: 'default', name: 'data' });
  await pass(30);
  expect(await attachments()).toEqual([]);
  expect(await list('persistentVolumes')).toEqual([]);
});

test('a disk of one node is not given to another: Multi-Attach error', async () => {
  await install();
  await claim('data');
  await pod('first', 'data', 1);
  await pass(10);
  await pod('second', 'data', 2);
  await pod('beside', 'data', 1);
  await pass(10);
  expect(await phase('beside')).toBe('Running');
  expect(await phase('second')).toBe('ContainerCreating');
  expect(await events('second', 'FailedAttachVolume')).toEqual([
    'Multi-Attach error for volume "PV" Volume is already used by pod(s) beside, first',
  ]);
  await pass(120);
  expect(await events('second', 'FailedMount')).toEqual([
    'Unable to attach or mount volumes: unmounted volumes=[data], unattached volumes=[data], failed to process volumes=[]: context deadline exceeded',
  ]);
  await remove('first');
  await remove('beside');
  await pass(10);
  expect(await phase('second')).toBe('Running');
  expect(await attachments()).toEqual(['pintle-2 attached']);
});

test('a shared volume may be on several nodes', async () => {
  await install();
  await claim('data', 'ReadWriteMany');
  await pod('first', 'data', 1);
  await pass(10);
  await pod('second', 'data', 2);
  await pass(10);
  expect(await attachments()).toEqual(['pintle-1 attached', 'pintle-2 attached']);
});

test('a claim of one pod keeps others waiting', async () => {
  await install();
  await claim('data', 'ReadWriteOncePod');
  await pod('first', 'data');
  await pass(10);
  await pod('second', 'data');
  await pass(10);
  const second = await embedded.cluster.client.get<Pod>(RESOURCES.pods, { namespace: 'default', name: 'second' });
  expect(second.status?.conditions?.[0]?.message).toContain(
    'node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode',
  );
});

test('a lost node keeps its disk for six minutes, one that is out of service gives it up at once', async () => {
  await install();
  await claim('data');
  await claim('other');
  await pod('web', 'data', 1);
  await pod('more', 'other', 1);
  await pass(10);
  const machine = { metadata: { annotations: { 'pintle.dev/machine': 'stopped' } } };
  await embedded.cluster.client.patch(RESOURCES.nodes, { name: 'pintle-1' }, 'merge', machine);
  await pass(90);
  await remove('web', { gracePeriodSeconds: 0 });
  await pod('again', 'data', 2);
  await pass(300);
  expect(await phase('again')).toBe('ContainerCreating');
  expect(await events('again', 'FailedAttachVolume')).toEqual([
    'Multi-Attach error for volume "PV" Volume is already exclusively attached to one node and can\'t be attached to another',
  ]);
  await pass(120);
  expect(await phase('again')).toBe('Running');
  // The other pod's node is declared dead: its pod is given up, and its disk with it.
  const taint = { key: 'node.kubernetes.io/out-of-service', value: 'nodeshutdown', effect: 'NoExecute' };
  const lost = await embedded.cluster.client.get<Node>(RESOURCES.nodes, { name: 'pintle-1' });
  const taints = [...(lost.spec?.taints ?? []), taint];
  await embedded.cluster.client.update(RESOURCES.nodes, { ...lost, spec: { ...lost.spec, taints } });
  await pass(60);
  expect(await attachments()).toEqual(['pintle-2 attached']);
});

test('a node takes as many disks as its driver says', async () => {
  await install({ limit: 1 });
  for (const name of ['a', 'b', 'c', 'd']) {
    await claim(name);
    await pod(name, name);
    await pass(5);
  }
  expect(await attachments()).toEqual(['pintle-1 attached', 'pintle-2 attached', 'pintle-3 attached']);
  const last = await embedded.cluster.client.get<Pod>(RESOURCES.pods, { namespace: 'default', name: 'd' });
  expect(last.status?.conditions?.[0]?.message).toContain(
    '0/3 nodes are available: 3 node(s) exceed max volume count.',
  );
  await remove('b');
  await pass(60);
  expect(await phase('d')).toBe('Running');
});

test('disks grow, and drivers that nobody plays leave their claims waiting', async () => {
  await install();
  await claim('data');
  await pod('web', 'data');
  await pass(10);
  const resources = { requests: { storage: '3Gi' } };
  const key = { namespace: 'default', name: 'data' };
  await embedded.cluster.client.patch(RESOURCES.persistentVolumeClaims, key, 'merge', { spec: { resources } });
  await pass(10);
  expect((await list<PersistentVolume>('persistentVolumes'))[0]?.spec?.capacity).toEqual({ storage: '3Gi' });
  expect(await events('data', 'VolumeResizeSuccessful')).toEqual(['Resize volume succeeded']);
  await create('csiDrivers', { metadata: { name: 'real.csi.example.com' }, spec: {} });
  await create('storageClasses', { metadata: { name: 'real' }, provisioner: 'real.csi.example.com' });
  await claim('waits', 'ReadWriteOnce', 'real');
  await pass(10);
  expect(await events('waits', 'ExternalProvisioning')).toHaveLength(1);
  expect(await list('persistentVolumes')).toHaveLength(1);
  await embedded.cluster.client.delete(RESOURCES.csiDrivers, { name: DRIVER });
  await pass(1);
  expect((await list<CSINode>('csiNodes')).every(({ spec }) => (spec.drivers ?? []).length === 0)).toBe(true);
});

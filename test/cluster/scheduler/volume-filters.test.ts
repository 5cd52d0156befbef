import { describe, expect, it } from 'vitest';
import type { FilterFactory } from '../../../src/cluster/scheduler/cycle.ts';
import { volumeBinding, volumeZone } from '../../../src/cluster/scheduler/volumes/volume-binding.ts';
import { nodeVolumeLimits } from '../../../src/cluster/scheduler/volumes/node-volume-limits.ts';
import type { VolumeLookup } from '../../../src/cluster/scheduler/volumes/volume-lookup.ts';
import { volumeRestrictions } from '../../../src/cluster/scheduler/volumes/volume-restrictions.ts';
import type { PersistentVolume, PersistentVolumeClaim, Volume } from '../../../src/kube/api/core-v1.generated.ts';
import type { StorageClass } from '../../../src/kube/api/storage-v1.generated.ts';
import { PodInfo } from '../../../src/cluster/scheduler/pod-info.ts';
import { type NodeLine, type PodLine, podOf, verdictsOf, type World } from './world.ts';

const ZONE = 'topology.kubernetes.io/zone';
const OLD_ZONE = 'failure-domain.beta.kubernetes.io/zone';

const claim = (name: string, spec: object = {}, phase = 'Bound'): PersistentVolumeClaim =>
  ({ metadata: { name, namespace: 'default', uid: name }, spec, status: { phase } }) as PersistentVolumeClaim;
const volume = (name: string, spec: object = {}, labels: Readonly<Record<string, string>> = {}): PersistentVolume =>
  ({ metadata: { name, labels }, spec }) as PersistentVolume;
const storageClass = (name: string, provisioner: string, more: object = {}): StorageClass =>
  ({ metadata: { name }, provisioner, volumeBindingMode: 'WaitForFirstConsumer', ...more }) as StorageClass;

/** Storage that has these things. */
function storage(
  claims: readonly PersistentVolumeClaim[],
  volumes: readonly PersistentVolume[] = [],
  classes: readonly StorageClass[] = [],
): Partial<VolumeLookup> {
  return {
    claim: (_namespace, name) => claims.find(({ metadata }) => metadata.name === name),
    volume: (name) => volumes.find(({ metadata }) => metadata.name === name),
    storageClass: (name) => classes.find(({ metadata }) => metadata.name === name),
    availableVolumes: (name) =>
      volumes.filter(({ spec }) => (spec?.storageClassName ?? '') === name && spec?.claimRef === undefined),
  };
}

const using = (...names: string[]): PodLine => ({
  spec: { volumes: names.map((claimName) => ({ name: claimName, persistentVolumeClaim: { claimName } })) },
});
const inZone = (zone: string): object => ({
  nodeAffinity: {
    required: { nodeSelectorTerms: [{ matchExpressions: [{ key: ZONE, operator: 'In', values: [zone] }] }] },
  },
});
const NODES: Readonly<Record<string, NodeLine>> = {
  a: { labels: { [ZONE]: '1' } },
  b: { labels: { [ZONE]: '2' } },
  n: {},
};

interface Row {
  readonly title: string;
  readonly pod: PodLine;
  readonly volumes: Partial<VolumeLookup>;
  readonly nodes?: World['nodes'];
  readonly pods?: readonly PodLine[];
  readonly expected: ReturnType<typeof verdictsOf>;
}
const check = (factory: FilterFactory, rows: readonly Row[]): void => {
  it.each(rows)('$title', ({ pod, volumes, nodes = NODES, pods = [], expected }) => {
    expect(verdictsOf(factory, { nodes, pods, pod, volumes })).toEqual(expected);
  });
};
const on = (where: string, line: PodLine): PodLine => ({ ...line, on: where, spec: { ...line.spec, nodeName: where } });

describe('claims of a pod', () => {
  const LATE = storageClass('late', 'example.com/disk');
  const LOCAL = storageClass('local', 'kubernetes.io/no-provisioner');
  const late = claim('c', { storageClassName: 'late' }, 'Pending');
  const local = claim(
    'c',
    { storageClassName: 'local', accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '2Gi' } } },
    'Pending',
  );
  const disk = (name: string, storageSize: string, zone: string, more: object = {}): PersistentVolume =>
    volume(name, {
      storageClassName: 'local',
      capacity: { storage: storageSize },
      accessModes: ['ReadWriteOnce'],
      ...inZone(zone),
      ...more,
    });
  const NONE = "node(s) didn't find available persistent volumes to bind (never)";
  const AFFINITY = "node(s) didn't match PersistentVolume's node affinity (never)";
  const everywhere = (text: string): Readonly<Record<string, string>> => ({ a: text, b: text, n: text });
  check(volumeBinding, [
    { title: 'a pod without claims', pod: {}, volumes: {}, expected: 'not asked' },
    {
      title: 'a claim that is not there',
      pod: using('c'),
      volumes: {},
      expected: 'persistentvolumeclaim "c" not found (never)',
    },
    {
      title: 'a claim that binds at once and is not bound',
      pod: using('c'),
      volumes: storage([claim('c', {}, 'Pending')]),
      expected: 'pod has unbound immediate PersistentVolumeClaims (never)',
    },
    {
      title: 'a claim that has lost its volume',
      pod: using('c'),
      volumes: storage([claim('c', { volumeName: 'pv' }, 'Lost')]),
      expected: 'persistentvolumeclaim "c" bound to non-existent persistentvolume "pv" (never)',
    },
    {
      title: 'a claim whose volume is not there',
      pod: using('c'),
      volumes: storage([claim('c', { volumeName: 'pv' })]),
      expected: everywhere('node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s) (never)'),
    },
    {
      title: 'a volume for all nodes',
      pod: using('c'),
      volumes: storage([claim('c', { volumeName: 'pv' })], [volume('pv')]),
      expected: everywhere('fits'),
    },
    {
      title: 'a volume for a zone',
      pod: using('c'),
      volumes: storage([claim('c', { volumeName: 'pv' })], [volume('pv', inZone('1'))]),
      expected: { a: 'fits', b: AFFINITY, n: AFFINITY },
    },
    {
      title: 'two volumes in two zones',
      pod: using('c', 'd'),
      volumes: storage(
        [claim('c', { volumeName: 'p' }), claim('d', { volumeName: 'q' })],
        [volume('p', inZone('1')), volume('q', inZone('2'))],
      ),
      expected: everywhere(AFFINITY),
    },
    {
      title: 'a claim for which a volume is made',
      pod: using('c'),
      volumes: storage([late], [], [LATE]),
      expected: everywhere('fits'),
    },
    {
      title: 'a class that makes volumes in a zone',
      pod: using('c'),
      volumes: storage(
        [late],
        [],
        [
          storageClass('late', 'example.com/disk', {
            allowedTopologies: [{ matchLabelExpressions: [{ key: ZONE, values: ['2'] }] }],
          }),
        ],
      ),
      expected: { a: NONE, b: 'fits', n: NONE },
    },
    {
      title: 'a claim that was promised a node',
      pod: using('c'),
      volumes: storage(
        [{ ...late, metadata: { ...late.metadata, annotations: { 'volume.kubernetes.io/selected-node': 'b' } } }],
        [],
        [LATE],
      ),
      expected: { a: NONE, b: 'fits', n: NONE },
    },
    {
      title: 'a volume that waits for its claim',
      pod: using('c'),
      volumes: storage([local], [disk('p', '2Gi', '2')], [LOCAL]),
      expected: { a: NONE, b: 'fits', n: NONE },
    },
    {
      title: 'a volume that is too small',
      pod: using('c'),
      volumes: storage([local], [disk('p', '1Gi', '2')], [LOCAL]),
      expected: everywhere(NONE),
    },
    {
      title: 'a volume of another kind of access',
      pod: using('c'),
      volumes: storage([local], [disk('p', '2Gi', '2', { accessModes: ['ReadOnlyMany'] })], [LOCAL]),
      expected: everywhere(NONE),
    },
    {
      title: 'a volume that is a block device',
      pod: using('c'),
      volumes: storage([local], [disk('p', '2Gi', '2', { volumeMode: 'Block' })], [LOCAL]),
      expected: everywhere(NONE),
    },
  ]);
});

describe('zones of volumes', () => {
  const NO = 'node(s) had no available volume zone (never)';
  const bound = (labels: Readonly<Record<string, string>>): Partial<VolumeLookup> =>
    storage([claim('c', { volumeName: 'pv' })], [volume('pv', {}, labels)]);
  check(volumeZone, [
    { title: 'a volume that tells no zone', pod: using('c'), volumes: bound({}), expected: 'not asked' },
    {
      title: 'one zone; nodes that tell nothing will do',
      pod: using('c'),
      volumes: bound({ [ZONE]: '1' }),
      expected: { a: 'fits', b: NO, n: 'fits' },
    },
    {
      title: 'several zones',
      pod: using('c'),
      volumes: bound({ [ZONE]: '1__2' }),
      expected: { a: 'fits', b: 'fits', n: 'fits' },
    },
    {
      title: 'a region that a node with a zone does not tell',
      pod: using('c'),
      volumes: bound({ 'topology.kubernetes.io/region': 'r' }),
      expected: { a: NO, b: NO, n: 'fits' },
    },
    {
      title: "a zone by its old name, and the node's new one",
      pod: using('c'),
      volumes: bound({ [OLD_ZONE]: '2' }),
      expected: { a: NO, b: 'fits', n: 'fits' },
    },
  ]);
});

describe('volumes that cannot be shared', () => {
  const NO_DISK = 'node(s) had no available disk';
  const ONE_POD = 'node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode';
  const having = (source: Partial<Volume>): PodLine => ({ spec: { volumes: [{ name: 'v', ...source }] } });
  const gce = (pdName: string, readOnly?: boolean): PodLine =>
    having({ gcePersistentDisk: { pdName, ...(readOnly === undefined ? {} : { readOnly }) } });
  const ebs = (volumeID: string, readOnly = false): PodLine => having({ awsElasticBlockStore: { volumeID, readOnly } });
  const iscsi = (iqn: string, readOnly: boolean): PodLine =>
    having({ iscsi: { iqn, lun: 0, targetPortal: '', readOnly } });
  const rbd = (monitors: readonly string[], image: string, readOnly = false): PodLine =>
    having({ rbd: { monitors, image, pool: 'rbd', readOnly } });
  const pair = (title: string, pod: PodLine, other: PodLine, conflicts: boolean): Row => ({
    title,
    pod,
    volumes: {},
    nodes: { a: {}, b: {} },
    pods: [on('a', other)],
    expected: { a: conflicts ? NO_DISK : 'fits', b: 'fits' },
  });
  const user = new PodInfo(podOf({ on: 'a' }));
  check(volumeRestrictions, [
    { title: 'a pod without such volumes', pod: {}, volumes: {}, expected: 'not asked' },
    pair('the same GCE disk', gce('foo'), gce('foo'), true),
    pair('another GCE disk', gce('foo'), gce('bar'), false),
    pair('a GCE disk that both read', gce('foo', true), gce('foo', true), false),
    pair('the same EBS volume, even read alone', ebs('foo', true), ebs('foo', true), true),
    pair('another EBS volume', ebs('foo'), ebs('bar'), false),
    pair(
      'the same iSCSI target',
      iscsi('iqn.2016-12.server:storage.target01', false),
      iscsi('iqn.2016-12.server:storage.target01', true),
      true,
    ),
    pair(
      'an iSCSI target that both read',
      iscsi('iqn.2016-12.server:storage.target01', true),
      iscsi('iqn.2016-12.server:storage.target01', true),
      false,
    ),
    pair('the same RBD image by one of the monitors', rbd(['a', 'b'], 'foo'), rbd(['c', 'b'], 'foo'), true),
    pair('an RBD image of other monitors', rbd(['a', 'b'], 'foo'), rbd(['c', 'd'], 'foo'), false),
    {
      title: 'a claim for one pod that has one, wherever that is',
      pod: using('c'),
      nodes: { a: {}, b: {} },
      volumes: { ...storage([claim('c', { accessModes: ['ReadWriteOncePod'] })]), usersOf: () => [user] },
      expected: { a: ONE_POD, b: ONE_POD },
    },
    {
      title: 'a claim for one pod that has none',
      pod: using('c'),
      volumes: storage([claim('c', { accessModes: ['ReadWriteOncePod'] })]),
      expected: 'not asked',
    },
    {
      title: 'a claim for many pods',
      pod: using('c'),
      volumes: { ...storage([claim('c', { accessModes: ['ReadWriteOnce'] })]), usersOf: () => [user] },
      expected: 'not asked',
    },
  ]);
});

describe('volumes that a node can have', () => {
  const NO = 'node(s) exceed max volume count';
  const csi = (handle: string, driver = 'ebs.csi.aws.com'): object => ({ csi: { driver, volumeHandle: handle } });
  const lookup: Partial<VolumeLookup> = {
    ...storage(
      [
        ...['0', '1', '2', '3'].map((i) => claim(`c${i}`, { volumeName: `v${i}` })),
        claim('other', { volumeName: 'w' }),
        claim('late', { storageClassName: 'late' }, 'Pending'),
      ],
      [...['0', '1', '2', '3'].map((i) => volume(`v${i}`, csi(i))), volume('w', csi('w', 'other.example.com'))],
      [storageClass('late', 'ebs.csi.aws.com')],
    ),
    attachLimits: (node) => new Map(node === 'a' ? [['ebs.csi.aws.com', 2]] : []),
  };
  const nodes = { a: {}, b: {} };
  const row = (title: string, pod: PodLine, there: readonly PodLine[], expected: string): Row => ({
    title,
    pod,
    volumes: lookup,
    nodes,
    pods: there.map((line) => on('a', line)),
    expected: { a: expected, b: 'fits' },
  });
  check(nodeVolumeLimits, [
    { title: 'a pod without volumes', pod: {}, volumes: lookup, expected: 'not asked' },
    row('as many as it can', using('c0', 'c1'), [], 'fits'),
    row('more than it can', using('c0', 'c1', 'c2'), [], NO),
    row('with those that are there', using('c2'), [using('c0'), using('c1')], NO),
    row('a volume that is there already', using('c1'), [using('c0', 'c1')], 'fits'),
    row('volumes of another driver', using('other'), [using('c0', 'c1')], 'fits'),
    row('a volume that is yet to be made', using('late'), [using('c0', 'c1')], NO),
  ]);
});

import { afterEach, describe, expect, test } from 'vitest';
import { createEphemeralVolumeController } from '../../../../src/cluster/controllers/volumes/ephemeral-volumes.ts';
import { createVolumeController } from '../../../../src/cluster/controllers/volumes/volume-controller.ts';
import {
  createClaimProtectionController,
  createVolumeProtectionController,
} from '../../../../src/cluster/controllers/volumes/volume-protection.ts';
import type {
  PersistentVolume,
  PersistentVolumeClaim,
  PersistentVolumeClaimSpec,
  PersistentVolumeSpec,
} from '../../../../src/kube/api/core-v1.generated.ts';
import { RESOURCES } from '../../../../src/kube/resources.ts';
import { NAMESPACE, type WorkloadCluster, workloadCluster } from '../support/workload-cluster.ts';

let cluster: WorkloadCluster | undefined;

afterEach(() => {
  cluster?.stop();
  cluster = undefined;
});

async function start(): Promise<WorkloadCluster> {
  cluster = await workloadCluster({
    controllers: [
      createVolumeController,
      createEphemeralVolumeController,
      createClaimProtectionController,
      createVolumeProtectionController,
    ],
    collectGarbage: true,
  });
  return cluster;
}

function storageClass(name: string, more: object = {}): object {
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name },
    provisioner: 'pintle.dev/host-path',
    volumeBindingMode: 'Immediate',
    reclaimPolicy: 'Delete',
    ...more,
  };
}

function claim(spec: Partial<PersistentVolumeClaimSpec> = {}, name = 'data'): object {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, namespace: NAMESPACE },
    spec: {
      accessModes: ['ReadWriteOnce'],
      storageClassName: '',
      resources: { requests: { storage: '1Gi' } },
      ...spec,
    },
  };
}

function volume(name: string, spec: Partial<PersistentVolumeSpec> = {}): object {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec: {
      capacity: { storage: '5Gi' },
      accessModes: ['ReadWriteOnce'],
      persistentVolumeReclaimPolicy: 'Retain',
      hostPath: { path: '/srv/data' },
      ...spec,
    },
  };
}

function pod(name: string, volumes: object): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: NAMESPACE },
    spec: { containers: [{ name: 'c', image: 'busybox:1' }], volumes: [volumes] },
  };
}

const getClaim = (running: WorkloadCluster, name = 'data'): Promise<PersistentVolumeClaim> =>
  running.get<PersistentVolumeClaim>(RESOURCES.persistentVolumeClaims, name);
const volumes = async (running: WorkloadCluster): Promise<string[]> =>
  (await running.list<PersistentVolume>(RESOURCES.persistentVolumes)).map(
    ({ metadata, spec, status }) => `${metadata.name} ${status?.phase} ${spec?.claimRef?.name ?? '-'}`,
  );

describe('static volumes', () => {
  test('are bound to claims, whichever comes first', async () => {
    const running = await start();
    await running.create(RESOURCES.persistentVolumeClaims, claim());
    await running.pass(1);
    expect((await getClaim(running)).status?.phase).toBe('Pending');
    expect(await running.events('data')).toEqual([
      'FailedBinding: no persistent volumes available for this claim and no storage class is set',
    ]);
    await running.create(RESOURCES.persistentVolumes, volume('v1'));
    await running.pass(1);
    expect(await volumes(running)).toEqual(['v1 Bound data']);
    const bound = await getClaim(running);
    expect(bound.spec?.volumeName).toBe('v1');
    expect(bound.status).toEqual({ phase: 'Bound', accessModes: ['ReadWriteOnce'], capacity: { storage: '5Gi' } });
    expect(bound.metadata.annotations).toEqual({
      'pv.kubernetes.io/bind-completed': 'yes',
      'pv.kubernetes.io/bound-by-controller': 'yes',
    });
  });

  test('that a claim names must do', async () => {
    const running = await start();
    await running.create(RESOURCES.persistentVolumes, volume('v1'));
    await running.create(
      RESOURCES.persistentVolumeClaims,
      claim({ volumeName: 'v1', resources: { requests: { storage: '9Gi' } } }),
    );
    await running.create(RESOURCES.persistentVolumeClaims, claim({ volumeName: 'v1' }, 'small'));
    await running.pass(1);
    expect(await running.events('data')).toContain(
      'VolumeMismatch: Cannot bind to requested volume "v1": requested PV is too small',
    );
    expect(await volumes(running)).toEqual(['v1 Bound small']);
    await running.create(RESOURCES.persistentVolumeClaims, claim({ volumeName: 'v1' }, 'late'));
    await running.pass(1);
    expect(await running.events('late')).toEqual(['FailedBinding: volume "v1" already bound to a different claim.']);
  });

  test('are released with Retain, and fail with Delete when nobody can delete them', async () => {
    const running = await start();
    await running.create(RESOURCES.persistentVolumes, volume('v1'));
    await running.create(RESOURCES.persistentVolumeClaims, claim());
    await running.pass(1);
    await running.create(RESOURCES.persistentVolumes, volume('v2', { persistentVolumeReclaimPolicy: 'Delete' }));
    await running.create(RESOURCES.persistentVolumeClaims, claim({}, 'other'));
    await running.pass(1);
    await running.delete(RESOURCES.persistentVolumeClaims, 'data');
    await running.delete(RESOURCES.persistentVolumeClaims, 'other');
    await running.pass(1);
    expect(await volumes(running)).toEqual(['v1 Released data', 'v2 Failed other']);
    expect(await running.events('v2')).toEqual([
      'VolumeFailedDelete: host_path deleter only supports /tmp/.+ but received provided /srv/data',
    ]);
  });

  test('of one name are scrubbed each for itself', async () => {
    const running = await start();
    const left = volume('v1', {
      persistentVolumeReclaimPolicy: 'Recycle',
      claimRef: { namespace: NAMESPACE, name: 'gone', uid: 'u' },
    });
    await running.create(RESOURCES.persistentVolumes, left);
    await running.pass(2);
    await running.delete(RESOURCES.persistentVolumes, 'v1');
    await running.pass(1);
    await running.create(RESOURCES.persistentVolumes, left);
    await running.pass(4);
    expect(await volumes(running)).toEqual(['v1 Released gone']);
    await running.pass(2);
    expect(await volumes(running)).toEqual(['v1 Available gone']);
  });

  test('a bound claim whose volume vanishes is lost', async () => {
    const running = await start();
    await running.create(RESOURCES.persistentVolumes, volume('v1'));
    await running.create(RESOURCES.persistentVolumeClaims, claim());
    await running.pass(1);
    await running.delete(RESOURCES.persistentVolumes, 'v1');
    await running.pass(1);
    expect(await volumes(running)).toEqual(['v1 Bound data']);
    await running.patch(RESOURCES.persistentVolumes, 'v1', { metadata: { finalizers: null } });
    await running.pass(1);
    expect((await getClaim(running)).status?.phase).toBe('Lost');
    expect(await running.events('data')).toEqual([
      'ClaimLost: Bound claim has lost its PersistentVolume. Data on the volume is lost!',
    ]);
  });
});

describe('made volumes', () => {
  test('are there at once, and go with their claim', async () => {
    const running = await start();
    await running.create(RESOURCES.storageClasses, storageClass('fast'));
    await running.create(RESOURCES.persistentVolumeClaims, claim({ storageClassName: 'fast' }));
    await running.pass(1);
    const { metadata, status } = await getClaim(running);
    expect(status).toMatchObject({ phase: 'Bound', capacity: { storage: '1Gi' } });
    expect(await volumes(running)).toEqual([`pvc-${metadata.uid} Bound data`]);
    const events = await running.events('data');
    expect(new Set(events.map((event) => event.split(':')[0]))).toEqual(
      new Set(['ExternalProvisioning', 'Provisioning', 'ProvisioningSucceeded']),
    );
    expect(events).toContain(`ProvisioningSucceeded: Successfully provisioned volume pvc-${metadata.uid}`);
    await running.delete(RESOURCES.persistentVolumeClaims, 'data');
    await running.pass(1);
    expect(await volumes(running)).toEqual([]);
  });

  test('wait for the first pod when their class says so', async () => {
    const running = await start();
    await running.create(RESOURCES.storageClasses, storageClass('late', { volumeBindingMode: 'WaitForFirstConsumer' }));
    await running.create(RESOURCES.persistentVolumes, volume('v1', { storageClassName: 'late' }));
    await running.create(RESOURCES.persistentVolumeClaims, claim({ storageClassName: 'late' }));
    await running.pass(60);
    expect(await running.events('data')).toEqual([
      'WaitForFirstConsumer: waiting for first consumer to be created before binding',
    ]);
    expect(await volumes(running)).toEqual(['v1 Available -']);
    const annotations = { 'volume.kubernetes.io/selected-node': 'n1' };
    await running.patch(RESOURCES.persistentVolumeClaims, 'data', { metadata: { annotations } });
    await running.pass(1);
    expect((await getClaim(running)).status?.phase).toBe('Bound');
  });

  test('need a class that exists', async () => {
    const running = await start();
    await running.create(RESOURCES.persistentVolumeClaims, claim({ storageClassName: 'none' }));
    await running.pass(30);
    expect(await running.events('data')).toEqual(['ProvisioningFailed: storageclass.storage.k8s.io "none" not found']);
    await running.create(RESOURCES.storageClasses, storageClass('none'));
    await running.pass(1);
    expect((await getClaim(running)).status?.phase).toBe('Bound');
  });

  test('of another provisioner are waited for', async () => {
    const running = await start();
    await running.create(RESOURCES.storageClasses, storageClass('far', { provisioner: 'example.com/disk' }));
    await running.create(RESOURCES.persistentVolumeClaims, claim({ storageClassName: 'far' }));
    await running.pass(30);
    const { metadata, status } = await getClaim(running);
    expect(status?.phase).toBe('Pending');
    expect(metadata.annotations?.['volume.kubernetes.io/storage-provisioner']).toBe('example.com/disk');
    expect(await running.events('data')).toEqual([
      expect.stringContaining(
        "Waiting for a volume to be created either by the external provisioner 'example.com/disk'",
      ),
    ]);
  });

  test('grow with their claim', async () => {
    const running = await start();
    await running.create(RESOURCES.storageClasses, storageClass('fast', { allowVolumeExpansion: true }));
    await running.create(RESOURCES.persistentVolumeClaims, claim({ storageClassName: 'fast' }));
    await running.pass(1);
    await running.patch(RESOURCES.persistentVolumeClaims, 'data', {
      spec: { resources: { requests: { storage: '3Gi' } } },
    });
    await running.pass(1);
    expect((await getClaim(running)).status?.capacity).toEqual({ storage: '3Gi' });
  });

  test('a claim from before gets the default class', async () => {
    const running = await start();
    const { spec, ...rest } = claim() as PersistentVolumeClaim;
    await running.create(RESOURCES.persistentVolumeClaims, { ...rest, spec: { ...spec, storageClassName: undefined } });
    await running.pass(1);
    expect((await getClaim(running)).spec?.storageClassName).toBeUndefined();
    const annotations = { 'storageclass.kubernetes.io/is-default-class': 'true' };
    await running.create(
      RESOURCES.storageClasses,
      storageClass('standard', { metadata: { name: 'standard', annotations } }),
    );
    await running.pass(1);
    const after = await getClaim(running);
    expect(after.spec?.storageClassName).toBe('standard');
    expect(after.status?.phase).toBe('Bound');
  });

  test('ephemeral ones come and go with their pod', async () => {
    const running = await start();
    await running.create(RESOURCES.storageClasses, storageClass('fast'));
    const { spec } = claim({ storageClassName: 'fast' }) as PersistentVolumeClaim;
    await running.create(RESOURCES.pods, pod('p', { name: 'scratch', ephemeral: { volumeClaimTemplate: { spec } } }));
    await running.pass(1);
    expect((await getClaim(running, 'p-scratch')).status?.phase).toBe('Bound');
    await running.delete(RESOURCES.pods, 'p');
    await running.pass(5);
    expect(await running.find(RESOURCES.persistentVolumeClaims, 'p-scratch')).toBeUndefined();
    expect(await volumes(running)).toEqual([]);
  });
});

test('a claim in use stays until its pod is gone', async () => {
  const running = await start();
  await running.create(RESOURCES.storageClasses, storageClass('fast'));
  await running.create(RESOURCES.persistentVolumeClaims, claim({ storageClassName: 'fast' }));
  await running.create(RESOURCES.pods, pod('p', { name: 'v', persistentVolumeClaim: { claimName: 'data' } }));
  await running.pass(1);
  expect((await getClaim(running)).metadata.finalizers).toEqual(['kubernetes.io/pvc-protection']);
  await running.delete(RESOURCES.persistentVolumeClaims, 'data');
  await running.pass(30);
  expect((await getClaim(running)).metadata.deletionTimestamp).toBeDefined();
  await running.delete(RESOURCES.pods, 'p');
  await running.pass(5);
  expect(await running.find(RESOURCES.persistentVolumeClaims, 'data')).toBeUndefined();
  expect(await volumes(running)).toEqual([]);
});

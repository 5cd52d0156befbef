import { afterEach, describe, expect, test } from 'vitest';
import { createStatefulSetController } from '../../../../src/cluster/controllers/statefulset/stateful-set-controller.ts';
import { createClaimProtectionController } from '../../../../src/cluster/controllers/volumes/volume-protection.ts';
import type { ControllerRevision, StatefulSet, StatefulSetSpec } from '../../../../src/kube/api/apps-v1.generated.ts';
import type { PersistentVolumeClaim, Pod } from '../../../../src/kube/api/core-v1.generated.ts';
import { RESOURCES } from '../../../../src/kube/resources.ts';
import type { PodCourse } from '../support/pod-runner.ts';
import { NAMESPACE, type WorkloadCluster, workloadCluster } from '../support/workload-cluster.ts';

let cluster: WorkloadCluster | undefined;

afterEach(() => {
  cluster?.stop();
  cluster = undefined;
});

async function start(course: (pod: Pod) => PodCourse = () => ({ readyAfter: 2000 })): Promise<WorkloadCluster> {
  const controllers = [createStatefulSetController, createClaimProtectionController];
  cluster = await workloadCluster({ controllers, course, collectGarbage: true });
  return cluster;
}

function template(image: string): StatefulSetSpec['template'] {
  return { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image }] } };
}

function statefulSet(spec: Partial<StatefulSetSpec> = {}): object {
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'web', namespace: NAMESPACE },
    spec: {
      replicas: 3,
      serviceName: 'web',
      selector: { matchLabels: { app: 'web' } },
      template: template('nginx:1'),
      ...spec,
    },
  };
}

const CLAIM = {
  metadata: { name: 'data' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
} as unknown as PersistentVolumeClaim;

async function status(running: WorkloadCluster): Promise<Partial<NonNullable<StatefulSet['status']>>> {
  return (await running.get<StatefulSet>(RESOURCES.statefulSets, 'web')).status ?? {};
}

async function images(running: WorkloadCluster): Promise<(string | undefined)[]> {
  const pods = await running.list<Pod>(RESOURCES.pods);
  return pods.map(({ metadata, spec }) => `${metadata.name} ${spec?.containers[0]?.image}`);
}

async function claims(running: WorkloadCluster): Promise<(string | undefined)[]> {
  return (await running.list<PersistentVolumeClaim>(RESOURCES.persistentVolumeClaims)).map(
    ({ metadata }) => metadata.name,
  );
}

const scale = (replicas: number): object => ({ spec: { replicas } });

describe('scaling', () => {
  test('in order, each when the one before is ready', async () => {
    const running = await start();
    await running.create(RESOURCES.statefulSets, statefulSet());
    await running.pass(1);
    expect(await running.pods()).toEqual(['web-0 Running']);
    await running.pass(2);
    expect(await running.pods()).toEqual(['web-0 Running', 'web-1 Running']);
    await running.pass(10);
    const { currentRevision, ...counts } = await status(running);
    expect(counts).toEqual({
      observedGeneration: 1,
      replicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
      currentReplicas: 3,
      updatedReplicas: 3,
      updateRevision: currentRevision,
      collisionCount: 0,
    });
    expect(currentRevision).toMatch(/^web-[bcdfghjklmnpqrstvwxz2456789]{8,10}$/);
    expect(await running.events('web')).toEqual(
      [0, 1, 2].map((i) => `SuccessfulCreate: create Pod web-${i} in StatefulSet web successful`),
    );
  });

  test('down from the highest, one after the other', async () => {
    const running = await start();
    await running.create(RESOURCES.statefulSets, statefulSet());
    await running.pass(10);
    await running.patch(RESOURCES.statefulSets, 'web', scale(1));
    await running.pass(0.5);
    expect(await running.pods()).toEqual(['web-0 Running', 'web-1 Running', 'web-2 Running-']);
    await running.pass(1);
    expect(await running.pods()).toEqual(['web-0 Running', 'web-1 Running-']);
    await running.pass(5);
    expect(await running.pods()).toEqual(['web-0 Running']);
    expect(await status(running)).toMatchObject({ replicas: 1, readyReplicas: 1 });
  });

  test('all at once with Parallel', async () => {
    const running = await start();
    await running.create(RESOURCES.statefulSets, statefulSet({ podManagementPolicy: 'Parallel' }));
    await running.pass(0.5);
    expect(await running.pods()).toHaveLength(3);
    await running.pass(5);
    await running.patch(RESOURCES.statefulSets, 'web', scale(0));
    await running.pass(0.5);
    expect(await running.pods()).toEqual(['web-0 Running-', 'web-1 Running-', 'web-2 Running-']);
  });

  test('waits for a pod that does not become ready', async () => {
    const running = await start(({ metadata }) => (metadata.name === 'web-1' ? { never: 'ready' } : {}));
    await running.create(RESOURCES.statefulSets, statefulSet());
    await running.pass(600);
    expect(await running.pods()).toEqual(['web-0 Running', 'web-1 Running']);
    await running.patch(RESOURCES.statefulSets, 'web', scale(1));
    await running.pass(5);
    expect(await running.pods()).toEqual(['web-0 Running']);
  });

  test('waits until pods have been ready long enough', async () => {
    const running = await start(() => ({}));
    await running.create(RESOURCES.statefulSets, statefulSet({ minReadySeconds: 30, replicas: 2 }));
    await running.pass(29);
    expect(await running.pods()).toEqual(['web-0 Running']);
    expect(await status(running)).toMatchObject({ readyReplicas: 1, availableReplicas: 0 });
    await running.pass(2);
    expect(await running.pods()).toEqual(['web-0 Running', 'web-1 Running']);
    await running.pass(30);
    expect(await status(running)).toMatchObject({ availableReplicas: 2 });
  });

  test('counts from a first ordinal', async () => {
    const running = await start(() => ({}));
    await running.create(RESOURCES.statefulSets, statefulSet({ replicas: 2, ordinals: { start: 5 } }));
    await running.pass(5);
    expect(await running.pods()).toEqual(['web-5 Running', 'web-6 Running']);
    await running.patch(RESOURCES.statefulSets, 'web', { spec: { ordinals: { start: 6 } } });
    await running.pass(10);
    expect(await running.pods()).toEqual(['web-6 Running', 'web-7 Running']);
  });
});

test('a pod that ends or is deleted comes back under its name', async () => {
  let failed = false;
  const running = await start(({ metadata }) => {
    if (metadata.name !== 'web-1' || failed) return {};
    failed = true;
    return { exitCode: 1, after: 10_000 };
  });
  await running.create(RESOURCES.statefulSets, statefulSet());
  await running.pass(5);
  const before = await running.get<Pod>(RESOURCES.pods, 'web-1');
  await running.pass(20);
  const after = await running.get<Pod>(RESOURCES.pods, 'web-1');
  expect(after.metadata.uid).not.toBe(before.metadata.uid);
  expect(await running.events('web')).toContain(
    'RecreatingFailedPod: StatefulSet default/web is recreating failed Pod web-1',
  );
  await running.delete(RESOURCES.pods, 'web-0');
  await running.pass(5);
  expect(await running.pods()).toEqual(['web-0 Running', 'web-1 Running', 'web-2 Running']);
});

describe('updates', () => {
  const update = (image: string): object => ({ spec: { template: template(image) } });

  test('from the highest, one at a time', async () => {
    const running = await start();
    await running.create(RESOURCES.statefulSets, statefulSet());
    await running.pass(20);
    const first = (await status(running)).currentRevision;
    await running.patch(RESOURCES.statefulSets, 'web', update('nginx:2'));
    await running.pass(1.5);
    expect(await images(running)).toEqual(['web-0 nginx:1', 'web-1 nginx:1', 'web-2 nginx:2']);
    const during = await status(running);
    expect(during).toMatchObject({ currentRevision: first, updatedReplicas: 1, currentReplicas: 2 });
    expect(during.updateRevision).not.toBe(first);
    await running.pass(20);
    expect(await images(running)).toEqual(['web-0 nginx:2', 'web-1 nginx:2', 'web-2 nginx:2']);
    expect(await status(running)).toMatchObject({ currentRevision: during.updateRevision, currentReplicas: 3 });
  });

  test('not below the partition', async () => {
    const running = await start();
    const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { partition: 2 } };
    await running.create(RESOURCES.statefulSets, statefulSet({ updateStrategy }));
    await running.pass(20);
    await running.patch(RESOURCES.statefulSets, 'web', update('nginx:2'));
    await running.pass(20);
    expect(await images(running)).toEqual(['web-0 nginx:1', 'web-1 nginx:1', 'web-2 nginx:2']);
    await running.delete(RESOURCES.pods, 'web-0');
    await running.pass(20);
    expect(await images(running)).toEqual(['web-0 nginx:1', 'web-1 nginx:1', 'web-2 nginx:2']);
    await running.patch(RESOURCES.statefulSets, 'web', {
      spec: { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } } },
    });
    await running.pass(20);
    expect(await images(running)).toEqual(['web-0 nginx:2', 'web-1 nginx:2', 'web-2 nginx:2']);
  });

  test('only by hand with OnDelete', async () => {
    const running = await start();
    await running.create(RESOURCES.statefulSets, statefulSet({ updateStrategy: { type: 'OnDelete' } }));
    await running.pass(20);
    await running.patch(RESOURCES.statefulSets, 'web', update('nginx:2'));
    await running.pass(20);
    await running.delete(RESOURCES.pods, 'web-1');
    await running.pass(20);
    expect(await images(running)).toEqual(['web-0 nginx:1', 'web-1 nginx:2', 'web-2 nginx:1']);
  });

  test('several at a time with maxUnavailable', async () => {
    const running = await start();
    const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { partition: 0, maxUnavailable: 2 } };
    await running.create(RESOURCES.statefulSets, statefulSet({ replicas: 4, updateStrategy }));
    await running.pass(20);
    await running.patch(RESOURCES.statefulSets, 'web', update('nginx:2'));
    await running.pass(0.5);
    expect(await running.pods()).toEqual(['web-0 Running', 'web-1 Running', 'web-2 Running-', 'web-3 Running-']);
    await running.pass(30);
    expect(await images(running)).toEqual([0, 1, 2, 3].map((i) => `web-${i} nginx:2`));
  });

  test('a broken revision stops the update, and history is kept short', async () => {
    const running = await start(({ spec }) => (spec?.containers[0]?.image === 'nginx:2' ? { never: 'ready' } : {}));
    await running.create(RESOURCES.statefulSets, statefulSet({ revisionHistoryLimit: 1 }));
    await running.pass(10);
    await running.patch(RESOURCES.statefulSets, 'web', update('nginx:2'));
    await running.pass(600);
    expect(await images(running)).toEqual(['web-0 nginx:1', 'web-1 nginx:1', 'web-2 nginx:2']);
    await running.patch(RESOURCES.statefulSets, 'web', update('nginx:1'));
    await running.pass(10);
    // The broken pod is in the way until somebody deletes it.
    expect(await images(running)).toEqual(['web-0 nginx:1', 'web-1 nginx:1', 'web-2 nginx:2']);
    await running.delete(RESOURCES.pods, 'web-2');
    await running.pass(10);
    expect(await images(running)).toEqual(['web-0 nginx:1', 'web-1 nginx:1', 'web-2 nginx:1']);
    for (const image of ['nginx:3', 'nginx:4', 'nginx:5']) {
      await running.patch(RESOURCES.statefulSets, 'web', update(image));
      await running.pass(20);
    }
    const revisions = await running.list<ControllerRevision>(RESOURCES.controllerRevisions);
    expect(new Set(revisions.map(({ revision }) => revision))).toEqual(new Set([5, 6]));
    expect(revisions.every(({ metadata }) => metadata.ownerReferences?.[0]?.name === 'web')).toBe(true);
  });
});

describe('claims', () => {
  test('are made before their pods, and stay', async () => {
    const running = await start(() => ({}));
    await running.create(RESOURCES.statefulSets, statefulSet({ volumeClaimTemplates: [CLAIM] }));
    await running.pass(10);
    expect(await claims(running)).toEqual(['data-web-0', 'data-web-1', 'data-web-2']);
    expect((await running.events('web')).slice(0, 2)).toEqual([
      'SuccessfulCreate: create Claim data-web-0 Pod web-0 in StatefulSet web success',
      'SuccessfulCreate: create Pod web-0 in StatefulSet web successful',
    ]);
    await running.patch(RESOURCES.statefulSets, 'web', scale(1));
    await running.pass(10);
    expect(await claims(running)).toHaveLength(3);
  });

  test('go with what the retention policy names', async () => {
    const running = await start(() => ({}));
    const persistentVolumeClaimRetentionPolicy = { whenDeleted: 'Delete', whenScaled: 'Delete' };
    await running.create(
      RESOURCES.statefulSets,
      statefulSet({ volumeClaimTemplates: [CLAIM], persistentVolumeClaimRetentionPolicy }),
    );
    await running.pass(10);
    await running.patch(RESOURCES.statefulSets, 'web', scale(2));
    await running.pass(10);
    expect(await claims(running)).toEqual(['data-web-0', 'data-web-1']);
    await running.client.delete(
      RESOURCES.statefulSets,
      { namespace: NAMESPACE, name: 'web' },
      { propagationPolicy: 'Background' },
    );
    await running.pass(10);
    expect(await running.pods()).toEqual([]);
    expect(await claims(running)).toEqual([]);
  });
});

import { afterEach, describe, expect, it } from 'vitest';
import { isPodActive, isPodReady } from '../../../../src/cluster/machinery/pods.ts';
import { formatTime } from '../../../../src/cluster/machinery/time.ts';
import type { DeploymentCondition } from '../../../../src/kube/api/apps-v1.generated.ts';
import { RESOURCES } from '../../../../src/kube/resources.ts';
import { deployment, imagePatch, names, patchDeployment, START, type TestCluster, testCluster } from '../support.ts';

let cluster: TestCluster;

afterEach(() => cluster.stop());

async function running(spec: object = {}): Promise<void> {
  cluster = await testCluster();
  await cluster.client.create(RESOURCES.deployments, deployment(spec));
  await cluster.clock.advance(5000);
}

async function condition(type: string): Promise<DeploymentCondition | undefined> {
  const { status } = await cluster.deployment('web');
  return status?.conditions?.find((candidate) => candidate.type === type);
}

async function sizes(): Promise<(number | undefined)[]> {
  return (await cluster.replicaSets()).map(({ spec }) => spec?.replicas);
}

const revision = (object: {
  metadata: { annotations?: Readonly<Record<string, string>> | undefined };
}): string | undefined => object.metadata.annotations?.['deployment.kubernetes.io/revision'];

describe('a new Deployment', () => {
  it('becomes available and says so', async () => {
    await running();
    const web = await cluster.deployment('web');
    const [set] = await cluster.replicaSets();
    expect(web.status).toEqual({
      observedGeneration: web.metadata.generation,
      replicas: 3,
      updatedReplicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
      terminatingReplicas: 0,
      conditions: [
        {
          type: 'Available',
          status: 'True',
          lastUpdateTime: formatTime(START + 1000),
          lastTransitionTime: formatTime(START + 1000),
          reason: 'MinimumReplicasAvailable',
          message: 'Deployment has minimum availability.',
        },
        {
          type: 'Progressing',
          status: 'True',
          lastUpdateTime: formatTime(START + 1000),
          lastTransitionTime: formatTime(START),
          reason: 'NewReplicaSetAvailable',
          message: `ReplicaSet "${set?.metadata.name ?? ''}" has successfully progressed.`,
        },
      ],
    });
    expect(revision(web)).toBe('1');
    expect(set?.metadata.name).toMatch(/^web-[bcdfghjklmnpqrstvwxz2456789]{8,10}$/);
    expect(set?.metadata.labels).toEqual({ app: 'web', 'pod-template-hash': set?.metadata.name?.slice(4) });
    expect(set?.spec?.selector.matchLabels).toEqual(set?.metadata.labels);
    expect(set?.metadata.annotations).toEqual({
      'deployment.kubernetes.io/revision': '1',
      'deployment.kubernetes.io/desired-replicas': '3',
      'deployment.kubernetes.io/max-replicas': '4',
    });
    expect(set?.status).toEqual({
      replicas: 3,
      fullyLabeledReplicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
      terminatingReplicas: 0,
      observedGeneration: 1,
    });
    expect(await cluster.events('Deployment', 'web')).toEqual([
      `ScalingReplicaSet: Scaled up replica set ${set?.metadata.name ?? ''} from 0 to 3`,
    ]);
    expect(await cluster.events('ReplicaSet', set?.metadata.name ?? '')).toHaveLength(3);
    for (const name of names(cluster.pods())) expect(name).toMatch(new RegExp(`^${set?.metadata.name ?? ''}-.{5}$`));
  });

  it('waits minReadySeconds for each pod', async () => {
    cluster = await testCluster();
    await cluster.client.create(RESOURCES.deployments, deployment({ minReadySeconds: 30 }));
    await cluster.clock.advance(30_999);
    expect((await cluster.deployment('web')).status).toMatchObject({ readyReplicas: 3, unavailableReplicas: 3 });
    await cluster.clock.advance(1);
    expect((await cluster.deployment('web')).status).toMatchObject({ availableReplicas: 3 });
  });

  it('does nothing more once it is complete', async () => {
    await running();
    const before = (await cluster.client.list(RESOURCES.pods)).metadata.resourceVersion;
    await cluster.clock.advance(3_000_000);
    expect((await cluster.client.list(RESOURCES.pods)).metadata.resourceVersion).toBe(before);
  });
});

describe('a rolling update', () => {
  it('stays between its bounds all the way', async () => {
    await running({ replicas: 10, strategy: { rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } } });
    let most = 0;
    let fewest = 10;
    cluster.informers.informer(RESOURCES.pods).onEvent(() => {
      const active = cluster.pods().filter(isPodActive);
      most = Math.max(most, active.length);
      fewest = Math.min(fewest, active.filter(isPodReady).length);
    });
    await patchDeployment(cluster, imagePatch('nginx:2'));
    await cluster.clock.advance(60_000);
    expect(await sizes()).toEqual([0, 10]);
    // 25 % of 10: 3 too many, 2 too few.
    expect([most, fewest]).toEqual([13, 8]);
    const web = await cluster.deployment('web');
    expect(web.status).toMatchObject({ replicas: 10, updatedReplicas: 10, availableReplicas: 10 });
    expect(web.status?.observedGeneration).toBe(web.metadata.generation);
    expect(web.status?.unavailableReplicas).toBeUndefined();
    expect(revision(web)).toBe('2');
    expect((await condition('Progressing'))?.reason).toBe('NewReplicaSetAvailable');
  });

  it('surges alone or shrinks alone', async () => {
    await running({ replicas: 2, strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } } });
    let most = 0;
    cluster.informers.informer(RESOURCES.pods).onEvent(() => {
      most = Math.max(most, cluster.pods().filter(isPodActive).length);
    });
    await patchDeployment(cluster, imagePatch('nginx:2'));
    await cluster.clock.advance(60_000);
    expect(most).toBe(2);
    expect(await sizes()).toEqual([0, 2]);
  });

  it('gives up at its deadline, keeps what runs and recovers', async () => {
    await running({ progressDeadlineSeconds: 60 });
    const begun = cluster.clock.now();
    await patchDeployment(cluster, imagePatch('nginx:broken'));
    await cluster.clock.advance(60_999);
    expect((await condition('Progressing'))?.reason).toBe('ReplicaSetUpdated');
    await cluster.clock.advance(1);
    const [, set] = await cluster.replicaSets();
    expect(await condition('Progressing')).toEqual({
      type: 'Progressing',
      status: 'False',
      lastUpdateTime: formatTime(begun + 61_000),
      lastTransitionTime: formatTime(begun + 61_000),
      reason: 'ProgressDeadlineExceeded',
      message: `ReplicaSet "${set?.metadata.name ?? ''}" has timed out progressing.`,
    });
    expect(await sizes()).toEqual([3, 1]);
    expect((await cluster.deployment('web')).status).toMatchObject({
      replicas: 4,
      updatedReplicas: 1,
      readyReplicas: 3,
      availableReplicas: 3,
      unavailableReplicas: 1,
    });
    expect((await condition('Available'))?.status).toBe('True');
    await patchDeployment(cluster, imagePatch('nginx:3'));
    await cluster.clock.advance(60_000);
    expect((await condition('Progressing'))?.reason).toBe('NewReplicaSetAvailable');
    expect(await sizes()).toEqual([0, 0, 3]);
  });

  it('removes pods of a broken revision first', async () => {
    await running({ replicas: 4, strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } } });
    await patchDeployment(cluster, imagePatch('nginx:broken'));
    await cluster.clock.advance(10_000);
    expect(await sizes()).toEqual([3, 2]);
    await patchDeployment(cluster, imagePatch('nginx:3'));
    await cluster.clock.settle();
    await cluster.clock.advance(100);
    const [good, broken] = await sizes();
    expect([good, broken]).toEqual([3, 0]);
    await cluster.clock.advance(60_000);
    expect(await sizes()).toEqual([0, 0, 4]);
  });
});

describe('revisions', () => {
  it('come back with a new number and remember the old one', async () => {
    await running({ revisionHistoryLimit: 2 });
    for (const image of ['nginx:2', 'nginx:1']) {
      await patchDeployment(cluster, imagePatch(image));
      await cluster.clock.advance(30_000);
    }
    const [second, first] = await cluster.replicaSets();
    expect(revision(second ?? { metadata: {} })).toBe('2');
    expect(revision(first ?? { metadata: {} })).toBe('3');
    expect(first?.metadata.annotations?.['deployment.kubernetes.io/revision-history']).toBe('1');
    expect(revision(await cluster.deployment('web'))).toBe('3');
  });

  it('are kept up to the limit', async () => {
    await running({ revisionHistoryLimit: 2 });
    for (let i = 2; i <= 6; i += 1) {
      await patchDeployment(cluster, imagePatch(`nginx:${i}`));
      await cluster.clock.advance(30_000);
    }
    expect((await cluster.replicaSets()).map(revision)).toEqual(['4', '5', '6']);
  });

  it('copy the annotations of the Deployment', async () => {
    await running();
    await patchDeployment(cluster, { metadata: { annotations: { 'kubernetes.io/change-cause': 'why not' } } });
    await cluster.clock.advance(1000);
    const [set] = await cluster.replicaSets();
    expect(set?.metadata.annotations?.['kubernetes.io/change-cause']).toBe('why not');
  });

  it('get another hash when a foreign ReplicaSet has the name', async () => {
    await running();
    const [set] = await cluster.replicaSets();
    await cluster.client.delete(RESOURCES.deployments, { namespace: 'default', name: 'web' });
    await cluster.clock.advance(5000);
    await cluster.client.create(RESOURCES.replicaSets, {
      ...set,
      metadata: { name: set?.metadata.name, namespace: 'default', labels: { other: 'yes' } },
      spec: {
        replicas: 0,
        selector: { matchLabels: { other: 'yes' } },
        template: { metadata: { labels: { other: 'yes' } }, spec: { containers: [{ name: 'c', image: 'x' }] } },
      },
    });
    await cluster.client.create(RESOURCES.deployments, deployment());
    await cluster.clock.advance(5000);
    const web = await cluster.deployment('web');
    expect(web.status).toMatchObject({ collisionCount: 1, availableReplicas: 3 });
  });
});

describe('pausing', () => {
  it('stops a rollout and its deadline, but not scaling', async () => {
    await running({ progressDeadlineSeconds: 60 });
    await patchDeployment(cluster, { spec: { paused: true, ...imagePatch('nginx:2').spec } });
    await cluster.clock.advance(100_000);
    expect(await condition('Progressing')).toMatchObject({ status: 'Unknown', reason: 'DeploymentPaused' });
    expect(await sizes()).toEqual([3]);
    await patchDeployment(cluster, { spec: { replicas: 5 } });
    await cluster.clock.advance(5000);
    expect(await sizes()).toEqual([5]);
    await patchDeployment(cluster, { spec: { paused: false } });
    await cluster.clock.settle();
    expect((await condition('Progressing'))?.status).toBe('True');
    await cluster.clock.advance(60_000);
    expect(await sizes()).toEqual([0, 5]);
    expect((await condition('Progressing'))?.reason).toBe('NewReplicaSetAvailable');
  });
});

describe('scaling amid a rollout', () => {
  it('gives each ReplicaSet its share', async () => {
    await running({ replicas: 10, strategy: { rollingUpdate: { maxSurge: 3, maxUnavailable: 2 } } });
    await patchDeployment(cluster, imagePatch('nginx:broken'));
    await cluster.clock.advance(10_000);
    expect(await sizes()).toEqual([8, 5]);
    await patchDeployment(cluster, { spec: { replicas: 15 } });
    await cluster.clock.advance(10_000);
    expect(await sizes()).toEqual([11, 7]);
    await patchDeployment(cluster, { spec: { replicas: 0 } });
    await cluster.clock.advance(10_000);
    expect(await sizes()).toEqual([0, 0]);
  });
});

describe('Recreate', () => {
  it('starts new pods when the old ones are gone', async () => {
    await running({ strategy: { type: 'Recreate' } });
    const images: string[][] = [];
    cluster.informers.informer(RESOURCES.pods).onEvent(() => {
      images.push([...new Set(cluster.pods().map(({ spec }) => spec?.containers[0]?.image ?? ''))]);
    });
    await patchDeployment(cluster, imagePatch('nginx:2'));
    await cluster.clock.advance(499);
    expect(await sizes()).toEqual([0]);
    await cluster.clock.advance(10_000);
    expect(await sizes()).toEqual([0, 3]);
    expect(images.every((list) => list.length <= 1)).toBe(true);
    expect((await condition('Progressing'))?.reason).toBe('NewReplicaSetAvailable');
  });
});

describe('ownership', () => {
  it('adopts a ReplicaSet of its template, and takes one back that was let go', async () => {
    await running();
    const [set] = await cluster.replicaSets();
    const key = { namespace: 'default', name: set?.metadata.name ?? '' };
    await cluster.client.patch(RESOURCES.replicaSets, key, 'merge', { metadata: { ownerReferences: [] } });
    await cluster.clock.advance(1000);
    const [again] = await cluster.replicaSets();
    expect(again?.metadata.ownerReferences).toEqual(set?.metadata.ownerReferences);
    await cluster.client.patch(RESOURCES.replicaSets, key, 'merge', { metadata: { labels: { app: 'other' } } });
    await cluster.clock.advance(10_000);
    const sets = await cluster.replicaSets();
    expect(sets.map(({ metadata }) => metadata.ownerReferences?.length ?? 0)).toContain(0);
  });
});

describe('refused pods', () => {
  it('show as failure until they are let in', async () => {
    let refuse = true;
    cluster = await testCluster({ refusePods: () => refuse });
    await cluster.client.create(RESOURCES.deployments, deployment());
    await cluster.clock.advance(5000);
    const message = 'pods "web" is forbidden: exceeded quota: q';
    expect(await condition('ReplicaFailure')).toMatchObject({ status: 'True', reason: 'FailedCreate', message });
    expect((await condition('Available'))?.status).toBe('False');
    const [set] = await cluster.replicaSets();
    expect(set?.status?.conditions).toMatchObject([{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate' }]);
    const [event] = await cluster.events('ReplicaSet', set?.metadata.name ?? '');
    expect(event).toContain(`FailedCreate: Error creating: ${message} (x`);
    refuse = false;
    await cluster.clock.advance(60_000);
    expect(await condition('ReplicaFailure')).toBeUndefined();
    expect((await cluster.deployment('web')).status).toMatchObject({ availableReplicas: 3 });
  });
});

describe('a large rollout', () => {
  it('takes few writes for each pod', async () => {
    cluster = await testCluster();
    await cluster.client.create(RESOURCES.deployments, deployment({ replicas: 100 }));
    await cluster.clock.advance(5000);
    await patchDeployment(cluster, imagePatch('nginx:2'));
    const begun = await cluster.deployment('web');
    await cluster.clock.advance(60_000);
    expect(await sizes()).toEqual([0, 100]);
    const ended = await cluster.deployment('web');
    expect(Number(ended.metadata.resourceVersion) - Number(begun.metadata.resourceVersion)).toBeLessThan(700);
  });
});

describe('the same rollout', () => {
  it('is the same every time, to the byte', async () => {
    const runs: string[] = [];
    for (let i = 0; i < 2; i += 1) {
      cluster = await testCluster();
      await cluster.client.create(RESOURCES.deployments, deployment({ replicas: 5 }));
      await cluster.clock.advance(5000);
      await patchDeployment(cluster, imagePatch('nginx:2'));
      await cluster.clock.advance(2500);
      const types = [RESOURCES.deployments, RESOURCES.replicaSets, RESOURCES.pods, RESOURCES.events];
      runs.push(JSON.stringify(await Promise.all(types.map((type) => cluster.client.list(type)))));
      if (i === 0) cluster.stop();
    }
    expect(runs[1]).toBe(runs[0]);
  });
});

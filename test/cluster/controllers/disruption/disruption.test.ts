import { afterEach, describe, expect, it } from 'vitest';
import { formatTime } from '../../../../src/cluster/machinery/time.ts';
import type { PodDisruptionBudget } from '../../../../src/kube/api/policy-v1.generated.ts';
import { RESOURCES } from '../../../../src/kube/resources.ts';
import { deployment, patchDeployment, setReady, type TestCluster, testCluster } from '../support.ts';

let cluster: TestCluster;

afterEach(() => cluster.stop());

const KEY = { namespace: 'default', name: 'web' };

async function budget(spec: object): Promise<void> {
  await cluster.client.create(RESOURCES.podDisruptionBudgets, {
    metadata: { ...KEY },
    spec: { selector: { matchLabels: { app: 'web' } }, ...spec },
  });
  await cluster.clock.settle();
}

async function start(spec: object, replicas = 10): Promise<void> {
  cluster = await testCluster();
  await cluster.client.create(RESOURCES.deployments, deployment({ replicas }));
  await cluster.clock.advance(5000);
  await budget(spec);
}

const read = (): Promise<PodDisruptionBudget> =>
  cluster.client.get<PodDisruptionBudget>(RESOURCES.podDisruptionBudgets, KEY);

async function counts(): Promise<(number | undefined)[]> {
  const { status } = await read();
  return [status?.expectedPods, status?.desiredHealthy, status?.currentHealthy, status?.disruptionsAllowed];
}

describe('a budget', () => {
  it.each([
    [{ minAvailable: 8 }, [10, 8, 10, 2]],
    [{ minAvailable: '75%' }, [10, 8, 10, 2]],
    [{ maxUnavailable: 3 }, [10, 7, 10, 3]],
    [{ maxUnavailable: '25%' }, [10, 7, 10, 3]],
    [{ maxUnavailable: '100%' }, [10, 0, 10, 10]],
    [{ minAvailable: 20 }, [10, 20, 10, 0]],
  ])('counts %j', async (spec, expected) => {
    await start(spec);
    expect(await counts()).toEqual(expected);
  });

  it('has a condition for what it allows', async () => {
    await start({ minAvailable: 2 }, 2);
    const [condition] = (await read()).status?.conditions ?? [];
    expect(condition).toEqual({
      type: 'DisruptionAllowed',
      status: 'False',
      reason: 'InsufficientPods',
      message: '',
      observedGeneration: 1,
      lastTransitionTime: formatTime(cluster.clock.now()),
    });
    await patchDeployment(cluster, { spec: { replicas: 3 } });
    await cluster.clock.advance(5000);
    expect((await read()).status?.conditions).toMatchObject([{ status: 'True', reason: 'SufficientPods' }]);
    expect(await counts()).toEqual([3, 2, 3, 1]);
  });

  it('follows the health of its pods', async () => {
    await start({ maxUnavailable: 1 }, 3);
    const [first] = cluster.pods();
    if (first === undefined) throw new Error('no pod');
    await setReady(cluster.context, first, '10.0.0.1', false);
    await cluster.clock.settle();
    expect(await counts()).toEqual([3, 2, 2, 0]);
  });

  it('allows nothing without pods', async () => {
    cluster = await testCluster();
    await budget({ minAvailable: 0 });
    expect(await counts()).toEqual([0, 0, 0, 0]);
    expect(await cluster.events('PodDisruptionBudget', 'web')).toEqual(['NoPods: No matching pods found (x2)']);
  });

  it('counts an evicted pod as gone for two minutes', async () => {
    await start({ maxUnavailable: 2 }, 3);
    const [first] = cluster.pods();
    const current = await read();
    const disruptedPods = { [first?.metadata.name ?? '']: formatTime(cluster.clock.now()) };
    const status = { ...current.status, disruptedPods };
    await cluster.client.update(RESOURCES.podDisruptionBudgets, { ...current, status }, { subresource: 'status' });
    await cluster.clock.settle();
    expect(await counts()).toEqual([3, 1, 2, 1]);
    await cluster.clock.advance(121_000);
    expect(await counts()).toEqual([3, 1, 3, 2]);
    expect((await read()).status?.disruptedPods).toBeUndefined();
    expect((await cluster.events('Pod', first?.metadata.name ?? '')).at(-1)).toBe(
      "NotDeleted: Pod was expected by PDB default/web to be deleted but it wasn't",
    );
  });

  it('says when the pods have an owner without a scale', async () => {
    cluster = await testCluster();
    const pod = {
      metadata: { labels: { app: 'web' } },
      spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'x' }] },
    };
    const job = await cluster.client.create(RESOURCES.jobs, {
      metadata: { name: 'j', namespace: 'default' },
      spec: { template: pod },
    });
    const owner = { apiVersion: 'batch/v1', kind: 'Job', name: 'j', uid: job.metadata.uid, controller: true };
    await cluster.client.create(RESOURCES.pods, {
      metadata: { name: 'p', namespace: 'default', labels: { app: 'web' }, ownerReferences: [owner] },
      spec: pod.spec,
    });
    await budget({ maxUnavailable: 1 });
    expect((await read()).status?.conditions).toMatchObject([
      { status: 'False', reason: 'SyncFailed', message: 'jobs.batch does not implement the scale subresource' },
    ]);
    expect((await cluster.events('PodDisruptionBudget', 'web'))[0]).toContain(
      'CalculateExpectedPodCountFailed: Failed to calculate the number of expected pods: jobs.batch does not implement the scale subresource',
    );
  });

  it('does not count pods without an owner, and says so', async () => {
    await start({ maxUnavailable: 1 }, 2);
    await cluster.client.create(RESOURCES.pods, {
      metadata: { name: 'alone', namespace: 'default', labels: { app: 'web' } },
      spec: { containers: [{ name: 'c', image: 'x' }] },
    });
    await cluster.clock.advance(5000);
    expect(await counts()).toEqual([2, 1, 3, 2]);
    const events = await cluster.events('PodDisruptionBudget', 'web');
    expect(events.find((event) => event.startsWith('UnmanagedPods'))).toContain(
      'UnmanagedPods: Pods selected by this PodDisruptionBudget (selector: &LabelSelector{MatchLabels:map[string]string{app: web,},MatchExpressions:[]LabelSelectorRequirement{},}) were found to be unmanaged.',
    );
  });

  it('counts pods without an owner where a number is to be available', async () => {
    cluster = await testCluster();
    for (const name of ['a', 'b', 'c']) {
      await cluster.client.create(RESOURCES.pods, {
        metadata: { name, namespace: 'default', labels: { app: 'web' } },
        spec: { containers: [{ name: 'c', image: 'x' }] },
      });
    }
    await budget({ minAvailable: 2 });
    await cluster.clock.advance(5000);
    expect(await counts()).toEqual([3, 2, 3, 1]);
  });

  it('adds up the owners of its pods', async () => {
    await start({ maxUnavailable: '50%' }, 3);
    await cluster.client.create(RESOURCES.replicationControllers, {
      metadata: { name: 'rc', namespace: 'default' },
      spec: {
        replicas: 2,
        selector: { of: 'rc' },
        template: {
          metadata: { labels: { app: 'web', of: 'rc' } },
          spec: { containers: [{ name: 'c', image: 'x' }] },
        },
      },
    });
    await cluster.clock.advance(5000);
    // 50 % of 5, rounded up.
    expect(await counts()).toEqual([5, 2, 5, 3]);
  });

  it('follows the size of the owner, ready or not', async () => {
    await start({ minAvailable: '50%' }, 4);
    expect(await counts()).toEqual([4, 2, 4, 2]);
    await patchDeployment(cluster, { spec: { replicas: 7 } });
    await cluster.clock.settle();
    await cluster.clock.advance(10_000);
    expect(await counts()).toEqual([7, 4, 7, 3]);
  });
});

describe('a pod that was to go', () => {
  async function announced(condition: object): Promise<unknown> {
    await start({ minAvailable: 0 }, 1);
    const [pod] = cluster.pods();
    if (pod === undefined) throw new Error('no pod');
    const time = formatTime(cluster.clock.now());
    const conditions = [
      ...(pod.status?.conditions ?? []),
      { type: 'DisruptionTarget', status: 'True', lastTransitionTime: time, ...condition },
    ];
    await cluster.client.update(
      RESOURCES.pods,
      { ...pod, status: { ...pod.status, conditions } },
      { subresource: 'status' },
    );
    await cluster.clock.advance(119_000);
    expect(target()).toMatchObject({ status: 'True' });
    await cluster.clock.advance(2000);
    return target();
  }
  const target = (): unknown => cluster.pods()[0]?.status?.conditions?.find(({ type }) => type === 'DisruptionTarget');

  it('stays when it was not deleted within two minutes', async () => {
    const lastTransitionTime = formatTime(Date.UTC(2025, 0, 1, 0, 2, 5));
    expect(await announced({ reason: 'EvictionByEvictionAPI', message: 'm' })).toEqual({
      type: 'DisruptionTarget',
      status: 'False',
      lastProbeTime: null,
      lastTransitionTime,
    });
  });

  it('goes when its kubelet finds the time', async () => {
    expect(await announced({ reason: 'TerminationByKubelet' })).toMatchObject({ status: 'True' });
  });
});

describe('budgets that cannot be right', () => {
  it.each<[string, object, (number | undefined)[]]>([
    ['more unavailable than there are', { maxUnavailable: 2_147_483_647 }, [3, 0, 3, 3]],
    ['none unavailable', { maxUnavailable: 0 }, [3, 3, 3, 0]],
    ['0 per cent unavailable', { maxUnavailable: '0%' }, [3, 3, 3, 0]],
    ['1 per cent unavailable: one', { maxUnavailable: '1%' }, [3, 2, 3, 1]],
    ['1 per cent available: one', { minAvailable: '1%' }, [3, 1, 3, 2]],
    ['all available', { minAvailable: '100%' }, [3, 3, 3, 0]],
    ['far more available than there are', { minAvailable: 2_147_483_647 }, [3, 2_147_483_647, 3, 0]],
    ['nothing said', {}, [0, 0, 3, 0]],
  ])('%s', async (_, spec, expected) => {
    await start(spec, 3);
    expect(await counts()).toEqual(expected);
  });

  it('select everything with an empty selector', async () => {
    await start({ selector: {}, minAvailable: 1 }, 3);
    await cluster.client.create(RESOURCES.deployments, deployment({ replicas: 2 }, 'nginx:1', 'other'));
    await cluster.clock.advance(5000);
    expect(await counts()).toEqual([5, 1, 5, 4]);
  });
});

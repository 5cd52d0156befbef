import { afterEach, describe, expect, test } from 'vitest';
import { createDaemonSetController } from '../../../../src/cluster/controllers/daemonset/daemon-set-controller.ts';
import type { ControllerRevision, DaemonSet, DaemonSetSpec } from '../../../../src/kube/api/apps-v1.generated.ts';
import type { Pod, Taint } from '../../../../src/kube/api/core-v1.generated.ts';
import { RESOURCES } from '../../../../src/kube/resources.ts';
import type { PodCourse } from '../support/pod-runner.ts';
import { NAMESPACE, type WorkloadCluster, workloadCluster } from '../support/workload-cluster.ts';

let cluster: WorkloadCluster | undefined;

afterEach(() => {
  cluster?.stop();
  cluster = undefined;
});

async function start(course: (pod: Pod) => PodCourse = () => ({ readyAfter: 2000 })): Promise<WorkloadCluster> {
  cluster = await workloadCluster({ controllers: [createDaemonSetController], course, collectGarbage: true });
  for (const name of ['n1', 'n2', 'n3']) await cluster.create(RESOURCES.nodes, node(name));
  return cluster;
}

function node(name: string, labels: Record<string, string> = {}): object {
  return { apiVersion: 'v1', kind: 'Node', metadata: { name, labels } };
}

function template(image: string, more: object = {}): DaemonSetSpec['template'] {
  return { metadata: { labels: { app: 'agent' } }, spec: { containers: [{ name: 'c', image }], ...more } };
}

function daemonSet(spec: Partial<DaemonSetSpec> = {}): object {
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'agent', namespace: NAMESPACE },
    spec: { selector: { matchLabels: { app: 'agent' } }, template: template('agent:1'), ...spec },
  };
}

/** `node image`, sorted; pods that are being deleted have a `-` behind them. */
async function placed(running: WorkloadCluster): Promise<string[]> {
  const pods = await running.list<Pod>(RESOURCES.pods);
  return pods
    .map(
      ({ metadata, spec }) =>
        `${spec?.nodeName} ${spec?.containers[0]?.image}${metadata.deletionTimestamp === undefined ? '' : '-'}`,
    )
    .sort();
}

async function status(running: WorkloadCluster): Promise<object> {
  return (await running.get<DaemonSet>(RESOURCES.daemonSets, 'agent')).status ?? {};
}

describe('one pod a node', () => {
  test('on every node, also on those that come later', async () => {
    const running = await start();
    await running.create(RESOURCES.daemonSets, daemonSet());
    await running.pass(5);
    expect(await placed(running)).toEqual(['n1 agent:1', 'n2 agent:1', 'n3 agent:1']);
    expect(await status(running)).toEqual({
      observedGeneration: 1,
      desiredNumberScheduled: 3,
      currentNumberScheduled: 3,
      numberReady: 3,
      numberAvailable: 3,
      updatedNumberScheduled: 3,
      numberMisscheduled: 0,
    });
    await running.create(RESOURCES.nodes, node('n4'));
    await running.pass(5);
    expect(await placed(running)).toHaveLength(4);
    const [pod] = await running.list<Pod>(RESOURCES.pods);
    expect(pod?.metadata.generateName).toBe('agent-');
    expect(pod?.spec?.tolerations?.map(({ key }) => key)).toContain('node.kubernetes.io/unreachable');
    const [revision] = await running.list<ControllerRevision>(RESOURCES.controllerRevisions);
    expect(pod?.metadata.labels?.['controller-revision-hash']).toBe(
      revision?.metadata.labels?.['controller-revision-hash'],
    );
  });

  test('on those that its selector and taints allow', async () => {
    const running = await start();
    await running.patch(RESOURCES.nodes, 'n1', { metadata: { labels: { disk: 'ssd' } } });
    await running.patch(RESOURCES.nodes, 'n2', { metadata: { labels: { disk: 'ssd' } } });
    const spec = { template: template('agent:1', { nodeSelector: { disk: 'ssd' } }) };
    await running.create(RESOURCES.daemonSets, daemonSet(spec));
    await running.pass(5);
    expect(await placed(running)).toEqual(['n1 agent:1', 'n2 agent:1']);
    await running.patch(RESOURCES.nodes, 'n1', { metadata: { labels: { disk: null } } });
    await running.patch(RESOURCES.nodes, 'n3', { metadata: { labels: { disk: 'ssd' } } });
    await running.pass(5);
    expect(await placed(running)).toEqual(['n2 agent:1', 'n3 agent:1']);
    const taints: Taint[] = [{ key: 'x', effect: 'NoExecute' }];
    await running.patch(RESOURCES.nodes, 'n2', { spec: { taints } });
    await running.pass(5);
    expect(await placed(running)).toEqual(['n3 agent:1']);
  });

  test('made anew when it is deleted', async () => {
    const running = await start();
    await running.create(RESOURCES.daemonSets, daemonSet());
    await running.pass(5);
    const [pod] = await running.list<Pod>(RESOURCES.pods);
    await running.delete(RESOURCES.pods, pod?.metadata.name ?? '');
    await running.pass(5);
    expect(await placed(running)).toEqual(['n1 agent:1', 'n2 agent:1', 'n3 agent:1']);
  });

  test('made anew when it fails, more and more slowly', async () => {
    const running = await start(() => ({ exitCode: 1, after: 100 }));
    await running.delete(RESOURCES.nodes, 'n2');
    await running.delete(RESOURCES.nodes, 'n3');
    await running.create(RESOURCES.daemonSets, daemonSet());
    await running.pass(60);
    const failures = (await running.events('agent')).filter((event) => event.startsWith('FailedDaemonPod'));
    expect(failures.length).toBeGreaterThan(3);
    expect(failures.length).toBeLessThan(8);
    expect(failures[0]).toMatch(
      /^FailedDaemonPod: Found failed daemon pod default\/agent-\w{5} on node n1, will try to kill it$/,
    );
  });
});

describe('updates', () => {
  const update = (image: string): object => ({ spec: { template: template(image) } });

  test('one node at a time', async () => {
    const running = await start();
    await running.create(RESOURCES.daemonSets, daemonSet());
    await running.pass(5);
    await running.patch(RESOURCES.daemonSets, 'agent', update('agent:2'));
    await running.pass(0.5);
    expect(await placed(running)).toEqual(['n1 agent:1-', 'n2 agent:1', 'n3 agent:1']);
    await running.pass(2);
    expect(await placed(running)).toEqual(['n1 agent:2', 'n2 agent:1', 'n3 agent:1']);
    await running.pass(15);
    expect(await placed(running)).toEqual(['n1 agent:2', 'n2 agent:2', 'n3 agent:2']);
    expect(await status(running)).toMatchObject({
      observedGeneration: 2,
      updatedNumberScheduled: 3,
      numberAvailable: 3,
    });
  });

  test('new pods first with maxSurge', async () => {
    const running = await start();
    const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } };
    await running.create(RESOURCES.daemonSets, daemonSet({ updateStrategy }));
    await running.pass(5);
    await running.patch(RESOURCES.daemonSets, 'agent', update('agent:2'));
    await running.pass(0.5);
    expect(await placed(running)).toEqual(['n1 agent:1', 'n1 agent:2', 'n2 agent:1', 'n3 agent:1']);
    await running.pass(20);
    expect(await placed(running)).toEqual(['n1 agent:2', 'n2 agent:2', 'n3 agent:2']);
  });

  test('only by hand with OnDelete', async () => {
    const running = await start();
    await running.create(RESOURCES.daemonSets, daemonSet({ updateStrategy: { type: 'OnDelete' } }));
    await running.pass(5);
    await running.patch(RESOURCES.daemonSets, 'agent', update('agent:2'));
    await running.pass(20);
    expect(await placed(running)).toEqual(['n1 agent:1', 'n2 agent:1', 'n3 agent:1']);
    expect(await status(running)).toMatchObject({ observedGeneration: 2, numberAvailable: 3 });
    const pods = await running.list<Pod>(RESOURCES.pods);
    const onN2 = pods.find(({ spec }) => spec?.nodeName === 'n2');
    await running.delete(RESOURCES.pods, onN2?.metadata.name ?? '');
    await running.pass(5);
    expect(await placed(running)).toEqual(['n1 agent:1', 'n2 agent:2', 'n3 agent:1']);
  });

  test('back to an earlier revision renumbers it', async () => {
    const running = await start(() => ({}));
    await running.create(RESOURCES.daemonSets, daemonSet({ revisionHistoryLimit: 1 }));
    await running.pass(5);
    for (const image of ['agent:2', 'agent:1', 'agent:3', 'agent:4']) {
      await running.patch(RESOURCES.daemonSets, 'agent', update(image));
      await running.pass(20);
    }
    const revisions = await running.list<ControllerRevision>(RESOURCES.controllerRevisions);
    expect(new Set(revisions.map(({ revision }) => revision))).toEqual(new Set([4, 5]));
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PersistentVolumeClaim, PodSpec } from '../../../src/kube/api/core-v1.generated.ts';
import { RESOURCES } from '../../../src/kube/resources.ts';
import { type Bench, bench, type NodeSketch, type PodSketch } from './support.ts';

let b: Bench;

beforeEach(async () => {
  b = await bench();
});

afterEach(() => b.stop());

const ZONE = 'topology.kubernetes.io/zone';
const HOST = 'kubernetes.io/hostname';
const zone = (name: string): NodeSketch => ({ labels: { [ZONE]: name } });
const noSchedule = (key: string): NodeSketch => ({ taints: [{ key, effect: 'NoSchedule' }] });

const HELPLESS =
  'no new claims to deallocate, preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.';
const NO_VICTIMS =
  'no new claims to deallocate, preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.';

interface Row {
  readonly title: string;
  readonly nodes: readonly [NodeSketch, NodeSketch, NodeSketch];
  readonly pod: PodSketch;
  /** Pods that come before, by name. */
  readonly before?: Readonly<Record<string, PodSketch>>;
  readonly message: string;
}

const antiAffinity = (app: string): Partial<PodSpec> => ({
  affinity: {
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: HOST, labelSelector: { matchLabels: { app } } }],
    },
  },
});

const ROWS: readonly Row[] = [
  {
    title: 'too little of everything',
    nodes: [{}, { cpu: '1' }, noSchedule('gpu')],
    pod: { cpu: '5', memory: '10Gi' },
    message: `0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu, 2 Insufficient memory. ${HELPLESS}`,
  },
  {
    title: 'too little left',
    nodes: [{ cpu: '1' }, { cpu: '1' }, { cpu: '1' }],
    before: { a: { cpu: '1' }, b: { cpu: '1' }, c: { cpu: '1' } },
    pod: { cpu: '1' },
    message: `0/3 nodes are available: 3 Insufficient cpu. ${NO_VICTIMS}`,
  },
  {
    title: 'too many pods',
    nodes: [{ pods: '1' }, { pods: '0' }, { pods: '0' }],
    before: { a: {} },
    pod: {},
    message: `0/3 nodes are available: 3 Too many pods. no new claims to deallocate, preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.`,
  },
  {
    title: 'an extended resource',
    nodes: [{}, {}, { more: { 'nvidia.com/gpu': '1' } }],
    pod: {
      spec: {
        containers: [
          {
            name: 'c',
            image: 'a',
            resources: { limits: { 'nvidia.com/gpu': '2' }, requests: { 'nvidia.com/gpu': '2' } },
          },
        ],
      },
    },
    message: `0/3 nodes are available: 3 Insufficient nvidia.com/gpu. ${HELPLESS}`,
  },
  {
    title: 'a node selector',
    nodes: [{}, {}, { unschedulable: true }],
    pod: { spec: { nodeSelector: { disk: 'ssd' } } },
    message: `0/3 nodes are available: 1 node(s) were unschedulable, 2 node(s) didn't match Pod's node affinity/selector. ${HELPLESS}`,
  },
  {
    title: 'node affinity by name',
    nodes: [{ cpu: '1' }, {}, {}],
    pod: {
      cpu: '2',
      spec: {
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n1'] }] }],
            },
          },
        },
      },
    },
    message: `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) didn't satisfy plugin(s) [NodeAffinity]. ${HELPLESS}`,
  },
  {
    title: 'ports of the node',
    nodes: [{}, noSchedule('x'), noSchedule('y')],
    before: { a: { spec: { containers: [{ name: 'c', image: 'a', ports: [{ containerPort: 80, hostPort: 80 }] }] } } },
    pod: { spec: { containers: [{ name: 'c', image: 'a', ports: [{ containerPort: 80, hostPort: 80 }] }] } },
    message:
      "0/3 nodes are available: 1 node(s) didn't have free ports for the requested pod ports, 2 node(s) had untolerated taint(s). no new claims to deallocate, preemption: 0/3 nodes are available: 1 No preemption victims found for incoming pod, 2 Preemption is not helpful for scheduling.",
  },
  {
    title: 'pod affinity',
    nodes: [{}, {}, {}],
    pod: {
      spec: {
        affinity: {
          podAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: [
              { topologyKey: HOST, labelSelector: { matchLabels: { app: 'db' } } },
            ],
          },
        },
      },
    },
    message: `0/3 nodes are available: 3 node(s) didn't match pod affinity rules. ${HELPLESS}`,
  },
  {
    title: 'pod anti-affinity, of both sides',
    nodes: [{}, {}, {}],
    before: {
      a: { labels: { app: 'web' }, spec: { nodeName: 'n1' } },
      b: { labels: { app: 'web' }, spec: { nodeName: 'n2' } },
      c: { labels: { app: 'other' }, spec: { ...antiAffinity('web'), nodeName: 'n3' } },
    },
    pod: { labels: { app: 'web' }, spec: antiAffinity('web') },
    message: `0/3 nodes are available: 1 node(s) didn't satisfy existing pods anti-affinity rules, 2 node(s) didn't match pod anti-affinity rules. ${NO_VICTIMS}`,
  },
  {
    title: 'topology spread',
    nodes: [zone('a'), zone('b'), {}],
    before: { a: { labels: { app: 'web' }, spec: { nodeName: 'n1' } }, b: { cpu: '4', spec: { nodeName: 'n2' } } },
    pod: {
      cpu: '1',
      labels: { app: 'web' },
      spec: {
        topologySpreadConstraints: [
          {
            topologyKey: ZONE,
            maxSkew: 1,
            whenUnsatisfiable: 'DoNotSchedule',
            labelSelector: { matchLabels: { app: 'web' } },
          },
        ],
      },
    },
    message:
      "0/3 nodes are available: 1 Insufficient cpu, 1 node(s) didn't match pod topology spread constraints, 1 node(s) didn't match pod topology spread constraints (missing required label). no new claims to deallocate, preemption: 0/3 nodes are available: 1 Preemption is not helpful for scheduling, 2 No preemption victims found for incoming pod.",
  },
  {
    title: 'a claim that is not there',
    nodes: [{}, {}, {}],
    pod: { spec: { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }] } },
    message: `0/3 nodes are available: persistentvolumeclaim "data" not found. ${HELPLESS}`,
  },
];

describe('pods that no node will take', () => {
  it.each(ROWS)('$title', async ({ nodes, before = {}, pod, message }) => {
    for (const [i, sketch] of nodes.entries()) await b.node(`n${i + 1}`, sketch);
    for (const [name, sketch] of Object.entries(before)) await b.pod(name, sketch);
    await b.pod('p', pod);
    expect(await b.why('p')).toBe(`Unschedulable: ${message}`);
    expect(await b.events('p')).toEqual([`Warning FailedScheduling: ${message}`]);
  });

  it('wait for nodes', async () => {
    await b.pod('p');
    expect(await b.why('p')).toBe('Unschedulable: no nodes available to schedule pods');
    await b.node('n1');
    expect(await b.places('p')).toBe('n1');
    expect(await b.events('p')).toContain('Normal Scheduled: Successfully assigned default/p to n1');
  });

  it.each<[string, PodSketch, () => Promise<unknown>]>([
    [
      'room',
      { cpu: '3' },
      () => b.client.delete(RESOURCES.pods, { namespace: 'default', name: 'big' }, { gracePeriodSeconds: 0 }),
    ],
    [
      'another label',
      { spec: { nodeSelector: { disk: 'ssd' } } },
      () => b.client.patch(RESOURCES.nodes, { name: 'n1' }, 'merge', { metadata: { labels: { disk: 'ssd' } } }),
    ],
    [
      'a toleration',
      { spec: { nodeSelector: { [HOST]: 'n2' } } },
      () => b.client.patch(RESOURCES.nodes, { name: 'n2' }, 'merge', { spec: { taints: null } }),
    ],
    [
      'another pod',
      {
        spec: {
          affinity: {
            podAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: [
                { topologyKey: HOST, labelSelector: { matchLabels: { app: 'db' } } },
              ],
            },
          },
        },
      },
      () => b.pod('db', { labels: { app: 'db' } }),
    ],
    [
      'no gates',
      { spec: { schedulingGates: [{ name: 'wait' }] } },
      () =>
        b.client.patch(RESOURCES.pods, { namespace: 'default', name: 'p' }, 'merge', {
          spec: { schedulingGates: null },
        }),
    ],
  ])('are taken once there is %s', async (_title, pod, help) => {
    await b.node('n1');
    await b.node('n2', noSchedule('x'));
    await b.pod('big', { cpu: '2' });
    await b.pod('p', pod);
    expect(await b.places('p')).toBe('-');
    await b.clock.advance(20_000);
    await help();
    await b.clock.advance(11_000);
    expect(await b.places('p')).not.toBe('-');
  });

  it('are looked at again after five minutes, and not in between', async () => {
    await b.node('n1');
    await b.pod('p', { cpu: '100' });
    await b.pod('other');
    await b.clock.advance(290_000);
    const count = async (): Promise<number> => {
      const { items } = await b.client.list<{ count?: number; involvedObject: { name: string }; reason: string }>(
        RESOURCES.events,
        {},
      );
      return (
        items.find(({ involvedObject, reason }) => involvedObject.name === 'p' && reason === 'FailedScheduling')
          ?.count ?? 0
      );
    };
    expect(await count()).toBe(1);
    await b.clock.advance(60_000);
    expect(await count()).toBe(2);
  });
});

describe('the best node', () => {
  const pick = async (pod: PodSketch): Promise<string> => {
    await b.pod('p', pod);
    return await b.places('p');
  };

  it('has more room', async () => {
    await b.node('n1', { cpu: '4' });
    await b.node('n2', { cpu: '16', memory: '32Gi' });
    expect(await pick({ cpu: '1', memory: '1Gi' })).toBe('n2');
  });

  it('is one that the pod would rather be on', async () => {
    await b.node('n1', { labels: { disk: 'ssd' }, cpu: '2' });
    await b.node('n2');
    const preference = { matchExpressions: [{ key: 'disk', operator: 'In', values: ['ssd'] }] };
    const affinity = {
      nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, preference }] },
    };
    expect(await pick({ cpu: '100m', spec: { affinity } })).toBe('n1');
  });

  it('has no taint that asks pods to stay away', async () => {
    await b.node('n1', { cpu: '16', memory: '32Gi', taints: [{ key: 'x', effect: 'PreferNoSchedule' }] });
    await b.node('n2');
    expect(await pick({ cpu: '1' })).toBe('n2');
  });

  it('is near pods that the pod wants near', async () => {
    await b.node('n1', { cpu: '16', memory: '32Gi' });
    await b.node('n2');
    await b.pod('db', { labels: { app: 'db' }, spec: { nodeName: 'n2' } });
    const podAffinityTerm = { topologyKey: HOST, labelSelector: { matchLabels: { app: 'db' } } };
    const affinity = {
      podAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm }] },
    };
    expect(await pick({ cpu: '100m', spec: { affinity } })).toBe('n2');
  });

  it('has fewer pods of the same controller', async () => {
    for (const name of ['n1', 'n2', 'n3']) await b.node(name);
    const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: 'u', controller: true };
    const labels = { app: 'web' };
    const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'a' }] } };
    const metadata = { name: 'web', namespace: 'default' };
    await b.client.create(RESOURCES.replicaSets, { metadata, spec: { selector: { matchLabels: labels }, template } });
    for (let i = 0; i < 9; i += 1) {
      await b.client.create(RESOURCES.pods, {
        metadata: { name: `web-${i}`, namespace: 'default', labels, ownerReferences: [owner] },
        spec: { containers: [{ name: 'c', image: 'a' }] },
      });
      await b.clock.settle();
    }
    const places = (await b.places(...Array.from({ length: 9 }, (_, i) => `web-${i}`))).split(' ').sort();
    expect(places).toEqual(['n1', 'n1', 'n1', 'n2', 'n2', 'n2', 'n3', 'n3', 'n3']);
  });

  it('has fewer pods of the same Service, as long as there is one', async () => {
    await b.node('n1', { cpu: '16', memory: '32Gi' });
    for (const name of ['n2', 'n3']) await b.node(name);
    const key = { name: 'web', namespace: 'default' };
    const spec = { selector: { app: 'web' }, ports: [{ port: 80 }] };
    await b.client.create(RESOURCES.services, { metadata: key, spec });
    const web: PodSketch = { labels: { app: 'web' }, cpu: '100m' };
    await b.pod('first', web);
    await b.pod('second', web);
    expect(await b.places('first', 'second')).toMatch(/^n1 n[23]$/);
    await b.client.delete(RESOURCES.services, key);
    await b.clock.settle();
    for (const name of ['third', 'fourth']) await b.pod(name, web);
    expect(await b.places('third', 'fourth')).toBe('n1 n1');
  });
});

describe('preemption', () => {
  const priority = async (name: string, value: number, preemptionPolicy?: string): Promise<unknown> =>
    await b.client.create(RESOURCES.priorityClasses, {
      metadata: { name },
      value,
      ...(preemptionPolicy === undefined ? {} : { preemptionPolicy }),
    });

  it('removes the least important pods that are enough', async () => {
    await priority('high', 1000);
    await priority('low', 10);
    await b.node('n1', { cpu: '2' });
    await b.node('n2', { cpu: '2' });
    await b.pod('low-1', { cpu: '1', spec: { priorityClassName: 'low', nodeName: 'n1' } });
    await b.pod('none-1', { cpu: '1', spec: { nodeName: 'n1' } });
    await b.pod('low-2', { cpu: '2', spec: { priorityClassName: 'low', nodeName: 'n2' } });
    await b.pod('p', { cpu: '1', spec: { priorityClassName: 'high' } });
    const pod = await b.get('p');
    expect(pod.status?.nominatedNodeName).toBe('n1');
    expect(await b.why('p')).toBe('Unschedulable: 0/2 nodes are available: 2 Insufficient cpu.');
    const victim = await b.get('none-1');
    expect(victim.metadata.deletionTimestamp).toBeDefined();
    expect(victim.status?.conditions?.find(({ type }) => type === 'DisruptionTarget')).toMatchObject({
      reason: 'PreemptionByScheduler',
      message: 'default-scheduler: preempting to accommodate a higher priority pod',
    });
    expect(await b.events('none-1')).toEqual([
      `Normal Preempted: Preempted by pod ${pod.metadata.uid ?? ''} on node n1`,
    ]);
    expect((await b.get('low-1')).metadata.deletionTimestamp).toBeUndefined();
    // Others do not take the room that was promised.
    await b.client.delete(RESOURCES.pods, { namespace: 'default', name: 'none-1' }, { gracePeriodSeconds: 0 });
    await b.clock.settle();
    expect(await b.places('p')).toBe('n1');
  });

  it('spares pods whose budget allows no disruption', async () => {
    await priority('high', 1000);
    await b.node('n1', { cpu: '1' });
    await b.node('n2', { cpu: '1' });
    await b.pod('guarded', { cpu: '1', labels: { app: 'guarded' }, spec: { nodeName: 'n1' } });
    await b.pod('free', { cpu: '1', spec: { nodeName: 'n2' } });
    await b.client.create(RESOURCES.podDisruptionBudgets, {
      metadata: { name: 'budget', namespace: 'default' },
      spec: { minAvailable: 1, selector: { matchLabels: { app: 'guarded' } } },
    });
    await b.pod('p', { cpu: '1', spec: { priorityClassName: 'high' } });
    expect((await b.get('p')).status?.nominatedNodeName).toBe('n2');
  });

  it('is not for pods that do not want it', async () => {
    await priority('polite', 1000, 'Never');
    await b.node('n1', { cpu: '1' });
    await b.pod('a', { cpu: '1' });
    await b.pod('p', { cpu: '1', spec: { priorityClassName: 'polite' } });
    expect(await b.why('p')).toBe(
      'Unschedulable: 0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: not eligible due to preemptionPolicy=Never.',
    );
  });
});

describe('promised room', () => {
  it('is taken back from those that are less important', async () => {
    for (const [name, value] of [
      ['high', 1000],
      ['middle', 100],
    ] as const) {
      await b.client.create(RESOURCES.priorityClasses, { metadata: { name }, value });
    }
    await b.node('n1', { cpu: '1' });
    await b.pod('low', { cpu: '1' });
    await b.pod('middle', { cpu: '1', spec: { priorityClassName: 'middle' } });
    expect((await b.get('middle')).status?.nominatedNodeName).toBe('n1');
    await b.pod('high', { cpu: '1', spec: { priorityClassName: 'high' } });
    expect((await b.get('high')).status?.nominatedNodeName).toBe('n1');
    expect((await b.get('middle')).status?.nominatedNodeName).toBeUndefined();
    await b.client.delete(RESOURCES.pods, { namespace: 'default', name: 'low' }, { gracePeriodSeconds: 0 });
    await b.clock.advance(20_000);
    expect(await b.places('high', 'middle')).toBe('n1 -');
  });

  it('is waited for while a pod that was chosen ends', async () => {
    await b.client.create(RESOURCES.priorityClasses, { metadata: { name: 'high' }, value: 1000 });
    await b.node('n1', { cpu: '1' });
    await b.pod('low', { cpu: '1' });
    await b.pod('high', { cpu: '1', spec: { priorityClassName: 'high' } });
    await b.clock.advance(400_000);
    expect(await b.why('high')).toContain('not eligible due to a terminating pod on the nominated node.');
  });
});

describe('claims', () => {
  const storageClass = (
    name: string,
    volumeBindingMode: string,
    provisioner = 'pintle.dev/host-path',
  ): Promise<unknown> =>
    b.client.create(RESOURCES.storageClasses, { metadata: { name }, provisioner, volumeBindingMode });
  const claim = (name: string, storageClassName: string): Promise<unknown> =>
    b.client.create(RESOURCES.persistentVolumeClaims, {
      metadata: { name, namespace: 'default' },
      spec: { storageClassName, accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    });
  const using = (claimName: string): PodSketch => ({
    spec: { volumes: [{ name: 'v', persistentVolumeClaim: { claimName } }] },
  });
  const get = (name: string): Promise<PersistentVolumeClaim> =>
    b.client.get(RESOURCES.persistentVolumeClaims, { namespace: 'default', name });
  const bindClaim = async (name: string, volumeName: string): Promise<void> => {
    const bound = await b.client.update<PersistentVolumeClaim>(RESOURCES.persistentVolumeClaims, {
      ...(await get(name)),
      spec: { ...(await get(name)).spec, volumeName },
    });
    await b.client.update(
      RESOURCES.persistentVolumeClaims,
      { ...bound, status: { phase: 'Bound' } },
      { subresource: 'status' },
    );
    await b.clock.settle();
  };

  it('that are bound early have to be bound before', async () => {
    await b.node('n1');
    await storageClass('now', 'Immediate');
    await claim('data', 'now');
    await b.pod('p', using('data'));
    expect(await b.why('p')).toContain('0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims.');
    await b.client.create(RESOURCES.persistentVolumes, volume('pv', 'now'));
    await bindClaim('data', 'pv');
    expect(await b.places('p')).toBe('n1');
  });

  it('that wait for their pod are told its node', async () => {
    await b.node('n1');
    await storageClass('late', 'WaitForFirstConsumer');
    await claim('data', 'late');
    await b.pod('p', using('data'));
    expect(await b.places('p')).toBe('-');
    expect((await get('data')).metadata.annotations).toMatchObject({ 'volume.kubernetes.io/selected-node': 'n1' });
    await b.pod('other');
    expect(await b.places('other')).toBe('n1');
    await b.client.create(RESOURCES.persistentVolumes, volume('pv', 'late'));
    await bindClaim('data', 'pv');
    expect(await b.places('p')).toBe('n1');
  });

  it('are bound to volumes that are there, where these can be used', async () => {
    await b.node('n1', zone('a'));
    await b.node('n2', zone('b'));
    await storageClass('local', 'WaitForFirstConsumer', 'kubernetes.io/no-provisioner');
    await claim('data', 'local');
    await b.pod('p', using('data'));
    expect(await b.why('p')).toContain("2 node(s) didn't find available persistent volumes to bind.");
    await b.client.create(RESOURCES.persistentVolumes, volume('pv', 'local', 'b'));
    await b.clock.settle();
    const { spec } = await b.client.get<{ spec: { claimRef?: { name: string } } }>(RESOURCES.persistentVolumes, {
      name: 'pv',
    });
    expect(spec.claimRef?.name).toBe('data');
    await bindClaim('data', 'pv');
    expect(await b.places('p')).toBe('n2');
    await b.pod('q', { ...using('data'), spec: { ...using('data').spec, nodeSelector: { [ZONE]: 'a' } } });
    expect(await b.why('q')).toContain(
      "1 node(s) didn't match PersistentVolume's node affinity, 1 node(s) didn't match Pod's node affinity/selector.",
    );
  });

  it('that nobody makes are given up after ten minutes', async () => {
    await b.node('n1');
    await storageClass('late', 'WaitForFirstConsumer');
    await claim('data', 'late');
    await b.pod('p', using('data'));
    await b.clock.advance(601_000);
    expect(await b.why('p')).toBe('SchedulerError: binding volumes: context deadline exceeded');
  });
});

function volume(name: string, storageClassName: string, zoneName?: string): object {
  const matchExpressions = [{ key: ZONE, operator: 'In', values: [zoneName] }];
  return {
    metadata: { name },
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      storageClassName,
      hostPath: { path: '/tmp' },
      ...(zoneName === undefined ? {} : { nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions }] } } }),
    },
  };
}

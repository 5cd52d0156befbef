import { describe, expect, test } from 'vitest';
import { daemonSetStatus, planNodes, planUpdate } from '../../../../src/cluster/controllers/daemonset/daemon-plan.ts';
import {
  daemonTemplate,
  judgeNode,
  podSpecFor,
  targetNode,
} from '../../../../src/cluster/controllers/daemonset/daemon-pods.ts';
import { FailureBackOff } from '../../../../src/cluster/controllers/daemonset/failure-back-off.ts';
import { fitsNodeAffinity } from '../../../../src/cluster/machinery/node-affinity.ts';
import type { DaemonSet, DaemonSetSpec } from '../../../../src/kube/api/apps-v1.generated.ts';
import type { Node, NodeSelectorRequirement, Pod, PodSpec, Taint } from '../../../../src/kube/api/core-v1.generated.ts';

const NOW = Date.UTC(2026, 0, 1);

function daemonSet(podSpec: Partial<PodSpec> = {}, spec: Partial<DaemonSetSpec> = {}): DaemonSet {
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'agent', namespace: 'ns', uid: 'u', generation: 3 },
    spec: {
      selector: { matchLabels: { app: 'agent' } },
      template: { spec: { containers: [], ...podSpec } },
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
      ...spec,
    },
  };
}

function node(name: string, labels: Record<string, string> = {}, taints: readonly Taint[] = []): Node {
  return { apiVersion: 'v1', kind: 'Node', metadata: { name, labels }, spec: { taints } };
}

function pod(
  name: string,
  nodeName: string,
  hash = 'new',
  state: 'ready' | 'starting' | 'failed' | 'gone' = 'ready',
): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      labels: { 'controller-revision-hash': hash },
      creationTimestamp: '2025-12-31T00:00:00Z',
      ...(state === 'gone' ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
    },
    spec: { containers: [], nodeName },
    status: {
      phase: state === 'failed' ? 'Failed' : 'Running',
      conditions: [
        { type: 'Ready', status: state === 'ready' ? 'True' : 'False', lastTransitionTime: '2025-12-31T00:00:00Z' },
      ],
    },
  };
}

const names = (pods: readonly Pod[]): (string | undefined)[] => pods.map(({ metadata }) => metadata.name);

describe('which nodes', () => {
  const taint = (effect: string, key = 'x'): Taint => ({ key, effect });
  test.each<[string, DaemonSet, Node, boolean, boolean]>([
    ['any', daemonSet(), node('a'), true, true],
    ['a label that is there', daemonSet({ nodeSelector: { disk: 'ssd' } }), node('a', { disk: 'ssd' }), true, true],
    ['a label that is not', daemonSet({ nodeSelector: { disk: 'ssd' } }), node('a'), false, false],
    ['another name', daemonSet({ nodeName: 'b' }), node('a'), false, false],
    ['a taint keeps new pods away', daemonSet(), node('a', {}, [taint('NoSchedule')]), false, true],
    ['a taint drives pods off', daemonSet(), node('a', {}, [taint('NoExecute')]), false, false],
    ['preferences do not count', daemonSet(), node('a', {}, [taint('PreferNoSchedule')]), true, true],
    ['lost nodes', daemonSet(), node('a', {}, [taint('NoExecute', 'node.kubernetes.io/unreachable')]), true, true],
    [
      'cordoned nodes',
      daemonSet(),
      node('a', {}, [taint('NoSchedule', 'node.kubernetes.io/unschedulable')]),
      true,
      true,
    ],
    [
      'no network',
      daemonSet(),
      node('a', {}, [taint('NoSchedule', 'node.kubernetes.io/network-unavailable')]),
      false,
      true,
    ],
    [
      'no network needed',
      daemonSet({ hostNetwork: true }),
      node('a', {}, [taint('NoSchedule', 'node.kubernetes.io/network-unavailable')]),
      true,
      true,
    ],
  ])('%s', (_, set, subject, run, keep) => {
    expect(judgeNode(set, subject)).toEqual({ run, keep });
  });

  test.each<[NodeSelectorRequirement, boolean]>([
    [{ key: 'zone', operator: 'In', values: ['a', 'b'] }, true],
    [{ key: 'zone', operator: 'NotIn', values: ['a'] }, false],
    [{ key: 'none', operator: 'NotIn', values: ['a'] }, true],
    [{ key: 'zone', operator: 'Exists' }, true],
    [{ key: 'zone', operator: 'DoesNotExist' }, false],
    [{ key: 'cores', operator: 'Gt', values: ['7'] }, true],
    [{ key: 'cores', operator: 'Lt', values: ['8'] }, false],
    [{ key: 'zone', operator: 'Gt', values: ['8'] }, false],
    [{ key: 'constructor', operator: 'Exists' }, false],
  ])('%j', (requirement, expected) => {
    const required = { nodeSelectorTerms: [{ matchExpressions: [requirement] }] };
    const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: required } };
    expect(fitsNodeAffinity({ containers: [], affinity }, node('n', { zone: 'a', cores: '8' }))).toBe(expected);
  });

  test('a pod is meant for its node before it is scheduled', () => {
    const spec = podSpecFor(daemonTemplate(daemonSet()), 'n1');
    const meant: Pod = { apiVersion: 'v1', kind: 'Pod', metadata: {}, spec };
    expect(targetNode(meant)).toBe('n1');
    expect(spec?.tolerations).toHaveLength(6);
  });
});

const view = (set: DaemonSet, pods: readonly Pod[], count = 3): Parameters<typeof planUpdate>[0] => ({
  set,
  nodes: Array.from({ length: count }, (_, i) => node(`n${i}`)),
  pods,
  hash: 'new',
  now: NOW,
});

describe('one pod a node', () => {
  test.each<[string, DaemonSet, readonly Pod[], readonly string[], readonly string[]]>([
    ['missing', daemonSet(), [pod('a', 'n0')], ['n1', 'n2'], []],
    ['going', daemonSet(), [pod('a', 'n0'), pod('b', 'n1'), pod('c', 'n2', 'new', 'gone')], [], []],
    ['failed', daemonSet(), [pod('a', 'n0'), pod('b', 'n1', 'new', 'failed'), pod('c', 'n2')], [], ['b']],
    ['none on no node', daemonSet(), [], ['n0', 'n1', 'n2'], []],
    ['not ready is there', daemonSet(), [pod('a', 'n0', 'new', 'starting'), pod('b', 'n1'), pod('c', 'n2')], [], []],
    ['old is there', daemonSet(), [pod('a', 'n0', 'old'), pod('b', 'n1'), pod('c', 'n2')], [], []],
    ['too many', daemonSet(), [pod('a', 'n0'), pod('a2', 'n0'), pod('b', 'n1'), pod('c', 'n2')], [], ['a2']],
    ['not wanted', daemonSet({ nodeSelector: { x: 'y' } }), [pod('a', 'n0'), pod('b', 'n1', 'new', 'gone')], [], ['a']],
  ])('%s', (_, set, pods, create, remove) => {
    const plan = planNodes(view(set, pods), () => 'remove');
    expect(plan.create).toEqual(create);
    expect(names(plan.remove)).toEqual(remove);
  });
});

describe('rolling update', () => {
  const rolling = (maxUnavailable: number | string, maxSurge: number | string = 0): DaemonSet =>
    daemonSet({}, { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable, maxSurge } } });
  test.each<[string, DaemonSet, readonly Pod[], readonly string[], readonly string[]]>([
    ['one at a time', rolling(1), [pod('a', 'n0', 'old'), pod('b', 'n1', 'old'), pod('c', 'n2', 'old')], [], ['a']],
    [
      'waits for the new one',
      rolling(1),
      [pod('a', 'n0', 'new', 'starting'), pod('b', 'n1', 'old'), pod('c', 'n2', 'old')],
      [],
      [],
    ],
    ['nothing to do', rolling(1), [pod('a', 'n0'), pod('b', 'n1'), pod('c', 'n2')], [], []],
    [
      'all at once',
      rolling('100%'),
      [pod('a', 'n0', 'old'), pod('b', 'n1', 'old'), pod('c', 'n2', 'old')],
      [],
      ['a', 'b', 'c'],
    ],
    [
      'at least one, where neither bound is given',
      rolling(0),
      [pod('a', 'n0', 'old'), pod('b', 'n1', 'old'), pod('c', 'n2', 'old')],
      [],
      ['a'],
    ],
    ['a node without a pod counts', rolling(1), [pod('a', 'n0', 'old'), pod('b', 'n1', 'old')], [], []],
    [
      'a pod that goes counts',
      rolling(1),
      [pod('a', 'n0', 'old', 'gone'), pod('b', 'n1', 'old'), pod('c', 'n2')],
      [],
      [],
    ],
    [
      'two pods of one kind on a node count',
      rolling(1),
      [pod('a', 'n0'), pod('a2', 'n0'), pod('b', 'n1', 'old'), pod('c', 'n2')],
      [],
      [],
    ],
    [
      'two missing leave one of three',
      rolling(2),
      [pod('a', 'n0', 'new', 'starting'), pod('b', 'n1', 'old'), pod('c', 'n2', 'old')],
      [],
      ['b'],
    ],
    [
      'ready, but not for long enough',
      daemonSet(
        {},
        { minReadySeconds: 172_800, updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } } },
      ),
      [pod('a', 'n0'), pod('b', 'n1'), pod('c', 'n2', 'old')],
      [],
      ['c'],
    ],
    [
      'surge: on all nodes',
      rolling(0, '100%'),
      [pod('a', 'n0', 'old'), pod('b', 'n1', 'old'), pod('c', 'n2', 'old')],
      ['n0', 'n1', 'n2'],
      [],
    ],
    [
      'surge: percentages are rounded up',
      rolling(0, '34%'),
      [pod('a', 'n0', 'old'), pod('b', 'n1', 'old'), pod('c', 'n2', 'old')],
      ['n0', 'n1'],
      [],
    ],
    [
      'surge: a pod that goes leaves its node to the next look',
      rolling(0, 1),
      [pod('a', 'n0', 'old', 'gone'), pod('b', 'n1', 'old'), pod('c', 'n2', 'old')],
      ['n1'],
      [],
    ],
    ['goes on', rolling(1), [pod('a', 'n0'), pod('b', 'n1', 'old'), pod('c', 'n2', 'old')], [], ['b']],
    [
      'percentages are rounded up',
      rolling('50%'),
      [pod('a', 'n0', 'old'), pod('b', 'n1', 'old'), pod('c', 'n2', 'old')],
      [],
      ['a', 'b'],
    ],
    [
      'what is broken goes at once',
      rolling(1),
      [pod('a', 'n0', 'old'), pod('b', 'n1', 'old', 'starting'), pod('c', 'n2', 'old', 'starting')],
      [],
      ['b', 'c'],
    ],
    [
      'surge: new before old',
      rolling(0, 1),
      [pod('a', 'n0', 'old'), pod('b', 'n1', 'old'), pod('c', 'n2', 'old')],
      ['n0'],
      [],
    ],
    [
      'surge: waits',
      rolling(0, 1),
      [pod('a', 'n0', 'old'), pod('a2', 'n0', 'new', 'starting'), pod('b', 'n1', 'old'), pod('c', 'n2', 'old')],
      [],
      [],
    ],
    [
      'surge: old goes',
      rolling(0, 1),
      [pod('a', 'n0', 'old'), pod('a2', 'n0'), pod('b', 'n1', 'old'), pod('c', 'n2', 'old')],
      ['n1'],
      ['a'],
    ],
    [
      'surge: broken is replaced',
      rolling(0, 1),
      [pod('a', 'n0', 'old', 'starting'), pod('b', 'n1', 'old'), pod('c', 'n2')],
      ['n0', 'n1'],
      [],
    ],
  ])('%s', (_, set, pods, create, remove) => {
    const plan = planUpdate(view(set, pods));
    expect(plan.create).toEqual(create);
    expect(names(plan.remove)).toEqual(remove);
  });
});

test('status', () => {
  const pods = [pod('a', 'n0'), pod('b', 'n1', 'old'), pod('c', 'n2', 'new', 'starting'), pod('d', 'n3')];
  const all = {
    ...view(daemonSet({ nodeSelector: { on: '1' } }), pods),
    nodes: ['n0', 'n1', 'n2', 'n4'].map((name) => node(name, { on: '1' })),
  };
  const nodes = [...all.nodes, node('n3')];
  expect(daemonSetStatus({ ...all, nodes }, undefined, true)).toEqual({
    desiredNumberScheduled: 4,
    currentNumberScheduled: 3,
    numberMisscheduled: 1,
    numberReady: 2,
    updatedNumberScheduled: 2,
    numberAvailable: 2,
    numberUnavailable: 2,
    observedGeneration: 3,
  });
});

test('failed pods are left longer each time', () => {
  const failures = new FailureBackOff();
  expect(failures.remaining('k', NOW)).toBe(0);
  failures.next('k', NOW);
  expect(failures.remaining('k', NOW)).toBe(1000);
  failures.next('k', NOW + 1000);
  expect(failures.remaining('k', NOW + 1000)).toBe(2000);
  for (let i = 0; i < 12; i += 1) failures.next('k', NOW);
  expect(failures.remaining('k', NOW)).toBe(900_000);
  failures.next('other', NOW + 3_600_000);
  expect(failures.remaining('k', NOW + 3_600_000)).toBe(0);
});

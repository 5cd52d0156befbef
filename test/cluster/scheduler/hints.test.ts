import { describe, expect, it } from 'vitest';
import type { PluginName } from '../../../src/cluster/scheduler/cycle.ts';
import {
  afterClaimChanged,
  afterNamespaceChanged,
  afterNodeChanged,
  afterNodeRemoved,
  afterPodPlaced,
  afterPodRemoved,
  afterStorageChanged,
  afterVolumeLimitsChanged,
  isNodeChange,
  missingResources,
} from '../../../src/cluster/scheduler/hints.ts';
import { PodInfo } from '../../../src/cluster/scheduler/pod-info.ts';
import { createProfile } from '../../../src/cluster/scheduler/profiles/create-profile.ts';
import { readSchedulerConfiguration } from '../../../src/cluster/scheduler/profiles/read-configuration.ts';
import type { QueuedPod } from '../../../src/cluster/scheduler/queue.ts';
import type { Node, Taint } from '../../../src/kube/api/core-v1.generated.ts';
import { cycleOf, type NodeLine, type PodLine, podOf } from './world.ts';

/** A pod that waits since these have refused nodes. */
function waiting(line: PodLine, refusedBy: readonly PluginName[], missing: readonly string[] = []): QueuedPod {
  return {
    info: new PodInfo(podOf(line)),
    attempts: 1,
    errors: 0,
    since: 0,
    order: 1,
    refusedBy: new Set(refusedBy),
    missing: new Set(missing),
    failedAt: 0,
  };
}

const placed = (line: PodLine): PodInfo => new PodInfo(podOf({ on: 'a', ...line }));
const CPU = [{ cpu: '1' }];

describe('a pod that has gone', () => {
  it.each<[string, PodLine, QueuedPod, boolean]>([
    ['makes room that was missing', { asks: CPU }, waiting({}, ['NodeResourcesFit'], ['cpu']), true],
    ['makes room of another kind', { asks: CPU }, waiting({}, ['NodeResourcesFit'], ['memory']), false],
    ['had nothing', { asks: [{ cpu: '0' }] }, waiting({}, ['NodeResourcesFit'], ['cpu']), false],
    ['was one too many', {}, waiting({}, ['NodeResourcesFit'], ['pods']), true],
    ['gives back a port', {}, waiting({}, ['NodePorts']), true],
    ['was too near', {}, waiting({}, ['InterPodAffinity']), true],
    ['was in a place with too many', {}, waiting({}, ['PodTopologySpread']), true],
    ['had a disk', {}, waiting({}, ['VolumeRestrictions']), true],
    ['had volumes', {}, waiting({}, ['NodeVolumeLimits']), true],
    ['changes no labels of nodes', {}, waiting({}, ['NodeAffinity', 'TaintToleration', 'NodeName']), false],
    ['binds no volumes', {}, waiting({}, ['VolumeBinding', 'VolumeZone']), false],
    ['was on the promised node', {}, waiting({ status: { nominatedNodeName: 'a' } }, ['NodeAffinity']), true],
    ['was on another than the promised node', {}, waiting({ status: { nominatedNodeName: 'b' } }, []), false],
  ])('%s', (_title, removed, pod, expected) => {
    expect(afterPodRemoved(placed(removed))(pod)).toBe(expected);
  });
});

describe('a pod that has got a node', () => {
  const near = {
    affinity: {
      podAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
          { topologyKey: 'zone', labelSelector: { matchLabels: { app: 'db' } } },
        ],
      },
    },
  };
  it.each<[string, PodLine, QueuedPod, boolean]>([
    ['may be the one that was wanted near', {}, waiting({ spec: near }, ['InterPodAffinity']), true],
    ['is no help to those who want to be far away', {}, waiting({}, ['InterPodAffinity']), false],
    ['may even out a spread', {}, waiting({}, ['PodTopologySpread']), true],
    [
      'does not count for the spread of another namespace',
      { namespace: 'x' },
      waiting({}, ['PodTopologySpread']),
      false,
    ],
    ['makes no room', {}, waiting({}, ['NodeResourcesFit'], ['cpu']), false],
  ])('%s', (_title, other, pod, expected) => {
    expect(afterPodPlaced(placed(other))(pod)).toBe(expected);
  });
});

/** Whether a node that has come, or changed, is worth a look for a pod. */
function worthALook(line: NodeLine, pod: QueuedPod, profile: object = {}): boolean {
  const [settings] = readSchedulerConfiguration({
    apiVersion: 'kubescheduler.config.k8s.io/v1',
    kind: 'KubeSchedulerConfiguration',
    profiles: [profile],
  }).profiles;
  if (settings === undefined) throw new Error('no profile');
  const cycle = cycleOf({ nodes: { a: line }, pod: {} }, createProfile(settings));
  const node = cycle.state.get('a');
  if (node === undefined) throw new Error('no node');
  return afterNodeChanged(node, (info) => ({ ...cycle, pod: info }))(pod);
}

describe('a node that has come or changed', () => {
  const taint: Taint = { key: 'gpu', value: 'yes', effect: 'NoSchedule' };
  const toleration = { key: 'gpu', operator: 'Exists' };
  const room = { cpu: 4 };
  it.each<[string, NodeLine, QueuedPod, boolean]>([
    ['is worth a look', { allocatable: room }, waiting({ asks: CPU }, ['NodeResourcesFit'], ['cpu']), true],
    ['is too small', { allocatable: room }, waiting({ asks: [{ cpu: '5' }] }, ['NodeResourcesFit'], ['cpu']), false],
    ['lacks a resource', {}, waiting({ asks: [{ 'example.com/foo': '1' }] }, ['NodeResourcesFit']), false],
    ['is cordoned', { unschedulable: true }, waiting({}, ['NodeUnschedulable']), false],
    ['is tainted', { taints: [taint] }, waiting({}, ['TaintToleration']), false],
    ['is tainted, but tolerated', { taints: [taint] }, waiting({ spec: { tolerations: [toleration] } }, []), true],
    [
      'has other labels',
      { labels: { x: 'y' } },
      waiting({ spec: { nodeSelector: { x: 'z' } } }, ['NodeAffinity']),
      false,
    ],
    ['has the labels', { labels: { x: 'z' } }, waiting({ spec: { nodeSelector: { x: 'z' } } }, ['NodeAffinity']), true],
    ['has another name', {}, waiting({ spec: { nodeName: 'b' } }, ['NodeName']), false],
    [
      'may count for a spread though the pod cannot be there',
      { unschedulable: true },
      waiting({}, ['PodTopologySpread']),
      true,
    ],
  ])('%s', (_title, line, pod, expected) => {
    expect(worthALook(line, pod)).toBe(expected);
  });

  it('is looked at by the rules of the profile', () => {
    const pod = waiting({ asks: [{ 'example.com/foo': '1' }] }, ['NodeResourcesFit']);
    const ignoring = { pluginConfig: [{ name: 'NodeResourcesFit', args: { ignoredResourceGroups: ['example.com'] } }] };
    expect(worthALook({}, pod, ignoring)).toBe(true);
    const cordoned = waiting({}, ['NodeUnschedulable']);
    const careless = { plugins: { filter: { disabled: [{ name: 'NodeUnschedulable' }] } } };
    expect(worthALook({ unschedulable: true }, cordoned, careless)).toBe(true);
  });
});

describe('changes of a node', () => {
  const node = (part: Partial<Node>): Node => ({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'a' }, ...part });
  it.each<[string, Partial<Node>, Partial<Node>, boolean]>([
    ['none', {}, {}, false],
    ['labels', {}, { metadata: { name: 'a', labels: { x: 'y' } } }, true],
    ['annotations', {}, { metadata: { name: 'a', annotations: { x: 'y' } } }, false],
    ['a cordon', { spec: {} }, { spec: { unschedulable: true } }, true],
    ['taints', { spec: {} }, { spec: { taints: [{ key: 'k', effect: 'NoSchedule' }] } }, true],
    ['what it can give', { status: { allocatable: { cpu: '1' } } }, { status: { allocatable: { cpu: '2' } } }, true],
    ['what it has', { status: { capacity: { cpu: '1' } } }, { status: { capacity: { cpu: '2' } } }, false],
    ['its conditions', { status: {} }, { status: { conditions: [{ type: 'Ready', status: 'True' }] } }, false],
  ])('%s: %s', (_title, before, after, expected) => {
    expect(isNodeChange(node(before), node(after))).toBe(expected);
  });
});

describe('other changes', () => {
  const claiming: PodLine = { spec: { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }] } };
  it.each<[string, (pod: QueuedPod) => boolean, QueuedPod, boolean]>([
    ['a node is gone: a spread may be even', afterNodeRemoved, waiting({}, ['PodTopologySpread']), true],
    ['a node is gone: no room for it', afterNodeRemoved, waiting({}, ['NodeResourcesFit'], ['cpu']), false],
    ['its claim has changed', afterClaimChanged('default', 'data'), waiting(claiming, ['VolumeBinding']), true],
    ['another claim has changed', afterClaimChanged('default', 'other'), waiting(claiming, ['VolumeBinding']), false],
    ['a claim elsewhere has changed', afterClaimChanged('x', 'data'), waiting(claiming, ['VolumeBinding']), false],
    ['its claim was not the reason', afterClaimChanged('default', 'data'), waiting(claiming, ['NodePorts']), false],
    ['a volume has come', afterStorageChanged, waiting(claiming, ['VolumeZone']), true],
    ['a volume has come, for others', afterStorageChanged, waiting({}, ['NodeResourcesFit']), false],
    ['a node takes more volumes', afterVolumeLimitsChanged, waiting(claiming, ['NodeVolumeLimits']), true],
    [
      'a node takes more volumes, of which there were enough',
      afterVolumeLimitsChanged,
      waiting({}, ['NodePorts']),
      false,
    ],
    ['a namespace has other labels', afterNamespaceChanged, waiting({}, ['InterPodAffinity']), true],
    ['a namespace has other labels, for others', afterNamespaceChanged, waiting({}, ['PodTopologySpread']), false],
  ])('%s', (_title, matters, pod, expected) => {
    expect(matters(pod)).toBe(expected);
  });
});

it('what was missing is what the reasons name', () => {
  const reasons = [
    ['Insufficient cpu', 'Too many pods'],
    ['Insufficient nvidia.com/gpu'],
    ['node(s) were unschedulable'],
  ];
  expect([...missingResources(reasons.map((each) => ({ reasons: each })))]).toEqual(['cpu', 'pods', 'nvidia.com/gpu']);
});

import { describe, expect, it } from 'vitest';
import { type CountedObjects, quotaUsage } from '../../../../src/cluster/machinery/quota-usage.ts';
import { claimInScope, podInScope } from '../../../../src/cluster/machinery/quota-scopes.ts';
import type { PersistentVolumeClaim, Pod, ResourceQuota, Service } from '../../../../src/kube/api/core-v1.generated.ts';

const NOW = Date.UTC(2026, 0, 1, 12);

interface Objects {
  readonly pods?: readonly object[];
  readonly services?: readonly object[];
  readonly claims?: readonly object[];
  readonly counts?: Readonly<Record<string, number>>;
}

const quotaOf = (spec: object): ResourceQuota => ({ apiVersion: 'v1', kind: 'ResourceQuota', metadata: {}, spec });

/** What is used of each of these limits, which are all 100. */
function used(
  limits: readonly string[],
  { pods = [], services = [], claims = [], counts = {} }: Objects,
  more: object = {},
): object {
  const objects: CountedObjects = {
    pods: () => pods as readonly Pod[],
    services: () => services as readonly Service[],
    claims: () => claims as readonly PersistentVolumeClaim[],
    count: (name) => counts[name],
  };
  const hard = Object.fromEntries(limits.map((name) => [name, '100']));
  return quotaUsage(quotaOf({ hard, ...more }), objects, NOW);
}

/** A pod whose containers ask for these, after init containers that ask for those. */
function pod(
  containers: readonly object[],
  {
    init = [],
    ...more
  }: {
    readonly init?: readonly object[];
    readonly spec?: object;
    readonly status?: object;
    readonly metadata?: object;
  } = {},
): object {
  const all = (list: readonly object[]): object[] =>
    list.map((each, i) => ('name' in each ? each : { name: `c${i}`, resources: each }));
  return {
    metadata: { name: 'p', ...more.metadata },
    spec: { containers: all(containers), initContainers: all(init), ...more.spec },
    status: more.status,
  };
}

const requests = (amounts: object): object => ({ requests: amounts });
const limits = (amounts: object): object => ({ limits: amounts });

describe('what pods use', () => {
  it.each<[string, object, Record<string, string>]>([
    [
      'cpu asked for by an init container',
      pod([], { init: [requests({ cpu: '1m' })] }),
      { cpu: '1m', 'requests.cpu': '1m', pods: '1', 'count/pods': '1' },
    ],
    ['cpu that limits an init container', pod([], { init: [limits({ cpu: '1m' })] }), { 'limits.cpu': '1m', cpu: '0' }],
    [
      'memory asked for',
      pod([requests({ memory: '1Mi' })]),
      { memory: '1Mi', 'requests.memory': '1Mi', 'limits.memory': '0' },
    ],
    [
      'room on the disk',
      pod([{ requests: { 'ephemeral-storage': '32Mi' }, limits: { 'ephemeral-storage': '64Mi' } }]),
      { 'ephemeral-storage': '32Mi', 'requests.ephemeral-storage': '32Mi', 'limits.ephemeral-storage': '64Mi' },
    ],
    [
      'huge pages, under both names',
      pod([requests({ 'hugepages-2Mi': '100Mi' })]),
      { 'hugepages-2Mi': '100Mi', 'requests.hugepages-2Mi': '100Mi' },
    ],
    [
      'devices, as requests alone',
      pod([{ requests: { 'example.com/gpu': '3' }, limits: { 'example.com/gpu': '3' } }]),
      { 'requests.example.com/gpu': '3' },
    ],
    [
      'containers together, or the greediest init container',
      pod([requests({ cpu: '1' }), requests({ cpu: '2' })], { init: [requests({ cpu: '5' }), requests({ cpu: '4' })] }),
      { cpu: '5' },
    ],
    [
      'sidecars, with what comes after them',
      pod([requests({ cpu: '1' })], {
        init: [{ name: 's', restartPolicy: 'Always', resources: requests({ cpu: '2' }) }, requests({ cpu: '2' })],
      }),
      { cpu: '4' },
    ],
    [
      'overhead',
      pod([{ requests: { cpu: '1' }, limits: { cpu: '2' } }], { spec: { overhead: { cpu: '500m', memory: '10Mi' } } }),
      { cpu: '1500m', 'limits.cpu': '2500m', memory: '10Mi', 'limits.memory': '0' },
    ],
    [
      'the pod as a whole, where it says so',
      pod([requests({ cpu: '1' })], { spec: { resources: { requests: { cpu: '3' }, limits: { cpu: '4' } } } }),
      { cpu: '3', 'limits.cpu': '4' },
    ],
    [
      'nothing but its place in storage when it has ended',
      pod([requests({ cpu: '1' })], { status: { phase: 'Succeeded' } }),
      { cpu: '0', pods: '0', 'count/pods': '1' },
    ],
    [
      '… or failed',
      pod([requests({ cpu: '1' })], { status: { phase: 'Failed' } }),
      { cpu: '0', pods: '0', 'count/pods': '1' },
    ],
    [
      'everything while it is being deleted',
      pod([requests({ cpu: '1' })], {
        metadata: { deletionTimestamp: '2026-01-01T11:59:40Z', deletionGracePeriodSeconds: 30 },
      }),
      { cpu: '1', pods: '1' },
    ],
    [
      'nothing once it should be gone',
      pod([requests({ cpu: '1' })], {
        metadata: { deletionTimestamp: '2026-01-01T11:59:20Z', deletionGracePeriodSeconds: 30 },
      }),
      { cpu: '0', pods: '0', 'count/pods': '1' },
    ],
  ])('%s', (_, subject, expected) => {
    expect(used(Object.keys(expected), { pods: [subject] })).toEqual(expected);
  });

  it('is what the scopes let through, whatever is counted', () => {
    const pods = [pod([requests({ cpu: '1' })]), pod([requests({ 'ephemeral-storage': '1Gi' })]), pod([])];
    expect(used(['pods', 'count/pods'], { pods }, { scopes: ['BestEffort'] })).toEqual({
      pods: '2',
      'count/pods': '2',
    });
    expect(used(['pods', 'cpu'], { pods }, { scopes: ['NotBestEffort'] })).toEqual({ pods: '1', cpu: '1' });
  });
});

describe('limits that nobody measures', () => {
  it('are left out', () => {
    const pods = [pod([{ requests: { 'example.com/gpu': '3' }, limits: { 'example.com/gpu': '3' } }])];
    const names = ['example.com/gpu', 'limits.example.com/gpu', 'count/things.example.com', 'requests.example.com/gpu'];
    expect(used(names, { pods })).toEqual({ 'requests.example.com/gpu': '3' });
  });
});

describe('what Services use', () => {
  const port = (nodePort?: number): object => ({ port: 80, nodePort });
  const service = (spec: object): object => ({ metadata: {}, spec });
  const names = ['services', 'count/services', 'services.nodeports', 'services.loadbalancers'];

  it.each<[string, object, readonly string[]]>([
    ['a load balancer and its ports', { type: 'LoadBalancer', ports: [port(1), port(2)] }, ['1', '1', '2', '1']],
    [
      'no ports when none are taken',
      { type: 'LoadBalancer', allocateLoadBalancerNodePorts: false, ports: [port()] },
      ['1', '1', '0', '1'],
    ],
    [
      'ports that were taken all the same',
      { type: 'LoadBalancer', allocateLoadBalancerNodePorts: false, ports: [port(3), port()] },
      ['1', '1', '1', '1'],
    ],
    ['node ports', { type: 'NodePort', ports: [port(1), port(2), port(3)] }, ['1', '1', '3', '0']],
    ['itself', { type: 'ClusterIP', ports: [port()] }, ['1', '1', '0', '0']],
    ['itself, even without an address', { type: 'ExternalName' }, ['1', '1', '0', '0']],
  ])('%s', (_, spec, expected) => {
    expect(used(names, { services: [service(spec)] })).toEqual(
      Object.fromEntries(names.map((name, i) => [name, expected[i]])),
    );
  });
});

describe('what claims use', () => {
  const claim = (spec: object, status: object = {}, annotations: object = {}): object => ({
    metadata: { annotations },
    spec,
    status,
  });
  const storage = (amount: string): object => ({ resources: { requests: { storage: amount } } });
  const GOLD = 'gold.storageclass.storage.k8s.io/';

  it.each<[string, object, Record<string, string>]>([
    [
      'what they ask for',
      claim(storage('10Gi')),
      { persistentvolumeclaims: '1', 'count/persistentvolumeclaims': '1', 'requests.storage': '10Gi' },
    ],
    [
      '… by class',
      claim({ ...storage('10Gi'), storageClassName: 'gold' }),
      {
        [`${GOLD}requests.storage`]: '10Gi',
        [`${GOLD}persistentvolumeclaims`]: '1',
        'bronze.storageclass.storage.k8s.io/requests.storage': '0',
      },
    ],
    [
      '… by the class of an annotation first',
      claim({ ...storage('1Gi'), storageClassName: 'x' }, {}, { 'volume.beta.kubernetes.io/storage-class': 'gold' }),
      { [`${GOLD}requests.storage`]: '1Gi' },
    ],
    ['whole bytes', claim(storage('1500m')), { 'requests.storage': '2' }],
    [
      'what is set aside while they grow',
      claim(storage('5Gi'), { allocatedResources: { storage: '8Gi' } }),
      { 'requests.storage': '8Gi' },
    ],
    [
      '… not what was set aside when they ask for more',
      claim(storage('9Gi'), { allocatedResources: { storage: '8Gi' } }),
      { 'requests.storage': '9Gi' },
    ],
  ])('%s', (_, subject, expected) => {
    expect(used(Object.keys(expected), { claims: [subject] })).toEqual(expected);
  });

  it.each<[string, string, readonly string[] | undefined, object, boolean]>([
    ['a class that is wanted', 'In', ['gold'], claim({ volumeAttributesClassName: 'gold' }), true],
    ['a class that is had', 'In', ['gold'], claim({}, { currentVolumeAttributesClassName: 'gold' }), true],
    [
      'a class that is coming',
      'In',
      ['gold'],
      claim({}, { modifyVolumeStatus: { status: 'InProgress', targetVolumeAttributesClassName: 'gold' } }),
      true,
    ],
    ['another class', 'In', ['gold'], claim({ volumeAttributesClassName: 'tin' }), false],
    ['not this class', 'NotIn', ['gold'], claim({}), true],
    ['any class', 'Exists', undefined, claim({ volumeAttributesClassName: 'tin' }), true],
    ['no class', 'DoesNotExist', undefined, claim({}), true],
    ['no class, though there is one', 'DoesNotExist', undefined, claim({ volumeAttributesClassName: 'tin' }), false],
  ])('scope of claims: %s', (_, operator, values, subject, expected) => {
    const matchExpressions = [{ scopeName: 'VolumeAttributesClass', operator, values }];
    const quota = quotaOf({ scopeSelector: { matchExpressions } });
    expect(claimInScope(quota, subject as PersistentVolumeClaim)).toBe(expected);
    expect(podInScope(quota, pod([]) as Pod)).toBe(false);
  });
});

describe('counts of other objects', () => {
  it('are by resource and group, under both names where there are two', () => {
    const counts = { configmaps: 3, 'deployments.apps': 2, 'widgets.example.com': 7 };
    expect(
      used(['configmaps', 'count/configmaps', 'count/deployments.apps', 'count/widgets.example.com'], { counts }),
    ).toEqual({
      configmaps: '3',
      'count/configmaps': '3',
      'count/deployments.apps': '2',
      'count/widgets.example.com': '7',
    });
  });

  it('are none for a quota of pods of some scope', () => {
    const services = [{ metadata: {}, spec: {} }];
    const scopes = { scopes: ['NotTerminating'] };
    expect(used(['services', 'configmaps'], { services, counts: { configmaps: 3 } }, scopes)).toEqual({
      services: '0',
      configmaps: '0',
    });
  });
});

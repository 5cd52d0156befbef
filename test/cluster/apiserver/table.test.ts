import { describe, expect, it } from 'vitest';
import { humanDuration } from '../../../src/cluster/apiserver/table/columns.ts';
import { tableColumns } from '../../../src/cluster/apiserver/table/table-columns.ts';
import type { KubeObject } from '../../../src/kube/object.ts';

const NOW = Date.UTC(2026, 0, 15, 12);
const CREATED = '2026-01-15T11:55:00Z';

describe('humanDuration', () => {
  it.each([
    [-2000, '<invalid>'],
    [-1000, '0s'],
    [0, '0s'],
    [119_000, '119s'],
    [120_000, '2m'],
    [200_000, '3m20s'],
    [600_000, '10m'],
    [10_740_000, '179m'],
    [10_800_000, '3h'],
    [12_600_000, '3h30m'],
    [28_800_000, '8h'],
    [172_799_000, '47h'],
    [172_800_000, '2d'],
    [183_600_000, '2d3h'],
    [691_200_000, '8d'],
    [63_072_000_000, '2y'],
    [64_000_000_000, '2y10d'],
    [252_288_000_000, '8y'],
  ])('%d ms is %s', (milliseconds, text) => {
    expect(humanDuration(milliseconds)).toBe(text);
  });
});

function cells(group: string, resource: string, fields: object): readonly unknown[] {
  const object = { apiVersion: 'v1', kind: 'X', metadata: { name: 'x', creationTimestamp: CREATED }, ...fields };
  return tableColumns({ group, resource }).map((column) => column.cell(object as unknown as KubeObject, { now: NOW }));
}

function pod(status: object, spec: object = {}, metadata: object = {}): readonly unknown[] {
  return cells('', 'pods', {
    metadata: { name: 'x', creationTimestamp: CREATED, ...metadata },
    spec: { containers: [{ name: 'a' }], ...spec },
    status: { phase: 'Pending', ...status },
  }).slice(1, 4);
}

describe('the columns of pods', () => {
  const waiting = (reason: string): object => ({
    name: 'a',
    ready: false,
    restartCount: 0,
    state: { waiting: { reason } },
  });
  it.each([
    ['waits for a node', {}, {}, {}, ['0/1', 'Pending', '0']],
    ['pulls', { containerStatuses: [waiting('ImagePullBackOff')] }, {}, {}, ['0/1', 'ImagePullBackOff', '0']],
    [
      'runs',
      { phase: 'Running', containerStatuses: [{ name: 'a', ready: true, restartCount: 0, state: { running: {} } }] },
      {},
      {},
      ['1/1', 'Running', '0'],
    ],
    [
      'has restarted',
      {
        phase: 'Running',
        containerStatuses: [
          {
            name: 'a',
            ready: false,
            restartCount: 3,
            state: { waiting: { reason: 'CrashLoopBackOff' } },
            lastState: { terminated: { exitCode: 1, finishedAt: '2026-01-15T11:59:00Z' } },
          },
        ],
      },
      {},
      {},
      ['0/1', 'CrashLoopBackOff', '3 (60s ago)'],
    ],
    [
      'runs its first init container',
      { initContainerStatuses: [{ name: 'i', ready: false, restartCount: 0, state: { running: {} } }] },
      { initContainers: [{ name: 'i' }, { name: 'j' }] },
      {},
      ['0/1', 'Init:0/2', '0'],
    ],
    [
      'failed to initialise',
      {
        initContainerStatuses: [
          { name: 'i', ready: false, restartCount: 1, state: { terminated: { exitCode: 3, reason: 'Error' } } },
        ],
      },
      { initContainers: [{ name: 'i' }] },
      {},
      ['0/1', 'Init:Error', '1'],
    ],
    [
      'was initialized, and its sandbox is new',
      {
        conditions: [{ type: 'Initialized', status: 'True' }],
        initContainerStatuses: [{ name: 'i', ready: false, restartCount: 0, state: { running: {} } }],
        containerStatuses: [waiting('PodInitializing')],
      },
      { initContainers: [{ name: 'i' }] },
      {},
      ['0/1', 'PodInitializing', '0'],
    ],
    [
      'is done',
      {
        phase: 'Succeeded',
        containerStatuses: [
          { name: 'a', ready: false, restartCount: 0, state: { terminated: { exitCode: 0, reason: 'Completed' } } },
        ],
      },
      {},
      {},
      ['0/1', 'Completed', '0'],
    ],
    [
      'was killed',
      {
        phase: 'Failed',
        containerStatuses: [
          { name: 'a', ready: false, restartCount: 0, state: { terminated: { exitCode: 137, signal: 9 } } },
        ],
      },
      {},
      {},
      ['0/1', 'Signal:9', '0'],
    ],
    [
      'goes away',
      { phase: 'Running', containerStatuses: [{ name: 'a', ready: true, restartCount: 0, state: { running: {} } }] },
      {},
      { deletionTimestamp: CREATED },
      ['1/1', 'Terminating', '0'],
    ],
  ])('%s', (_, status, spec, metadata, expected) => {
    expect(pod(status, spec, metadata)).toEqual(expected);
  });
});

describe('the columns of other kinds', () => {
  it.each([
    [
      'apps',
      'deployments',
      { spec: { replicas: 3 }, status: { readyReplicas: 2, updatedReplicas: 3, availableReplicas: 2 } },
      ['x', '2/3', 3, 2, '5m'],
    ],
    [
      'batch',
      'cronjobs',
      { spec: { schedule: '*/5 * * * *', suspend: false }, status: {} },
      ['x', '*/5 * * * *', '<none>', 'False', 0, '<none>', '5m'],
    ],
    [
      'batch',
      'jobs',
      {
        spec: { completions: 1 },
        status: {
          succeeded: 1,
          startTime: CREATED,
          completionTime: '2026-01-15T11:55:07Z',
          conditions: [{ type: 'Complete', status: 'True' }],
        },
      },
      ['x', 'Complete', '1/1', '7s', '5m'],
    ],
    [
      '',
      'services',
      { spec: { type: 'NodePort', clusterIP: '10.96.0.9', ports: [{ port: 80, nodePort: 30080, protocol: 'TCP' }] } },
      ['x', 'NodePort', '10.96.0.9', '<none>', '80:30080/TCP', '5m'],
    ],
    [
      '',
      'services',
      { spec: { type: 'LoadBalancer', clusterIP: '10.96.0.9', ports: [] } },
      ['x', 'LoadBalancer', '10.96.0.9', '<pending>', '<none>', '5m'],
    ],
    ['', 'configmaps', { data: { a: '1' }, binaryData: { b: '' } }, ['x', 2, '5m']],
    [
      '',
      'services',
      {
        spec: { type: 'LoadBalancer', clusterIP: '10.96.0.9', ports: [], externalIPs: ['9.9.9.9'] },
        status: { loadBalancer: { ingress: [{ hostname: 'b.example' }, { ip: '1.1.1.1' }, { ip: '1.1.1.1' }] } },
      },
      ['x', 'LoadBalancer', '10.96.0.9', '1.1.1.1,b.example,9.9.9.9'],
    ],
    ['', 'endpoints', {}, ['x', '<none>', '5m']],
    [
      '',
      'endpoints',
      { subsets: [{ notReadyAddresses: [{ ip: '10.1.1.1' }], ports: [{ port: 80 }] }] },
      ['x', '', '5m'],
    ],
    [
      '',
      'endpoints',
      { subsets: [{ addresses: [1, 2, 3, 4, 5].map((n) => ({ ip: `10.1.1.${n}` })), ports: [{ port: 80 }] }] },
      ['x', '10.1.1.1:80,10.1.1.2:80,10.1.1.3:80 + 2 more...'],
    ],
    [
      'discovery.k8s.io',
      'endpointslices',
      { addressType: 'IPv4', ports: [{ name: 'any' }, {}, { port: 1 }, { port: 2 }], endpoints: [] },
      ['x', 'IPv4', 'any,*,1 + 1 more...', '<unset>'],
    ],
    [
      'networking.k8s.io',
      'ingresses',
      { spec: { rules: [{ host: 'a' }, {}, { host: 'a' }, { host: 'b' }, { host: 'c' }], tls: [{}] } },
      ['x', '<none>', 'a,a,b + 2 more...', '', '80, 443', '5m'],
    ],
    [
      '',
      'persistentvolumeclaims',
      {
        spec: { volumeName: 'v', storageClassName: 's', volumeMode: 'Block' },
        status: { phase: 'Bound', capacity: { storage: '1Gi' }, accessModes: ['ReadWriteMany', 'ReadWriteOnce'] },
      },
      ['x', 'Bound', 'v', '1Gi', 'RWO,RWX', 's', '<unset>', '5m', 'Block'],
    ],
    [
      '',
      'persistentvolumeclaims',
      { spec: {}, status: { phase: 'Pending', capacity: { storage: '1Gi' } } },
      ['x', 'Pending', '', '', ''],
    ],
    [
      '',
      'podtemplates',
      { template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } } },
      ['x', 'c', 'i', 'a=b'],
    ],
    ['', 'events', { involvedObject: { kind: 'Node' }, message: ' m\n' }, ['<unknown>', '', '', 'node', '', '', 'm']],
    ['batch', 'cronjobs', { spec: {} }, ['x', '', '<none>', '<unset>']],
    [
      'networking.k8s.io',
      'networkpolicies',
      {
        spec: {
          podSelector: {
            matchLabels: { b: '1' },
            matchExpressions: [{ key: 'a', operator: 'NotIn', values: ['y', 'x'] }],
          },
        },
      },
      ['x', 'a notin (x,y),b=1', '5m'],
    ],
    [
      'certificates.k8s.io',
      'certificatesigningrequests',
      {
        spec: { signerName: 's', username: 'u', expirationSeconds: 86400 },
        status: { conditions: [{ type: 'Failed' }, { type: 'Approved' }] },
      },
      ['x', '5m', 's', 'u', '24h', 'Approved,Failed'],
    ],
    [
      'autoscaling',
      'horizontalpodautoscalers',
      {
        spec: {
          scaleTargetRef: { kind: 'Deployment', name: 'd' },
          minReplicas: 1,
          maxReplicas: 3,
          metrics: [
            { type: 'Resource', resource: { name: 'memory', target: { averageValue: '1Gi' } } },
            { type: 'External', external: { target: { averageValue: '5' } } },
            { type: 'Resource', resource: { name: 'cpu', target: { averageUtilization: 50 } } },
          ],
        },
        status: {
          currentReplicas: 2,
          currentMetrics: [{ resource: { current: { averageUtilization: 7, averageValue: '900Mi' } } }],
        },
      },
      ['x', 'Deployment/d', 'memory: 900Mi/1Gi, <unknown>/5 (avg) + 1 more...', 1, 3, 2, '5m'],
    ],
    ['storage.k8s.io', 'csinodes', { spec: { drivers: [{}, {}] } }, ['x', 2, '5m']],
    [
      'storage.k8s.io',
      'csidrivers',
      { spec: { tokenRequests: [{ audience: 'a' }] } },
      ['x', true, false, false, 'a', false, '<none>', '5m'],
    ],
    [
      'storage.k8s.io',
      'volumeattachments',
      { spec: { attacher: 'a', source: { persistentVolumeName: 'v' }, nodeName: 'n' }, status: { attached: true } },
      ['x', 'a', 'v', 'n', true, '5m'],
    ],
    [
      'admissionregistration.k8s.io',
      'validatingadmissionpolicies',
      { spec: { validations: [{}], paramKind: { apiVersion: 'v1', kind: 'ConfigMap' } } },
      ['x', 1, 'v1/ConfigMap', '5m'],
    ],
    [
      'admissionregistration.k8s.io',
      'validatingadmissionpolicybindings',
      { spec: { policyName: 'p', paramRef: { name: 'q' } } },
      ['x', 'p', '*/q', '5m'],
    ],
    ['rbac.authorization.k8s.io', 'roles', {}, ['x', CREATED]],
    ['example.org', 'widgets', {}, ['x', '5m']],
  ])('%s/%s', (group, resource, fields, expected) => {
    expect(cells(group, resource, fields).slice(0, expected.length)).toEqual(expected);
  });
});

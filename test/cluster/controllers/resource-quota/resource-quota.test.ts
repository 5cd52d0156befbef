import { afterEach, describe, expect, it } from 'vitest';
import { podInScope } from '../../../../src/cluster/machinery/quota-scopes.ts';
import type { Pod, ResourceQuota } from '../../../../src/kube/api/core-v1.generated.ts';
import { RESOURCES } from '../../../../src/kube/resources.ts';
import { type TestCluster, testCluster } from '../support.ts';

let cluster: TestCluster | undefined;

afterEach(() => {
  cluster?.stop();
  cluster = undefined;
});

const KEY = { namespace: 'default', name: 'q' };

async function quota(hard: object, more: object = {}): Promise<TestCluster> {
  const running = await testCluster();
  cluster = running;
  await running.client.create(RESOURCES.resourceQuotas, { metadata: { ...KEY }, spec: { hard, ...more } });
  await running.clock.settle();
  return running;
}

async function used(running: TestCluster): Promise<object | undefined> {
  await running.clock.settle();
  return (await running.client.get<ResourceQuota>(RESOURCES.resourceQuotas, KEY)).status?.used;
}

function pod(name: string, more: object = {}): object {
  const resources = { requests: { cpu: '250m', memory: '64Mi' }, limits: { cpu: '1', memory: '128Mi' } };
  return {
    metadata: { name, namespace: 'default' },
    spec: { containers: [{ name: 'c', image: 'x', resources }], ...more },
  };
}

describe('quota usage', () => {
  it('adds up pods until they end', async () => {
    const running = await quota({ pods: '10', cpu: '4', 'requests.memory': '1Gi', 'limits.cpu': '8' });
    expect(await used(running)).toEqual({ pods: '0', cpu: '0', 'requests.memory': '0', 'limits.cpu': '0' });
    await running.client.create(RESOURCES.pods, pod('a'));
    await running.client.create(RESOURCES.pods, pod('b'));
    expect(await used(running)).toEqual({ pods: '2', cpu: '500m', 'requests.memory': '128Mi', 'limits.cpu': '2' });
    const a = await running.client.get<Pod>(RESOURCES.pods, { namespace: 'default', name: 'a' });
    await running.client.update(
      RESOURCES.pods,
      { ...a, status: { ...a.status, phase: 'Succeeded' } },
      { subresource: 'status' },
    );
    expect(await used(running)).toMatchObject({ pods: '1', cpu: '250m' });
  });

  it('counts services, claims and other objects', async () => {
    const running = await quota({
      services: '5',
      'services.nodeports': '5',
      'services.loadbalancers': '5',
      persistentvolumeclaims: '5',
      'requests.storage': '10Gi',
      'fast.storageclass.storage.k8s.io/requests.storage': '10Gi',
      'count/deployments.apps': '5',
      secrets: '5',
    });
    const ports = [{ port: 80 }, { name: 'b', port: 81 }];
    for (const [name, type] of [
      ['c', 'ClusterIP'],
      ['n', 'NodePort'],
      ['l', 'LoadBalancer'],
    ]) {
      const named = ports.map((port, i) => ({ ...port, name: `p${i}` }));
      await running.client.create(RESOURCES.services, {
        metadata: { name, namespace: 'default' },
        spec: { type, ports: named },
      });
    }
    const resources = { requests: { storage: '3Gi' } };
    for (const storageClassName of ['fast', 'slow']) {
      await running.client.create(RESOURCES.persistentVolumeClaims, {
        metadata: { name: storageClassName, namespace: 'default' },
        spec: { storageClassName, accessModes: ['ReadWriteOnce'], resources },
      });
    }
    await running.client.create(RESOURCES.secrets, { metadata: { name: 's', namespace: 'default' } });
    expect(await used(running)).toEqual({
      services: '3',
      'services.nodeports': '4',
      'services.loadbalancers': '1',
      persistentvolumeclaims: '2',
      'requests.storage': '6Gi',
      'fast.storageclass.storage.k8s.io/requests.storage': '3Gi',
      'count/deployments.apps': '0',
      secrets: '1',
    });
  });

  it('counts only pods in scope', async () => {
    const running = await quota({ pods: '10' }, { scopes: ['BestEffort'] });
    await running.client.create(RESOURCES.pods, pod('a'));
    await running.client.create(RESOURCES.pods, pod('b', { containers: [{ name: 'c', image: 'x' }] }));
    expect(await used(running)).toEqual({ pods: '1' });
  });
});

describe('scopes', () => {
  const base = pod('p') as Pod;
  const quotaOf = (spec: object): ResourceQuota => ({ apiVersion: 'v1', kind: 'ResourceQuota', metadata: {}, spec });
  const withSpec = (spec: object): Pod => ({ ...base, spec: { containers: [], ...base.spec, ...spec } });
  const classes = (operator: string, values?: string[]): object => ({
    scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator, values }] },
  });
  const affinity = {
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'k', namespaces: ['other'] }],
    },
  };

  it.each<[string, object, Pod, boolean]>([
    ['a deadline is Terminating', { scopes: ['Terminating'] }, withSpec({ activeDeadlineSeconds: 5 }), true],
    ['none is not', { scopes: ['Terminating'] }, base, false],
    ['none is NotTerminating', { scopes: ['NotTerminating'] }, base, true],
    ['requests are NotBestEffort', { scopes: ['NotBestEffort'] }, base, true],
    ['both must hold', { scopes: ['NotBestEffort', 'Terminating'] }, base, false],
    ['class in', classes('In', ['high']), withSpec({ priorityClassName: 'high' }), true],
    ['class not in', classes('NotIn', ['high']), withSpec({ priorityClassName: 'high' }), false],
    ['class exists', classes('Exists'), base, false],
    ['class does not exist', classes('DoesNotExist'), base, true],
    ['affinity across namespaces', { scopes: ['CrossNamespacePodAffinity'] }, withSpec({ affinity }), true],
    ['no affinity', { scopes: ['CrossNamespacePodAffinity'] }, base, false],
  ])('%s', (_, spec, subject, expected) => {
    expect(podInScope(quotaOf(spec), subject)).toBe(expected);
  });
});

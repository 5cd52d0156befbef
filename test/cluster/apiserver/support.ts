import { silentLogger } from '../../../src/base/logger.ts';
import { SeededRandom } from '../../../src/base/random.ts';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import type { KubeClient } from '../../../src/client/kube-client.ts';
import { ApiServer } from '../../../src/cluster/apiserver/api-server.ts';
import { bucketOf } from '../../../src/cluster/apiserver/served-resources.ts';
import { defineStrategy } from '../../../src/cluster/registry/define.ts';
import { resourceType } from '../../../src/cluster/registry/resource-type.ts';
import type { Strategy } from '../../../src/cluster/registry/strategy.ts';
import { MemoryStore } from '../../../src/cluster/store/memory-store.ts';
import type { Store } from '../../../src/cluster/store/store.ts';
import type { Pod } from '../../../src/kube/api/core-v1.generated.ts';
import type { KubeObject } from '../../../src/kube/object.ts';
import { RESOURCES } from '../../../src/kube/resources.ts';
import { type Status, StatusError } from '../../../src/kube/status-error.ts';

/** An instant to start at: 2024-05-01T12:00:00Z. */
export const START = Date.UTC(2024, 4, 1, 12);

const SCALE = { replicas: 'spec.replicas', statusReplicas: 'status.replicas', selector: 'spec.selector' };

function plain(apiVersion: string, kind: string, resource: string, clusterScoped = false): Strategy {
  return defineStrategy<KubeObject>({ type: resourceType(apiVersion, kind, resource, { clusterScoped }) });
}

/** A few kinds with just the rules that these tests are about; the real ones have tests of their own. */
export function smallStrategies(): ReadonlyMap<string, Strategy> {
  const pods = defineStrategy<KubeObject & Pod>({
    type: resourceType('v1', 'Pod', 'pods', {
      shortNames: ['po'],
      categories: ['all'],
      subresources: ['binding', 'ephemeralcontainers', 'eviction', 'log', 'status'],
    }),
    defaults: (pod) => {
      pod.spec ??= {};
      pod.spec.restartPolicy ??= 'Always';
    },
    prepareForCreate: (pod) => {
      pod.status = { phase: 'Pending' };
    },
    generation: ['spec'],
    validate: (pod, faults) => {
      if (pod.spec?.containers === undefined) faults.required('spec.containers');
    },
    selectableFields: ({ spec, status }) => ({
      'spec.nodeName': spec?.nodeName ?? '',
      'status.phase': status?.phase ?? '',
    }),
    gracePeriod: ({ spec }, requested) =>
      (spec?.nodeName ?? '') === '' ? 0 : (requested ?? spec?.terminationGracePeriodSeconds ?? 30),
  });
  const deployments = defineStrategy<KubeObject>({
    type: resourceType('apps/v1', 'Deployment', 'deployments', {
      shortNames: ['deploy'],
      categories: ['all'],
      subresources: ['scale', 'status'],
    }),
    generation: ['spec'],
    scale: SCALE,
    validate: (object, faults) => {
      const replicas = (object['spec'] as { replicas?: number } | undefined)?.replicas ?? 1;
      if (replicas < 0) faults.invalid('spec.replicas', replicas, 'must be greater than or equal to 0');
    },
  });
  const namespaces = defineStrategy<KubeObject & { spec: { finalizers: readonly string[] } }>({
    type: resourceType('v1', 'Namespace', 'namespaces', { clusterScoped: true, subresources: ['finalize', 'status'] }),
    prepareForCreate: (namespace) => {
      namespace.spec = { finalizers: ['kubernetes'] };
      Object.assign(namespace, { status: { phase: 'Active' } });
    },
    subresources: { finalize: {} },
  });
  const definitions = defineStrategy<KubeObject>({
    type: resourceType('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'customresourcedefinitions', {
      clusterScoped: true,
      subresources: ['status'],
    }),
    generation: ['spec'],
  });
  const budgets = defineStrategy<KubeObject>({
    type: resourceType('policy/v1', 'PodDisruptionBudget', 'poddisruptionbudgets', { subresources: ['status'] }),
    generation: ['spec'],
  });
  const leases = defineStrategy<KubeObject>({
    type: resourceType('coordination.k8s.io/v1', 'Lease', 'leases'),
    allowCreateOnUpdate: true,
  });
  const all = [
    pods,
    deployments,
    namespaces,
    definitions,
    budgets,
    leases,
    plain('v1', 'ConfigMap', 'configmaps'),
    plain('v1', 'Secret', 'secrets'),
    plain('v1', 'Event', 'events'),
    plain('v1', 'ServiceAccount', 'serviceaccounts'),
    plain('v1', 'LimitRange', 'limitranges'),
    plain('v1', 'ResourceQuota', 'resourcequotas'),
    plain('v1', 'PersistentVolumeClaim', 'persistentvolumeclaims'),
    plain('v1', 'PersistentVolume', 'persistentvolumes', true),
    plain('v1', 'Node', 'nodes', true),
    plain('scheduling.k8s.io/v1', 'PriorityClass', 'priorityclasses', true),
    plain('storage.k8s.io/v1', 'StorageClass', 'storageclasses', true),
    plain('networking.k8s.io/v1', 'Ingress', 'ingresses'),
    plain('networking.k8s.io/v1', 'IngressClass', 'ingressclasses', true),
  ];
  return new Map(all.map((strategy) => [bucketOf(strategy.type), strategy]));
}

/** A server with its parts, and what tests usually need in it. */
export interface TestServer {
  readonly server: ApiServer;
  readonly client: KubeClient;
  readonly clock: VirtualClock;
  readonly store: Store;
}

/** A server with the namespace `default` and its service account. */
export async function testServer(store: Store = new MemoryStore()): Promise<TestServer> {
  const clock = new VirtualClock({ start: START });
  const strategies = smallStrategies();
  const server = new ApiServer({ store, strategies, clock, random: new SeededRandom(1), logger: silentLogger });
  const client = server.client({ fieldManager: 'test' });
  if (store.count('/namespaces') === 0) {
    await client.create(RESOURCES.namespaces, { metadata: { name: 'default' } });
    await client.create(RESOURCES.serviceAccounts, { metadata: { name: 'default', namespace: 'default' } });
  }
  return { server, client, clock, store };
}

/** A pod of one container. */
export function pod(name: string, more: Record<string, unknown> = {}, labels: Record<string, string> = {}): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', labels },
    spec: { containers: [{ name: 'c', image: 'nginx:1' }], ...more },
  };
}

/** What a request that must fail was answered with. */
export async function refusal(promise: Promise<unknown>): Promise<Status> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof StatusError) return error.status;
    throw error;
  }
  throw new Error('the request did not fail');
}

/** Gives promise jobs time to run. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 20; i += 1) await Promise.resolve();
}

import type { Logger } from '../base/logger.ts';
import type { KubeClient } from '../client/kube-client.ts';
import type { KubeObject, ResourceType } from '../kube/object.ts';
import { RESOURCES } from '../kube/resources.ts';
import { isStatus, StatusError } from '../kube/status-error.ts';
import { API_SERVICE_ADDRESS, CONTROL_PLANE_ADDRESS } from './machinery/cluster-network.ts';

interface BuiltIn {
  readonly type: ResourceType;
  readonly object: KubeObject;
}

/** What every cluster has from its first moment. */
const BUILT_INS: readonly BuiltIn[] = [
  ...['default', 'kube-system', 'kube-public', 'kube-node-lease'].map((name) => ({
    type: RESOURCES.namespaces,
    object: { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
  })),
  ...[
    {
      name: 'system-cluster-critical',
      value: 2_000_000_000,
      description:
        'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
    },
    {
      name: 'system-node-critical',
      value: 2_000_001_000,
      description: 'Used for system critical pods that must not be moved from their current node.',
    },
  ].map(({ name, value, description }) => ({
    type: RESOURCES.priorityClasses,
    object: { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name }, value, description },
  })),
  {
    type: RESOURCES.storageClasses,
    object: {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: 'standard', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
      provisioner: 'pintle.dev/host-path',
      reclaimPolicy: 'Delete',
      volumeBindingMode: 'WaitForFirstConsumer',
      allowVolumeExpansion: true,
    },
  },
  {
    type: RESOURCES.services,
    object: {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {
        name: 'kubernetes',
        namespace: 'default',
        labels: { component: 'apiserver', provider: 'kubernetes' },
      },
      spec: {
        type: 'ClusterIP',
        clusterIP: API_SERVICE_ADDRESS,
        ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: 6443 }],
      },
    },
  },
  // The first node is where the API server would run. kubernetes: pkg/controlplane/reconcilers/instancecount.go
  {
    type: RESOURCES.endpoints,
    object: {
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata: {
        name: 'kubernetes',
        namespace: 'default',
        labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' },
      },
      subsets: [
        { addresses: [{ ip: CONTROL_PLANE_ADDRESS }], ports: [{ name: 'https', port: 6443, protocol: 'TCP' }] },
      ],
    },
  },
  {
    type: RESOURCES.endpointSlices,
    object: {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: {
        name: 'kubernetes',
        namespace: 'default',
        labels: { 'kubernetes.io/service-name': 'kubernetes' },
      },
      addressType: 'IPv4',
      endpoints: [{ addresses: [CONTROL_PLANE_ADDRESS], conditions: { ready: true } }],
      ports: [{ name: 'https', port: 6443, protocol: 'TCP' }],
    },
  },
];

/**
 * Creates what is missing; what is there stays as it is. What the objects of users do not let be (another Service has the address, a
 * webhook or a policy refuses) is logged: a cluster that has them must open all the same.
 */
export async function bootstrap(client: KubeClient, logger: Logger): Promise<void> {
  try {
    await client.get(RESOURCES.services, { namespace: 'default', name: 'kubernetes' });
    return;
  } catch (error) {
    if (!isStatus(error, 'NotFound')) throw error;
  }
  for (const { type, object } of BUILT_INS) {
    try {
      await client.create(type, object);
    } catch (error) {
      if (isStatus(error, 'AlreadyExists')) continue;
      if (!(error instanceof StatusError)) throw error;
      logger.log(
        'warn',
        `the system's ${type.kind} ${object.metadata.name ?? ''} could not be created: ${error.message}`,
      );
    }
  }
}

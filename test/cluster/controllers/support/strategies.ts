import { bucketOf } from '../../../../src/cluster/apiserver/served-resources.ts';
import { controllerRevisionStrategy } from '../../../../src/cluster/registry/apps/controller-revision.ts';
import { daemonSetStrategy } from '../../../../src/cluster/registry/apps/daemon-set.ts';
import { statefulSetStrategy } from '../../../../src/cluster/registry/apps/stateful-set.ts';
import { cronJobStrategy } from '../../../../src/cluster/registry/batch/cron-job.ts';
import { jobStrategy } from '../../../../src/cluster/registry/batch/job.ts';
import { podStrategy } from '../../../../src/cluster/registry/core/pod.ts';
import { defineStrategy } from '../../../../src/cluster/registry/define.ts';
import { resourceType } from '../../../../src/cluster/registry/resource-type.ts';
import type { Strategy } from '../../../../src/cluster/registry/strategy.ts';
import type { KubeObject } from '../../../../src/kube/object.ts';

function plain(apiVersion: string, kind: string, resource: string, clusterScoped = false, status = false): Strategy {
  const subresources = status ? ['status'] : [];
  return defineStrategy<KubeObject>({
    type: resourceType(apiVersion, kind, resource, { clusterScoped, subresources }),
  });
}

/** What workload controllers work with: their own kinds as they are, the others without rules. */
export function workloadStrategies(): ReadonlyMap<string, Strategy> {
  const all = [
    podStrategy(),
    jobStrategy(),
    cronJobStrategy(),
    statefulSetStrategy(),
    daemonSetStrategy(),
    controllerRevisionStrategy(),
    plain('v1', 'Namespace', 'namespaces', true, true),
    plain('v1', 'Event', 'events'),
    plain('v1', 'ServiceAccount', 'serviceaccounts'),
    plain('v1', 'Secret', 'secrets'),
    plain('v1', 'ConfigMap', 'configmaps'),
    plain('v1', 'LimitRange', 'limitranges'),
    plain('v1', 'ResourceQuota', 'resourcequotas'),
    plain('v1', 'PersistentVolumeClaim', 'persistentvolumeclaims', false, true),
    plain('v1', 'PersistentVolume', 'persistentvolumes', true, true),
    plain('v1', 'Node', 'nodes', true, true),
    plain('coordination.k8s.io/v1', 'Lease', 'leases'),
    plain('scheduling.k8s.io/v1', 'PriorityClass', 'priorityclasses', true),
    plain('storage.k8s.io/v1', 'StorageClass', 'storageclasses', true),
    plain('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'customresourcedefinitions', true, true),
  ];
  return new Map(all.map((strategy) => [bucketOf(strategy.type), strategy]));
}

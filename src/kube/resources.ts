import type { ResourceType } from './object.ts';

function resource(
  group: string,
  version: string,
  plural: string,
  kind: string,
  namespaced: boolean,
  shortNames: readonly string[] = [],
): ResourceType {
  return {
    group,
    version,
    kind,
    resource: plural,
    singular: kind.toLowerCase(),
    namespaced,
    shortNames,
    categories: [],
    verbs: [],
    subresources: [],
  };
}

/**
 * The resources that code names directly. Clients address by group, version, resource and scope, so these are enough to
 * call with; verbs, categories and subresources come from discovery.
 */
export const RESOURCES = {
  apiServices: resource('apiregistration.k8s.io', 'v1', 'apiservices', 'APIService', false),
  configMaps: resource('', 'v1', 'configmaps', 'ConfigMap', true, ['cm']),
  endpoints: resource('', 'v1', 'endpoints', 'Endpoints', true, ['ep']),
  events: resource('', 'v1', 'events', 'Event', true, ['ev']),
  limitRanges: resource('', 'v1', 'limitranges', 'LimitRange', true, ['limits']),
  namespaces: resource('', 'v1', 'namespaces', 'Namespace', false, ['ns']),
  nodes: resource('', 'v1', 'nodes', 'Node', false, ['no']),
  persistentVolumeClaims: resource('', 'v1', 'persistentvolumeclaims', 'PersistentVolumeClaim', true, ['pvc']),
  persistentVolumes: resource('', 'v1', 'persistentvolumes', 'PersistentVolume', false, ['pv']),
  pods: resource('', 'v1', 'pods', 'Pod', true, ['po']),
  replicationControllers: resource('', 'v1', 'replicationcontrollers', 'ReplicationController', true, ['rc']),
  resourceQuotas: resource('', 'v1', 'resourcequotas', 'ResourceQuota', true, ['quota']),
  secrets: resource('', 'v1', 'secrets', 'Secret', true),
  serviceAccounts: resource('', 'v1', 'serviceaccounts', 'ServiceAccount', true, ['sa']),
  services: resource('', 'v1', 'services', 'Service', true, ['svc']),
  controllerRevisions: resource('apps', 'v1', 'controllerrevisions', 'ControllerRevision', true),
  daemonSets: resource('apps', 'v1', 'daemonsets', 'DaemonSet', true, ['ds']),
  deployments: resource('apps', 'v1', 'deployments', 'Deployment', true, ['deploy']),
  replicaSets: resource('apps', 'v1', 'replicasets', 'ReplicaSet', true, ['rs']),
  statefulSets: resource('apps', 'v1', 'statefulsets', 'StatefulSet', true, ['sts']),
  cronJobs: resource('batch', 'v1', 'cronjobs', 'CronJob', true, ['cj']),
  jobs: resource('batch', 'v1', 'jobs', 'Job', true),
  horizontalPodAutoscalers: resource('autoscaling', 'v2', 'horizontalpodautoscalers', 'HorizontalPodAutoscaler', true, [
    'hpa',
  ]),
  certificateSigningRequests: resource(
    'certificates.k8s.io',
    'v1',
    'certificatesigningrequests',
    'CertificateSigningRequest',
    false,
    ['csr'],
  ),
  leases: resource('coordination.k8s.io', 'v1', 'leases', 'Lease', true),
  endpointSlices: resource('discovery.k8s.io', 'v1', 'endpointslices', 'EndpointSlice', true),
  ingresses: resource('networking.k8s.io', 'v1', 'ingresses', 'Ingress', true, ['ing']),
  ingressClasses: resource('networking.k8s.io', 'v1', 'ingressclasses', 'IngressClass', false),
  networkPolicies: resource('networking.k8s.io', 'v1', 'networkpolicies', 'NetworkPolicy', true, ['netpol']),
  podDisruptionBudgets: resource('policy', 'v1', 'poddisruptionbudgets', 'PodDisruptionBudget', true, ['pdb']),
  roles: resource('rbac.authorization.k8s.io', 'v1', 'roles', 'Role', true),
  roleBindings: resource('rbac.authorization.k8s.io', 'v1', 'rolebindings', 'RoleBinding', true),
  clusterRoles: resource('rbac.authorization.k8s.io', 'v1', 'clusterroles', 'ClusterRole', false),
  clusterRoleBindings: resource('rbac.authorization.k8s.io', 'v1', 'clusterrolebindings', 'ClusterRoleBinding', false),
  priorityClasses: resource('scheduling.k8s.io', 'v1', 'priorityclasses', 'PriorityClass', false, ['pc']),
  runtimeClasses: resource('node.k8s.io', 'v1', 'runtimeclasses', 'RuntimeClass', false),
  storageClasses: resource('storage.k8s.io', 'v1', 'storageclasses', 'StorageClass', false, ['sc']),
  csiDrivers: resource('storage.k8s.io', 'v1', 'csidrivers', 'CSIDriver', false),
  csiNodes: resource('storage.k8s.io', 'v1', 'csinodes', 'CSINode', false),
  volumeAttachments: resource('storage.k8s.io', 'v1', 'volumeattachments', 'VolumeAttachment', false),
  customResourceDefinitions: resource(
    'apiextensions.k8s.io',
    'v1',
    'customresourcedefinitions',
    'CustomResourceDefinition',
    false,
    ['crd', 'crds'],
  ),
} as const satisfies Record<string, ResourceType>;

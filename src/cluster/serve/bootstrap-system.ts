import type { Logger } from '../../base/logger.ts';
import type { KubeObject } from '../../kube/object.ts';
import { RESOURCES } from '../../kube/resources.ts';
import type { ApiServer } from '../apiserver/api-server.ts';
import { resourceType } from '../registry/resource-type.ts';
import { formatTime } from '../machinery/time.ts';
import { CONTROL_PLANE_ADDRESS, DNS_SERVICE_ADDRESS, SERVICE_RANGE } from '../machinery/cluster-network.ts';
import { createMissing } from './create-missing.ts';
import { builtinFlowSchemas, builtinPriorityLevels } from './bootstrap-flow-control.ts';

/** What the objects tell of the cluster. */
export interface SystemFacts {
  /** PEM, of the authority that signs the certificates of clients and of the server. */
  readonly authority: string;
  /** `v1.35.2` */
  readonly version: string;
  /** ms since the epoch */
  readonly now: number;
}

const FLOW_CONTROL = 'flowcontrol.apiserver.k8s.io/v1';
const CLUSTER = { clusterScoped: true };
const TYPES = {
  levels: resourceType(FLOW_CONTROL, 'PriorityLevelConfiguration', 'prioritylevelconfigurations', CLUSTER),
  schemas: resourceType(FLOW_CONTROL, 'FlowSchema', 'flowschemas', CLUSTER),
  serviceCidrs: resourceType('networking.k8s.io/v1', 'ServiceCIDR', 'servicecidrs', CLUSTER),
};

const SYSTEM = 'kube-system';
const DNS_NAME = 'kube-dns';

const DNS_PORTS = [
  { name: 'dns', port: 53, protocol: 'UDP' },
  { name: 'dns-tcp', port: 53, protocol: 'TCP' },
  { name: 'metrics', port: 9153, protocol: 'TCP' },
];

/**
 * Creates what clients look for in the namespaces of the system, unless it is there: flow control, the range of Service addresses,
 * the Service of the DNS, and the ConfigMaps from which add-ons learn how they are called.
 */
export async function bootstrapSystem(apiServer: ApiServer, facts: SystemFacts, logger: Logger): Promise<void> {
  const builtIns = [
    { type: TYPES.levels, objects: builtinPriorityLevels() },
    { type: TYPES.schemas, objects: builtinFlowSchemas() },
    { type: TYPES.serviceCidrs, objects: [serviceCidr(facts)] },
    { type: RESOURCES.services, objects: [dnsService()] },
    { type: RESOURCES.endpoints, objects: [dnsEndpoints()] },
    { type: RESOURCES.endpointSlices, objects: [dnsSlice()] },
    { type: RESOURCES.configMaps, objects: configMaps(facts) },
    { type: RESOURCES.roles, objects: [authenticationReader()] },
  ];
  await createMissing(apiServer, builtIns, logger);
}

function serviceCidr({ now }: SystemFacts): KubeObject {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'ServiceCIDR',
    metadata: { name: 'kubernetes', finalizers: ['networking.k8s.io/service-cidr-finalizer'] },
    spec: { cidrs: [SERVICE_RANGE] },
    status: {
      conditions: [
        {
          type: 'Ready',
          status: 'True',
          lastTransitionTime: formatTime(now),
          reason: '',
          message: 'Kubernetes Service CIDR is ready',
        },
      ],
    },
  };
}

const DNS_LABELS = { 'k8s-app': DNS_NAME, 'kubernetes.io/cluster-service': 'true', 'kubernetes.io/name': 'CoreDNS' };

/** The DNS is no pod, so that its Service selects none. */
function dnsService(): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: DNS_NAME,
      namespace: SYSTEM,
      labels: DNS_LABELS,
      annotations: { 'prometheus.io/port': '9153', 'prometheus.io/scrape': 'true' },
    },
    spec: {
      type: 'ClusterIP',
      clusterIP: DNS_SERVICE_ADDRESS,
      ports: DNS_PORTS.map((port) => ({ ...port, targetPort: port.port })),
    },
  };
}

function dnsEndpoints(): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: {
      name: DNS_NAME,
      namespace: SYSTEM,
      labels: { ...DNS_LABELS, 'endpointslice.kubernetes.io/skip-mirror': 'true' },
    },
    subsets: [{ addresses: [{ ip: CONTROL_PLANE_ADDRESS }], ports: DNS_PORTS }],
  };
}

function dnsSlice(): KubeObject {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: DNS_NAME,
      namespace: SYSTEM,
      labels: { ...DNS_LABELS, 'kubernetes.io/service-name': DNS_NAME },
    },
    addressType: 'IPv4',
    endpoints: [{ addresses: [CONTROL_PLANE_ADDRESS], conditions: { ready: true } }],
    ports: DNS_PORTS,
  };
}

function configMaps({ authority, version }: SystemFacts): readonly KubeObject[] {
  const map = (namespace: string, name: string, data: Readonly<Record<string, string>>): KubeObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace },
    data,
  });
  return [
    map(SYSTEM, 'extension-apiserver-authentication', {
      'client-ca-file': authority,
      'requestheader-allowed-names': '["front-proxy-client"]',
      'requestheader-client-ca-file': authority,
      'requestheader-extra-headers-prefix': '["X-Remote-Extra-"]',
      'requestheader-group-headers': '["X-Remote-Group"]',
      'requestheader-uid-headers': '["X-Remote-Uid"]',
      'requestheader-username-headers': '["X-Remote-User"]',
    }),
    map(SYSTEM, 'coredns', {
      Corefile:
        '.:53 {\n    errors\n    health\n    ready\n    kubernetes cluster.local in-addr.arpa ip6.arpa\n    prometheus :9153\n    forward . /etc/resolv.conf\n    cache 30\n}\n',
    }),
    map(SYSTEM, 'kubeadm-config', {
      ClusterConfiguration: `apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nclusterName: kubernetes\nkubernetesVersion: ${version}\nnetworking:\n  dnsDomain: cluster.local\n  podSubnet: 10.244.0.0/16\n  serviceSubnet: ${SERVICE_RANGE}\n`,
    }),
  ];
}

function authenticationReader(): KubeObject {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: {
      name: 'extension-apiserver-authentication-reader',
      namespace: SYSTEM,
      labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults' },
      annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'true' },
    },
    rules: [
      {
        apiGroups: [''],
        resources: ['configmaps'],
        resourceNames: ['extension-apiserver-authentication'],
        verbs: ['get', 'list', 'watch'],
      },
    ],
  };
}

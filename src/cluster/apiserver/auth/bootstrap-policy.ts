import type { ClusterRole, ClusterRoleBinding, PolicyRule } from '../../../kube/api/rbac-v1.generated.ts';
import { AUTHENTICATED } from './users.ts';
import { MASTERS } from './rbac-authorizer.ts';

const API_VERSION = 'rbac.authorization.k8s.io/v1';
const AGGREGATE = 'rbac.authorization.k8s.io/aggregate-to-';

const VERBS: Readonly<Record<string, readonly string[]>> = {
  read: ['get', 'list', 'watch'],
  write: ['create', 'delete', 'deletecollection', 'patch', 'update'],
  events: ['create', 'patch', 'update'],
};

const EVENTS = 'core,events.k8s.io | events | events';
const REVIEWS = [
  'authentication.k8s.io | tokenreviews | create',
  'authorization.k8s.io | subjectaccessreviews | create',
];

interface RoleData {
  readonly name: string;
  /** `groups | resources | verbs [| names]` with commas, or `GET paths`. */
  readonly rules: readonly string[];
  /** The roles that its rules become part of. */
  readonly partOf?: readonly string[];
  /** The role whose parts it is made of. */
  readonly gathers?: string;
  readonly users?: readonly string[];
  readonly groups?: readonly string[];
}

const PATHS = '/healthz,/livez,/readyz,/version,/version/';

const EDITABLE = [
  'core | pods,pods/attach,pods/exec,pods/portforward,pods/proxy | write',
  'core | pods/eviction | create',
  'core | configmaps,events,persistentvolumeclaims,replicationcontrollers,replicationcontrollers/scale,secrets,serviceaccounts,services,services/proxy | write',
  'core | serviceaccounts/token | create',
  'apps | daemonsets,deployments,deployments/rollback,deployments/scale,replicasets,replicasets/scale,statefulsets,statefulsets/scale | write',
  'autoscaling | horizontalpodautoscalers | write',
  'batch | cronjobs,jobs | write',
  'extensions | daemonsets,deployments,deployments/rollback,deployments/scale,ingresses,networkpolicies,replicasets,replicasets/scale,replicationcontrollers/scale | write',
  'policy | poddisruptionbudgets | write',
  'networking.k8s.io | ingresses,networkpolicies | write',
  'coordination.k8s.io | leases | write,read',
];

const VIEWABLE = [
  'core | configmaps,endpoints,persistentvolumeclaims,persistentvolumeclaims/status,pods,replicationcontrollers,replicationcontrollers/scale,serviceaccounts,services,services/status | read',
  'core | bindings,events,limitranges,namespaces/status,pods/log,pods/status,replicationcontrollers/status,resourcequotas,resourcequotas/status | read',
  'core | namespaces | read',
  'discovery.k8s.io | endpointslices | read',
  'apps | controllerrevisions,daemonsets,daemonsets/status,deployments,deployments/scale,deployments/status,replicasets,replicasets/scale,replicasets/status,statefulsets,statefulsets/scale,statefulsets/status | read',
  'autoscaling | horizontalpodautoscalers,horizontalpodautoscalers/status | read',
  'batch | cronjobs,cronjobs/status,jobs,jobs/status | read',
  'extensions | daemonsets,daemonsets/status,deployments,deployments/scale,deployments/status,ingresses,ingresses/status,networkpolicies,replicasets,replicasets/scale,replicasets/status,replicationcontrollers/scale | read',
  'policy | poddisruptionbudgets,poddisruptionbudgets/status | read',
  'networking.k8s.io | ingresses,ingresses/status,networkpolicies | read',
];

const NODE = [
  ...REVIEWS,
  'authorization.k8s.io | localsubjectaccessreviews | create',
  'core | services | read',
  'core | nodes | create,read,patch,update',
  'core | nodes/status | patch,update',
  'core | events | events',
  'core | pods | read,create,delete',
  'core | pods/status | patch,update',
  'core | pods/eviction | create',
  'core | configmaps,secrets | read',
  'core | persistentvolumeclaims,persistentvolumes | get',
  'core | endpoints | get',
  'certificates.k8s.io | certificatesigningrequests | create,read',
  'coordination.k8s.io | leases | create,delete,get,patch,update',
  'storage.k8s.io | volumeattachments | get',
  'core | serviceaccounts/token | create',
  'core | persistentvolumeclaims/status | get,patch,update',
  'storage.k8s.io | csidrivers | read',
  'storage.k8s.io | csinodes | create,delete,get,patch,update',
  'node.k8s.io | runtimeclasses | read',
];

const SCHEDULER = [
  EVENTS,
  'coordination.k8s.io | leases | create,list,watch',
  'coordination.k8s.io | leases | get,update | kube-scheduler',
  'core | nodes | read',
  'core | pods | delete,read',
  'core | bindings,pods/binding | create',
  'core | pods/status | patch,update',
  'core | replicationcontrollers,services | read',
  'apps,extensions | replicasets | read',
  'apps | statefulsets | read',
  'policy | poddisruptionbudgets | read',
  'core | persistentvolumeclaims,persistentvolumes | read',
  ...REVIEWS,
  'storage.k8s.io | csinodes | read',
  'core | namespaces | read',
  'storage.k8s.io | csidrivers | read',
  'storage.k8s.io | csistoragecapacities | read',
];

const CONTROLLERS = [
  EVENTS,
  'coordination.k8s.io | leases | create',
  'coordination.k8s.io | leases | get,update | kube-controller-manager',
  'core | secrets,serviceaccounts | create',
  'core | secrets | delete',
  'core | configmaps,namespaces,secrets,serviceaccounts | get',
  'core | secrets,serviceaccounts | update',
  ...REVIEWS,
  '* | * | list,watch',
  'core | serviceaccounts/token | create',
];

const APPROVERS: readonly RoleData[] = [
  ['kube-apiserver-client-approver', 'kubernetes.io/kube-apiserver-client'],
  ['kube-apiserver-client-kubelet-approver', 'kubernetes.io/kube-apiserver-client-kubelet'],
  ['kubelet-serving-approver', 'kubernetes.io/kubelet-serving'],
  ['legacy-unknown-approver', 'kubernetes.io/legacy-unknown'],
].map(([name = '', signer = '']) => ({
  name: `system:certificates.k8s.io:${name}`,
  rules: [`certificates.k8s.io | signers | approve | ${signer}`],
}));

/** kubernetes: plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go */
const ROLES: readonly RoleData[] = [
  { name: 'cluster-admin', rules: ['* | * | *', 'ALL *'], groups: [MASTERS] },
  { name: 'admin', gathers: 'admin', rules: [] },
  { name: 'edit', gathers: 'edit', partOf: ['admin'], rules: [] },
  { name: 'view', gathers: 'view', partOf: ['edit'], rules: [] },
  {
    name: 'system:aggregate-to-admin',
    partOf: ['admin'],
    rules: [
      'authorization.k8s.io | localsubjectaccessreviews | create',
      'rbac.authorization.k8s.io | rolebindings,roles | write,read',
    ],
  },
  {
    name: 'system:aggregate-to-edit',
    partOf: ['edit'],
    rules: [
      'core | pods/attach,pods/exec,pods/portforward,pods/proxy,secrets,services/proxy | read',
      'core | serviceaccounts | impersonate',
      ...EDITABLE,
    ],
  },
  { name: 'system:aggregate-to-view', partOf: ['view'], rules: VIEWABLE },
  // What comes with metrics-server.
  {
    name: 'system:aggregated-metrics-reader',
    partOf: ['admin', 'edit', 'view'],
    rules: ['metrics.k8s.io | nodes,pods | read'],
  },
  { name: 'system:auth-delegator', rules: REVIEWS },
  {
    name: 'system:basic-user',
    rules: [
      'authorization.k8s.io | selfsubjectaccessreviews,selfsubjectrulesreviews | create',
      'authentication.k8s.io | selfsubjectreviews | create',
    ],
    groups: [AUTHENTICATED],
  },
  {
    name: 'system:certificates.k8s.io:certificatesigningrequests:nodeclient',
    rules: ['certificates.k8s.io | certificatesigningrequests/nodeclient | create'],
  },
  {
    name: 'system:certificates.k8s.io:certificatesigningrequests:selfnodeclient',
    rules: ['certificates.k8s.io | certificatesigningrequests/selfnodeclient | create'],
  },
  ...APPROVERS,
  {
    name: 'system:discovery',
    rules: ['GET /api,/api/*,/apis,/apis/*,/healthz,/livez,/openapi,/openapi/*,/readyz,/version,/version/'],
    groups: [AUTHENTICATED],
  },
  { name: 'system:heapster', rules: ['core | events,namespaces,nodes,pods | read', 'extensions | deployments | read'] },
  { name: 'system:kube-aggregator', rules: ['core | endpoints,services | read'] },
  { name: 'system:kube-controller-manager', rules: CONTROLLERS, users: ['system:kube-controller-manager'] },
  { name: 'system:kube-dns', rules: ['core | endpoints,services | list,watch'] },
  { name: 'system:kube-scheduler', rules: SCHEDULER, users: ['system:kube-scheduler'] },
  {
    name: 'system:kubelet-api-admin',
    rules: [
      'core | nodes | read',
      'core | nodes | proxy',
      'core | nodes/healthz,nodes/log,nodes/metrics,nodes/pods,nodes/proxy,nodes/stats | *',
    ],
  },
  {
    name: 'system:monitoring',
    rules: ['GET /healthz,/healthz/*,/livez,/livez/*,/metrics,/metrics/slis,/readyz,/readyz/*'],
    groups: ['system:monitoring'],
  },
  { name: 'system:node', rules: NODE },
  { name: 'system:node-bootstrapper', rules: ['certificates.k8s.io | certificatesigningrequests | create,read'] },
  {
    name: 'system:node-problem-detector',
    rules: ['core | nodes | get', 'core | nodes/status | patch', EVENTS],
  },
  {
    name: 'system:node-proxier',
    rules: [
      'core | endpoints,services | list,watch',
      'core | nodes | read',
      EVENTS,
      'discovery.k8s.io | endpointslices | list,watch',
    ],
    users: ['system:kube-proxy'],
  },
  {
    name: 'system:persistent-volume-provisioner',
    rules: [
      'core | persistentvolumes | create,delete,read',
      'core | persistentvolumeclaims | read,update',
      'storage.k8s.io | storageclasses | read',
      'core | events | watch',
      EVENTS,
    ],
  },
  { name: 'system:public-info-viewer', rules: [`GET ${PATHS}`], groups: [AUTHENTICATED, 'system:unauthenticated'] },
  {
    name: 'system:service-account-issuer-discovery',
    rules: ['GET /.well-known/openid-configuration,/openid/v1/jwks'],
    groups: ['system:serviceaccounts'],
  },
  {
    name: 'system:volume-scheduler',
    rules: [
      'core | persistentvolumes | read,patch,update',
      'storage.k8s.io | storageclasses | read',
      'core | persistentvolumeclaims | read,patch,update',
    ],
    users: ['system:kube-scheduler'],
  },
];

const REQUESTS = 'system:certificates.k8s.io:certificatesigningrequests';
const BOOTSTRAPPERS = 'system:bootstrappers:kubeadm:default-node-token';
/** What kubeadm adds: bindings for its administrator, and for nodes that join and renew their certificates. */
const KUBEADM: readonly (RoleData & { readonly role: string })[] = [
  { name: 'kubeadm:cluster-admins', role: 'cluster-admin', rules: [], groups: ['kubeadm:cluster-admins'] },
  { name: 'kubeadm:kubelet-bootstrap', role: 'system:node-bootstrapper', rules: [], groups: [BOOTSTRAPPERS] },
  { name: 'kubeadm:node-autoapprove-bootstrap', role: `${REQUESTS}:nodeclient`, rules: [], groups: [BOOTSTRAPPERS] },
  {
    name: 'kubeadm:node-autoapprove-certificate-rotation',
    role: `${REQUESTS}:selfnodeclient`,
    rules: [],
    groups: ['system:nodes'],
  },
];

function parseRule(text: string): PolicyRule {
  const paths = /^(GET|ALL) (.+)$/.exec(text);
  if (paths !== null) {
    return { nonResourceURLs: (paths[2] ?? '').split(','), verbs: [paths[1] === 'GET' ? 'get' : '*'] };
  }
  const [groups = [], resources = [], verbs = [], names] = text.split(' | ').map((part) => part.split(','));
  return {
    apiGroups: groups.map((group) => (group === 'core' ? '' : group)),
    resources,
    verbs: [...new Set(verbs.flatMap((verb) => VERBS[verb] ?? [verb]))].sort(),
    ...(names === undefined ? {} : { resourceNames: names }),
  };
}

function metadata(name: string, labels: Readonly<Record<string, string>> = {}): ClusterRole['metadata'] {
  return {
    name,
    annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'true' },
    labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults', ...labels },
  };
}

/** The ClusterRoles of every cluster; those that are gathered from others come without rules. */
export function bootstrapRoles(): ClusterRole[] {
  return ROLES.map(({ name, rules, partOf = [], gathers }) => ({
    apiVersion: API_VERSION,
    kind: 'ClusterRole',
    metadata: metadata(name, Object.fromEntries(partOf.map((role) => [`${AGGREGATE}${role}`, 'true']))),
    ...(gathers === undefined
      ? { rules: rules.map(parseRule) }
      : { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { [`${AGGREGATE}${gathers}`]: 'true' } }] } }),
  }));
}

/** The ClusterRoleBindings of every cluster. */
export function bootstrapBindings(): ClusterRoleBinding[] {
  const API_GROUP = 'rbac.authorization.k8s.io';
  return [...ROLES, ...KUBEADM].flatMap((data) => {
    const { name, users = [], groups = [] } = data;
    const bound = 'role' in data && typeof data.role === 'string' ? data.role : undefined;
    const subjects = [
      ...groups.map((group) => ({ apiGroup: API_GROUP, kind: 'Group', name: group })),
      ...users.map((user) => ({ apiGroup: API_GROUP, kind: 'User', name: user })),
    ];
    if (subjects.length === 0 && name !== 'system:node') return [];
    return {
      apiVersion: API_VERSION,
      kind: 'ClusterRoleBinding',
      metadata: bound === undefined ? metadata(name) : { name },
      roleRef: { apiGroup: API_GROUP, kind: 'ClusterRole', name: bound ?? name },
      subjects,
    };
  });
}

import { describe, expect, test } from 'vitest';
import { create, set, stored, update, withValues, type Json } from './support.ts';
import { NEGATIVE, SUBDOMAIN } from './texts.ts';

const AUTOSCALER: Json = {
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: {},
  spec: { scaleTargetRef: { kind: 'Deployment', name: 'web', apiVersion: 'apps/v1' }, maxReplicas: 3 },
};
const BUDGET: Json = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: {}, spec: { minAvailable: 1 } };
const PATH = { path: '/', pathType: 'Prefix', backend: { service: { name: 'web', port: { number: 80 } } } };
const INGRESS: Json = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: {},
  spec: { rules: [{ host: 'a.b', http: { paths: [PATH] } }] },
};
const NETWORK_POLICY: Json = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: {},
  spec: { podSelector: {} },
};
const RBAC = 'rbac.authorization.k8s.io';
const ROLE: Json = {
  apiVersion: `${RBAC}/v1`,
  kind: 'Role',
  metadata: {},
  rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }],
};
const BINDING: Json = {
  apiVersion: `${RBAC}/v1`,
  kind: 'RoleBinding',
  metadata: {},
  subjects: [{ kind: 'ServiceAccount', name: 'a', namespace: 'default' }],
  roleRef: { kind: 'Role', name: 'r' },
};
const PRIORITY: Json = { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: {}, value: 5 };
const CLASS: Json = { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: {}, provisioner: 'x' };
const SLICE: Json = {
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: {},
  addressType: 'IPv4',
  endpoints: [{ addresses: ['10.0.0.1'] }],
  ports: [{ port: 80 }],
};
const LEASE: Json = {
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: {},
  spec: { leaseDurationSeconds: 1 },
};
const P = 'spec.rules[0].http.paths[0]';

const REFUSED: readonly (readonly [Json, Json, string])[] = [
  [
    AUTOSCALER,
    { 'spec.maxReplicas': 0 },
    '[spec.maxReplicas: Invalid value: 0: must be greater than 0, spec.maxReplicas: Invalid value: 0: must be greater than or equal to `minReplicas`]',
  ],
  [
    AUTOSCALER,
    { 'spec.minReplicas': 5 },
    'spec.maxReplicas: Invalid value: 3: must be greater than or equal to `minReplicas`',
  ],
  [
    AUTOSCALER,
    { 'spec.scaleTargetRef': undefined },
    '[spec.scaleTargetRef.kind: Required value, spec.scaleTargetRef.name: Required value]',
  ],
  [
    AUTOSCALER,
    { 'spec.behavior': { scaleDown: { stabilizationWindowSeconds: 5000 } } },
    'spec.behavior.scaleDown.stabilizationWindowSeconds: Invalid value: 5000: must be less than or equal to 3600',
  ],
  [
    BUDGET,
    { 'spec.maxUnavailable': 1 },
    'spec: Invalid value: {"MinAvailable":1,"Selector":null,"MaxUnavailable":1,"UnhealthyPodEvictionPolicy":null}: minAvailable and maxUnavailable cannot be both set',
  ],
  [BUDGET, { 'spec.minAvailable': '150%' }, 'spec.minAvailable: Invalid value: "150%": must not be greater than 100%'],
  [BUDGET, { 'spec.minAvailable': -1 }, `spec.minAvailable: Invalid value: -1: ${NEGATIVE}`],
  [INGRESS, { [`${P}.pathType`]: undefined }, `${P}.pathType: Required value: pathType must be specified`],
  [
    INGRESS,
    { [`${P}.pathType`]: 'X' },
    `${P}.pathType: Unsupported value: "X": supported values: "Exact", "ImplementationSpecific", "Prefix"`,
  ],
  [INGRESS, { [`${P}.path`]: 'x' }, `${P}.path: Invalid value: "x": must be an absolute path`],
  [INGRESS, { [`${P}.path`]: '/a//b' }, `${P}.path: Invalid value: "/a//b": must not contain '//'`],
  [INGRESS, { [`${P}.backend`]: {} }, `${P}.backend: Invalid value: "": resource or service backend is required`],
  [
    INGRESS,
    { [`${P}.backend.service`]: { name: 'web' } },
    `${P}.backend: Required value: port name or number is required`,
  ],
  [
    INGRESS,
    { [`${P}.backend.service.port`]: { number: 80, name: 'x' } },
    `${P}.backend: Invalid value: "": cannot set both port name & port number`,
  ],
  [INGRESS, { spec: {} }, 'spec: Invalid value: null: either `defaultBackend` or `rules` must be specified'],
  [INGRESS, { 'spec.rules[0].host': 'a_b' }, `spec.rules[0].host: Invalid value: "a_b": ${SUBDOMAIN}`],
  [
    INGRESS,
    { 'spec.rules[0].host': '1.2.3.4' },
    'spec.rules[0].host: Invalid value: "1.2.3.4": must be a DNS name, not an IP address',
  ],
  [INGRESS, { 'spec.rules[0].http.paths': [] }, 'spec.rules[0].http.paths: Required value'],
  [
    NETWORK_POLICY,
    { 'spec.policyTypes': ['x'] },
    'spec.policyTypes[0]: Unsupported value: "x": supported values: "Ingress", "Egress"',
  ],
  [
    NETWORK_POLICY,
    { 'spec.ingress': [{ from: [{}] }] },
    'spec.ingress[0].from[0]: Required value: must specify a peer',
  ],
  [
    NETWORK_POLICY,
    { 'spec.ingress': [{ from: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['11.0.0.0/8'] } }] }] },
    'spec.ingress[0].from[0].ipBlock.except[0]: Invalid value: "11.0.0.0/8": must be a strict subset of `cidr`',
  ],
  [
    NETWORK_POLICY,
    { 'spec.ingress': [{ ports: [{ port: 80, endPort: 70 }] }] },
    'spec.ingress[0].ports[0].endPort: Invalid value: 70: must be greater than or equal to `port`',
  ],
  [ROLE, { 'rules[0].verbs': undefined }, 'rules[0].verbs: Required value: verbs must contain at least one value'],
  [
    ROLE,
    { 'rules[0].apiGroups': undefined },
    'rules[0].apiGroups: Required value: resource rules must supply at least one api group',
  ],
  [
    ROLE,
    { rules: [{ nonResourceURLs: ['/x'], verbs: ['get'] }] },
    'rules[0].nonResourceURLs: Invalid value: ["/x"]: namespaced rules cannot apply to non-resource URLs',
  ],
  [BINDING, { 'roleRef.kind': 'X' }, 'roleRef.kind: Unsupported value: "X": supported values: "Role", "ClusterRole"'],
  [
    BINDING,
    { 'subjects[0].kind': 'x' },
    'subjects[0].kind: Unsupported value: "x": supported values: "ServiceAccount", "User", "Group"',
  ],
  [
    PRIORITY,
    { value: 2_000_000_000 },
    'value: Forbidden: maximum allowed value of a user defined priority is 1000000000',
  ],
  [CLASS, { provisioner: '' }, 'provisioner: Required value'],
  [SLICE, { addressType: 'x' }, 'addressType: Unsupported value: "x": supported values: "FQDN", "IPv4", "IPv6"'],
  [LEASE, { 'spec.leaseDurationSeconds': 0 }, 'spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0'],
];

describe('new objects', () => {
  test.each(REFUSED)('%o with %o', (object, values, message) => {
    const group = String(object['apiVersion']).split('/')[0];
    const expected = `${String(object['kind'])}.${group} "web" is invalid: ${message}`;
    expect(create(withValues(object, values)).message).toBe(expected);
  });

  test('get their defaults', () => {
    expect(stored(AUTOSCALER)['spec']).toMatchObject({
      minReplicas: 1,
      metrics: [
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } },
      ],
    });
    expect(stored(NETWORK_POLICY)['spec']).toMatchObject({ policyTypes: ['Ingress'] });
    expect(stored(withValues(NETWORK_POLICY, { 'spec.egress': [{ ports: [{ port: 53 }] }] }))['spec']).toMatchObject({
      policyTypes: ['Ingress', 'Egress'],
      egress: [{ ports: [{ port: 53, protocol: 'TCP' }] }],
    });
    expect(stored(BINDING)['roleRef']).toEqual({ apiGroup: RBAC, kind: 'Role', name: 'r' });
    expect(stored(PRIORITY)['preemptionPolicy']).toBe('PreemptLowerPriority');
    expect(stored(CLASS)).toMatchObject({ reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' });
    expect(stored(SLICE)['ports']).toEqual([{ name: '', port: 80, protocol: 'TCP' }]);
  });
});

describe('changed objects', () => {
  test.each<[Json, Json, string]>([
    [
      BINDING,
      { 'roleRef.name': 'z' },
      `RoleBinding.${RBAC} "web" is invalid: roleRef: Invalid value: {"apiGroup":"${RBAC}","kind":"Role","name":"z"}: cannot change roleRef`,
    ],
    [
      PRIORITY,
      { value: 6 },
      'PriorityClass.scheduling.k8s.io "web" is invalid: value: Forbidden: may not be changed in an update.',
    ],
    [
      CLASS,
      { provisioner: 'z' },
      'StorageClass.storage.k8s.io "web" is invalid: provisioner: Forbidden: updates to provisioner are forbidden.',
    ],
    [
      CLASS,
      { parameters: { a: 'b' } },
      'StorageClass.storage.k8s.io "web" is invalid: parameters: Forbidden: updates to parameters are forbidden.',
    ],
    [
      withValues(SLICE, { endpoints: [] }),
      { addressType: 'IPv6' },
      'EndpointSlice.discovery.k8s.io "web" is invalid: addressType: Invalid value: "IPv6": field is immutable',
    ],
  ])('%o with %o', (object, values, message) => {
    const outcome = update(stored(object), (draft) => {
      for (const [path, value] of Object.entries(values)) set(draft, path, value);
    });
    expect(outcome.message).toBe(message);
  });
});

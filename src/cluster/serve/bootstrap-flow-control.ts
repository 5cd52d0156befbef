import type { KubeObject } from '../../kube/object.ts';

const API = 'flowcontrol.apiserver.k8s.io/v1';

/** Levels by name: shares, share that may be lent, then queues, hand size and length of queues, or nothing for no queues. */
const LEVELS: readonly (readonly [name: string, shares: number, lent: number, queues?: number, hand?: number])[] = [
  ['catch-all', 5, 0],
  ['system', 30, 33, 64, 6],
  ['node-high', 40, 25, 64, 6],
  ['leader-election', 10, 0, 16, 4],
  ['workload-high', 40, 50, 128, 6],
  ['workload-low', 100, 90, 128, 6],
  ['global-default', 20, 50, 128, 6],
];

const QUEUE_LENGTH = 50;

const EVERYBODY = ['group system:unauthenticated', 'group system:authenticated'];

/**
 * Schemas: name, level, precedence, how flows are told apart, and whom they concern. Most are about all requests; what others are
 * about stands in {@link OWN_RULES}.
 */
const SCHEMAS: readonly (readonly [
  name: string,
  level: string,
  precedence: number,
  method: '' | 'ByUser' | 'ByNamespace',
  subjects: readonly string[],
])[] = [
  ['exempt', 'exempt', 1, '', ['group system:masters']],
  ['probes', 'exempt', 2, '', EVERYBODY],
  [
    'system-leader-election',
    'leader-election',
    100,
    'ByUser',
    ['user system:kube-controller-manager', 'user system:kube-scheduler', 'account kube-system/*'],
  ],
  ['system-node-high', 'node-high', 400, 'ByUser', ['group system:nodes']],
  ['system-nodes', 'system', 500, 'ByUser', ['group system:nodes']],
  ['kube-controller-manager', 'workload-high', 800, 'ByNamespace', ['user system:kube-controller-manager']],
  ['kube-scheduler', 'workload-high', 800, 'ByNamespace', ['user system:kube-scheduler']],
  ['kube-system-service-accounts', 'workload-high', 900, 'ByNamespace', ['account kube-system/*']],
  ['service-accounts', 'workload-low', 9000, 'ByUser', ['group system:serviceaccounts']],
  ['global-default', 'global-default', 9900, 'ByUser', EVERYBODY],
  ['catch-all', 'catch-all', 10_000, 'ByUser', EVERYBODY],
];

function about(verbs: readonly string[], group: string, resources: readonly string[], clusterScope: boolean): object {
  return { verbs, apiGroups: [group], resources, namespaces: ['*'], ...(clusterScope ? { clusterScope } : {}) };
}

const LEASES = ['leases'];

const OWN_RULES: Readonly<Record<string, object>> = {
  probes: { nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/healthz', '/readyz', '/livez'] }] },
  'system-leader-election': {
    resourceRules: [about(['get', 'create', 'update'], 'coordination.k8s.io', LEASES, false)],
  },
  'system-node-high': {
    resourceRules: [
      about(['*'], '', ['nodes', 'nodes/status'], true),
      about(['*'], 'coordination.k8s.io', LEASES, false),
    ],
  },
};

const ALL_REQUESTS = {
  resourceRules: [about(['*'], '*', ['*'], true)],
  nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
};

function metadata(name: string): KubeObject['metadata'] {
  return { name, annotations: { 'apf.kubernetes.io/autoupdate-spec': 'true' } };
}

function subjectOf(text: string): object {
  const [kind = '', name = ''] = text.split(' ');
  if (kind === 'user') return { kind: 'User', user: { name } };
  if (kind === 'group') return { kind: 'Group', group: { name } };
  const [namespace = '', account = ''] = name.split('/');
  return { kind: 'ServiceAccount', serviceAccount: { name: account, namespace } };
}

/** The levels of priority that every cluster has. apiserver: pkg/apis/flowcontrol/bootstrap/default.go */
export function builtinPriorityLevels(): readonly KubeObject[] {
  const exempt: KubeObject = {
    apiVersion: API,
    kind: 'PriorityLevelConfiguration',
    metadata: metadata('exempt'),
    spec: { type: 'Exempt', exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 } },
  };
  const limited = LEVELS.map(([name, nominalConcurrencyShares, lendablePercent, queues, handSize]): KubeObject => {
    const queuing = { queues, handSize, queueLengthLimit: QUEUE_LENGTH };
    const limitResponse = queues === undefined ? { type: 'Reject' } : { type: 'Queue', queuing };
    return {
      apiVersion: API,
      kind: 'PriorityLevelConfiguration',
      metadata: metadata(name),
      spec: { type: 'Limited', limited: { nominalConcurrencyShares, lendablePercent, limitResponse } },
    };
  });
  return [exempt, ...limited];
}

/** The flow schemas that every cluster has. */
export function builtinFlowSchemas(): readonly KubeObject[] {
  return SCHEMAS.map(([name, level, matchingPrecedence, method, subjects]) => ({
    apiVersion: API,
    kind: 'FlowSchema',
    metadata: metadata(name),
    spec: {
      priorityLevelConfiguration: { name: level },
      matchingPrecedence,
      ...(method === '' ? {} : { distinguisherMethod: { type: method } }),
      rules: [{ subjects: subjects.map(subjectOf), ...(OWN_RULES[name] ?? ALL_REQUESTS) }],
    },
  }));
}

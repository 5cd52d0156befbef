/** Kinds in the order in which they are created. helm: pkg/release/v1/util/kind_sorter.go. */
export const installOrder: readonly string[] = [
  'PriorityClass',
  'Namespace',
  'NetworkPolicy',
  'ResourceQuota',
  'LimitRange',
  'PodSecurityPolicy',
  'PodDisruptionBudget',
  'ServiceAccount',
  'Secret',
  'SecretList',
  'ConfigMap',
  'StorageClass',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'CustomResourceDefinition',
  'ClusterRole',
  'ClusterRoleList',
  'ClusterRoleBinding',
  'ClusterRoleBindingList',
  'Role',
  'RoleList',
  'RoleBinding',
  'RoleBindingList',
  'Service',
  'DaemonSet',
  'Pod',
  'ReplicationController',
  'ReplicaSet',
  'Deployment',
  'HorizontalPodAutoscaler',
  'StatefulSet',
  'Job',
  'CronJob',
  'IngressClass',
  'Ingress',
  'APIService',
  'MutatingWebhookConfiguration',
  'ValidatingWebhookConfiguration',
];

/**
 * Kinds in the order in which they are removed: that of creation backwards, but services before the workloads behind them.
 * Validating webhooks go before mutating ones, so that they block nothing.
 */
export const uninstallOrder: readonly string[] = installOrder
  .filter((kind) => kind !== 'Service')
  .toReversed()
  .flatMap((kind) => (kind === 'IngressClass' ? [kind, 'Service'] : [kind]));

/** The order of two kinds in a list such as {@link installOrder}; kinds that are not in it come last, by name. */
export function compareKinds(a: string, b: string, order: readonly string[]): number {
  const first = rank(a, order);
  const second = rank(b, order);
  if (first !== second) return first - second;
  return first === order.length && a !== b ? (a < b ? -1 : 1) : 0;
}

const ranks = new WeakMap<readonly string[], ReadonlyMap<string, number>>();

function rank(kind: string, order: readonly string[]): number {
  let known = ranks.get(order);
  if (known === undefined) {
    known = new Map(order.map((name, i) => [name, i]));
    ranks.set(order, known);
  }
  return known.get(kind) ?? order.length;
}

/** The items in the order of their kinds; those of one kind keep their order. */
export function sortByKind<Item extends { readonly kind: string }>(
  items: readonly Item[],
  order: readonly string[] = installOrder,
): Item[] {
  return items.toSorted((a, b) => compareKinds(a.kind, b.kind, order));
}

import type { PersistentVolumeClaim, Pod, ResourceQuota, Service } from '../../kube/api/core-v1.generated.ts';
import { addQuantities, parseQuantity, type Quantity, zeroQuantity } from '../../kube/quantity.ts';
import { isPodFinished } from './pods.ts';
import { podLimits, podRequests, type ResourceAmounts } from './pod-resources.ts';
import { parseTime } from './time.ts';
import { hasScopes, podInScope } from './quota-scopes.ts';

const CLASS_INFIX = '.storageclass.storage.k8s.io/';
const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class';

/** The objects of a namespace that quotas count; other kinds are counted by number alone. */
export interface CountedObjects {
  readonly pods: () => readonly Pod[];
  readonly services: () => readonly Service[];
  readonly claims: () => readonly PersistentVolumeClaim[];
  /** Number of objects of `resource` or `resource.group`; undefined when the server has none such. */
  readonly count: (resource: string) => number | undefined;
}

/** Names of resources that are counted under a short name as well. */
const SHORT_COUNTS: ReadonlySet<string> = new Set([
  'configmaps',
  'secrets',
  'replicationcontrollers',
  'resourcequotas',
]);

/**
 * What of each resource that a quota limits is in use. kubernetes: pkg/controller/resourcequota, pkg/quota/v1/evaluator/core
 *
 * @param now ms since the epoch
 */
export function quotaUsage(
  quota: ResourceQuota,
  objects: CountedObjects,
  now: number,
): Readonly<Record<string, string>> {
  const names = Object.keys(quota.spec?.hard ?? {});
  const used = new Map<string, Quantity>(names.map((name) => [name, zeroQuantity]));
  if (names.some(isPodResource)) addPods(quota, used, objects.pods(), now);
  if (!hasScopes(quota)) {
    if (names.some((name) => name.startsWith('services'))) addServices(used, objects.services());
    if (names.some((name) => isClaimResource(name))) addClaims(used, objects.claims());
    for (const name of names) {
      const counted = name.startsWith('count/') ? name.slice(6) : SHORT_COUNTS.has(name) ? name : undefined;
      const number = counted === undefined ? undefined : objects.count(counted);
      if (number !== undefined) used.set(name, parseQuantity(number));
    }
  }
  return Object.fromEntries([...used].map(([name, quantity]) => [name, quantity.text]));
}

/** The resource whose number a limit is about, besides pods, services and claims; undefined when it is another limit. */
export function countedResource(name: string): string | undefined {
  if (name.startsWith('count/')) return name.slice(6);
  return SHORT_COUNTS.has(name) ? name : undefined;
}

function isClaimResource(name: string): boolean {
  return name === 'persistentvolumeclaims' || name === 'requests.storage' || name.includes(CLASS_INFIX);
}

function isPodResource(name: string): boolean {
  return !name.startsWith('services') && !isClaimResource(name) && countedResource(name) === undefined;
}

function add(used: Map<string, Quantity>, name: string, quantity: Quantity): void {
  const known = used.get(name);
  if (known !== undefined) used.set(name, addQuantities(known, quantity));
}

function addPods(quota: ResourceQuota, used: Map<string, Quantity>, pods: readonly Pod[], now: number): void {
  const one = parseQuantity(1);
  for (const pod of pods) {
    if (!isCounted(pod, now) || !podInScope(quota, pod)) continue;
    add(used, 'pods', one);
    addAmounts(used, podRequests(pod), ['requests.', '']);
    addAmounts(used, podLimits(pod), ['limits.']);
  }
}

function addAmounts(used: Map<string, Quantity>, amounts: ResourceAmounts, prefixes: readonly string[]): void {
  for (const [name, quantity] of amounts) {
    for (const prefix of prefixes) add(used, prefix + name, quantity);
  }
}

/** Finished pods use nothing, nor do those that should be gone by now. */
function isCounted(pod: Pod, now: number): boolean {
  if (isPodFinished(pod)) return false;
  const deleted = parseTime(pod.metadata.deletionTimestamp);
  const grace = pod.metadata.deletionGracePeriodSeconds;
  return deleted === undefined || grace === undefined || now <= deleted + grace * 1000;
}

function addServices(used: Map<string, Quantity>, services: readonly Service[]): void {
  for (const { spec } of services) {
    add(used, 'services', parseQuantity(1));
    const ports = spec?.ports ?? [];
    if (spec?.type === 'NodePort') add(used, 'services.nodeports', parseQuantity(ports.length));
    if (spec?.type !== 'LoadBalancer') continue;
    add(used, 'services.loadbalancers', parseQuantity(1));
    const withNodePort =
      spec.allocateLoadBalancerNodePorts === false ? ports.filter(({ nodePort }) => (nodePort ?? 0) !== 0) : ports;
    add(used, 'services.nodeports', parseQuantity(withNodePort.length));
  }
}

function addClaims(used: Map<string, Quantity>, claims: readonly PersistentVolumeClaim[]): void {
  const one = parseQuantity(1);
  for (const claim of claims) {
    const storageClass = claim.metadata.annotations?.[CLASS_ANNOTATION] ?? claim.spec?.storageClassName ?? '';
    const requested = claim.spec?.resources?.requests?.storage;
    add(used, 'persistentvolumeclaims', one);
    if (storageClass !== '') add(used, `${storageClass}${CLASS_INFIX}persistentvolumeclaims`, one);
    if (requested === undefined) continue;
    add(used, 'requests.storage', parseQuantity(requested));
    if (storageClass !== '') add(used, `${storageClass}${CLASS_INFIX}requests.storage`, parseQuantity(requested));
  }
}

import type { PersistentVolumeClaim, Pod, ResourceQuota, Service } from '../../kube/api/core-v1.generated.ts';
import { addQuantities, newQuantity, parseQuantity, type Quantity, zeroQuantity } from '../../kube/quantity.ts';
import { isHugePages, isNativeResource } from '../../kube/resource-names.ts';
import { isPodFinished } from './pods.ts';
import { podLimits, podRequests, type ResourceAmounts } from './pod-resources.ts';
import { parseTime } from './time.ts';
import { claimInScope, hasScopes, podInScope } from './quota-scopes.ts';

const CLASS_INFIX = '.storageclass.storage.k8s.io/';
const ONE = 1_000_000_000n;
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
const POD_COUNT = 'count/pods';
const SERVICE_COUNT = 'count/services';
const CLAIM_COUNT = 'count/persistentvolumeclaims';
const COMPUTE = ['cpu', 'memory', 'ephemeral-storage'];
const POD_LIMITS: ReadonlySet<string> = new Set([
  POD_COUNT,
  'pods',
  ...COMPUTE.flatMap((name) => [name, `requests.${name}`, `limits.${name}`]),
]);
const SERVICE_LIMITS: ReadonlySet<string> = new Set([
  SERVICE_COUNT,
  'services',
  'services.nodeports',
  'services.loadbalancers',
]);
const CLAIM_LIMITS: readonly string[] = ['persistentvolumeclaims', 'requests.storage'];

/**
 * What of each resource that a quota limits is in use; what nobody measures is left out.
 * kubernetes: pkg/controller/resourcequota, pkg/quota/v1/evaluator/core; apiserver: pkg/quota/v1/generic/evaluator.go
 *
 * @param now ms since the epoch
 */
export function quotaUsage(
  quota: ResourceQuota,
  objects: CountedObjects,
  now: number,
): Readonly<Record<string, string>> {
  const names = Object.keys(quota.spec?.hard ?? {});
  const measured = names.filter((name) => isPodLimit(name) || SERVICE_LIMITS.has(name) || isClaimLimit(name));
  const used = new Map<string, Quantity>(measured.map((name) => [name, zeroQuantity]));
  if (measured.some(isPodLimit)) addPods(quota, used, objects.pods(), now);
  if (measured.some(isClaimLimit)) addClaims(quota, used, objects.claims());
  const scoped = hasScopes(quota);
  if (!scoped && measured.some((name) => SERVICE_LIMITS.has(name))) addServices(used, objects.services());
  for (const name of names) {
    const counted = countedResource(name);
    const number = counted === undefined ? undefined : objects.count(counted);
    if (number !== undefined) used.set(name, parseQuantity(scoped ? 0 : number));
  }
  return Object.fromEntries([...used].map(([name, quantity]) => [name, quantity.text]));
}

/** The resource whose number a limit is about, besides pods, services and claims; undefined when it is another limit. */
export function countedResource(name: string): string | undefined {
  if (name === POD_COUNT || name === SERVICE_COUNT || name === CLAIM_COUNT) return undefined;
  if (name.startsWith('count/')) return name.slice(6);
  return SHORT_COUNTS.has(name) ? name : undefined;
}

function isClaimLimit(name: string): boolean {
  return name === CLAIM_COUNT || CLAIM_LIMITS.some((limit) => name === limit || name.endsWith(CLASS_INFIX + limit));
}

/** Of resources that Kubernetes does not know, requests alone can be limited. */
function isPodLimit(name: string): boolean {
  if (POD_LIMITS.has(name) || isHugePages(name) || name.startsWith('requests.hugepages-')) return true;
  return name.startsWith('requests.') && !isNativeResource(name);
}

function add(used: Map<string, Quantity>, name: string, quantity: Quantity): void {
  const known = used.get(name);
  if (known !== undefined) used.set(name, addQuantities(known, quantity));
}

function addPods(quota: ResourceQuota, used: Map<string, Quantity>, pods: readonly Pod[], now: number): void {
  const one = parseQuantity(1);
  for (const pod of pods) {
    if (!podInScope(quota, pod)) continue;
    add(used, POD_COUNT, one);
    if (!isCounted(pod, now)) continue;
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
    add(used, SERVICE_COUNT, parseQuantity(1));
    const ports = spec?.ports ?? [];
    if (spec?.type === 'NodePort') add(used, 'services.nodeports', parseQuantity(ports.length));
    if (spec?.type !== 'LoadBalancer') continue;
    add(used, 'services.loadbalancers', parseQuantity(1));
    const withNodePort =
      spec.allocateLoadBalancerNodePorts === false ? ports.filter(({ nodePort }) => (nodePort ?? 0) !== 0) : ports;
    add(used, 'services.nodeports', parseQuantity(withNodePort.length));
  }
}

function addClaims(quota: ResourceQuota, used: Map<string, Quantity>, claims: readonly PersistentVolumeClaim[]): void {
  const one = parseQuantity(1);
  for (const claim of claims) {
    if (!claimInScope(quota, claim)) continue;
    const storageClass = claim.metadata.annotations?.[CLASS_ANNOTATION] ?? claim.spec?.storageClassName ?? '';
    const requested = storageOf(claim);
    add(used, 'persistentvolumeclaims', one);
    add(used, CLAIM_COUNT, one);
    if (storageClass !== '') add(used, `${storageClass}${CLASS_INFIX}persistentvolumeclaims`, one);
    if (requested === undefined) continue;
    add(used, 'requests.storage', requested);
    if (storageClass !== '') add(used, `${storageClass}${CLASS_INFIX}requests.storage`, requested);
  }
}

/** Whole bytes; while a claim grows, what is set aside for it when that is more. */
function storageOf({ spec, status }: PersistentVolumeClaim): Quantity | undefined {
  const requested = spec?.resources?.requests?.storage;
  if (requested === undefined) return undefined;
  const asked = parseQuantity(requested);
  const allocated = parseQuantity(status?.allocatedResources?.['storage'] ?? 0);
  const more = allocated.nano > asked.nano ? allocated : asked;
  const rest = more.nano % ONE;
  return rest === 0n ? more : newQuantity(more.nano - rest + ONE, more.format);
}

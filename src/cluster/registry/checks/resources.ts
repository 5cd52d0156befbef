import { newQuantity, parseQuantity, type Quantity } from '../../../kube/quantity.ts';
import { isQualifiedName } from '../../../kube/names.ts';
import { isExtendedResource, isHugePages, isNativeResource } from '../../../kube/resource-names.ts';
import type { Faults } from '../faults.ts';
import type { ResourceList } from '../wire.ts';
import { NEGATIVE } from './values.ts';

/*
 * Names and amounts of resources. kubernetes: pkg/apis/core/helper/helpers.go, pkg/apis/core/validation/validation.go
 */

const CONTAINER_RESOURCES: ReadonlySet<string> = new Set(['cpu', 'memory', 'ephemeral-storage']);

const QUOTA_COUNTS = [
  'pods',
  'services',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
];

const QUOTA_RESOURCES: ReadonlySet<string> = new Set([
  'cpu',
  'memory',
  'ephemeral-storage',
  'requests.cpu',
  'requests.memory',
  'requests.storage',
  'requests.ephemeral-storage',
  'limits.cpu',
  'limits.memory',
  'limits.ephemeral-storage',
  ...QUOTA_COUNTS,
]);

const STANDARD_RESOURCES: ReadonlySet<string> = new Set([...QUOTA_RESOURCES, 'storage', 'requests.storage']);

const INTEGER_RESOURCES: ReadonlySet<string> = new Set(QUOTA_COUNTS);

/** Quotas must be able to name it. */
function isQuotableExtended(name: string): boolean {
  return isExtendedResource(name) && isQualifiedName(`requests.${name}`).length === 0;
}

/** Requests may be below limits. */
export function isOvercommitAllowed(name: string): boolean {
  return isNativeResource(name) && !isHugePages(name);
}

/** The resources that a quota can name without a prefix. */
export function isQuotaResource(name: string): boolean {
  return QUOTA_RESOURCES.has(name) || isHugePages(name) || name.startsWith('requests.hugepages-');
}

/** Refuses names that no resource has; says whether it is one. */
export function checkResourceName(name: string, path: string, faults: Faults): boolean {
  const messages = isQualifiedName(name);
  faults.invalidEach(path, name, messages);
  if (messages.length > 0) return false;
  if (name.includes('/') || STANDARD_RESOURCES.has(name) || isHugePages(name) || isQuotaResource(name)) return true;
  faults.invalid(path, name, 'must be a standard resource type or fully qualified');
  return false;
}

/** Refuses names of resources that containers cannot ask for. */
export function checkContainerResourceName(name: string, path: string, faults: Faults): void {
  if (CONTAINER_RESOURCES.has(name)) return;
  checkResourceName(name, path, faults);
  if (!name.includes('/')) {
    if (!isHugePages(name)) faults.invalid(path, name, 'must be a standard resource for containers');
  } else if (!isNativeResource(name) && !isQuotableExtended(name)) {
    faults.invalid(path, name, "doesn't follow extended resource name standard");
  }
}

/** The quantity of a resource; the decoder has refused texts that are none. */
export function quantityOf(value: string | number | undefined): Quantity {
  return parseQuantity(value ?? 0);
}

/** Refuses amounts below zero, and parts of what can only be counted. */
export function checkResourceQuantity(
  name: string,
  value: string | number | undefined,
  path: string,
  faults: Faults,
): void {
  const quantity = quantityOf(value);
  if (quantity.nano < 0n) faults.invalid(path, quantity.text, NEGATIVE);
  if ((INTEGER_RESOURCES.has(name) || isQuotableExtended(name)) && quantity.nano % 1_000_000_000n !== 0n) {
    faults.invalid(path, quantity.text, 'must be an integer');
  }
}

/** Refuses amounts that are not above zero. */
export function checkPositiveQuantity(value: string | number | undefined, path: string, faults: Faults): boolean {
  const quantity = quantityOf(value);
  if (quantity.nano > 0n) return true;
  faults.invalid(path, quantity.text, 'must be greater than zero');
  return false;
}

/** Refuses parts of huge pages. */
export function checkHugePages(name: string, value: string | number | undefined, path: string, faults: Faults): void {
  const quantity = quantityOf(value);
  const size = pageSize(name);
  if (size !== undefined && quantity.nano >= 0n && quantity.nano % size === 0n) return;
  faults.invalid(path, quantity.text, `${quantity.text} is not positive integer multiple of ${name}`);
}

function pageSize(name: string): bigint | undefined {
  try {
    const { nano } = parseQuantity(name.slice('hugepages-'.length));
    return nano > 0n ? nano : undefined;
  } catch {
    return undefined;
  }
}

/** Amounts are kept to a thousandth, rounded up. kubernetes: SetDefaults_ResourceList */
export function roundResources(list: Record<string, string | number | undefined> | undefined): void {
  if (list === undefined) return;
  for (const name of Object.keys(list)) {
    const value = list[name];
    if (value === undefined || !mayBeFine(value)) continue;
    const quantity = parseQuantity(value);
    const rest = quantity.nano % 1_000_000n;
    if (rest === 0n) continue;
    const down = quantity.nano - rest;
    list[name] = newQuantity(quantity.nano > 0n ? down + 1_000_000n : down - 1_000_000n, quantity.format).text;
  }
}

/** Only amounts written with `n`, `u`, `m`, an exponent or a point can have more digits than a thousandth. */
function mayBeFine(value: string | number): boolean {
  return typeof value === 'number' ? !Number.isInteger(value) : /[nume.]/.test(value);
}

/** Names of both lists, once each. */
export function resourceNames(...lists: readonly (ResourceList | undefined)[]): Set<string> {
  const names = new Set<string>();
  for (const list of lists) for (const name of Object.keys(list ?? {})) names.add(name);
  return names;
}

import type { ResourceClaim, ResourceRequirements } from '../../../kube/api/core-v1.generated.ts';
import { compareQuantities } from '../../../kube/quantity.ts';
import { isHugePages } from '../../../kube/resource-names.ts';
import { checkDnsLabel } from '../checks/names.ts';
import {
  checkContainerResourceName,
  checkHugePages,
  checkResourceQuantity,
  isOvercommitAllowed,
  quantityOf,
} from '../checks/resources.ts';
import type { Faults } from '../faults.ts';
import { isBlank, type Loose } from '../wire.ts';

/** Refuses resources that a container cannot ask for. kubernetes: ValidateContainerResourceRequirements */
export function checkContainerResources(
  requirements: Loose<ResourceRequirements> | undefined,
  claimNames: ReadonlySet<string>,
  path: string,
  faults: Faults,
): void {
  if (requirements === undefined) return;
  checkRequirements(requirements, path, faults, (name, at) => checkContainerResourceName(name, at, faults));
  if (requirements.claims !== undefined) checkClaims(requirements.claims, claimNames, `${path}.claims`, faults);
}

/** Refuses wrong names, amounts, and requests above limits. kubernetes: validateResourceRequirements */
export function checkRequirements(
  { limits = {}, requests = {} }: Loose<ResourceRequirements>,
  path: string,
  faults: Faults,
  checkName: (name: string, path: string) => void,
): void {
  let hasComputing = false;
  let hasHugePages = false;
  const check = (name: string, value: string | number | undefined, at: string): void => {
    checkName(name, at);
    checkResourceQuantity(name, value, at, faults);
    if (name === 'cpu' || name === 'memory') hasComputing = true;
  };
  for (const name of Object.keys(limits)) {
    const at = `${path}.limits[${name}]`;
    check(name, limits[name], at);
    if (isHugePages(name)) {
      hasHugePages = true;
      checkHugePages(name, limits[name], at, faults);
    }
  }
  for (const name of Object.keys(requests)) {
    const at = `${path}.requests[${name}]`;
    check(name, requests[name], at);
    checkRequest(name, requests[name], limits[name], path, faults);
    if (isHugePages(name)) {
      hasHugePages = true;
      checkHugePages(name, requests[name], at, faults);
    }
  }
  if (hasHugePages && !hasComputing) faults.forbidden(path, 'HugePages require cpu or memory');
}

function checkRequest(
  name: string,
  request: string | number | undefined,
  limit: string | number | undefined,
  path: string,
  faults: Faults,
): void {
  if (limit === undefined) {
    if (!isOvercommitAllowed(name)) {
      faults.required(`${path}.limits`, 'Limit must be set for non overcommitable resources');
    }
    return;
  }
  const wanted = quantityOf(request);
  const most = quantityOf(limit);
  const order = compareQuantities(wanted, most);
  if (order !== 0 && !isOvercommitAllowed(name)) {
    faults.invalid(`${path}.requests`, wanted.text, `must be equal to ${name} limit of ${most.text}`);
  } else if (order > 0) {
    faults.invalid(`${path}.requests`, wanted.text, `must be less than or equal to ${name} limit of ${most.text}`);
  }
}

function checkClaims(
  claims: readonly Loose<ResourceClaim>[],
  known: ReadonlySet<string>,
  path: string,
  faults: Faults,
): void {
  const seen = new Set<string>();
  claims.forEach(({ name, request }, i) => {
    const at = `${path}[${i}]`;
    if (isBlank(name)) {
      faults.required(at);
      return;
    }
    const key = isBlank(request) ? name : `${name}/${request}`;
    if (!isBlank(request)) checkDnsLabel(request, `${at}.request`, faults);
    if (seen.has(name)) faults.duplicate(at, name);
    else if (seen.has(key)) faults.duplicate(at, key);
    else if (isBlank(request) && [...seen].some((other) => other.startsWith(`${name}/`))) faults.duplicate(at, name);
    seen.add(key);
    if (known.has(name)) return;
    const rest = known.size === 0 ? ' which is empty' : `: ${[...known].sort().join(', ')}`;
    faults.notFound(at, name, `must be one of the names in pod.spec.resourceClaims${rest}`);
  });
}

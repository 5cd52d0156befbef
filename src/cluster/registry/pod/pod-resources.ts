import type { Container, PodSpec } from '../../../kube/api/core-v1.generated.ts';
import { addQuantities, compareQuantities, type Quantity } from '../../../kube/quantity.ts';
import { isHugePages } from '../../../kube/resource-names.ts';
import { isOvercommitAllowed, quantityOf } from '../checks/resources.ts';
import type { Faults } from '../faults.ts';
import type { Edit, Loose } from '../wire.ts';
import { checkRequirements } from './resources.ts';

/*
 * Resources of the pod as a whole, which its containers share.
 */

const SUPPORTED = ['cpu', 'hugepages-', 'memory'];

function isSupported(name: string): boolean {
  return name === 'cpu' || name === 'memory' || isHugePages(name);
}

/** Requests of the pod default to what its containers request, else to its limits. kubernetes: defaultPodRequests */
export function applyPodResourceDefaults(spec: Edit<PodSpec>): void {
  const limits = spec.resources?.limits;
  if (spec.resources === undefined || limits === undefined || Object.keys(limits).length === 0) return;
  const requests = (spec.resources.requests ??= {});
  for (const [name, quantity] of aggregateRequests(spec)) {
    if (!Object.hasOwn(requests, name) && isSupported(name) && isOvercommitAllowed(name))
      requests[name] = quantity.text;
  }
  for (const name of Object.keys(limits)) {
    if (!Object.hasOwn(requests, name) && isSupported(name)) requests[name] = limits[name];
  }
}

/** Refuses resources of the pod that are less than what its containers ask for. kubernetes: validatePodResources */
export function checkPodResources(spec: Loose<PodSpec>, path: string, faults: Faults): void {
  const { resources } = spec;
  if (resources === undefined) return;
  if (resources.claims !== undefined) {
    faults.forbidden(`${path}.claims`, 'claims cannot be set for Resources at pod-level');
  }
  checkRequirements(resources, path, faults, (name, at) => {
    if (!isSupported(name)) faults.notSupported(at, name, SUPPORTED);
  });
  for (const [name, wanted] of aggregateRequests(spec)) {
    const given = quantityOf(resources.requests?.[name]);
    if (compareQuantities(wanted, given) > 0) {
      const text = `must be greater than or equal to aggregate container requests of ${wanted.text}`;
      faults.invalid(`${path}.requests[${name}]`, given.text, text);
    }
  }
  spec.containers?.forEach((container, i) => {
    for (const [name, value] of Object.entries(container.resources?.limits ?? {})) {
      const limit = resources.limits?.[name];
      if (limit === undefined || compareQuantities(quantityOf(value), quantityOf(limit)) <= 0) continue;
      const text = `must be less than or equal to pod limits of ${quantityOf(limit).text}`;
      faults.invalid(`${path}.containers[${i}][${name}].limits`, quantityOf(value).text, text);
    }
  });
}

/** What the containers request together: all at once, or more while one of the init containers runs. */
function aggregateRequests(spec: Loose<PodSpec>): Map<string, Quantity> {
  const sum = new Map<string, Quantity>();
  for (const container of spec.containers ?? []) add(sum, container);
  const sidecars = new Map<string, Quantity>();
  const peak = new Map<string, Quantity>();
  for (const container of spec.initContainers ?? []) {
    const isSidecar = container.restartPolicy === 'Always';
    const needed = new Map(sidecars);
    add(needed, container);
    if (isSidecar) {
      add(sum, container);
      add(sidecars, container);
    }
    raise(peak, isSidecar ? sidecars : needed);
  }
  raise(sum, peak);
  return sum;
}

function add(sum: Map<string, Quantity>, container: Loose<Container>): void {
  for (const [name, value] of Object.entries(container.resources?.requests ?? {})) {
    const known = sum.get(name);
    const quantity = quantityOf(value);
    sum.set(name, known === undefined ? quantity : addQuantities(known, quantity));
  }
}

function raise(target: Map<string, Quantity>, other: ReadonlyMap<string, Quantity>): void {
  for (const [name, quantity] of other) {
    const known = target.get(name);
    if (known === undefined || compareQuantities(known, quantity) < 0) target.set(name, quantity);
  }
}

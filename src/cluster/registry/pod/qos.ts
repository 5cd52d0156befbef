import type { Container, PodSpec } from '../../../kube/api/core-v1.generated.ts';
import { addQuantities, compareQuantities, type Quantity } from '../../../kube/quantity.ts';
import { quantityOf } from '../checks/resources.ts';
import type { Loose } from '../wire.ts';

/** How a pod is treated when its node runs out of something. */
export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort';

const COMPUTE = ['cpu', 'memory'] as const;

/** The class that a pod's requests and limits make. kubernetes: pkg/apis/core/helper/qos */
export function qosClass(spec: Loose<PodSpec>): QosClass {
  const requests = new Map<string, Quantity>();
  const limits = new Map<string, Quantity>();
  let isGuaranteed = true;
  const add = (resources: Loose<Container>['resources']): void => {
    for (const name of COMPUTE) {
      addTo(requests, name, resources?.requests?.[name]);
      const limit = resources?.limits?.[name];
      if (!addTo(limits, name, limit)) isGuaranteed = false;
    }
  };
  const pod = spec.resources;
  if (pod !== undefined && (hasAny(pod.requests) || hasAny(pod.limits))) add(pod);
  else for (const container of [...(spec.containers ?? []), ...(spec.initContainers ?? [])]) add(container.resources);
  if (requests.size === 0 && limits.size === 0) return 'BestEffort';
  if (!isGuaranteed || requests.size !== limits.size) return 'Burstable';
  for (const [name, request] of requests) {
    const limit = limits.get(name);
    if (limit === undefined || compareQuantities(limit, request) !== 0) return 'Burstable';
  }
  return 'Guaranteed';
}

function addTo(sums: Map<string, Quantity>, name: string, value: string | number | undefined): boolean {
  if (value === undefined) return false;
  const quantity = quantityOf(value);
  if (quantity.nano <= 0n) return false;
  const known = sums.get(name);
  sums.set(name, known === undefined ? quantity : addQuantities(known, quantity));
  return true;
}

function hasAny(list: object | undefined): boolean {
  return list !== undefined && Object.keys(list).length > 0;
}

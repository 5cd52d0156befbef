import type { Pod, ResourceRequirements } from '../../kube/api/core-v1.generated.ts';
import { addQuantities, parseQuantity, type Quantity } from '../../kube/quantity.ts';
import { isSidecar } from './pods.ts';

/** Amounts by resource name. */
export type ResourceAmounts = Map<string, Quantity>;

/** What a pod asks for: its containers together or its greediest init container, and overhead. apimachinery: component-helpers resource */
export function podRequests(pod: Pod): ResourceAmounts {
  return podAmounts(pod, (resources) => resources?.requests);
}

/** What a pod is limited to, counted as {@link podRequests}; overhead counts for limited resources alone. */
export function podLimits(pod: Pod): ResourceAmounts {
  return podAmounts(pod, (resources) => resources?.limits, true);
}

type Amounts = Readonly<Record<string, string | number>> | undefined;

function podAmounts(
  pod: Pod,
  amountsOf: (resources: ResourceRequirements | undefined) => Amounts,
  overheadForKnownOnly = false,
): ResourceAmounts {
  const total: ResourceAmounts = new Map();
  for (const container of pod.spec?.containers ?? []) addAmounts(total, amountsOf(container.resources));
  const sidecars: ResourceAmounts = new Map();
  const peak: ResourceAmounts = new Map();
  for (const container of pod.spec?.initContainers ?? []) {
    const needed: ResourceAmounts = new Map(sidecars);
    addAmounts(needed, amountsOf(container.resources));
    if (isSidecar(container)) {
      addAmounts(sidecars, amountsOf(container.resources));
      addAmounts(total, amountsOf(container.resources));
    }
    raise(peak, needed);
  }
  raise(total, peak);
  for (const [name, amount] of Object.entries(amountsOf(pod.spec?.resources) ?? {}))
    total.set(name, parseQuantity(amount));
  for (const [name, amount] of Object.entries(pod.spec?.overhead ?? {})) {
    const known = total.get(name);
    if (known !== undefined) total.set(name, addQuantities(known, parseQuantity(amount)));
    else if (!overheadForKnownOnly) total.set(name, parseQuantity(amount));
  }
  return total;
}

function addAmounts(total: ResourceAmounts, amounts: Amounts): void {
  for (const [name, amount] of Object.entries(amounts ?? {})) {
    const quantity = parseQuantity(amount);
    const known = total.get(name);
    total.set(name, known === undefined ? quantity : addQuantities(known, quantity));
  }
}

function raise(total: ResourceAmounts, floor: ResourceAmounts): void {
  for (const [name, quantity] of floor) {
    const known = total.get(name);
    if (known === undefined || known.nano < quantity.nano) total.set(name, quantity);
  }
}

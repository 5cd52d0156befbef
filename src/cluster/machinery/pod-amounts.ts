import type { Container, Pod, PodSpec } from '../../kube/api/core-v1.generated.ts';
import { milliValue, quantityValue } from '../../kube/quantity.ts';

/** Amounts by resource: cpu in thousandths, all else in whole units. */
export type ResourceAmounts = ReadonlyMap<string, number>;

type ResourceList = Readonly<Record<string, string | number>> | undefined;

/** One amount: cpu in thousandths, all else in whole units. */
export function resourceAmount(name: string, quantity: string | number): number {
  return name === 'cpu' ? milliValue(quantity) : quantityValue(quantity);
}

/** The amounts of a resource list. */
export function resourceAmounts(list: ResourceList): Map<string, number> {
  const amounts = new Map<string, number>();
  if (list !== undefined) {
    for (const name of Object.keys(list)) amounts.set(name, resourceAmount(name, list[name] ?? 0));
  }
  return amounts;
}

function add(total: Map<string, number>, more: ResourceAmounts): void {
  for (const [name, amount] of more) total.set(name, (total.get(name) ?? 0) + amount);
}

function raise(total: Map<string, number>, least: ResourceAmounts): void {
  for (const [name, amount] of least) if (amount > (total.get(name) ?? 0)) total.set(name, amount);
}

function isSidecar(container: Container): boolean {
  return container.restartPolicy === 'Always';
}

/**
 * What a pod needs: the sum of its containers and sidecars, or what the greediest init container needs together with the
 * sidecars before it, whatever is more; pod-level requests win; overhead comes on top.
 * component-helpers: resource/helpers.go PodRequests
 */
export function podAmounts(spec: PodSpec | undefined, kind: 'requests' | 'limits' = 'requests'): Map<string, number> {
  const total = new Map<string, number>();
  if (spec === undefined) return total;
  for (const container of spec.containers) add(total, resourceAmounts(container.resources?.[kind]));
  if (spec.initContainers !== undefined) {
    const initial = new Map<string, number>();
    const sidecars = new Map<string, number>();
    for (const container of spec.initContainers) {
      const own = resourceAmounts(container.resources?.[kind]);
      if (isSidecar(container)) {
        add(total, own);
        add(sidecars, own);
        raise(initial, sidecars);
      } else {
        add(own, sidecars);
        raise(initial, own);
      }
    }
    raise(total, initial);
  }
  const podLevel = resourceAmounts(spec.resources?.[kind]);
  for (const [name, amount] of podLevel) total.set(name, amount);
  if (kind === 'requests' || total.size > 0) add(total, resourceAmounts(spec.overhead));
  return total;
}

/** What a pod counts as when it asks for nothing. kubernetes: pkg/scheduler/util/pod_resources.go */
const DEFAULT_MILLI_CPU = 100;
/** See {@link DEFAULT_MILLI_CPU}; bytes. */
const DEFAULT_MEMORY = 200 * 1024 * 1024;

/** cpu and memory of a pod in which each container that asks for nothing counts with the default. */
export function nonZeroRequests(spec: PodSpec | undefined): { readonly cpu: number; readonly memory: number } {
  let cpu = 0;
  let memory = 0;
  for (const { resources } of spec?.containers ?? []) {
    cpu += resources?.requests?.cpu === undefined ? DEFAULT_MILLI_CPU : milliValue(resources.requests.cpu);
    memory += resources?.requests?.memory === undefined ? DEFAULT_MEMORY : quantityValue(resources.requests.memory);
  }
  const whole = podAmounts(spec);
  return { cpu: Math.max(cpu, whole.get('cpu') ?? 0), memory: Math.max(memory, whole.get('memory') ?? 0) };
}

/** How well a pod's resources are guaranteed. */
export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort';

/** The quality of service class. kubernetes: pkg/apis/core/v1/helper/qos/qos.go */
export function qosClassOf(pod: Pod): QosClass {
  const known = pod.status?.qosClass;
  if (known === 'Guaranteed' || known === 'Burstable' || known === 'BestEffort') return known;
  const containers = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])];
  let anything = false;
  let guaranteed = true;
  for (const { resources } of containers) {
    for (const name of ['cpu', 'memory']) {
      const request = amountOf(resources?.requests, name);
      const limit = amountOf(resources?.limits, name);
      if (request > 0 || limit > 0) anything = true;
      if (limit === 0 || (request !== 0 && request !== limit)) guaranteed = false;
    }
  }
  if (!anything) return 'BestEffort';
  return guaranteed ? 'Guaranteed' : 'Burstable';
}

function amountOf(list: ResourceList, name: string): number {
  const quantity = list?.[name];
  return quantity === undefined ? 0 : resourceAmount(name, quantity);
}

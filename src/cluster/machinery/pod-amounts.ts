import type { Container, Pod, PodSpec } from '../../kube/api/core-v1.generated.ts';
import { milliValue, quantityValue } from '../../kube/quantity.ts';
import { isSidecar } from './pods.ts';

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

/**
 * What a pod needs: the sum of its containers and sidecars, or what the greediest init container needs together with the
 * sidecars before it, whatever is more; pod-level requests win; overhead comes on top.
 * component-helpers: resource/helpers.go PodRequests
 */
export function podAmounts(spec: PodSpec | undefined, kind: 'requests' | 'limits' = 'requests'): Map<string, number> {
  return amountsOf(spec, kind, NO_AMOUNTS);
}

const NO_AMOUNTS: ResourceAmounts = new Map();

/** @param missing what a container counts with that does not say */
function amountsOf(
  spec: PodSpec | undefined,
  kind: 'requests' | 'limits',
  missing: ResourceAmounts,
): Map<string, number> {
  const total = new Map<string, number>();
  if (spec === undefined) return total;
  const ownOf = ({ resources }: Container): Map<string, number> => {
    const own = resourceAmounts(resources?.[kind]);
    for (const [name, amount] of missing) if (!own.has(name)) own.set(name, amount);
    return own;
  };
  for (const container of spec.containers) add(total, ownOf(container));
  if (spec.initContainers !== undefined) {
    const initial = new Map<string, number>();
    const sidecars = new Map<string, number>();
    for (const container of spec.initContainers) {
      const own = ownOf(container);
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

/** What a container counts as that asks for nothing. kubernetes: pkg/scheduler/util/pod_resources.go */
const DEFAULT_MILLI_CPU = 100;
/** See {@link DEFAULT_MILLI_CPU}; bytes. */
const DEFAULT_MEMORY = 200 * 1024 * 1024;

/**
 * cpu and memory of a pod in which each container that asks for nothing counts with the default; of a pod with requests of its
 * own, where neither it nor a container asks. kubernetes: pkg/scheduler/framework/types.go getNonMissingContainerRequests
 */
export function nonZeroRequests(
  spec: PodSpec | undefined,
  asked: ResourceAmounts = podAmounts(spec),
): { readonly cpu: number; readonly memory: number } {
  const hasOwn = Object.keys(spec?.resources?.requests ?? {}).length > 0;
  const missing = new Map<string, number>();
  if (!hasOwn || !asked.has('cpu')) missing.set('cpu', DEFAULT_MILLI_CPU);
  if (!hasOwn || !asked.has('memory')) missing.set('memory', DEFAULT_MEMORY);
  const amounts = missing.size === 0 || asksEverywhere(spec) ? asked : amountsOf(spec, 'requests', missing);
  return { cpu: amounts.get('cpu') ?? 0, memory: amounts.get('memory') ?? 0 };
}

/** True when each container asks for cpu and memory, so that no default counts. */
function asksEverywhere(spec: PodSpec | undefined): boolean {
  const asks = ({ resources }: Container): boolean =>
    resources?.requests?.cpu !== undefined && resources.requests.memory !== undefined;
  return spec !== undefined && spec.containers.every(asks) && (spec.initContainers ?? []).every(asks);
}

/** How well a pod's resources are guaranteed. */
export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort';

/** The quality of service class. kubernetes: pkg/apis/core/v1/helper/qos/qos.go */
export function qosClassOf(pod: Pod): QosClass {
  const known = pod.status?.qosClass;
  if (known === 'Guaranteed' || known === 'Burstable' || known === 'BestEffort') return known;
  const whole = pod.spec?.resources;
  const isWhole = Object.keys({ ...whole?.requests, ...whole?.limits }).length > 0;
  const containers = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])];
  let anything = false;
  let guaranteed = true;
  for (const { resources } of isWhole ? [{ resources: whole }] : containers) {
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

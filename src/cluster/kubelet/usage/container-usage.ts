import type { Container, Pod, Service } from '../../../kube/api/core-v1.generated.ts';
import { milliValue, parseQuantity, quantityValue } from '../../../kube/quantity.ts';
import { fnv32a } from '../../machinery/hash.ts';
import { isPodReady } from '../../machinery/pods.ts';
import { selectedPods } from '../../machinery/service-selector.ts';
import { parseTime } from '../../machinery/time.ts';
import type { ImageBehaviour } from '../images/behaviour.ts';
import type { ImageCatalogue } from '../images/catalogue.ts';
import { memoryInUse } from '../process/program.ts';
import { containerBehaviour } from '../pods/container-behaviour.ts';
import { requestsOf } from './service-load.ts';

/** What a container uses. */
interface Usage {
  /** Thousandths of a core. */
  readonly cpu: number;
  /** Bytes. */
  readonly memory: number;
}

/** What one pod uses, by container, over a window that ended at an instant. */
export interface PodUsage {
  readonly pod: Pod;
  readonly containers: readonly { readonly name: string; readonly usage: Usage }[];
}

/** What usage is worked out from. */
export interface UsageSource {
  readonly catalogue: ImageCatalogue;
  /** ms since the epoch */
  now(): number;
  /** Running or not; of all namespaces. */
  pods(): readonly Pod[];
  services(): readonly Service[];
}

/** ms between two measurements, as metrics-server takes them by default. */
export const USAGE_WINDOW = 15_000;

/** On a Service: the cpu that all requests to it cost together, shared by its ready pods. */
export const LOAD_ANNOTATION = 'pintle.dev/cpu-load';

const MI = 1024 * 1024;
/** Of a process that waits for requests, thousandths of a core. */
const IDLE_CPU = 1;
/** Of a container that asks for memory and of which nothing is known: this share of its request. */
const MEMORY_SHARE = 0.4;
const IDLE_MEMORY = 12 * MI;

/** The end of the newest window, ms since the epoch. */
export function usageInstant(now: number): number {
  return Math.floor(now / USAGE_WINDOW) * USAGE_WINDOW;
}

/**
 * What the running pods use. Nothing is kept for it: usage follows from images, annotations, the load of Services, and the time,
 * so that the same cluster at the same instant gives the same numbers. Pods that began within the window are not measured yet.
 */
export function podUsages(source: UsageSource): readonly PodUsage[] {
  const at = usageInstant(source.now());
  const running = source.pods().filter(isRunning);
  const loads = shared(source.services(), running, cpuLoadOf);
  const requests = shared(source.services(), running, requestsOf);
  const out: PodUsage[] = [];
  for (const pod of running) {
    const containers = measured(pod, at).map(({ container, since }) => ({
      name: container.name,
      usage: containerUsage(pod, container, {
        source,
        at,
        since,
        load: container === pod.spec?.containers[0] ? (loads.get(pod) ?? 0) : 0,
        requests: requests.get(pod) ?? 0,
      }),
    }));
    if (containers.length > 0) out.push({ pod, containers });
  }
  return out;
}

function isRunning({ status, spec }: Pod): boolean {
  return status?.phase === 'Running' && (spec?.nodeName ?? '') !== '';
}

/** The containers that have run for a whole window, and since when. */
function measured(pod: Pod, at: number): readonly { readonly container: Container; readonly since: number }[] {
  const started = new Map<string, number>();
  const { containerStatuses = [], initContainerStatuses = [] } = pod.status ?? {};
  for (const { name, state } of [...containerStatuses, ...initContainerStatuses]) {
    const begun = parseTime(state?.running?.startedAt);
    if (begun !== undefined) started.set(name, begun);
  }
  const sidecars = (pod.spec?.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  return [...(pod.spec?.containers ?? []), ...sidecars]
    .map((container) => ({ container, since: started.get(container.name) ?? Number.POSITIVE_INFINITY }))
    .filter(({ since }) => since <= at - USAGE_WINDOW);
}

function cpuLoadOf({ metadata }: Service): number {
  return amountOf(metadata.annotations?.[LOAD_ANNOTATION], milliValue) ?? 0;
}

/** What Services bring, in parts for each of their ready pods. */
function shared(
  services: readonly Service[],
  pods: readonly Pod[],
  amount: (service: Service) => number,
): ReadonlyMap<Pod, number> {
  const shares = new Map<Pod, number>();
  for (const service of services) {
    const load = amount(service);
    if (load === 0) continue;
    const ready = selectedPods(service, pods).filter(isPodReady);
    for (const pod of ready) shares.set(pod, (shares.get(pod) ?? 0) + load / ready.length);
  }
  return shares;
}

interface Measurement {
  readonly source: UsageSource;
  readonly at: number;
  /** When the container began, ms since the epoch. */
  readonly since: number;
  /** Of the load of Services, thousandths of a core. */
  readonly load: number;
  /** That come a second. */
  readonly requests: number;
}

function containerUsage(
  pod: Pod,
  container: Container,
  { source, at, since, load, requests: arriving }: Measurement,
): Usage {
  const behaviour = behaviourOf(pod, container, source.catalogue);
  const { requests = {}, limits = {} } = container.resources ?? {};
  const seed = `${pod.metadata.uid ?? ''}/${container.name}/${at}`;
  const cpu = (behaviour.cpu ?? IDLE_CPU) + load + arriving * (behaviour.requestCpu ?? 0);
  const memory =
    memoryInUse(behaviour, at - since) ??
    (requests['memory'] === undefined ? IDLE_MEMORY : quantityValue(requests['memory']) * MEMORY_SHARE);
  return {
    cpu: Math.min(Math.max(1, Math.round(cpu * jitter(seed))), cap(limits['cpu'], milliValue)),
    memory: Math.min(Math.round(memory * jitter(`${seed}m`)), cap(limits['memory'], quantityValue)),
  };
}

function behaviourOf(pod: Pod, container: Container, catalogue: ImageCatalogue): ImageBehaviour {
  let image: ImageBehaviour = {};
  try {
    image = catalogue.find(container.image ?? '').behaviour;
  } catch {
    // A running container has a good name; what edits made of it since does not matter.
  }
  return containerBehaviour(pod, container.name, image).behaviour;
}

/** An amount as somebody wrote it; undefined for what is none. */
function amountOf(text: string | undefined, read: (text: string) => number): number | undefined {
  if (text === undefined) return undefined;
  try {
    parseQuantity(text);
  } catch {
    return undefined;
  }
  return Math.max(0, read(text));
}

function cap(limit: string | number | undefined, read: (quantity: string | number) => number): number {
  return limit === undefined ? Number.POSITIVE_INFINITY : read(limit);
}

/** From 0.97 to 1.03; the same for the same text. */
function jitter(text: string): number {
  return 0.97 + (fnv32a(text) / 2 ** 32) * 0.06;
}

import type { Clock, Timer } from '../../../base/clock.ts';
import { newQuantity } from '../../../kube/quantity.ts';
import { podAmounts, resourceAmounts } from '../../machinery/pod-amounts.ts';
import type { ImageBehaviour } from '../images/behaviour.ts';
import { memoryInUse, tellsMemory } from '../process/program.ts';
import type { PodWorker } from '../pods/pod-worker.ts';

/** Bytes that have to stay free. kubernetes: pkg/kubelet/eviction/defaults_linux.go memory.available<100Mi */
const THRESHOLD = 100 * 1024 * 1024;

/** ms for which a node stays under pressure after the last time that it was. kubernetes: evictionPressureTransitionPeriod */
const TRANSITION_MILLIS = 300_000;
/** From here on a pod is never evicted. kubernetes: pkg/apis/scheduling SystemCriticalPriority */
const CRITICAL_PRIORITY = 2_000_000_000;

interface ContainerUse {
  readonly name: string;
  readonly usage: number;
  readonly request: number;
}

interface Candidate {
  readonly worker: PodWorker;
  readonly usage: number;
  readonly request: number;
  readonly containers: readonly ContainerUse[];
}

/** What {@link MemoryEviction} looks after. */
export interface MemoryEvictionOptions {
  readonly clock: Clock;
  /** Bytes that pods may use. */
  readonly total: number;
  readonly workers: () => Iterable<PodWorker>;
  /** The node has come under pressure, or it is over. */
  readonly pressureChanged: (isUnder: boolean) => void;
  /** A pod has to go. */
  readonly thresholdMet: () => void;
}

/**
 * Evicts pods from a node that runs out of memory: those that use more than they asked for first, then by priority, then by
 * how much more they use; one after the other. Only containers whose image says what memory they use count.
 * kubernetes: pkg/kubelet/eviction
 */
export class MemoryEviction {
  readonly #options: MemoryEvictionOptions;
  #timer: Timer | undefined;
  #easing: Timer | undefined;
  #isLow = false;
  #isUnderPressure = false;

  constructor(options: MemoryEvictionOptions) {
    this.#options = options;
  }

  /** As the node's condition MemoryPressure says it. */
  get isUnderPressure(): boolean {
    return this.#isUnderPressure;
  }

  stop(): void {
    this.#timer?.stop();
    this.#easing?.stop();
    this.#isLow = false;
    this.#isUnderPressure = false;
  }

  /** A container has begun, ended, or got other resources. Of most it is not known what memory they use. */
  changed(behaviour: ImageBehaviour): void {
    if (tellsMemory(behaviour)) this.#check();
  }

  #check(): void {
    this.#timer?.stop();
    this.#timer = undefined;
    const { clock, total, workers, thresholdMet } = this.#options;
    const now = clock.now();
    const candidates: Candidate[] = [];
    let used = 0;
    let growth = 0;
    let most = 0;
    let next = Number.POSITIVE_INFINITY;
    let isEvicting = false;
    for (const worker of workers()) {
      const { containers, ...outlook } = usesOf(worker, now);
      next = Math.min(next, outlook.due);
      growth += outlook.growth;
      most += outlook.most;
      if (containers.length === 0) continue;
      isEvicting ||= worker.isEvicted;
      const usage = containers.reduce((sum, each) => sum + each.usage, 0);
      used += usage;
      const isCritical = (worker.pod.spec?.priority ?? 0) >= CRITICAL_PRIORITY;
      const request = podAmounts(worker.pod.spec).get('memory') ?? 0;
      if (usage > 0 && !isCritical) candidates.push({ worker, usage, request, containers });
    }
    const available = total - used;
    this.#setLow(available < THRESHOLD);
    if (this.#isLow && !isEvicting && candidates.length > 0) {
      thresholdMet();
      evict(candidates, available);
    } else if (!this.#isLow && growth > 0) {
      next = Math.min(next, now + Math.ceil((available - THRESHOLD) / growth) + 1);
    }
    // Where all of it together fits, nothing has to be watched.
    const fits = growth === 0 && total - most >= THRESHOLD;
    if (!fits && Number.isFinite(next)) this.#timer = clock.setTimer(next - now, () => this.#check());
  }

  #setLow(isLow: boolean): void {
    const { clock, pressureChanged } = this.#options;
    if (isLow === this.#isLow) return;
    this.#isLow = isLow;
    this.#easing?.stop();
    if (!isLow) {
      this.#easing = clock.setTimer(TRANSITION_MILLIS, () => {
        this.#isUnderPressure = false;
        pressureChanged(false);
      });
    } else if (!this.#isUnderPressure) {
      this.#isUnderPressure = true;
      pressureChanged(true);
    }
  }
}

interface Uses {
  readonly containers: readonly ContainerUse[];
  /** When memory comes into use next, ms since the epoch. */
  readonly due: number;
  /** Bytes a ms that leak. */
  readonly growth: number;
  /** Bytes that will be in use without the leaks. */
  readonly most: number;
}

/** What the containers of a pod use, as far as it is known. */
function usesOf(worker: PodWorker, now: number): Uses {
  const containers: ContainerUse[] = [];
  let due = Number.POSITIVE_INFINITY;
  let growth = 0;
  let most = 0;
  for (const records of [worker.inits, worker.mains]) {
    for (const { name, spec, instance } of records) {
      if (instance === undefined) continue;
      const { behaviour } = instance.target.program;
      const usage = memoryInUse(behaviour, now - instance.startedAt);
      if (usage === undefined) continue;
      containers.push({ name, usage, request: resourceAmounts(spec.resources?.requests).get('memory') ?? 0 });
      const { memory = 0, memoryMillis = 1000, leak = 0 } = behaviour;
      growth += leak;
      most += Math.max(usage, memory);
      if (now < instance.startedAt + memoryMillis) due = Math.min(due, instance.startedAt + memoryMillis);
    }
  }
  return { containers, due, growth, most };
}

function evict(candidates: readonly Candidate[], available: number): void {
  const [first] = candidates.toSorted(compare);
  if (first === undefined) return;
  const { worker, containers } = first;
  const greedy = containers
    .filter(({ usage, request }) => usage > request)
    .map(
      ({ name, usage, request }) =>
        `Container ${name} was using ${bytes(usage)}, request is ${bytes(request)}, has larger consumption of memory. `,
    );
  const message =
    `The node was low on resource: memory. Threshold quantity: 100Mi, available: ${bytes(Math.max(0, available))}. ` +
    greedy.join('');
  worker.events.warning('Evicted', message);
  const condition = { type: 'DisruptionTarget', status: 'True', reason: 'TerminationByKubelet', message } as const;
  worker.evict({ reason: 'Evicted', message }, condition);
}

/** kubernetes: pkg/kubelet/eviction/helpers.go rankMemoryPressure */
function compare(a: Candidate, b: Candidate): number {
  const over = (candidate: Candidate): number => Number(candidate.usage > candidate.request);
  return (
    over(b) - over(a) ||
    (a.worker.pod.spec?.priority ?? 0) - (b.worker.pod.spec?.priority ?? 0) ||
    b.usage - b.request - (a.usage - a.request)
  );
}

function bytes(amount: number): string {
  return newQuantity(BigInt(Math.round(amount)) * 1_000_000_000n, 'BinarySI').text;
}

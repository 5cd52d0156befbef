import type { Clock, Timer } from '../../../base/clock.ts';
import { newQuantity } from '../../../kube/quantity.ts';
import { podAmounts, qosClassOf } from '../../machinery/pod-amounts.ts';
import { memoryInUse } from '../process/program.ts';
import type { PodWorker } from '../pods/pod-worker.ts';

/** Bytes that have to stay free. kubernetes: pkg/kubelet/eviction/defaults_linux.go memory.available<100Mi */
const THRESHOLD = 100 * 1024 * 1024;

interface Candidate {
  readonly worker: PodWorker;
  readonly usage: number;
  readonly request: number;
}

/**
 * Evicts pods from a node that runs out of memory: those that use more than they asked for first, then by priority, then by
 * how much more they use. Only containers whose image says what memory they use count. kubernetes: pkg/kubelet/eviction
 */
export class MemoryEviction {
  readonly #clock: Clock;
  readonly #total: number;
  readonly #workers: () => Iterable<PodWorker>;
  #timer: Timer | undefined;

  constructor(clock: Clock, total: number, workers: () => Iterable<PodWorker>) {
    this.#clock = clock;
    this.#total = total;
    this.#workers = workers;
  }

  stop(): void {
    this.#timer?.stop();
  }

  /** Containers have begun or ended, or memory has come into use. */
  check(): void {
    this.#timer?.stop();
    this.#timer = undefined;
    const now = this.#clock.now();
    const candidates: Candidate[] = [];
    let used = 0;
    let growth = 0;
    let most = 0;
    let next = Number.POSITIVE_INFINITY;
    for (const worker of this.#workers()) {
      let usage: number | undefined;
      for (const records of [worker.inits, worker.mains]) {
        for (const { instance } of records) {
          if (instance === undefined) continue;
          const inUse = memoryInUse(instance.target.program.behaviour, now - instance.startedAt);
          if (inUse === undefined) continue;
          usage = (usage ?? 0) + inUse;
          const { memory = 0, memoryMillis = 1000, leak = 0 } = instance.target.program.behaviour;
          growth += leak;
          most += Math.max(inUse, memory);
          if (now < instance.startedAt + memoryMillis) next = Math.min(next, instance.startedAt + memoryMillis);
        }
      }
      if (usage === undefined) continue;
      used += usage;
      if (usage > 0) candidates.push({ worker, usage, request: podAmounts(worker.pod.spec).get('memory') ?? 0 });
    }
    const available = this.#total - used;
    if (available < THRESHOLD) evict(candidates, available);
    else if (growth > 0) next = Math.min(next, now + Math.ceil((available - THRESHOLD) / growth) + 1);
    // Where all of it together fits, nothing has to be watched.
    const fits = growth === 0 && this.#total - most >= THRESHOLD;
    if (!fits && Number.isFinite(next)) this.#timer = this.#clock.setTimer(next - now, () => this.check());
  }
}

function evict(candidates: readonly Candidate[], available: number): void {
  const [first] = candidates.toSorted(compare);
  if (first === undefined) return;
  const { worker, usage, request } = first;
  const container = worker.mains.find(({ instance }) => instance?.target.program.behaviour.memory !== undefined);
  const message =
    `The node was low on resource: memory. Threshold quantity: 100Mi, available: ${bytes(Math.max(0, available))}. ` +
    `Container ${container?.name ?? ''} was using ${bytes(usage)}, request is ${bytes(request)}, has larger consumption of memory. `;
  worker.events.warning('Evicted', message);
  const condition = { type: 'DisruptionTarget', status: 'True', reason: 'TerminationByKubelet', message } as const;
  worker.evict({ reason: 'Evicted', message }, condition);
}

function compare(a: Candidate, b: Candidate): number {
  const over = (candidate: Candidate): number => Number(candidate.usage > candidate.request);
  const guaranteed = (candidate: Candidate): number => Number(qosClassOf(candidate.worker.pod) === 'Guaranteed');
  return (
    over(b) - over(a) ||
    guaranteed(a) - guaranteed(b) ||
    (a.worker.pod.spec?.priority ?? 0) - (b.worker.pod.spec?.priority ?? 0) ||
    b.usage - b.request - (a.usage - a.request)
  );
}

function bytes(amount: number): string {
  return newQuantity(BigInt(Math.round(amount)) * 1_000_000_000n, 'BinarySI').text;
}

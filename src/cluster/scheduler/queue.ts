import type { Clock, Timer } from '../../base/clock.ts';
import { Heap } from '../../base/heap.ts';
import type { PluginName } from './cycle.ts';
import type { PodInfo } from './pod-info.ts';
import { BACK_OFF, type BackOffLimits } from './profiles/settings.ts';

/** A pod that waits for a node. */
export interface QueuedPod {
  info: PodInfo;
  /** How often a node was looked for. */
  attempts: number;
  /** How often in a row something went wrong, other than that no node would do. */
  errors: number;
  /** When it came into the queue, or was put back; earlier ones come first. */
  readonly since: number;
  readonly order: number;
  /** Who has refused nodes at the last attempt. */
  refusedBy: ReadonlySet<PluginName>;
  /** Resources that were missing. */
  missing: ReadonlySet<string>;
  /** When the last attempt failed. */
  failedAt: number;
}

/** ms; kubernetes: pkg/scheduler/backend/queue/scheduling_queue.go */
const LONGEST_WAIT = 300_000;
const FLUSH_INTERVAL = 30_000;

/** Tells whether a change may help a pod. */
type Matters = (pod: QueuedPod) => boolean;

/**
 * Pods without a node: those to look at next, by priority and age, those that wait out an error, and those for which there is
 * no node before something changes.
 */
export class SchedulingQueue {
  readonly #clock: Clock;
  readonly #wake: () => void;
  readonly #limits: BackOffLimits;
  readonly #active = new Map<string, QueuedPod>();
  readonly #unschedulable = new Map<string, QueuedPod>();
  readonly #backingOff = new Map<string, { readonly pod: QueuedPod; readonly timer: Timer }>();
  /** The active pods, the next one on top; those that are active no more are left out when they come up. */
  readonly #heap = new Heap<QueuedPod>(before);
  #order = 0;
  #flush: Timer | undefined;

  constructor(clock: Clock, wake: () => void, limits: BackOffLimits = BACK_OFF) {
    this.#clock = clock;
    this.#wake = wake;
    this.#limits = limits;
  }

  /** A pod without a node has come, or has changed so that it is worth another look. */
  add(info: PodInfo): void {
    const known = this.#take(info.uid);
    this.#activate(known === undefined ? this.#newPod(info) : { ...known, info });
  }

  /** A waiting pod has changed in a way that does not matter to its place. */
  refresh(info: PodInfo): void {
    const known =
      this.#active.get(info.uid) ?? this.#unschedulable.get(info.uid) ?? this.#backingOff.get(info.uid)?.pod;
    if (known !== undefined) known.info = info;
  }

  remove(uid: string): void {
    this.#take(uid);
  }

  /** The next pod; whoever takes it gives it a node, or puts it back before anything else happens. */
  next(): QueuedPod | undefined {
    let pod = this.#heap.pop();
    while (pod !== undefined && this.#active.get(pod.info.uid) !== pod) pod = this.#heap.pop();
    if (pod === undefined) return undefined;
    this.#active.delete(pod.info.uid);
    return { ...pod, attempts: pod.attempts + 1 };
  }

  /** No node will do: the pod waits for a change. */
  unschedulable(pod: QueuedPod): void {
    this.#unschedulable.set(pod.info.uid, this.#putBack(pod, 0));
    this.#flushLater();
  }

  /** Something went wrong: the pod is looked at again after a while. */
  failed(pod: QueuedPod): void {
    this.#backOff(this.#putBack(pod, pod.errors + 1));
  }

  /** Something has changed: pods for which it may matter are looked at again. */
  changed(matters: Matters): void {
    for (const pod of this.#unschedulable.values()) {
      if (!matters(pod)) continue;
      this.#unschedulable.delete(pod.info.uid);
      this.#activate(pod);
    }
  }

  /** A pod that waits for a change is looked at again. */
  retry(uid: string): void {
    const pod = this.#unschedulable.get(uid);
    if (pod === undefined) return;
    this.#unschedulable.delete(uid);
    this.#activate(pod);
  }

  stop(): void {
    this.#flush?.stop();
    for (const { timer } of this.#backingOff.values()) timer.stop();
    this.#active.clear();
    this.#unschedulable.clear();
    this.#backingOff.clear();
    this.#heap.clear();
  }

  #newPod(info: PodInfo): QueuedPod {
    this.#order += 1;
    const since = this.#clock.now();
    return {
      info,
      attempts: 0,
      errors: 0,
      since,
      order: this.#order,
      refusedBy: new Set(),
      missing: new Set(),
      failedAt: 0,
    };
  }

  /** A pod that was looked at goes behind those that have waited since. */
  #putBack(pod: QueuedPod, errors: number): QueuedPod {
    // What failed after it was put back is put back again.
    this.#take(pod.info.uid);
    this.#order += 1;
    const now = this.#clock.now();
    return { ...pod, errors, since: now, failedAt: now, order: this.#order };
  }

  #take(uid: string): QueuedPod | undefined {
    const active = this.#active.get(uid);
    if (active !== undefined) {
      this.#active.delete(uid);
      return active;
    }
    const waiting = this.#unschedulable.get(uid);
    if (this.#unschedulable.delete(uid)) return waiting;
    const backingOff = this.#backingOff.get(uid);
    backingOff?.timer.stop();
    this.#backingOff.delete(uid);
    return backingOff?.pod;
  }

  #activate(pod: QueuedPod): void {
    this.#active.set(pod.info.uid, pod);
    this.#heap.push(pod);
    this.#wake();
  }

  #backOff(pod: QueuedPod): void {
    const delay = backOff(pod.errors > 0 ? pod.errors : pod.attempts, this.#limits);
    const timer = this.#clock.setTimer(delay, () => {
      this.#backingOff.delete(pod.info.uid);
      this.#activate(pod);
    });
    this.#backingOff.set(pod.info.uid, { pod, timer });
  }

  /** Pods that have waited for long are looked at again, whatever happened. */
  #flushLater(): void {
    if (this.#flush !== undefined) return;
    let oldest = Number.POSITIVE_INFINITY;
    for (const { failedAt } of this.#unschedulable.values()) oldest = Math.min(oldest, failedAt);
    const due = oldest + LONGEST_WAIT - this.#clock.now();
    const delay = Math.max(FLUSH_INTERVAL, Math.ceil(due / FLUSH_INTERVAL) * FLUSH_INTERVAL);
    this.#flush = this.#clock.setTimer(delay, () => {
      this.#flush = undefined;
      const now = this.#clock.now();
      this.changed(({ failedAt }) => now - failedAt >= LONGEST_WAIT);
      if (this.#unschedulable.size > 0) this.#flushLater();
    });
  }
}

/** ms after so many failures. kubernetes: backoff_queue.go calculateBackoffDuration */
export function backOff(failures: number, { initial, longest }: BackOffLimits = BACK_OFF): number {
  return Math.min(initial * 2 ** Math.max(0, failures - 1), longest);
}

/** True when the first is to be looked at before the second. */
function before(a: QueuedPod, b: QueuedPod): boolean {
  return (b.info.priority - a.info.priority || a.since - b.since || a.order - b.order) < 0;
}

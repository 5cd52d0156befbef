import type { Clock, Timer } from '../../base/clock.ts';
import { Heap } from '../../base/heap.ts';
import type { PluginName } from './cycle.ts';
import type { PodInfo } from './pod-info.ts';

/** A pod that waits for a node. */
export interface QueuedPod {
  info: PodInfo;
  /** How often a node was looked for. */
  attempts: number;
  /** When it came into the queue; earlier ones come first. */
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
const INITIAL_BACK_OFF = 1000;
const LONGEST_BACK_OFF = 10_000;
const LONGEST_WAIT = 300_000;
const FLUSH_INTERVAL = 30_000;

/**
 * Pods without a node: those to look at next, by priority and age, those that wait out an error, and those for which there is
 * no node before something changes.
 */
export class SchedulingQueue {
  readonly #clock: Clock;
  readonly #wake: () => void;
  readonly #active = new Map<string, QueuedPod>();
  readonly #unschedulable = new Map<string, QueuedPod>();
  readonly #backingOff = new Map<string, { readonly pod: QueuedPod; readonly timer: Timer }>();
  /** The active pods, the next one on top; those that are active no more are left out when they come up. */
  readonly #heap = new Heap<QueuedPod>(before);
  #order = 0;
  #flush: Timer | undefined;
  #inFlight: string | undefined;
  #moved = false;

  constructor(clock: Clock, wake: () => void) {
    this.#clock = clock;
    this.#wake = wake;
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

  has(uid: string): boolean {
    return this.#active.has(uid) || this.#unschedulable.has(uid) || this.#backingOff.has(uid);
  }

  remove(uid: string): void {
    this.#take(uid);
  }

  /** The next pod; {@link done} or one of the failures must follow. */
  next(): QueuedPod | undefined {
    let pod = this.#heap.pop();
    while (pod !== undefined && this.#active.get(pod.info.uid) !== pod) pod = this.#heap.pop();
    if (pod === undefined) return undefined;
    this.#active.delete(pod.info.uid);
    this.#inFlight = pod.info.uid;
    this.#moved = false;
    return { ...pod, attempts: pod.attempts + 1 };
  }

  done(): void {
    this.#inFlight = undefined;
  }

  /** No node will do: the pod waits for a change, unless one came while it was looked at. */
  unschedulable(pod: QueuedPod): void {
    const changed = this.#moved && this.#inFlight === pod.info.uid;
    this.#inFlight = undefined;
    const failed = { ...pod, failedAt: this.#clock.now() };
    if (changed) this.#backOff(failed);
    else {
      this.#unschedulable.set(pod.info.uid, failed);
      this.#flushLater();
    }
  }

  /** Something went wrong: the pod is looked at again after a while. */
  failed(pod: QueuedPod): void {
    this.#inFlight = undefined;
    this.#backOff({ ...pod, failedAt: this.#clock.now() });
  }

  /** Something has changed: pods for which it may matter are looked at again. */
  changed(matters: (pod: QueuedPod) => boolean): void {
    this.#moved = true;
    for (const pod of this.#unschedulable.values()) {
      if (!matters(pod)) continue;
      this.#unschedulable.delete(pod.info.uid);
      this.#activate(pod);
    }
  }

  /** Pods that wait for a change. */
  get waiting(): Iterable<QueuedPod> {
    return this.#unschedulable.values();
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
    return { info, attempts: 0, since, order: this.#order, refusedBy: new Set(), missing: new Set(), failedAt: 0 };
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
    const delay = Math.min(INITIAL_BACK_OFF * 2 ** Math.max(0, pod.attempts - 1), LONGEST_BACK_OFF);
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

/** True when the first is to be looked at before the second. */
function before(a: QueuedPod, b: QueuedPod): boolean {
  return (b.info.priority - a.info.priority || a.since - b.since || a.order - b.order) < 0;
}

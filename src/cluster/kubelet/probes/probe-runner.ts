import type { Clock, Timer } from '../../../base/clock.ts';
import type { Probe } from '../../../kube/api/core-v1.generated.ts';
import { answerChanges, type ProbeAnswer, probeAnswer, type ProbeTarget } from './probe-answer.ts';

/** Which of a container's probes. */
export type ProbeKind = 'startup' | 'readiness' | 'liveness';

/** What a runner needs and whom it tells. */
export interface ProbeRunnerOptions {
  readonly kind: ProbeKind;
  readonly probe: Probe;
  /** The container as it is now: what it runs may become another program. */
  readonly target: () => ProbeTarget;
  readonly clock: Clock;
  /** The instant at which the container started, ms. */
  readonly startedAt: number;
  /** The result that holds before the first probe; of containers taken over from an earlier process. */
  readonly initial: boolean;
  /** The result has become another, after as many probes as the thresholds ask for. */
  readonly onResult: (passed: boolean) => void;
  /** One probe has failed. */
  readonly onFailure: (answer: ProbeAnswer) => void;
}

const DEFAULT_PERIOD = 10;

/**
 * Probes a container as the kubelet does: first `initialDelaySeconds` after its start, then every period. A probe is only
 * run when its result may change something: while the same answers have to come, no timer is set, however long that is.
 * kubernetes: pkg/kubelet/prober/worker.go
 */
export class ProbeRunner {
  readonly #options: ProbeRunnerOptions;
  readonly #period: number;
  readonly #first: number;
  #result: boolean;
  #last: boolean | undefined;
  #run = 0;
  #timer: Timer | undefined;
  /** When the timer fires, ms since the epoch. */
  #due = 0;
  #stopped = false;

  constructor(options: ProbeRunnerOptions) {
    this.#options = options;
    const { probe, startedAt, initial } = options;
    this.#period = Math.max(1, probe.periodSeconds ?? DEFAULT_PERIOD) * 1000;
    this.#first = startedAt + (probe.initialDelaySeconds ?? 0) * 1000;
    this.#result = initial;
  }

  /** The result that holds. */
  get passed(): boolean {
    return this.#result;
  }

  /**
   * Probes now if a probe is due, and goes on from there. For a container that was taken over the result that holds is taken
   * for the last one, and the next probe comes at its regular time.
   */
  start(resumed = false): void {
    const now = this.#options.clock.now();
    if (this.#stopped) return;
    if (now < this.#first) this.#schedule(this.#first);
    else if (!resumed) this.#probe();
    else if (this.#answer(now).passed === this.#result) this.#next(true);
    else this.#schedule(this.#tickAt(now));
  }

  /**
   * Something that answers depend on has changed: the next regular probe is run if its result would be another, else the one
   * after the next change that is known of. A probe that was to come before stays.
   */
  lookAgain(): void {
    if (this.#stopped) return;
    const now = this.#options.clock.now();
    const tick = this.#tickAt(now);
    if (this.#isDueBy(tick)) return;
    const at = this.#answer(now).passed === this.#result ? this.#changeTick(now) : tick;
    if (at !== undefined && !this.#isDueBy(at)) this.#schedule(at);
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.stop();
    this.#timer = undefined;
  }

  #isDueBy(at: number): boolean {
    return this.#timer !== undefined && this.#due <= at;
  }

  #answer(now: number): ProbeAnswer {
    const { probe, target, startedAt } = this.#options;
    return probeAnswer(probe, target(), now - startedAt);
  }

  #schedule(at: number): void {
    const { clock } = this.#options;
    this.#timer?.stop();
    this.#due = at;
    this.#timer = clock.setTimer(at - clock.now(), () => {
      this.#timer = undefined;
      if (!this.#stopped) this.#probe();
    });
  }

  #probe(): void {
    const { probe, clock, onFailure, onResult } = this.#options;
    const answer = this.#answer(clock.now());
    if (this.#last === answer.passed) this.#run += 1;
    else {
      this.#last = answer.passed;
      this.#run = 1;
    }
    if (!answer.passed) onFailure(answer);
    const threshold = answer.passed ? (probe.successThreshold ?? 1) : (probe.failureThreshold ?? 3);
    const decided = this.#run >= threshold;
    const changed = decided && this.#result !== answer.passed;
    if (decided) this.#result = answer.passed;
    // The next probe is set before anybody hears of this one, who may stop it.
    this.#next(decided);
    const ends = !answer.passed && decided && this.#options.kind !== 'readiness';
    if (changed || ends) onResult(answer.passed);
  }

  /** Once decided, only answers that change can change the result. */
  #next(decided: boolean): void {
    const now = this.#options.clock.now();
    const at = decided ? this.#changeTick(now) : this.#tickAfter(now);
    if (at !== undefined) this.#schedule(at);
  }

  /** The first regular instant at which an answer that changes with time may be another. */
  #changeTick(now: number): number | undefined {
    const { startedAt, target } = this.#options;
    const change = answerChanges(target().program).find((instant) => startedAt + instant > now);
    return change === undefined ? undefined : this.#tickAt(startedAt + change);
  }

  #tickAfter(instant: number): number {
    return this.#tickAt(instant + 1);
  }

  /** The first regular instant at or after the given one. */
  #tickAt(instant: number): number {
    if (instant <= this.#first) return this.#first;
    return this.#first + Math.ceil((instant - this.#first) / this.#period) * this.#period;
  }
}

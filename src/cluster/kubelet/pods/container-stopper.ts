import { type ContainerRecord, type Instance, stopInstance } from './container-record.ts';
import { runHook } from './hooks.ts';
import type { RunnerHost } from './runner-host.ts';

/** ms; kubernetes: pkg/kubelet/kuberuntime/kuberuntime_manager.go minimumGracePeriodInSeconds */
const LEAST_GRACE = 2000;
const DEFAULT_GRACE = 30;
const KILLED = 137;

/** Ends containers: preStop hook, SIGTERM, and SIGKILL when the grace period is over. */
export class ContainerStopper {
  readonly #host: RunnerHost;

  constructor(host: RunnerHost) {
    this.#host = host;
  }

  /** The pod's grace period, ms. */
  get graceMillis(): number {
    const { metadata, spec } = this.#host.pod;
    return (metadata.deletionGracePeriodSeconds ?? spec?.terminationGracePeriodSeconds ?? DEFAULT_GRACE) * 1000;
  }

  /** Begins to stop a container; one that is being stopped has its time shortened at most. */
  stop(record: ContainerRecord, grace: number, message: string): void {
    const { instance } = record;
    if (instance === undefined) return;
    const { clock } = this.#host.node;
    const now = clock.now();
    if (instance.graceBy !== undefined) {
      // What the hook took beyond the grace period is not taken back.
      if (now + grace < instance.graceBy) {
        instance.graceBy = now + grace;
        this.#endAt(record, instance, now + grace, KILLED);
      }
      return;
    }
    instance.graceBy = now + grace;
    this.#host.events.normal('Killing', message === '' ? `Stopping container ${record.name}` : message, record);
    for (const probe of instance.probes) if (probe !== instance.readiness) probe.stop();
    const hook = this.#preStop(record, instance, grace);
    const limit = Math.max(grace - hook, grace === 0 ? 0 : LEAST_GRACE);
    const { stop } = instance.target.program;
    const inTime = stop.millis !== undefined && stop.millis <= limit;
    const end = now + hook + (inTime ? (stop.millis ?? 0) : limit);
    this.#endAt(record, instance, end, inTime ? stop.exitCode : KILLED);
  }

  /** ms that the preStop hook takes of the grace period. */
  #preStop(record: ContainerRecord, instance: Instance, grace: number): number {
    const handler = record.spec.lifecycle?.preStop;
    if (handler === undefined || grace === 0) return 0;
    const elapsed = this.#host.node.clock.now() - instance.startedAt;
    const outcome = runHook(handler, instance.target, elapsed);
    const overdue = outcome.millis > grace;
    if (outcome.failure !== undefined || overdue) {
      this.#host.events.warning('FailedPreStopHook', 'PreStopHook failed', record);
    }
    return Math.min(outcome.millis, grace);
  }

  #endAt(record: ContainerRecord, instance: Instance, at: number, exitCode: number): void {
    const { clock } = this.#host.node;
    instance.stopBy = at;
    const { runMillis } = instance.target.program;
    // What ends by itself before that, ends so.
    if (runMillis !== undefined && instance.startedAt + runMillis <= at && instance.exitTimer !== undefined) return;
    instance.exitTimer?.stop();
    instance.exitTimer = clock.setTimer(at - clock.now(), () => this.end(record, exitCode));
  }

  /** Forgets a run without a word: its pod is no more. */
  drop(record: ContainerRecord): void {
    const { instance } = record;
    if (instance === undefined) return;
    stopInstance(instance);
    record.instance = undefined;
    this.#host.node.usageChanged(instance.target.program.behaviour);
  }

  /** A container has ended. */
  end(
    record: ContainerRecord,
    exitCode: number,
    details: { readonly reason?: string; readonly message?: string } = {},
  ): void {
    const { instance } = record;
    if (instance === undefined) return;
    record.end(exitCode, this.#host.node.clock.now(), details);
    this.#host.node.usageChanged(instance.target.program.behaviour);
    this.#host.wake();
  }
}

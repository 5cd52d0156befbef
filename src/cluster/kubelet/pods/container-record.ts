import type { Timer } from '../../../base/clock.ts';
import type { Container, ContainerState, ContainerStateTerminated } from '../../../kube/api/core-v1.generated.ts';
import { formatTime } from '../../machinery/time.ts';
import type { ProbeTarget } from '../probes/probe-answer.ts';
import type { ProbeRunner } from '../probes/probe-runner.ts';
import { BackOff } from './back-off.ts';
import type { ProgramInput } from '../process/program.ts';

/** How a container is treated: in turn before the others, beside them, as one of them, or put in by a debugger. */
export type ContainerKind = 'init' | 'sidecar' | 'main' | 'ephemeral';

/** A running container. */
export interface Instance {
  readonly id: string;
  /** ms since the epoch */
  readonly startedAt: number;
  /** The same as the API writes it. */
  readonly startedText: string;
  target: ProbeTarget;
  /** The startup probe, if any, has passed. */
  started: boolean;
  readonly probes: ProbeRunner[];
  readiness: ProbeRunner | undefined;
  /** It was ready before this process took it over. */
  wasReady: boolean;
  /** This process has taken it over from an earlier one. */
  resumed: boolean;
  /** Ends it: by itself, or by what was done to it. */
  exitTimer: Timer | undefined;
  /** It is being stopped, and ends at this instant at the latest. */
  stopBy: number | undefined;
  /** It is being stopped, and its grace period is over at this instant. */
  graceBy: number | undefined;
  /** A postStart hook is running. */
  hook: Timer | undefined;
  /** What the run follows from; undefined before its timers are set. */
  input: ProgramInput | undefined;
}

/** Why a container does not run yet. */
export interface Waiting {
  readonly reason: string;
  readonly message?: string;
}

/** The end of a run. */
export interface Ended {
  readonly state: ContainerStateTerminated;
  /** ms since the epoch */
  readonly finishedAt: number;
}

/** One container of a pod, over all its runs. */
export class ContainerRecord {
  readonly name: string;
  /** With the resources that the running container has. */
  spec: Container;
  readonly kind: ContainerKind;
  readonly crash = new BackOff();
  readonly pull = new BackOff();
  waiting: Waiting | undefined;
  instance: Instance | undefined;
  /** The end of the latest run, when none runs. */
  ended: Ended | undefined;
  /** The end of the run before. */
  last: Ended | undefined;
  restarts = 0;
  /** Name and digest of its image, once that is there. */
  image: string;
  imageID = '';
  /** When the last pull failed, the instant before which no other is tried, and what it failed with. */
  pullFailedAt = 0;
  pullAfter = 0;
  pullError = '';
  /** It cannot be made before an object is there. */
  blocked = false;
  /** The crash back-off that was told of, by the end that began it. */
  toldOf: Ended | undefined;

  constructor(spec: Container, kind: ContainerKind, waiting: Waiting) {
    this.name = spec.name;
    this.spec = spec;
    this.kind = kind;
    this.image = spec.image ?? '';
    this.waiting = waiting;
  }

  /** It runs, has started and its readiness probe, if any, has passed. */
  get ready(): boolean {
    const { instance } = this;
    if (instance === undefined || !instance.started) return false;
    return instance.readiness === undefined || instance.readiness.passed;
  }

  /** The exit code of the latest run, if it has ended. */
  get exitCode(): number | undefined {
    return this.instance === undefined ? this.ended?.state.exitCode : undefined;
  }

  /** Takes note of the start of a run. */
  begin(instance: Instance): void {
    if (this.ended !== undefined) {
      this.last = this.ended;
      this.restarts += 1;
      this.ended = undefined;
    }
    this.waiting = undefined;
    this.instance = instance;
  }

  /** Takes note of the end of a run. */
  end(
    exitCode: number,
    finishedAt: number,
    details: { readonly reason?: string; readonly message?: string } = {},
  ): void {
    const { instance } = this;
    if (instance !== undefined) stopInstance(instance);
    const finished = formatTime(finishedAt);
    this.ended = {
      finishedAt,
      state: {
        exitCode,
        reason: details.reason ?? (exitCode === 0 ? 'Completed' : 'Error'),
        ...(details.message === undefined || details.message === '' ? {} : { message: details.message }),
        startedAt: instance?.startedText ?? finished,
        finishedAt: finished,
        ...(instance === undefined ? {} : { containerID: instance.id }),
      },
    };
    this.instance = undefined;
    this.waiting = undefined;
  }

  /** `state` of the container status. */
  get state(): ContainerState {
    if (this.instance !== undefined) return { running: { startedAt: this.instance.startedText } };
    if (this.waiting !== undefined) return { waiting: this.waiting };
    return this.ended === undefined ? { waiting: { reason: 'ContainerCreating' } } : { terminated: this.ended.state };
  }

  /** `lastState` of the container status. */
  get lastState(): ContainerState {
    const shown = this.waiting !== undefined && this.instance === undefined ? (this.ended ?? this.last) : this.last;
    return shown === undefined ? {} : { terminated: shown.state };
  }

  /** The id of the container that runs or ran last. */
  get containerID(): string | undefined {
    return this.instance?.id ?? this.ended?.state.containerID ?? this.last?.state.containerID;
  }
}

/** Stops all timers of a run. */
export function stopInstance(instance: Instance): void {
  instance.exitTimer?.stop();
  instance.hook?.stop();
  for (const probe of instance.probes) probe.stop();
}

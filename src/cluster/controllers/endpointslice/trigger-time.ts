import type { Pod, Service } from '../../../kube/api/core-v1.generated.ts';
import { nameOf } from '../../machinery/keys.ts';
import { podCondition } from '../../machinery/pods.ts';
import { formatTime, parseTime } from '../../machinery/time.ts';

/** When the change happened that endpoints were written for. */
export const TRIGGER_TIME = 'endpoints.kubernetes.io/last-change-trigger-time';

interface Known {
  readonly service: number;
  /** When the readiness of each pod last changed. */
  readonly pods: ReadonlyMap<string, number>;
}

/**
 * Works out which change made it necessary to look at a Service's endpoints: the earliest of those that came since the last
 * look. kubernetes: staging/src/k8s.io/endpointslice/util/trigger_time_tracker.go
 */
export class TriggerTimes {
  readonly #known = new Map<string, Known>();

  /** The instant as it stands in the annotation, or undefined when nothing known has changed. */
  next(key: string, service: Service, pods: readonly Pod[]): string | undefined {
    const before = this.#known.get(key);
    const created = parseTime(service.metadata.creationTimestamp) ?? 0;
    const times = new Map<string, number>();
    let earliest: number | undefined;
    for (const pod of pods) {
      const time = parseTime(podCondition(pod, 'Ready')?.lastTransitionTime);
      if (time === undefined) continue;
      const name = nameOf(pod);
      times.set(name, time);
      if (time > (before?.pods.get(name) ?? 0)) earliest = Math.min(earliest ?? time, time);
    }
    if (created > (before?.service ?? 0)) earliest = Math.min(earliest ?? created, created);
    this.#known.set(key, { service: created, pods: times });
    const time = before === undefined ? created : earliest;
    return time === undefined ? undefined : formatTime(time);
  }

  /** Forgets a Service that is gone. */
  forget(key: string): void {
    this.#known.delete(key);
  }
}

/** The annotations with the instant, or without it when there is none. */
export function withTriggerTime(
  annotations: Readonly<Record<string, string>> | undefined,
  time: string | undefined,
): Readonly<Record<string, string>> {
  const { [TRIGGER_TIME]: _, ...others } = annotations ?? {};
  return time === undefined ? others : { ...others, [TRIGGER_TIME]: time };
}

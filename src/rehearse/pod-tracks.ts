import { podAmounts } from '../cluster/machinery/pod-amounts.ts';
import type { Pod } from '../kube/api/core-v1.generated.ts';
import { controllerOf } from '../kube/object.ts';
import { podState } from './pod-phase.ts';
import type { PodPhase, PodSpan, PodStory, Unplaced } from './rehearsal.ts';

/** A pod as it is now, with what it has been through. */
export interface PodTrack {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Of what made it; '' for a pod of its own. */
  readonly owner: string;
  readonly old: boolean;
  readonly cpuMillis: number;
  readonly memoryBytes: number;
  node: string;
  /** `new`: nothing was noted yet. */
  phase: PodPhase | 'new' | 'gone';
  reason: string;
  readonly spans: { phase: PodPhase; from: number; to?: number }[];
  readonly unplaced: { since: number; until?: number; message: string }[];
}

/** A pod that does something else than before. */
export interface PodChange {
  readonly track: PodTrack;
  readonly phase: PodPhase | 'gone';
  readonly reason: string;
}

/** Follows the phases of pods. Instants are given by the caller. */
export class PodTracks {
  readonly #byUid = new Map<string, PodTrack>();

  /** All pods that were ever there, in the order in which they appeared. */
  get all(): Iterable<PodTrack> {
    return this.#byUid.values();
  }

  /** Notes the state of a pod. @returns what changed, when its phase or its reason did */
  note(pod: Pod, at: number, old: boolean): PodChange | undefined {
    const uid = pod.metadata.uid ?? '';
    const track = this.#byUid.get(uid) ?? this.#begin(pod, old);
    const { phase, reason } = podState(pod);
    track.node = pod.spec?.nodeName ?? '';
    if (track.phase === 'gone' || (track.phase === phase && track.reason === reason)) return undefined;
    const isNew = track.phase !== phase;
    if (isNew) enter(track, phase, at);
    if (phase === 'unplaced') {
      const last = track.unplaced.at(-1);
      if (isNew || last === undefined) track.unplaced.push({ since: at, message: reason });
      else last.message = reason;
    }
    track.phase = phase;
    track.reason = reason;
    return isNew || phase === 'failing' ? { track, phase, reason } : undefined;
  }

  /** Notes that a pod is gone. */
  gone(pod: Pod, at: number): PodChange | undefined {
    const track = this.#byUid.get(pod.metadata.uid ?? '');
    if (track === undefined || track.phase === 'gone') return undefined;
    close(track, at);
    track.phase = 'gone';
    return { track, phase: 'gone', reason: '' };
  }

  #begin(pod: Pod, old: boolean): PodTrack {
    const { uid = '', name = '', namespace = '', labels = {} } = pod.metadata;
    const amounts = podAmounts(pod.spec);
    const track: PodTrack = {
      uid,
      namespace,
      name,
      labels,
      owner: controllerOf(pod)?.uid ?? '',
      old,
      cpuMillis: amounts.get('cpu') ?? 0,
      memoryBytes: amounts.get('memory') ?? 0,
      node: '',
      phase: 'new',
      reason: '',
      spans: [],
      unplaced: [],
    };
    this.#byUid.set(uid, track);
    return track;
  }
}

function enter(track: PodTrack, phase: PodPhase, at: number): void {
  close(track, at);
  track.spans.push({ phase, from: at });
}

function close(track: PodTrack, at: number): void {
  const last = track.spans.at(-1);
  if (last !== undefined) last.to ??= at;
  const wait = track.unplaced.at(-1);
  if (wait !== undefined) wait.until ??= at;
}

/** A track as a story; phases of no length are left out. */
export function storyOf(track: PodTrack, workload: string): PodStory {
  const { namespace, name, old, node, spans } = track;
  const kept: PodSpan[] = spans.filter(({ from, to }) => to === undefined || to > from);
  return { namespace, name, workload, old, node, spans: kept };
}

/**
 * When no node took a pod.
 *
 * @param end of the operation; who still waited then waited to the end
 */
export function unplacedOf(track: PodTrack, workload: string, end: number): Unplaced[] {
  return track.unplaced
    .map(({ since, until, message }) =>
      until !== undefined && until < end ? { since, until, message } : { since, until: undefined, message },
    )
    .filter(({ since, until }) => since <= end && (until === undefined || until > since))
    .map(({ since, until, message }) => ({
      pod: `${track.namespace}/${track.name}`,
      workload,
      since,
      ...(until === undefined ? {} : { until }),
      message: message.replace(/^(?:Unschedulable|SchedulingGated): /, ''),
    }));
}

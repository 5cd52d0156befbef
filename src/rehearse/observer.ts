import type { Clock } from '../base/clock.ts';
import type { KubeClient, Watch } from '../client/kube-client.ts';
import type { Event, Pod } from '../kube/api/core-v1.generated.ts';
import type { PodDisruptionBudget } from '../kube/api/policy-v1.generated.ts';
import type { KubeObject, ResourceType } from '../kube/object.ts';
import { RESOURCES } from '../kube/resources.ts';
import { BudgetWatch } from './budget-watch.ts';
import { PeakWatch } from './peaks.ts';
import { type PodChange, type PodTrack, PodTracks, storyOf, unplacedOf } from './pod-tracks.ts';
import type { BudgetStory, PodStory, Rehearsal, TimelineEvent, Unplaced, WorkloadStory } from './rehearsal.ts';
import { WORKLOADS, WorkloadWatch } from './workload-watch.ts';

/** What pods do, for the timeline; in the order in which they are told. */
const PHASE_TEXTS: Readonly<Record<string, string>> = {
  waiting: 'created',
  unplaced: 'not placed',
  starting: 'starting',
  failing: 'failing',
  ready: 'ready',
  stopping: 'stopping',
  done: 'done',
  failed: 'failed',
  gone: 'gone',
};

/** Writes down what happens in some namespaces of a simulated cluster. */
export class Observer {
  readonly #client: KubeClient;
  readonly #clock: Clock;
  readonly #namespaces: ReadonlySet<string>;
  readonly #begin: number;
  readonly #watches: Watch[] = [];
  readonly #pods = new PodTracks();
  readonly #workloads = new WorkloadWatch();
  readonly #budgets = new BudgetWatch();
  readonly #podCount = new PeakWatch();
  readonly #cpu = new PeakWatch();
  readonly #memory = new PeakWatch();
  readonly #timeline: TimelineEvent[] = [];
  readonly #warned = new Set<string>();
  #pending: PodChange[] = [];
  #instant = 0;
  #changed = false;
  #lastChange = 0;
  /** Pods that are seen now were there before. */
  #old = true;
  #firstSign: { readonly at: number; readonly text: string } | undefined;

  constructor(client: KubeClient, clock: Clock, namespaces: ReadonlySet<string>) {
    this.#client = client;
    this.#clock = clock;
    this.#namespaces = namespaces;
    this.#begin = clock.now();
  }

  /** ms since the beginning. */
  get now(): number {
    return this.#clock.now() - this.#begin;
  }

  /** When a pod last began to do something else, ms since the beginning. */
  get lastChange(): number {
    return this.#lastChange;
  }

  /** The first pod or object that could not become what it should. */
  get firstSign(): { readonly at: number; readonly text: string } | undefined {
    return this.#firstSign;
  }

  /** Amounts so far. */
  get surge(): Rehearsal['surge'] {
    this.#flush();
    return { pods: this.#podCount.result, cpuMillis: this.#cpu.result, memoryBytes: this.#memory.result };
  }

  /** Whether pods are on their way out. */
  get isStopping(): boolean {
    return [...this.#pods.all].some(({ phase }) => phase === 'stopping');
  }

  /** Starts to look; what is there is the state before. Resolves when everything has been seen. */
  async start(): Promise<void> {
    const seen = [
      this.#watch<Event>(RESOURCES.events, (event) => this.#warning(event), undefined),
      ...WORKLOADS.map((type) =>
        this.#watch<KubeObject>(
          type,
          (object) => this.#workloads.note({ ...object, kind: type.kind }),
          (object) => this.#workloads.gone({ ...object, kind: type.kind }),
        ),
      ),
      this.#watch<PodDisruptionBudget>(
        RESOURCES.podDisruptionBudgets,
        (budget) => this.#budgets.note(budget),
        (budget) => this.#budgets.gone(budget),
      ),
      this.#watch<Pod>(
        RESOURCES.pods,
        (pod) => this.#pod(this.#pods.note(pod, this.now, this.#old)),
        (pod) => this.#pod(this.#pods.gone(pod, this.now)),
      ),
    ];
    await this.#clock.blockOn(Promise.all(seen));
    this.#changed = true;
    this.#pending = [];
    this.#timeline.length = 0;
    this.#firstSign = undefined;
    this.#old = false;
    this.#flush();
  }

  stop(): void {
    for (const watch of this.#watches) watch.stop();
    this.#flush();
  }

  /** Adds a line to the timeline; an end is told after all that happened up to it. */
  tell(kind: TimelineEvent['kind'], subject: string, text: string): void {
    this.#tick();
    if (kind === 'end') this.#flush();
    this.#timeline.push({ at: this.now, kind, subject, text });
  }

  /**
   * Everything that was seen.
   *
   * @param ofRelease whether a workload is the release's
   * @param until the end of the operation, ms since the beginning
   */
  results(
    ofRelease: (id: string) => boolean,
    until: number,
  ): Pick<Rehearsal, 'workloads' | 'unplaced' | 'budgets' | 'timeline' | 'pods'> {
    this.#flush();
    const all = [...this.#pods.all];
    const idOf = (track: PodTrack): string => this.#workloads.idOf(track.owner);
    const workloads: WorkloadStory[] = this.#workloads.stories(ofRelease, until);
    const unplaced: Unplaced[] = all.flatMap((track) => unplacedOf(track, idOf(track), until));
    const budgets: BudgetStory[] = this.#budgets.stories(this.now);
    const pods: PodStory[] = all.map((track) => storyOf(track, idOf(track)));
    return { workloads, unplaced, budgets, timeline: this.#timeline, pods };
  }

  #watch<T extends object>(
    type: ResourceType,
    put: (object: T) => void,
    gone: ((object: T) => void) | undefined,
  ): Promise<void> {
    return new Promise((resolve) => {
      const watch = this.#client.watch(
        type,
        {},
        {
          event: (event) => {
            if (event.type === 'BOOKMARK') {
              resolve();
              return;
            }
            if (!this.#namespaces.has(event.object.metadata.namespace ?? '')) return;
            this.#tick();
            if (event.type === 'DELETED') gone?.(event.object as T);
            else put(event.object as T);
          },
        },
      );
      this.#watches.push(watch);
    });
  }

  #pod(change: PodChange | undefined): void {
    if (change === undefined) return;
    this.#changed = true;
    if (!this.#old) this.#lastChange = this.now;
    this.#pending.push(change);
  }

  /** What is true at the end of an instant counts, not what flickers within it. */
  #tick(): void {
    const { now } = this;
    if (now === this.#instant) return;
    this.#flush();
    this.#instant = now;
  }

  #flush(): void {
    const at = this.#instant;
    this.#tellPods(at);
    if (!this.#changed) return;
    this.#changed = false;
    const ready = new Map<string, number>();
    const sum = { pods: 0, cpu: 0, memory: 0 };
    for (const track of this.#pods.all) {
      if (track.phase === 'gone' || track.phase === 'done' || track.phase === 'failed') continue;
      sum.pods += 1;
      sum.cpu += track.cpuMillis;
      sum.memory += track.memoryBytes;
      if (track.phase !== 'ready') continue;
      const id = this.#workloads.idOf(track.owner);
      ready.set(id, (ready.get(id) ?? 0) + 1);
    }
    this.#podCount.note(sum.pods, at);
    this.#cpu.note(sum.cpu, at);
    this.#memory.note(sum.memory, at);
    this.#workloads.count(ready, at);
    for (const { name, breached, healthy, desired } of this.#budgets.count(this.#pods.all, at)) {
      const text = breached
        ? `only ${healthy} healthy, ${desired} are promised`
        : `kept again: ${healthy} healthy, ${desired} are promised`;
      this.#timeline.push({ at, kind: 'budget', subject: `PodDisruptionBudget ${name}`, text });
    }
  }

  #tellPods(at: number): void {
    const groups = new Map<string, { subject: string; phase: string; old: boolean; names: string[]; reason: string }>();
    // Of what a pod went through within an instant only the end is told.
    const last = new Map(this.#pending.map((change) => [change.track.uid, change]));
    for (const { track, phase, reason } of last.values()) {
      // Who came and went within an instant was never there.
      if (phase === 'gone' && track.spans[0]?.from === at) continue;
      const subject = this.#workloads.idOf(track.owner) || `Pod ${track.namespace}/${track.name}`;
      if (phase === 'failing' || phase === 'unplaced') {
        this.#firstSign ??= { at, text: `pod ${track.namespace}/${track.name}: ${reason}` };
        // Back-off says the same again and again.
        const known = `${subject}\n${track.uid}\n${reason.split(':')[0] ?? ''}`;
        if (this.#warned.has(known)) continue;
        this.#warned.add(known);
      }
      const key = `${subject}\n${phase}\n${track.old}\n${reason}`;
      const group = groups.get(key) ?? { subject, phase, old: track.old, names: [], reason };
      group.names.push(track.name);
      groups.set(key, group);
    }
    this.#pending = [];
    for (const { subject, phase, old, names, reason } of groups.values()) {
      const what = `${names.length} ${old ? 'old' : 'new'} pod${names.length === 1 ? '' : 's'} ${PHASE_TEXTS[phase] ?? phase}`;
      const why = reason === '' ? '' : `: ${reason}`;
      this.#timeline.push({ at, kind: 'pods', subject, text: `${what}${why}` });
    }
  }

  #warning(event: Event): void {
    if (this.#old || event.type !== 'Warning') return;
    const { kind = '', namespace = '', name = '', uid = '' } = event.involvedObject;
    if (kind === 'Pod') return;
    const subject = this.#workloads.idOf(uid) || `${kind} ${namespace}/${name}`;
    const key = `${subject}\n${event.reason ?? ''}`;
    if (this.#warned.has(key)) return;
    this.#warned.add(key);
    const text = `${event.reason ?? ''}: ${event.message ?? ''}`;
    this.#firstSign ??= { at: this.now, text: `${subject}: ${text}` };
    this.tell('warning', subject, text);
  }
}

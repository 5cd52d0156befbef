import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { BusyWorker, EventRecorder, ProgressWatch, WrittenObject } from './interfaces.ts';

/** Turns of one thing at one instant above which nothing is taken to come of it. */
const MOST_TURNS = 1000;
/** ms that the next turn has to wait then; doubles with each, up to the longest. client-go: util/workqueue/default_rate_limiters.go */
const FIRST_WAIT = 5;
const LONGEST_WAIT = 60_000;
/** A thing that rests for so many times its last wait may go at full speed again. */
const RESTS = 4;

/** ms without a write after which users may write an object at full speed again. */
const REST_OF_USERS = 3_600_000;

/** Things that are slowed down or contested above which those are forgotten that have rested. */
const MOST_KEPT = 1000;

interface Slowed {
  wait: number;
  /** When the next turn may be taken. */
  due: number;
}

/** An object that users write again and again. */
interface Contested {
  isTold: boolean;
  /** When it was written last. */
  last: number;
}

/** What {@link Watchdog} tells with. */
export interface WatchdogOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Made when something is told first. */
  readonly recorder: () => EventRecorder;
}

/**
 * Notices work that makes no progress: an object that is written, or a key that is worked on, again and again while no time
 * passes, as two controllers do that undo each other's changes. It is told once, in the log and in an event, and slowed down from
 * then on, so that time passes and others get their turn. A real cluster is held up by its network and rate limits there.
 */
export class Watchdog implements ProgressWatch {
  readonly #options: WatchdogOptions;
  readonly #workers = new Set<BusyWorker>();
  readonly #turns = new Map<string, number>();
  readonly #writers = new Map<string, Set<string>>();
  readonly #slowed = new Map<string, Slowed>();
  readonly #contested = new Map<string, Contested>();
  readonly #witnessed = new Map<string, { readonly name: string; readonly key: string; turns: number }>();
  #recorder: EventRecorder | undefined;
  #instant = Number.NaN;

  constructor(options: WatchdogOptions) {
    this.#options = options;
  }

  watch(worker: BusyWorker): void {
    this.#workers.add(worker);
  }

  forget(worker: BusyWorker): void {
    this.#workers.delete(worker);
  }

  write(writer: string, object: WrittenObject): number {
    const id = idOf(object);
    return this.#turn(id, (turns) => this.#written(object, turns, writer), writer);
  }

  userWrites(writer: string, object: WrittenObject): boolean {
    const now = this.#moment();
    const id = idOf(object);
    const contested = this.#contested.size === 0 ? undefined : this.#contested.get(id);
    const isContested = contested !== undefined && now - contested.last <= REST_OF_USERS;
    const key = `users\n${id}`;
    const turns = (this.#turns.get(key) ?? 0) + 1;
    this.#turns.set(key, turns);
    if (isContested || turns > MOST_TURNS / 2 || this.#writers.has(id)) this.#join(id, writer);
    if (!isContested && turns <= MOST_TURNS) return false;
    const state = isContested ? contested : { isTold: false, last: now };
    state.last = now;
    this.#contested.set(id, state);
    // Who writes often, and alone, makes progress of a kind.
    if (!state.isTold && !this.#slowed.has(id) && turns > MOST_TURNS && (this.#writers.get(id)?.size ?? 0) > 1) {
      state.isTold = true;
      this.#tell(this.#written(object, turns - 1, writer));
    }
    return true;
  }

  witness(who: string, object: WrittenObject): void {
    this.#moment();
    const key = `${who}\n${idOf(object)}`;
    const known = this.#witnessed.get(key);
    if (known === undefined) this.#witnessed.set(key, { name: who, key: nameOf(object), turns: 1 });
    else known.turns += 1;
  }

  #written(object: WrittenObject, turns: number, writer: string): Told {
    const writers = [...(this.#writers.get(idOf(object)) ?? [writer])].sort().join(', ');
    return { object, text: `${nameOf(object)} was written ${turns} times at one instant, by ${writers}` };
  }

  #join(id: string, writer: string): void {
    const writers = this.#writers.get(id);
    if (writers === undefined) this.#writers.set(id, new Set([writer]));
    else writers.add(writer);
  }

  /** This instant; what was counted at another one is forgotten. */
  #moment(): number {
    const now = this.#options.clock.now();
    if (now !== this.#instant) {
      this.#instant = now;
      this.#turns.clear();
      this.#writers.clear();
      this.#witnessed.clear();
      if (this.#contested.size + this.#slowed.size > MOST_KEPT) this.#forgetRested(now);
    }
    return now;
  }

  /** Many of them may be gone by now. */
  #forgetRested(now: number): void {
    for (const [id, { last }] of this.#contested) if (now - last > REST_OF_USERS) this.#contested.delete(id);
    for (const [id, slowed] of this.#slowed) if (hasRested(slowed, now)) this.#slowed.delete(id);
  }

  work(worker: string, key: string): number {
    return this.#turn(`${worker}\n\n${key}\n`, (turns) => {
      const [namespace = '', name = ''] = key.includes('/') ? key.split('/') : ['', key];
      const text = `${worker} has worked on ${key} ${turns} times at one instant`;
      return { object: { kind: KINDS[worker] ?? worker, ...(namespace === '' ? {} : { namespace }), name }, text };
    });
  }

  #turn(id: string, tell: (turns: number) => Told, writer?: string): number {
    const now = this.#moment();
    const slowed = this.#slowed.size === 0 ? undefined : this.#slowed.get(id);
    if (slowed !== undefined) return this.#slower(id, slowed, now);
    const turns = (this.#turns.get(id) ?? 0) + 1;
    this.#turns.set(id, turns);
    // Who writes is of interest shortly before something is told.
    if (writer !== undefined && turns > MOST_TURNS / 2) this.#join(id, writer);
    if (turns <= MOST_TURNS) return 0;
    if (this.#contested.get(id)?.isTold !== true) this.#tell(tell(turns - 1));
    this.#slowed.set(id, { wait: FIRST_WAIT, due: now + FIRST_WAIT });
    return FIRST_WAIT;
  }

  #slower(id: string, slowed: Slowed, now: number): number {
    if (now < slowed.due) return slowed.due - now;
    if (hasRested(slowed, now)) this.#slowed.delete(id);
    else {
      slowed.wait = Math.min(slowed.wait * 2, LONGEST_WAIT);
      slowed.due = now + slowed.wait;
    }
    return 0;
  }

  #tell({ object, text }: Told): void {
    const workers = [...this.#workers].map((worker) => ({ name: worker.name, ...worker.busiest() }));
    const busy = [...workers, ...this.#witnessed.values()]
      .filter(({ turns = 0 }) => turns > MOST_TURNS / 10)
      .map(({ name, key = '', turns = 0 }) => `${name} (${key}, ${turns} times)`);
    const more = busy.length === 0 ? '' : `; busy: ${busy.join(', ')}`;
    const message = `no progress: ${text}${more}; slowed down`;
    this.#options.logger.log('warn', message, { kind: object.kind, namespace: object.namespace, name: object.name });
    this.#recorder ??= this.#options.recorder();
    this.#recorder.event(object, 'Warning', 'NoProgress', message);
  }
}

function hasRested({ due, wait }: Slowed, now: number): boolean {
  return now - due > RESTS * wait;
}

interface Told {
  readonly object: WrittenObject;
  readonly text: string;
}

function idOf({ kind, namespace = '', name }: WrittenObject): string {
  return `${kind}\n${namespace}\n${name}`;
}

function nameOf({ kind, namespace = '', name }: WrittenObject): string {
  return `${kind} ${namespace === '' ? name : `${namespace}/${name}`}`;
}

/** What the keys of controllers name; others name something of their own. */
const KINDS: Readonly<Record<string, string>> = {
  'cronjob-controller': 'CronJob',
  'daemonset-controller': 'DaemonSet',
  'deployment-controller': 'Deployment',
  'disruption-controller': 'PodDisruptionBudget',
  'endpoint-controller': 'Service',
  'endpoint-slice-controller': 'Service',
  'horizontal-pod-autoscaler-controller': 'HorizontalPodAutoscaler',
  'job-controller': 'Job',
  'namespace-controller': 'Namespace',
  'replicaset-controller': 'ReplicaSet',
  'replication-controller': 'ReplicationController',
  'resourcequota-controller': 'ResourceQuota',
  'statefulset-controller': 'StatefulSet',
};

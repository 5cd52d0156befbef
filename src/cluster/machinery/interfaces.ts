import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Random } from '../../base/random.ts';
import type { KubeClient } from '../../client/kube-client.ts';
import type { KubeObject, ObjectKey, ResourceType } from '../../kube/object.ts';

/** What every part of the simulated cluster gets; there is no other way to time, chance or the API. */
export interface ComponentContext {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Slows down what makes no progress; default: nobody does. */
  readonly watchdog?: ProgressWatch | undefined;
  /** Tells of time that is not lived through; default: all is. */
  readonly skips?: SkipNews | undefined;
}

/** Time that was passed over because the same went on in it, again and again. */
export interface TimeSkip {
  /** ms since the epoch */
  readonly from: number;
  readonly to: number;
  /** ms after which all comes again. */
  readonly period: number;
  /** Events that would have been counted up meanwhile, by `namespace/name`: their new counts. */
  readonly counts: ReadonlyMap<string, number>;
}

/** Where those are told of a {@link TimeSkip} who remember instants. */
export interface SkipNews {
  /** @returns ends it: for those who go before the cluster does */
  onSkip(listener: (skip: TimeSkip) => void): () => void;
}

/** Who is told what is done, and says whether that has to wait; see Watchdog. */
export interface ProgressWatch {
  /** Adds somebody who is asked whenever something is told. */
  watch(worker: BusyWorker): void;
  forget(worker: BusyWorker): void;
  /** Somebody is about to write an object: ms that the write has to wait, 0 as a rule. */
  write(writer: string, object: WrittenObject): number;
  /** A user is about to write an object: true when others should have their turn first. */
  userWrites(writer: string, object: WrittenObject): boolean;
  /** Something has changed an object that somebody else writes, as webhooks do. */
  witness(who: string, object: WrittenObject): void;
  /** Somebody is about to work on a key: ms that it has to wait, 0 as a rule. */
  work(worker: string, key: string): number;
}

/** Names an object that is written. */
export interface WrittenObject {
  readonly apiVersion?: string;
  readonly kind: string;
  readonly namespace?: string | undefined;
  readonly name: string;
}

/** A worker that can say what it is most busy with at this instant. */
export interface BusyWorker {
  readonly name: string;
  /** The key that was worked on most often at this instant. */
  busiest(): { readonly key: string; readonly turns: number } | undefined;
}

/** A part that runs until it is stopped: a controller, the scheduler, a kubelet. */
export interface Component {
  readonly name: string;
  /** Resolves when its caches are filled and it works. */
  start(): Promise<void>;
  stop(): void;
}

/** What an informer tells of; `old` is the state before a change. */
export interface InformerEvent<T> {
  readonly type: 'added' | 'modified' | 'deleted';
  readonly object: T;
  readonly old?: T;
}

/** A cache of one resource, kept up to date by a watch and shared by all parts of a process. */
export interface Informer<T = KubeObject> {
  readonly type: ResourceType;
  readonly synced: Promise<void>;
  get(key: ObjectKey): T | undefined;
  /** All, or those of a namespace; sorted by namespace, then name. */
  list(namespace?: string): readonly T[];
  /** Declares an index before or after start; `keys` gives the values an object is found under. A known name is left as it is. */
  addIndex(name: string, keys: (object: T) => readonly string[]): void;
  byIndex(name: string, value: string): readonly T[];
  /** Handlers run in order of registration; late ones first hear of what is there. */
  onEvent(handler: (event: InformerEvent<T>) => void): void;
}

/** One informer a resource. */
export interface InformerFactory {
  informer<T extends object = KubeObject>(type: ResourceType): Informer<T>;
  /** Stops the informer of a resource that is no longer served. */
  forget(type: ResourceType): void;
  stop(): void;
}

/** Records events on objects as client-go does: same object, reason and message count up. */
export interface EventRecorder {
  /** `object` is what the event is about: an API object, or an object reference. */
  event(object: object, type: 'Normal' | 'Warning', reason: string, message: string): void;
}

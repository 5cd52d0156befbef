import type { ObjectReference } from '../../kube/api/core-v1.generated.ts';
import type { TimeSkip } from './interfaces.ts';

/** Bounds of one recorder: objects that are remembered, … client-go: tools/record/events_cache.go */
const CACHE_SIZE = 4096;
/** … events about one of them that may come at once, … */
const BURST = 25;
/** … and ms until one more may. */
const REFILL = 300_000;
/** So many events that differ in their message alone, … */
const SIMILAR = 10;
/** … within so many ms of one another, become one. */
const SIMILAR_INTERVAL = 600_000;
/** Reasons of one object, and messages of one reason, whose events can still count up. */
const MOST_REMEMBERED = 64;

/** What is about to be recorded. */
export interface PendingEvent {
  readonly reference: ObjectReference;
  readonly type: string;
  readonly reason: string;
  readonly message: string;
}

/** What becomes of it. */
export interface CorrelatedEvent extends PendingEvent {
  /** The event that counts up; undefined: a new one. What was written is noted here. */
  readonly written: WrittenEvent;
}

/** Remembers the event that was written. */
export interface WrittenEvent {
  event: RecordedEvent | undefined;
}

/** An event of the API that can count up. */
export interface RecordedEvent {
  readonly namespace: string;
  readonly name: string;
  readonly count: number;
}

/** What has been told of one object. */
interface Known {
  tokens: number;
  since: number;
  /** By type and reason; there are few. */
  readonly groups: Group[];
}

/** Events of one type and reason about one object. */
interface Group {
  readonly type: string;
  readonly reason: string;
  last: number;
  /** Those that were told since there was a pause, the oldest first; mostly there is one. */
  recent: Message[];
  /** All that can count up, the oldest first. */
  readonly messages: Message[];
  /** What stands for many that are similar. */
  combined: WrittenEvent | undefined;
}

interface Message extends WrittenEvent {
  readonly fieldPath: string | undefined;
  readonly text: string;
}

/** Decides which events are dropped, merged or counted up. */
export class EventCorrelator {
  readonly #known = new Map<string, Known>();
  /** The one that was asked for last, which is the young end of the cache. */
  #lastKey = '';
  #last: Known | undefined;

  /** The event to write, or undefined when the object has had too many. */
  correlate(event: PendingEvent, now: number): CorrelatedEvent | undefined {
    const { reference, type, reason, message } = event;
    const known = this.#find(objectText(reference), now);
    const group = groupOf(known, event, now);
    const written = writtenOf(group, event);
    if (!mayBeTold(known, now)) return undefined;
    const text = written === group.combined ? `(combined from similar events): ${message}` : message;
    return { reference, type, reason, message: text, written };
  }

  #find(key: string, now: number): Known {
    if (key === this.#lastKey && this.#last !== undefined) return this.#last;
    let known = this.#known.get(key);
    if (known === undefined) {
      known = { tokens: BURST, since: now, groups: [] };
      if (this.#known.size >= CACHE_SIZE) {
        for (const oldest of this.#known.keys()) {
          this.#known.delete(oldest);
          break;
        }
      }
    } else this.#known.delete(key);
    this.#known.set(key, known);
    this.#lastKey = key;
    this.#last = known;
    return known;
  }

  /** Goes on after time that was passed over as if the events of its last period had come just now. */
  skip({ from, to, period, counts }: TimeSkip): void {
    const isRecent = (instant: number): boolean => instant > from - period;
    for (const known of this.#known.values()) {
      if (!isRecent(known.since)) continue;
      known.since += to - from;
      for (const group of known.groups) {
        if (isRecent(group.last)) group.last += to - from;
        const { messages, combined } = group;
        for (const written of combined === undefined ? messages : [...messages, combined]) {
          const { event } = written;
          const count = event === undefined ? undefined : counts.get(`${event.namespace}/${event.name}`);
          if (event !== undefined && count !== undefined) written.event = { ...event, count };
        }
      }
    }
  }
}

function groupOf({ groups }: Known, { type, reason }: PendingEvent, now: number): Group {
  let group = groups.find((each) => each.reason === reason && each.type === type);
  if (group === undefined) {
    group = { type, reason, last: now, recent: [], messages: [], combined: undefined };
    groups.push(group);
    if (groups.length > MOST_REMEMBERED) groups.shift();
  } else if (now - group.last > SIMILAR_INTERVAL) group.recent = [];
  group.last = now;
  return group;
}

/** What the event counts up, or becomes: itself, or what stands for all that are similar. */
function writtenOf(group: Group, { reference: { fieldPath }, message }: PendingEvent): WrittenEvent {
  const { recent, messages } = group;
  const isSame = (other: Message): boolean => other.text === message && other.fieldPath === fieldPath;
  let own = recent.find(isSame);
  if (own === undefined) {
    own = messages.find(isSame) ?? { fieldPath, text: message, event: undefined };
    recent.push(own);
  }
  if (recent.length < SIMILAR) {
    if (!messages.includes(own)) messages.push(own);
    if (messages.length > MOST_REMEMBERED) messages.shift();
    return own;
  }
  // Keep the list from growing.
  recent.shift();
  group.combined ??= { event: undefined };
  return group.combined;
}

function mayBeTold(known: Known, now: number): boolean {
  known.tokens = Math.min(BURST, known.tokens + (now - known.since) / REFILL);
  known.since = now;
  if (known.tokens < 1) return false;
  known.tokens -= 1;
  return true;
}

function objectText({ kind, namespace, name, uid, apiVersion }: ObjectReference): string {
  // A short text for what happens most: a uid is nobody else's.
  if (kind === 'Pod' && uid !== undefined && uid !== '') return uid;
  return `${kind}\n${namespace}\n${name}\n${uid}\n${apiVersion}`;
}

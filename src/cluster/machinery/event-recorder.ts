import type { Event, ObjectReference } from '../../kube/api/core-v1.generated.ts';
import { RESOURCES } from '../../kube/resources.ts';
import { isStatus } from '../../kube/status-error.ts';
import { type CorrelatedEvent, EventCorrelator, type PendingEvent, type RecordedEvent } from './event-correlator.ts';
import { fnv32a } from './hash.ts';
import type { ComponentContext, EventRecorder } from './interfaces.ts';
import type { ApiObject } from './keys.ts';
import { messageOf } from './pod-control.ts';
import { formatTime } from './time.ts';

/** Tries with another name when two recorders write of one object at one instant. */
const NAME_TRIES = 5;

type RecorderContext = Pick<ComponentContext, 'client' | 'clock' | 'logger' | 'skips'>;

/** Who an {@link EventRecorder} speaks for. */
export interface EventSourceOptions {
  /** `deployment-controller`, `kubelet`, … */
  readonly component: string;
  /** The node, for a kubelet. */
  readonly host?: string;
}

/** A recorder whose source may go before the cluster does. */
export interface SourceRecorder extends EventRecorder {
  /** The source is gone: nothing is remembered for it any more. What was told is still written. */
  stop(): void;
}

/**
 * Records core v1 Events as client-go's recorder does: the same event on the same object counts up, many that differ only in
 * their message become one, and an object that has too many is cut off. Names follow from the clock and are the same every
 * time. Writing happens in promise jobs, in order; failures are logged alone. client-go: tools/record/event.go
 */
class ApiEventRecorder implements SourceRecorder {
  readonly #context: RecorderContext;
  readonly #component: string;
  readonly #host: string;
  readonly #correlator = new EventCorrelator();
  readonly #pending: PendingEvent[] = [];
  readonly #unlisten: (() => void) | undefined;
  #writing = false;
  #sequence: number;

  constructor(context: RecorderContext, source: EventSourceOptions) {
    this.#context = context;
    this.#component = source.component;
    this.#host = source.host ?? '';
    this.#unlisten = context.skips?.onSkip((skip) => this.#correlator.skip(skip));
    // Recorders start at different places of the microsecond, so that their names differ.
    this.#sequence = fnv32a(`${this.#component}\n${this.#host}`) % 1_000_000;
  }

  event(object: object, type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.#pending.push({ reference: referenceTo(object), type, reason, message });
    if (this.#writing) return;
    this.#writing = true;
    void this.#write();
  }

  stop(): void {
    this.#unlisten?.();
  }

  async #write(): Promise<void> {
    for (let next = this.#pending.shift(); next !== undefined; next = this.#pending.shift()) {
      const event = this.#correlator.correlate(next, this.#context.clock.now());
      if (event === undefined) continue;
      try {
        const { written } = event;
        // New or counted up, an event takes the same number of promise jobs.
        const counted = await (written.event === undefined ? undefined : this.#countUp(event, written.event));
        written.event = counted ?? (await this.#create(event));
      } catch (error) {
        this.#context.logger.log('debug', `${this.#component}: event not recorded`, {
          reason: event.reason,
          error: messageOf(error),
        });
      }
    }
    this.#writing = false;
  }

  async #countUp({ message }: CorrelatedEvent, previous: RecordedEvent): Promise<RecordedEvent | undefined> {
    const count = previous.count + 1;
    const body = { count, lastTimestamp: formatTime(this.#context.clock.now()), message };
    try {
      await this.#context.client.patch(RESOURCES.events, previous, 'merge', body, { fieldManager: this.#component });
      return { ...previous, count };
    } catch (error) {
      if (isStatus(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  async #create(event: CorrelatedEvent): Promise<RecordedEvent> {
    for (let tries = 1; ; tries += 1) {
      const body = this.#object(event);
      try {
        await this.#context.client.create(RESOURCES.events, body, { fieldManager: this.#component });
        return { namespace: body.metadata.namespace ?? '', name: body.metadata.name ?? '', count: 1 };
      } catch (error) {
        if (!isStatus(error, 'AlreadyExists') || tries >= NAME_TRIES) throw error;
      }
    }
  }

  #object({ reference, type, reason, message }: CorrelatedEvent): Event {
    const now = this.#context.clock.now();
    const time = formatTime(now);
    this.#sequence = (this.#sequence + 1) % 1_000_000;
    const namespace = reference.namespace === undefined || reference.namespace === '' ? 'default' : reference.namespace;
    return {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: `${reference.name}.${microsecondsText(now, this.#sequence)}`, namespace },
      involvedObject: reference,
      reason,
      message,
      source: this.#host === '' ? { component: this.#component } : { component: this.#component, host: this.#host },
      firstTimestamp: time,
      lastTimestamp: time,
      count: 1,
      type,
      reportingComponent: this.#component,
      reportingInstance: this.#host,
    };
  }
}

const HALF = 2 ** 32;
let lastInstant = Number.NaN;
let lastHigh = 0;
let lastLow = 0;

/** An instant and a part of its millisecond, in millionths, as one number; hexadecimal. */
function microsecondsText(now: number, part: number): string {
  // More than a number holds: in two halves, which stay the same for all that happens at one instant.
  if (now !== lastInstant) {
    const whole = BigInt(Math.trunc(now)) * 1_000_000n;
    lastHigh = Number(whole >> 32n);
    lastLow = Number(whole & 0xff_ff_ff_ffn);
    lastInstant = now;
  }
  const low = lastLow + part;
  const high = lastHigh + Math.floor(low / HALF);
  return high.toString(16) + (low % HALF).toString(16).padStart(8, '0');
}

/** A recorder for one source; see {@link EventSourceOptions}. */
export function createEventRecorder(context: RecorderContext, source: EventSourceOptions): SourceRecorder {
  return new ApiEventRecorder(context, source);
}

/** The reference that stands for an API object; a reference (with or without `fieldPath`) stands for itself. */
export function referenceTo(object: object): ObjectReference {
  if (!('metadata' in object)) return object;
  const { apiVersion, kind, metadata } = object as ApiObject;
  return {
    kind,
    ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
    name: metadata.name,
    uid: metadata.uid,
    apiVersion,
    resourceVersion: metadata.resourceVersion,
  };
}

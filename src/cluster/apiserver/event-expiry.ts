import type { KubeObject } from '../../kube/object.ts';
import { RESOURCES } from '../../kube/resources.ts';
import { commitDelete } from './rest/commit.ts';
import type { Core, Operation } from './rest/core.ts';
import { bucketOf } from './served-resources.ts';

/** How long events are kept. kubernetes: --event-ttl */
const TTL = 3_600_000;
/** Expired events go together, this often at most. */
const ROUND = 60_000;

const EVENTS = bucketOf(RESOURCES.events);

/** Lets events go an hour after they were written last. The timer is set only while there are events. */
export class EventExpiry {
  #waiting = false;

  /** To be told of every write. */
  afterCommit(core: Core, { served }: Operation): void {
    if (!this.#waiting && served.bucket === EVENTS) this.#wait(core, TTL);
  }

  #wait(core: Core, delay: number): void {
    this.#waiting = true;
    const expire = (): void => {
      const next = this.#expire(core);
      if (next === undefined) this.#waiting = false;
      else this.#wait(core, Math.max(ROUND, next - core.clock.now()));
    };
    core.clock.setTimer(delay, expire, { mayBeLate: true });
  }

  /** Removes what is too old; gives the instant at which the next one will be. */
  #expire(core: Core): number | undefined {
    const { store, clock, served } = core;
    const now = clock.now();
    let next: number | undefined;
    const resource = served.find(RESOURCES.events);
    for (const { value, namespace, name, modRevision } of store.list(resource.bucket)) {
      const end = lastWritten(value) + TTL;
      if (end > now) next = next === undefined ? end : Math.min(next, end);
      else commitDelete(core, { ...SYSTEM, served: resource, namespace, name }, value, modRevision);
    }
    return next;
  }
}

const SYSTEM: Omit<Operation, 'served' | 'namespace' | 'name'> = {
  subresource: '',
  user: { name: 'system:apiserver', groups: ['system:masters'] },
  dryRun: false,
  fieldManager: 'kube-apiserver',
  fieldValidation: 'Ignore',
  warn: () => {},
  audit: () => {},
  options: () => ({}),
};

/** Events are looked at every minute of their hour. */
const written = new WeakMap<KubeObject, number>();

function lastWritten(event: KubeObject): number {
  let instant = written.get(event);
  if (instant === undefined) {
    instant = latestTime(event);
    written.set(event, instant);
  }
  return instant;
}

function latestTime(event: KubeObject): number {
  const series = event['series'] as { readonly lastObservedTime?: string } | undefined;
  const times = [
    event.metadata.creationTimestamp,
    event['lastTimestamp'],
    event['eventTime'],
    series?.lastObservedTime,
  ];
  let latest = 0;
  for (const [i, time] of times.entries()) {
    if (typeof time === 'string' && times.indexOf(time) === i) latest = Math.max(latest, Date.parse(time));
  }
  return latest;
}

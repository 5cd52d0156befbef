import type { Clock } from '../../../base/clock.ts';
import type { WatchRequest } from '../request.ts';
import type { ApiBackend } from './backend.ts';
import type { Negotiated } from './media-types.ts';
import { eventLine } from './shared-json.ts';
import { transform } from './transform.ts';
import { WatchFeed } from './watch-feed.ts';

/** A watch apart from who hears it. */
export type WatchWish = Omit<WatchRequest, 'observer'>;

/** The feeds of a server: one for each resource, namespace, selector and form that somebody watches. */
export class WatchFeeds {
  readonly #backend: ApiBackend;
  readonly #wallClock: Clock;
  readonly #feeds = new Map<string, WatchFeed>();

  constructor(backend: ApiBackend, wallClock: Clock) {
    this.#backend = backend;
    this.#wallClock = wallClock;
  }

  /** The feed of what comes from now on. Tables have none: the first row that a client gets tells the columns. */
  feedFor(wish: WatchWish, negotiated: Negotiated): WatchFeed | undefined {
    if (negotiated.as === 'Table') return undefined;
    const key = keyOf(wish, negotiated);
    const known = this.#feeds.get(key);
    if (known !== undefined) return known;
    const { type, options } = wish;
    const feed: WatchFeed = new WatchFeed({
      wallClock: this.#wallClock,
      open: (observer) =>
        this.#backend.watch({
          ...wish,
          options: { ...options, resourceVersion: String(this.#backend.revision) },
          observer,
        }),
      encode: (event) => {
        if (event.type === 'BOOKMARK') return [];
        return eventLine(event.type, transform(event.object, negotiated, { type, now: 0, includeObject: '' }));
      },
      ended: () => {
        if (this.#feeds.get(key) === feed) this.#feeds.delete(key);
      },
    });
    this.#feeds.set(key, feed);
    return feed;
  }
}

function keyOf({ type, namespace = '', options = {} }: WatchWish, { as, version }: Negotiated): string {
  const { labelSelector = '', fieldSelector = '' } = options;
  return [type.group, type.version, type.resource, namespace, as, version, labelSelector, fieldSelector].join('\n');
}

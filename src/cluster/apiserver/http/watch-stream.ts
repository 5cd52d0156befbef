import type { ServerResponse } from 'node:http';
import type { Clock, Timer } from '../../../base/clock.ts';
import type { WatchEvent } from '../../../client/kube-client.ts';
import { apiVersionOf, type KubeObject, type ResourceType } from '../../../kube/object.ts';
import { isStatus } from '../../../kube/status-error.ts';
import type { ServedWatch, WatchRequest } from '../request.ts';
import type { ListQuery } from './query-options.ts';
import type { Negotiated } from './media-types.ts';
import { statusOf } from './respond.ts';
import { drained, isGone } from './send-whole.ts';
import { eventLine, joined } from './shared-json.ts';
import { StreamPiece } from './stream-piece.ts';
import { tableOf, transform, type TransformOptions } from './transform.ts';
import type { FeedMember, WatchFeed } from './watch-feed.ts';

/** How often a quiet watch is told how far it is, ms. apiserver: storage/cacher/cacher.go. */
const BOOKMARK_PERIOD = 60_000;
/** Of a watch that names no timeout, ms; the real server takes one to two times as long. */
const DEFAULT_TIMEOUT = 1_800_000;
/** Bytes that wait for a client; one that falls further behind is cut off. */
const LONGEST_BACKLOG = 32 * 1024 * 1024;

/** What a stream of events is made of. */
export interface WatchStreamOptions {
  readonly type: ResourceType;
  readonly query: ListQuery;
  readonly negotiated: Negotiated;
  readonly transform: TransformOptions;
  /** Wall time: timeouts of connections are the client's, not the cluster's. */
  readonly wallClock: Clock;
  /** Of the newest commit. */
  revision(): number;
  /** What tells the same to all who watch the same, if there can be such a thing. */
  feed(): WatchFeed | undefined;
}

/**
 * Streams the events of a watch as lines of JSON until the client, its timeout or the server ends it. It begins with a watch of its own;
 * once that has told all there is, the feed of those who watch the same takes over.
 */
export class WatchStream implements FeedMember {
  readonly #response: ServerResponse;
  readonly #options: WatchStreamOptions;
  /** Its own, until it has a feed. */
  #watch: ServedWatch | undefined;
  #feed: WatchFeed | undefined;
  #columnsTold = false;
  #done = false;
  /** What is to be sent at the end of this turn. */
  #parts: Buffer[] = [];
  #timeout: Timer | undefined;
  #nextBookmark: Timer | undefined;

  constructor(response: ServerResponse, options: WatchStreamOptions) {
    this.#response = response;
    this.#options = options;
  }

  /**
   * Begins; `open` starts the watch itself.
   *
   * @throws StatusError when the watch cannot be; nothing has been written then
   */
  async start(open: (observer: WatchRequest['observer']) => ServedWatch): Promise<void> {
    const { query, negotiated, wallClock } = this.#options;
    let begun = false;
    let failure: Error | undefined;
    const pending: WatchEvent[] = [];
    this.#watch = open({
      event: (event) => {
        if (begun) this.#event(event);
        else pending.push(event);
      },
      closed: (error) => {
        if (begun) this.closed(error);
        else failure = error ?? new Error('the watch has ended');
      },
    });
    // What is wrong from the beginning is told in promise jobs.
    await Promise.resolve();
    if (failure !== undefined && !isStatus(failure, 'Expired')) throw failure;
    const response = this.#response;
    response.statusCode = 200;
    response.setHeader('Content-Type', negotiated.contentType);
    response.setHeader('Cache-Control', 'no-cache, private');
    response.flushHeaders();
    begun = true;
    for (const event of pending) this.#event(event);
    if (failure !== undefined) {
      this.closed(failure);
      return;
    }
    const timeout =
      query.timeoutSeconds === undefined || query.timeoutSeconds <= 0 ? DEFAULT_TIMEOUT : query.timeoutSeconds * 1000;
    this.#timeout = wallClock.setTimer(timeout, () => this.#end());
    if (query.allowWatchBookmarks) this.#scheduleBookmark();
    response.on('close', () => this.#end());
    setImmediate(() => this.#share());
  }

  /** Leaves the rest to a feed; only at the beginning of a turn, when every watch has told the commits that there are. */
  #share(): void {
    if (this.#done || this.#feed !== undefined || this.#watch?.settled !== true) return;
    const feed = this.#options.feed();
    if (feed?.settled !== true) return;
    this.#watch.stop();
    this.#watch = undefined;
    this.#feed = feed;
    feed.join(this);
  }

  #scheduleBookmark(): void {
    this.#nextBookmark = this.#options.wallClock.setTimer(BOOKMARK_PERIOD, () => {
      if (this.#done) return;
      // What is on its way to the client belongs in front of it.
      if ((this.#feed ?? this.#watch)?.settled === true) {
        this.#feed?.catchUp(this);
        this.#bookmark(String(this.#options.revision()), false);
      }
      this.#scheduleBookmark();
    });
  }

  #event(event: WatchEvent): void {
    if (this.#done) return;
    if (event.type === 'BOOKMARK') {
      if (this.#options.query.sendInitialEvents) this.#bookmark(event.resourceVersion, true);
      return;
    }
    const { as } = this.#options.negotiated;
    try {
      if (as === 'object') this.#send(...eventLine(event.type, event.object));
      else this.#sendObject(event.type, this.#transformed(event.object));
    } catch (error) {
      // An object that cannot be shown ends the watch, not the server.
      this.closed(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #transformed(object: KubeObject): object {
    const { negotiated, transform: options } = this.#options;
    if (negotiated.as !== 'Table') return transform(object, negotiated, options);
    const table = tableOf(object, negotiated.version, options, !this.#columnsTold);
    this.#columnsTold = true;
    return table;
  }

  #bookmark(resourceVersion: string, initialEnd: boolean): void {
    const { type, negotiated } = this.#options;
    const metadata = {
      resourceVersion,
      creationTimestamp: null,
      ...(initialEnd ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {}),
    };
    const object =
      negotiated.as === 'Table'
        ? {
            kind: 'Table',
            apiVersion: `meta.k8s.io/${negotiated.version}`,
            metadata: { resourceVersion },
            columnDefinitions: null,
            rows: [
              {
                cells: [],
                object: { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${negotiated.version}`, metadata },
              },
            ],
          }
        : negotiated.as === 'object'
          ? { kind: type.kind, apiVersion: apiVersionOf(type), metadata }
          : { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${negotiated.version}`, metadata };
    this.#sendObject('BOOKMARK', object);
  }

  /** The watch has ended by itself. */
  closed(error: Error | undefined): void {
    if (this.#done) return;
    if (error !== undefined) this.#sendObject('ERROR', statusOf(error));
    this.#end();
  }

  #sendObject(type: string, object: object): void {
    this.#send(Buffer.from(`{"type":"${type}","object":${JSON.stringify(object)}}\n`));
  }

  /** What comes in one turn of the event loop is sent as one piece: under load that is many events. */
  #send(...parts: readonly Buffer[]): void {
    if (this.#parts.length === 0) {
      setImmediate(() => {
        this.#flush();
        this.#share();
      });
    }
    this.#parts.push(...parts);
  }

  #flush(): void {
    const parts = this.#parts;
    if (parts.length === 0) return;
    this.#parts = [];
    this.#write(new StreamPiece(joined(parts)));
  }

  /** Takes a piece of the feed. */
  send(piece: StreamPiece): void {
    this.#flush();
    this.#write(piece);
  }

  #write(piece: StreamPiece): void {
    const response = this.#response;
    piece.writeTo(response);
    if (response.writableLength > LONGEST_BACKLOG) response.destroy();
  }

  #end(): void {
    if (this.#done) return;
    this.#done = true;
    this.#watch?.stop();
    this.#timeout?.stop();
    this.#nextBookmark?.stop();
    const gone = isGone(this.#response);
    if (!gone) this.#feed?.catchUp(this);
    this.#feed?.leave(this);
    if (gone) return;
    this.#flush();
    void drained(this.#response).then(() => this.#response.end());
  }
}

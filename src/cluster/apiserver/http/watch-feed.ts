import type { Clock, Timer } from '../../../base/clock.ts';
import type { WatchEvent, WatchObserver } from '../../../client/kube-client.ts';
import type { ServedWatch } from '../request.ts';
import { StreamPiece } from './stream-piece.ts';

/** How long one go at sending lasts before others get their turn, ms. */
const LONGEST_GO = 20;
/** A round that lasts longer, ms, is ended in one go: whoever writes faster than all can hear of it has to wait. */
const LONGEST_ROUND = 60;
/** The longest that events are gathered for, ms, however long it takes to send them to everybody. */
const LONGEST_PAUSE = 50;

/** What sending a piece costs at least, ms: encryption and a call of the system, of which HTTP/2 does most at a later time. */
const LEAST_COST = 0.02;

/** Someone who hears what a feed hears. */
export interface FeedMember {
  /** Takes the next piece; members share it, nobody changes it. */
  send(piece: StreamPiece): void;
  /** The watch behind the feed has ended. */
  closed(error: Error | undefined): void;
}

/** Where a member stands. */
interface Place {
  /** The last round that it has, or need not have. */
  round: number;
  /** Of the parts that are gathered for the next round, those that it has. */
  parts: number;
}

/** What a feed is made of. */
export interface WatchFeedOptions {
  /** Begins a watch with what comes now. */
  readonly open: (observer: WatchObserver) => ServedWatch;
  /** An event as bytes; nothing: it is not told. */
  readonly encode: (event: WatchEvent) => readonly Buffer[];
  readonly wallClock: Clock;
  /** Nobody hears it any more. */
  readonly ended: () => void;
}

/**
 * One watch for all who ask for the same: each event is encoded once, and what comes between two rounds goes to everybody as one piece.
 * A round begins at the end of the turn in which something happened, but not before as much time has passed since the last round as that
 * took: with a few members that is nothing, with a thousand half of the time is left for everything else.
 */
export class WatchFeed {
  readonly #options: WatchFeedOptions;
  readonly #members = new Map<FeedMember, Place>();
  readonly #watch: ServedWatch;
  /** What the next round will bring. */
  #parts: Buffer[] = [];
  #round = 0;
  /** What the members with an older number have still to get. */
  #piece: StreamPiece | undefined;
  #sending = false;
  #began = 0;
  #notBefore = 0;
  #planned = false;
  #timer: Timer | undefined;
  #ended = false;

  constructor(options: WatchFeedOptions) {
    this.#options = options;
    this.#watch = options.open({
      event: (event) => this.#hear(event),
      closed: (error) => this.#closed(error),
    });
  }

  /** False while the watch behind it has still to tell of commits that others have heard of. */
  get settled(): boolean {
    return this.#watch.settled;
  }

  /** From here on a member hears what comes; what has been gathered it has already. */
  join(member: FeedMember): void {
    this.#members.set(member, { round: this.#round, parts: this.#parts.length });
  }

  leave(member: FeedMember): void {
    this.#members.delete(member);
    if (this.#members.size === 0) this.#end();
  }

  /** Sends a member at once all that it has not got yet. */
  catchUp(member: FeedMember): void {
    const place = this.#members.get(member);
    if (place === undefined) return;
    this.#sendRound(member, place);
    const parts = this.#parts.slice(place.parts);
    place.parts = this.#parts.length;
    if (parts.length > 0) member.send(new StreamPiece(Buffer.concat(parts)));
  }

  #hear(event: WatchEvent): void {
    try {
      this.#parts.push(...this.#options.encode(event));
      this.#plan();
    } catch (error) {
      // An object that cannot be shown ends the watches, not the server.
      this.#closed(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #closed(error: Error | undefined): void {
    const members = [...this.#members.keys()];
    for (const member of members) this.catchUp(member);
    this.#members.clear();
    this.#end();
    for (const member of members) member.closed(error);
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#timer?.stop();
    this.#watch.stop();
    this.#options.ended();
  }

  #plan(): void {
    if (this.#planned || this.#sending || this.#parts.length === 0) return;
    this.#planned = true;
    const { wallClock } = this.#options;
    const pause = Math.min(LONGEST_PAUSE, this.#notBefore - wallClock.now());
    const begin = (): void => {
      this.#planned = false;
      this.#begin();
    };
    if (pause < 1) setImmediate(begin);
    else this.#timer = wallClock.setTimer(pause, begin);
  }

  /** Begins a round, once the one before it has reached everybody. */
  #begin(): void {
    if (this.#ended) return;
    const parts = this.#parts;
    this.#parts = [];
    this.#round += 1;
    this.#piece = new StreamPiece(Buffer.concat(parts));
    for (const [member, place] of this.#members) {
      if (place.parts === 0) continue;
      // It has the beginning already, and gets the rest as a piece of its own.
      const rest = parts.slice(place.parts);
      place.parts = 0;
      place.round = this.#round;
      if (rest.length > 0) member.send(new StreamPiece(Buffer.concat(rest)));
    }
    this.#sending = true;
    this.#began = this.#options.wallClock.now();
    this.#go(this.#members.entries(), 0);
  }

  /** Sends a round to as many as there is time for, and goes on in the next turn. */
  #go(places: Iterator<[FeedMember, Place]>, spent: number): void {
    const { wallClock } = this.#options;
    const began = wallClock.now();
    let now = began;
    let next = places.next();
    while (next.done !== true && (now - began < LONGEST_GO || now - this.#began > LONGEST_ROUND)) {
      this.#sendRound(...next.value);
      next = places.next();
      now = wallClock.now();
    }
    if (next.done !== true) {
      const [member, place] = next.value;
      setImmediate(() => {
        if (this.#members.has(member)) this.#sendRound(member, place);
        this.#go(places, spent + now - began);
      });
      return;
    }
    this.#piece = undefined;
    this.#sending = false;
    this.#notBefore = now + Math.max(spent + now - began, this.#members.size * LEAST_COST);
    this.#plan();
  }

  #sendRound(member: FeedMember, place: Place): void {
    if (place.round === this.#round || this.#piece === undefined) return;
    place.round = this.#round;
    member.send(this.#piece);
  }
}

import type { ServerResponse } from 'node:http';
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import type { WatchObserver } from '../../../src/client/kube-client.ts';
import type { KubeObject } from '../../../src/kube/object.ts';
import { StreamPiece } from '../../../src/cluster/apiserver/http/stream-piece.ts';
import { type FeedMember, WatchFeed } from '../../../src/cluster/apiserver/http/watch-feed.ts';
import { fc } from '../../support/property.ts';

/** The end of this turn of the event loop. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** A feed of numbers, whose members note what they are sent; each sending takes `cost` ms. */
class Bench {
  readonly clock = new VirtualClock({ start: 0 });
  observer: WatchObserver | undefined;
  stopped = 0;
  ended = 0;
  sent = 0;
  /** What the wall clock shows: sending takes time that nobody waits for. */
  #spent = 0;
  readonly #cost: number;
  readonly feed: WatchFeed;

  constructor(cost = 0) {
    this.#cost = cost;
    this.feed = new WatchFeed({
      wallClock: {
        now: () => this.clock.now() + this.#spent,
        setTimer: (delay, callback) => this.clock.setTimer(delay, callback),
        blockOn: (promise) => promise,
      },
      open: (observer) => {
        this.observer = observer;
        return {
          settled: true,
          stop: () => {
            this.stopped += 1;
          },
        };
      },
      encode: (event) => (event.type === 'BOOKMARK' ? [] : [Buffer.from(`${event.object.metadata.name ?? ''} `)]),
      ended: () => {
        this.ended += 1;
      },
    });
  }

  tell(name: number): void {
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: String(name) } };
    this.observer?.event({ type: 'ADDED', object });
  }

  member(): FeedMember & {
    readonly heard: string[];
    readonly ends: (Error | undefined)[];
    readonly all: () => number[];
  } {
    const heard: string[] = [];
    const ends: (Error | undefined)[] = [];
    return {
      heard,
      ends,
      send: ({ bytes }) => {
        this.sent += 1;
        this.#spent += this.#cost;
        heard.push(bytes.toString());
      },
      closed: (error) => ends.push(error),
      all: () => heard.join('').trim().split(' ').filter(Boolean).map(Number),
    };
  }
}

it('a piece for a response over HTTP/2 that has gone is dropped', async () => {
  const server = http2.createServer();
  const response = new Promise<ServerResponse>((resolve) => {
    server.on('request', (_, made) => resolve(made as unknown as ServerResponse));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const session = http2.connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const stream = session.request({ ':path': '/' });
  stream.on('error', () => {});
  const gone = await response;
  gone.flushHeaders();
  const closed = new Promise((resolve) => {
    gone.once('close', resolve);
  });
  stream.close(http2.constants.NGHTTP2_CANCEL);
  await closed;
  expect(() => new StreamPiece(Buffer.from('x')).writeTo(gone)).not.toThrow();
  session.close();
  server.close();
});

describe('a feed', () => {
  it('sends what one turn brings as one piece, shared by all', async () => {
    const bench = new Bench();
    const [first, second] = [bench.member(), bench.member()];
    bench.feed.join(first);
    bench.feed.join(second);
    bench.tell(1);
    bench.tell(2);
    expect(first.heard).toEqual([]);
    await turn();
    expect([first.heard, second.heard]).toEqual([['1 2 '], ['1 2 ']]);
  });

  it('ends for all, with what came before, at an object that cannot be shown', async () => {
    const bench = new Bench();
    const member = bench.member();
    bench.feed.join(member);
    bench.tell(1);
    bench.observer?.event({ type: 'ADDED', object: { kind: 'ConfigMap' } as KubeObject });
    await turn();
    expect(member.all()).toEqual([1]);
    expect(member.ends).toEqual([expect.any(TypeError)]);
    expect([bench.stopped, bench.ended]).toEqual([1, 1]);
  });

  it('waits as long as the round before took, so that more go together', async () => {
    const bench = new Bench(4);
    const members = [bench.member(), bench.member(), bench.member()];
    for (const member of members) bench.feed.join(member);
    bench.tell(1);
    await turn();
    bench.tell(2);
    await turn();
    bench.tell(3);
    await turn();
    expect(members.map(({ heard }) => heard)).toEqual([['1 '], ['1 '], ['1 ']]);
    await bench.clock.advance(11);
    expect(members[0]?.heard).toEqual(['1 ']);
    await bench.clock.advance(1);
    expect(members.map(({ heard }) => heard)).toEqual([
      ['1 ', '2 3 '],
      ['1 ', '2 3 '],
      ['1 ', '2 3 '],
    ]);
    await bench.clock.advance(60_000);
    expect(bench.sent).toBe(6);
  });

  it('lets others have their turn in a round, but ends one that lasts too long', async () => {
    const bench = new Bench(11);
    const members = Array.from({ length: 12 }, () => bench.member());
    for (const member of members) bench.feed.join(member);
    bench.tell(1);
    const sent: number[] = [];
    for (let i = 0; i < 4; i += 1) {
      await turn();
      sent.push(bench.sent);
    }
    expect(sent).toEqual([2, 5, 12, 12]);
    expect(members.every(({ heard }) => heard.join() === '1 ')).toBe(true);
  });

  it('gives a member at once what it waits for, and once only', async () => {
    const bench = new Bench();
    const member = bench.member();
    bench.feed.join(member);
    bench.tell(1);
    bench.feed.catchUp(member);
    expect(member.heard).toEqual(['1 ']);
    bench.tell(2);
    await turn();
    expect(member.heard).toEqual(['1 ', '2 ']);
    bench.feed.catchUp(member);
    expect(member.heard).toEqual(['1 ', '2 ']);
  });

  it('ends with its last member', async () => {
    const bench = new Bench();
    const [first, second] = [bench.member(), bench.member()];
    bench.feed.join(first);
    bench.feed.join(second);
    bench.tell(1);
    bench.feed.leave(first);
    expect([bench.stopped, bench.ended]).toEqual([0, 0]);
    await turn();
    bench.feed.leave(second);
    expect([bench.stopped, bench.ended, first.heard, second.heard]).toEqual([1, 1, [], ['1 ']]);
  });

  it('tells everybody all there was when the watch behind it fails', () => {
    const bench = new Bench();
    const [first, second] = [bench.member(), bench.member()];
    bench.feed.join(first);
    bench.tell(1);
    bench.feed.join(second);
    bench.tell(2);
    const error = new Error('gone');
    bench.observer?.closed?.(error);
    expect([first.heard, second.heard, first.ends, second.ends]).toEqual([['1 2 '], ['2 '], [error], [error]]);
    expect(bench.ended).toBe(1);
  });

  it('tells each member all from its joining to its leaving, in order, whatever happens in between', async () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('tell' as const) }),
      fc.record({ do: fc.constant('join' as const) }),
      fc.record({ do: fc.constant('turn' as const) }),
      fc.record({ do: fc.constant('pass' as const), time: fc.integer({ min: 1, max: 40 }) }),
      fc.record({ do: fc.constant('catchUp' as const), who: fc.nat(9) }),
      fc.record({ do: fc.constant('leave' as const), who: fc.nat(9) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.integer({ min: 0, max: 15 }), async (steps, cost) => {
        const bench = new Bench(cost);
        const stays = bench.member();
        bench.feed.join(stays);
        const members = [{ member: stays, from: 1, to: Number.POSITIVE_INFINITY }];
        let told = 0;
        for (const each of steps) {
          if (each.do === 'tell') bench.tell((told += 1));
          else if (each.do === 'join') {
            const member = bench.member();
            bench.feed.join(member);
            members.push({ member, from: told + 1, to: Number.POSITIVE_INFINITY });
          } else if (each.do === 'turn') await turn();
          else if (each.do === 'pass') await bench.clock.advance(each.time);
          else {
            const one = members[1 + (each.who % Math.max(1, members.length - 1))];
            if (one === undefined || one.to !== Number.POSITIVE_INFINITY) continue;
            bench.feed.catchUp(one.member);
            expect(one.member.all()).toEqual(numbers(one.from, told));
            if (each.do === 'catchUp') continue;
            bench.feed.leave(one.member);
            one.to = told;
          }
        }
        for (let i = 0; i < 100 && stays.all().length < told; i += 1) {
          await turn();
          await bench.clock.advance(300);
        }
        for (let i = 0; i < 3 + members.length; i += 1) await turn();
        for (const { member, from, to } of members) expect(member.all()).toEqual(numbers(from, Math.min(to, told)));
      }),
      { numRuns: 150 },
    );
  });
});

function numbers(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);
}

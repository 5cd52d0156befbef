import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import { hasBacklog } from '../../../src/cluster/machinery/backlog.ts';
import { Controller } from '../../../src/cluster/machinery/controller.ts';
import { Watchdog } from '../../../src/cluster/machinery/watchdog.ts';
import type { KubeClient } from '../../../src/client/kube-client.ts';
import { SeededRandom } from '../../../src/base/random.ts';

const START = Date.UTC(2026, 0, 1);
const OBJECT = { kind: 'Deployment', namespace: 'default', name: 'web' };

function setUp() {
  const clock = new VirtualClock({ start: START });
  const log: string[] = [];
  const events: string[] = [];
  const logger = { log: (level: string, message: string): number => log.push(`${level}: ${message}`) };
  const event = (object: object, type: string, reason: string, message: string): void => {
    events.push(`${JSON.stringify(object)} ${type} ${reason}: ${message}`);
  };
  const watchdog = new Watchdog({ clock, logger, recorder: () => ({ event }) });
  const write = (times: number, writer = 'one'): number[] =>
    Array.from({ length: times }, () => watchdog.write(writer, OBJECT));
  return { clock, log, events, logger, watchdog, write };
}

describe('writes of one object', () => {
  it('go on freely while time passes', async () => {
    const { clock, log, write } = setUp();
    for (let i = 0; i < 5; i += 1) {
      expect(Math.max(...write(900))).toBe(0);
      await clock.advance(1);
    }
    expect(log).toEqual([]);
  });

  it('of which there are many at one instant are told once, with their writers, and have to wait', () => {
    const { log, events, write } = setUp();
    expect(write(1000).every((wait) => wait === 0)).toBe(true);
    expect(write(1, 'two')).toEqual([5]);
    expect(write(2)).toEqual([5, 5]);
    const message =
      'no progress: Deployment default/web was written 1000 times at one instant, by one, two; slowed down';
    expect(log).toEqual([`warn: ${message}`]);
    expect(events).toEqual([`${JSON.stringify(OBJECT)} Warning NoProgress: ${message}`]);
  });

  it('wait longer each time, up to a minute, and go freely after a rest', async () => {
    const { clock, write } = setUp();
    write(1001);
    const waits: number[] = [];
    for (let i = 0; i < 16; i += 1) {
      const [wait = 0] = write(1);
      waits.push(wait);
      await clock.advance(wait);
      expect(write(1)).toEqual([0]);
    }
    expect(waits.slice(0, 5)).toEqual([5, 10, 20, 40, 80]);
    expect(waits.at(-1)).toBe(60_000);
    await clock.advance(600_000);
    expect(Math.max(...write(900))).toBe(0);
  });
});

describe('writes of users', () => {
  it('let others have their turn from the thousandth at one instant on, until the object has rested', async () => {
    const { clock, log, watchdog } = setUp();
    const writes = (times: number): boolean[] =>
      Array.from({ length: times }, () => watchdog.userWrites('ann', OBJECT));
    expect(writes(1000)).not.toContain(true);
    expect(writes(2)).toEqual([true, true]);
    await clock.advance(1000);
    expect(writes(2)).toEqual([true, true]);
    await clock.advance(3_600_001);
    expect(writes(2)).toEqual([false, false]);
    expect(log).toEqual([]);
  });

  it('are told once when there are several who write', async () => {
    const { clock, log, events, watchdog } = setUp();
    for (let i = 0; i < 3000; i += 1) watchdog.userWrites(i % 2 === 0 ? 'ann' : 'bob', OBJECT);
    await clock.advance(1000);
    for (let i = 0; i < 3000; i += 1) watchdog.userWrites(i % 2 === 0 ? 'ann' : 'bob', OBJECT);
    expect(log).toEqual([
      'warn: no progress: Deployment default/web was written 1000 times at one instant, by ann, bob; slowed down',
    ]);
    expect(events).toHaveLength(1);
  });

  it('are told together with those of a controller, whoever is the first to have too many', () => {
    for (const first of ['controller', 'user'] as const) {
      const { log, watchdog, write } = setUp();
      if (first === 'user') watchdog.userWrites('ann', OBJECT);
      for (let i = 0; i < 1100; i += 1) {
        write(1, 'deployer');
        watchdog.userWrites('ann', OBJECT);
      }
      expect(log).toEqual([expect.stringContaining('1000 times at one instant, by ann, deployer; slowed down')]);
    }
  });
});

it('webhooks that change objects are told among those who are busy', async () => {
  const { clock, log, watchdog, write } = setUp();
  for (let i = 0; i < 150; i += 1) watchdog.witness('webhook old.example.com', OBJECT);
  await clock.advance(1);
  for (let i = 0; i < 150; i += 1) watchdog.witness('webhook new.example.com', OBJECT);
  for (let i = 0; i < 100; i += 1) watchdog.witness('webhook rare.example.com', OBJECT);
  write(1001);
  expect(log).toEqual([
    expect.stringContaining('by one; busy: webhook new.example.com (Deployment default/web, 150 times); slowed down'),
  ]);
});

describe('a controller whose key comes again and again at one instant', () => {
  it('is told of and slowed down, so that time passes and others get their turn', async () => {
    const { clock, log, events, logger, watchdog } = setUp();
    const context = { client: {} as KubeClient, clock, random: new SeededRandom(1), logger, watchdog };
    let turns = 0;
    const controller: Controller = new Controller({
      name: 'deployment-controller',
      context,
      informers: [],
      reconcile: (key) => {
        turns += 1;
        controller.queue.add(key);
        return Promise.resolve();
      },
    });
    await controller.start();
    controller.queue.add('default/web');
    await clock.settle();
    expect(turns).toBe(1000);
    expect(log).toEqual([
      'warn: no progress: deployment-controller has worked on default/web 1000 times at one instant; ' +
        'busy: deployment-controller (default/web, 1001 times); slowed down',
    ]);
    expect(events).toHaveLength(1);
    await clock.advance(3_600_000);
    expect(turns).toBeLessThan(1200);
    controller.stop();
  });
});

describe('timers that lead to one another without time passing', () => {
  it('end with an error instead of never', async () => {
    const clock = new VirtualClock({ start: START, settle: () => Promise.resolve() });
    let turns = 0;
    const again = (): void => {
      turns += 1;
      clock.setTimer(0, again);
    };
    clock.setTimer(1000, again);
    await expect(clock.advance(5000)).rejects.toMatchObject({
      code: 'no-progress',
      message: expect.stringContaining('nothing comes to rest at 2026-01-01T00:00:01.000Z'),
    });
    expect(turns).toBe(100_001);
    // What was due is not lost.
    await expect(clock.settle()).rejects.toMatchObject({ code: 'no-progress' });
    expect(turns).toBeGreaterThan(200_000);
  });

  it('may be many side by side', async () => {
    const clock = new VirtualClock({ start: START, settle: () => Promise.resolve() });
    let done = 0;
    for (let i = 0; i < 150_000; i += 1) clock.setTimer(0, () => clock.setTimer(0, () => (done += 1)));
    await clock.settle();
    expect(done).toBe(150_000);
  });
});

describe('pods that wait for a node', () => {
  const pods = (waiting: number, placed: number) =>
    Array.from({ length: waiting + placed }, (_, i) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {},
      spec: { containers: [], ...(i < waiting ? {} : { nodeName: 'n' }) },
    }));

  it.each([
    [0, 0, false],
    [4999, 5000, false],
    [5000, 0, true],
    [5000, 5000, true],
  ])('%i of them beside %i others: enough is %s', (waiting, placed, expected) => {
    expect(hasBacklog(pods(waiting, placed))).toBe(expected);
  });
});

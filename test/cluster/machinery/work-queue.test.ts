import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../../src/base/logger.ts';
import { SeededRandom } from '../../../src/base/random.ts';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import { Controller } from '../../../src/cluster/machinery/controller.ts';
import { WorkQueue } from '../../../src/cluster/machinery/work-queue.ts';
import { FakeClient } from './fake-client.ts';

function drain(queue: WorkQueue): string[] {
  const keys: string[] = [];
  for (let key = queue.take(); key !== undefined; key = queue.take()) {
    keys.push(key);
    queue.done(key);
  }
  return keys;
}

describe('work queue', () => {
  it('hands keys out once, in order', () => {
    const queue = new WorkQueue({ clock: new VirtualClock({ start: 0 }), wake: () => {} });
    for (const key of ['b', 'a', 'b', 'c', 'a']) queue.add(key);
    expect(drain(queue)).toEqual(['b', 'a', 'c']);
  });

  it('brings back a key that was added while it was worked on', () => {
    const queue = new WorkQueue({ clock: new VirtualClock({ start: 0 }), wake: () => {} });
    queue.add('a');
    expect(queue.take()).toBe('a');
    queue.add('a');
    expect(queue.take()).toBeUndefined();
    queue.done('a');
    expect(drain(queue)).toEqual(['a']);
  });

  it('keeps the earliest of several instants', async () => {
    const clock = new VirtualClock({ start: 0 });
    const queue = new WorkQueue({ clock, wake: () => {} });
    queue.addAfter('a', 100);
    queue.addAfter('a', 50);
    queue.addAfter('a', 200);
    await clock.advance(49);
    expect(drain(queue)).toEqual([]);
    await clock.advance(1);
    expect(drain(queue)).toEqual(['a']);
    await clock.advance(1000);
    expect(drain(queue)).toEqual([]);
  });

  it('cancels the wait of a key', async () => {
    const clock = new VirtualClock({ start: 0 });
    const queue = new WorkQueue({ clock, wake: () => {} });
    queue.addAfter('a', 100);
    queue.addAfter('b', 100);
    queue.cancel('a');
    queue.cancel('unknown');
    expect(clock.nextPunctual()).toBe(100);
    await clock.advance(100);
    expect(drain(queue)).toEqual(['b']);
    queue.addAfter('a', 50);
    await clock.advance(50);
    expect(drain(queue)).toEqual(['a']);
  });

  it('doubles the delay of a key that fails from 5 ms to 1,000 s', async () => {
    const clock = new VirtualClock({ start: 0 });
    const queue = new WorkQueue({ clock, wake: () => {} });
    const waits: number[] = [];
    for (let i = 0; i < 20; i += 1) {
      const start = clock.now();
      queue.addRateLimited('a');
      const due = clock.next() ?? 0;
      waits.push(due - start);
      await clock.advanceTo(due);
      drain(queue);
    }
    expect(waits.slice(0, 4)).toEqual([5, 10, 20, 40]);
    expect(waits.at(-1)).toBe(1_000_000);
    queue.forget('a');
    queue.addRateLimited('a');
    expect((clock.next() ?? 0) - clock.now()).toBe(5);
  });
});

describe('controller', () => {
  it('starts when its informers are filled, tries failures again, and stops', async () => {
    const clock = new VirtualClock({ start: 0 });
    const context = { client: new FakeClient().client, clock, random: new SeededRandom(1), logger: silentLogger };
    const log: string[] = [];
    let fill: () => void = () => {};
    const synced = new Promise<void>((resolve) => {
      fill = resolve;
    });
    const controller = new Controller({
      name: 'test',
      context,
      informers: [{ synced }],
      started: () => {
        log.push('started');
      },
      reconcile: async (key) => {
        log.push(`${key} at ${clock.now()}`);
        if (key === 'bad' && clock.now() < 10) throw new Error('not yet');
      },
    });
    controller.queue.add('good');
    controller.queue.add('bad');
    const start = controller.start();
    await clock.settle();
    expect(log).toEqual([]);
    fill();
    await start;
    await clock.advance(100);
    expect(log).toEqual(['started', 'good at 0', 'bad at 0', 'bad at 5', 'bad at 15']);
    controller.queue.addAfter('good', 10);
    controller.stop();
    await clock.advance(100);
    expect(log).toHaveLength(5);
  });
});

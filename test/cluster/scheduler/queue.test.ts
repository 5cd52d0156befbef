import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import { PodInfo } from '../../../src/cluster/scheduler/pod-info.ts';
import { backOff, type QueuedPod, SchedulingQueue } from '../../../src/cluster/scheduler/queue.ts';
import { podOf } from './world.ts';

const info = (name: string, priority = 0): PodInfo => new PodInfo(podOf({ name, priority }));
const START = Date.UTC(2026, 0, 1);

function setUp(): {
  readonly clock: VirtualClock;
  readonly queue: SchedulingQueue;
  take: () => QueuedPod;
  names: () => string;
} {
  const clock = new VirtualClock({ start: START });
  const queue = new SchedulingQueue(clock, () => {});
  const take = (): QueuedPod => {
    const pod = queue.next();
    if (pod === undefined) throw new Error('nothing to do');
    return pod;
  };
  const names = (): string => {
    const list: string[] = [];
    for (let pod = queue.next(); pod !== undefined; pod = queue.next()) {
      list.push(pod.info.pod.metadata.name ?? '');
    }
    return list.join(' ');
  };
  return { clock, queue, take, names };
}

const always = (): boolean => true;

describe('the order of pods that wait', () => {
  it('is that of priority, then of arrival', async () => {
    const { clock, queue, names } = setUp();
    queue.add(info('first'));
    queue.add(info('second'));
    await clock.advance(1000);
    queue.add(info('late-and-important', 10));
    queue.add(info('late'));
    expect(names()).toBe('late-and-important first second late');
  });

  it('puts a pod that found no node behind those that came meanwhile', async () => {
    const { clock, queue, take, names } = setUp();
    queue.add(info('old'));
    const old = take();
    await clock.advance(1000);
    queue.add(info('new'));
    await clock.advance(1000);
    queue.unschedulable(old);
    queue.changed(always);
    expect(names()).toBe('new old');
  });
});

describe('a pod that found no node', () => {
  it('waits for a change that may help', () => {
    const { queue, take, names } = setUp();
    queue.add(info('a'));
    queue.unschedulable(take());
    queue.changed(() => false);
    expect(names()).toBe('');
    queue.changed(always);
    expect(names()).toBe('a');
  });

  it('waits in one place, also when what failed once fails again', async () => {
    const { clock, queue, take, names } = setUp();
    const pod = info('a');
    queue.add(pod);
    const taken = take();
    queue.unschedulable(taken);
    queue.failed(taken);
    queue.failed(taken);
    queue.changed(always);
    expect(names()).toBe('');
    await clock.advance(999);
    expect(names()).toBe('');
    await clock.advance(60_000);
    expect(names()).toBe('a');
    queue.remove(pod.uid);
    queue.changed(always);
    await clock.advance(400_000);
    expect(names()).toBe('');
  });

  it.each([
    [299_000, ''],
    [330_000, 'a'],
  ])('is looked at again after five minutes, whatever happened: after %i ms %j', async (wait, expected) => {
    const { clock, queue, take, names } = setUp();
    queue.add(info('a'));
    queue.unschedulable(take());
    await clock.advance(wait);
    expect(names()).toBe(expected);
  });

  it('is forgotten with the pod', () => {
    const { queue, take, names } = setUp();
    const pod = info('a');
    queue.add(pod);
    queue.unschedulable(take());
    queue.remove(pod.uid);
    queue.changed(always);
    expect(names()).toBe('');
  });

  it('is looked at at once when it has changed itself', () => {
    const { queue, take, names } = setUp();
    const pod = info('a');
    queue.add(pod);
    queue.unschedulable(take());
    queue.add(pod);
    expect(names()).toBe('a');
  });
});

describe('the back-off', () => {
  it.each([
    [1, 1000],
    [2, 2000],
    [3, 4000],
    [4, 8000],
    [5, 10_000],
    [100, 10_000],
  ])('after %i failures is %i ms', (failures, expected) => {
    expect(backOff(failures)).toBe(expected);
  });

  it('counts errors in a row apart from attempts that found no node', async () => {
    const { clock, queue, take, names } = setUp();
    queue.add(info('a'));
    for (let i = 0; i < 4; i += 1) {
      queue.unschedulable(take());
      queue.changed(always);
    }
    queue.failed(take());
    await clock.advance(999);
    expect(names()).toBe('');
    await clock.advance(1);
    queue.failed(take());
    await clock.advance(1999);
    expect(names()).toBe('');
    await clock.advance(1);
    expect(names()).toBe('a');
  });
});

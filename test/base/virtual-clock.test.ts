import { expect, test } from 'vitest';
import { VirtualClock } from '../../src/base/virtual-clock.ts';

const newClock = (): VirtualClock => new VirtualClock({ start: 0, settle: () => Promise.resolve() });

test('timers that lead to one another without end are told', async () => {
  const clock = newClock();
  const again = (): void => {
    clock.setTimer(0, again);
  };
  again();
  await expect(clock.advance(1000)).rejects.toMatchObject({ code: 'no-progress' });
  expect(clock.now()).toBe(0);
});

test('pieces of work that come to rest, each for itself, are no such thing, however many there are', async () => {
  const clock = newClock();
  let done = 0;
  for (let i = 0; i < 100_010; i += 1) {
    clock.setTimer(0, () => {
      done += 1;
    });
    await clock.settle();
  }
  expect(done).toBe(100_010);
  expect(clock.now()).toBe(0);
});

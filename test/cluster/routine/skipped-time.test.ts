import { expect, test } from 'vitest';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import { EventCorrelator } from '../../../src/cluster/machinery/event-correlator.ts';

test('a clock skips time in which nothing is due but what may be late', async () => {
  const clock = new VirtualClock({ start: 0 });
  const fired: [string, number][] = [];
  const note = (name: string) => (): void => void fired.push([name, clock.now()]);
  clock.setTimer(10, note('late'), { mayBeLate: true });
  clock.setTimer(50, note('stopped')).stop();
  const punctual = clock.setTimer(100, note('punctual'));
  expect(clock.nextPunctual()).toBe(100);
  expect(clock.skipTo(100)).toBe(false);
  expect(clock.skipTo(99)).toBe(true);
  expect(clock.skipTo(98)).toBe(false);
  expect([clock.now(), fired]).toEqual([99, []]);
  punctual.stop();
  expect(clock.nextPunctual()).toBeUndefined();
  expect(clock.skipTo(500)).toBe(true);
  await clock.settle();
  expect(fired).toEqual([['late', 500]]);
});

test('a clock skips nothing while time passes or is held', async () => {
  const clock = new VirtualClock({ start: 0 });
  const release = clock.hold();
  expect(clock.skipTo(10)).toBe(false);
  const passing = clock.advance(5);
  release();
  expect(clock.skipTo(10)).toBe(false);
  await passing;
  expect(clock.skipTo(10)).toBe(true);
});

test('events go on after skipped time as if those of the last period had come just now', () => {
  const reference = { kind: 'CronJob', namespace: 'ns', name: 'often', uid: 'u', apiVersion: 'batch/v1' };
  const correlator = new EventCorrelator();
  const tell = (now: number, name: string): object | undefined => {
    const event = correlator.correlate(
      { reference: { ...reference, name }, type: 'Normal', reason: 'R', message: String(now) },
      now,
    );
    const previous = event?.written.event;
    if (event !== undefined) event.written.event = { namespace: 'ns', name: `${name}.e`, count: 1 };
    return event === undefined ? undefined : { message: event.message, previous };
  };
  for (let i = 0; i < 12; i += 1) {
    tell(i * 1000, 'often');
    if (i < 6) tell(i * 1000, 'before');
  }
  const from = 12_000;
  const to = from + 30 * 86_400_000;
  correlator.skip({ from, to, period: 5000, counts: new Map([['ns/often.e', 42]]) });
  expect(tell(to, 'often')).toMatchObject({
    message: `(combined from similar events): ${to}`,
    previous: { name: 'often.e', count: 42 },
  });
  for (let i = 0; i < 12; i += 1) tell(to, 'often');
  expect(tell(to, 'often')).toBeUndefined();
  // What was no part of it is a month older.
  expect(tell(to, 'before')).toMatchObject({ message: String(to), previous: undefined });
});

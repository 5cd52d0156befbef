import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../../src/base/logger.ts';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import { createEventRecorder } from '../../../src/cluster/machinery/event-recorder.ts';
import { StatusError } from '../../../src/kube/status-error.ts';
import { FakeClient, object } from './fake-client.ts';

const START = Date.UTC(2025, 0, 1);

function setUp(): {
  fake: FakeClient;
  clock: VirtualClock;
  record: (reason: string, message: string) => Promise<void>;
} {
  const fake = new FakeClient();
  const clock = new VirtualClock({ start: START });
  const recorder = createEventRecorder({ client: fake.client, clock, logger: silentLogger }, { component: 'tester' });
  const subject = object('web', { uid: 'u1' });
  return {
    fake,
    clock,
    record: async (reason, message) => {
      recorder.event(subject, 'Normal', reason, message);
      await clock.settle();
    },
  };
}

const failure = (code: number, reason: string): StatusError =>
  new StatusError({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', reason, code });

describe('event recorder', () => {
  it('writes events as client-go does, the same ones every time', async () => {
    const { fake, record } = setUp();
    await record('Created', 'made it');
    const again = setUp();
    await again.record('Created', 'made it');
    const [call] = fake.calls;
    expect(again.fake.calls[0]?.key).toBe(call?.key);
    expect(call?.key).toMatch(/^events\/web\.[0-9a-f]{16}$/);
    expect(call?.body).toMatchObject({
      metadata: { namespace: 'default' },
      involvedObject: { kind: 'ConfigMap', namespace: 'default', name: 'web', uid: 'u1', apiVersion: 'v1' },
      reason: 'Created',
      message: 'made it',
      source: { component: 'tester' },
      firstTimestamp: '2025-01-01T00:00:00Z',
      lastTimestamp: '2025-01-01T00:00:00Z',
      count: 1,
      type: 'Normal',
      reportingComponent: 'tester',
      reportingInstance: '',
    });
  });

  it('counts up what happens again', async () => {
    const { fake, clock, record } = setUp();
    await record('Failed', 'no luck');
    await clock.advance(60_000);
    await record('Failed', 'no luck');
    await record('Failed', 'no luck');
    expect(fake.calls.map(({ verb }) => verb)).toEqual(['create', 'patch', 'patch']);
    expect(fake.calls[2]?.body).toEqual({ count: 3, lastTimestamp: '2025-01-01T00:01:00Z', message: 'no luck' });
    fake.failures.push(failure(404, 'NotFound'));
    await record('Failed', 'no luck');
    expect(fake.calls.map(({ verb }) => verb).slice(3)).toEqual(['patch', 'create']);
  });

  it('merges events that differ in their message alone', async () => {
    const { fake, record } = setUp();
    for (let i = 0; i < 12; i += 1) await record('Created', `pod ${i}`);
    expect(fake.calls.map(({ verb }) => verb)).toEqual([...Array<string>(10).fill('create'), 'patch', 'patch']);
    expect(fake.calls[9]?.body).toMatchObject({ message: '(combined from similar events): pod 9' });
    expect(fake.calls[11]?.body).toMatchObject({ message: '(combined from similar events): pod 11', count: 3 });
  });

  it('cuts an object off that has too many, and lets one more through every 5 minutes', async () => {
    const { fake, clock, record } = setUp();
    for (let i = 0; i < 40; i += 1) await record(`Reason${i}`, 'm');
    expect(fake.calls).toHaveLength(25);
    await clock.advance(300_000);
    await record('Later', 'm');
    await record('Later', 'm');
    expect(fake.calls).toHaveLength(26);
  });

  it('takes another name when one is taken, and gives up on other failures', async () => {
    const { fake, record } = setUp();
    fake.failures.push(failure(409, 'AlreadyExists'), undefined, failure(403, 'Forbidden'));
    await record('A', 'm');
    await record('B', 'm');
    await record('C', 'm');
    expect(fake.calls).toHaveLength(4);
    expect(new Set(fake.calls.map(({ key }) => key)).size).toBe(4);
  });

  it('remembers instants as long as its source lives, and writes what was told before', async () => {
    const fake = new FakeClient();
    const clock = new VirtualClock({ start: START });
    const listeners = new Set<object>();
    const skips = {
      onSkip: (listener: object) => {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    };
    const context = { client: fake.client, clock, logger: silentLogger, skips };
    const recorder = createEventRecorder(context, { component: 'kubelet', host: 'node-1' });
    expect(listeners.size).toBe(1);
    recorder.event(object('web'), 'Normal', 'Stopping', 'm');
    recorder.stop();
    recorder.stop();
    expect(listeners.size).toBe(0);
    await clock.settle();
    expect(fake.calls).toHaveLength(1);
  });
});

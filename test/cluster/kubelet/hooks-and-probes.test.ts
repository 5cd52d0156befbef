import { afterEach, describe, expect, it } from 'vitest';
import type { Container } from '../../../src/kube/api/core-v1.generated.ts';
import { RESOURCES } from '../../../src/kube/resources.ts';
import { isStatus } from '../../../src/kube/status-error.ts';
import { type Bench, bench, summary } from './support.ts';

let current: Bench | undefined;

async function open(): Promise<Bench> {
  current = await bench();
  return current;
}

afterEach(() => current?.stop());

describe('the last seconds of a container', () => {
  /** Seconds from the deletion of a pod to its end. */
  async function secondsToEnd(
    container: Partial<Container>,
    grace: number | undefined,
    behaviour: string,
  ): Promise<number> {
    const b = await open();
    const spec = grace === undefined ? {} : { terminationGracePeriodSeconds: grace };
    await b.run('p', { image: 'shop/app:1', ...container }, spec, { 'pintle.dev/behaviour': behaviour });
    await b.clock.advance(10_000);
    await b.client.delete(RESOURCES.pods, { namespace: 'default', name: 'p' });
    for (let second = 0; second < 120; second += 1) {
      await b.clock.advance(second === 0 ? 100 : 1000);
      try {
        await b.pod('p');
      } catch (error) {
        if (isStatus(error, 'NotFound')) return second;
        throw error;
      }
    }
    return -1;
  }

  // kubernetes: pkg/kubelet/kuberuntime/kuberuntime_container.go killContainer
  it.each<[string, Partial<Container>, number | undefined, string, number]>([
    ['SIGTERM is heard at once', {}, undefined, 'stopMillis: 0', 0],
    ['it takes its time', {}, undefined, 'stopMillis: 7000', 7],
    ['it takes longer than the grace period', {}, 5, 'stopMillis: 60000', 5],
    ['it does not hear', {}, undefined, 'ignoresTerm: true', 30],
    ['a sleep goes before', { lifecycle: { preStop: { sleep: { seconds: 5 } } } }, undefined, 'stopMillis: 0', 5],
    [
      'a sleep takes of the grace period',
      { lifecycle: { preStop: { sleep: { seconds: 5 } } } },
      8,
      'ignoresTerm: true',
      8,
    ],
    [
      'two seconds are left in any case',
      { lifecycle: { preStop: { sleep: { seconds: 5 } } } },
      5,
      'ignoresTerm: true',
      7,
    ],
    [
      'a command goes before',
      { lifecycle: { preStop: { exec: { command: ['sleep', '4'] } } } },
      undefined,
      'stopMillis: 1000',
      5,
    ],
  ])('%s', async (_, container, grace, behaviour, seconds) => {
    expect(await secondsToEnd(container, grace, behaviour)).toBe(seconds);
  });
});

// kubernetes: pkg/probe/grpc/grpc.go
describe('gRPC probes', () => {
  const probed = { readinessProbe: { grpc: { port: 9000 }, periodSeconds: 5 }, ports: [{ containerPort: 9000 }] };
  it.each<[string, string, string, string | undefined]>([
    ['a server that serves', 'ports: [9000]\ngrpc: SERVING', 'Running c=running ready', undefined],
    [
      'a server that does not',
      'ports: [9000]\ngrpc: NOT_SERVING',
      'Running c=running',
      'Readiness probe failed: service unhealthy (responded with "NOT_SERVING")',
    ],
    [
      'a server without the protocol',
      'ports: [9000]\ngrpc: none',
      'Running c=running',
      'Readiness probe failed: error: this server does not implement the grpc health protocol (grpc.health.v1.Health): unknown service grpc.health.v1.Health',
    ],
    [
      'no server',
      'ports: [8080]',
      'Running c=running',
      'Readiness probe failed: timeout: failed to connect service "10.244.0.2:9000" within 1s: context deadline exceeded',
    ],
  ])('%s', async (_, behaviour, expected, event) => {
    const b = await open();
    const container = behaviour.includes('8080') ? { ...probed, ports: [{ containerPort: 8080 }] } : probed;
    await b.run('p', container, {}, { 'pintle.dev/behaviour': behaviour });
    await b.clock.advance(30_000);
    expect(summary(await b.pod('p'))).toBe(expected);
    const unhealthy = (await b.events('p')).filter((text) => text.includes('Unhealthy'));
    if (event === undefined) expect(unhealthy).toEqual([]);
    else expect(unhealthy.join('\n')).toContain(`Warning Unhealthy: ${event}`);
  });
});

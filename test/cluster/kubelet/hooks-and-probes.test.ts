import { afterEach, describe, expect, it } from 'vitest';
import type { Container } from '../../../src/kube/api/core-v1.generated.ts';
import { RESOURCES } from '../../../src/kube/resources.ts';
import { isStatus } from '../../../src/kube/status-error.ts';
import { type Bench, type BenchOptions, bench, endpoints, service, summary } from './support.ts';

let current: Bench | undefined;

async function open(options?: BenchOptions): Promise<Bench> {
  current = await bench(options);
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

describe('a container that waits for the network', () => {
  const waits = (then: string): string[] => ['sh', '-c', `until nc -z db 5432; do sleep 1; done; ${then}`];
  const tcp = { tcpSocket: { port: 8080 }, periodSeconds: 1 };
  const served: readonly (readonly [string, Partial<Container>])[] = [
    ['its ports', { command: waits('exec server') }],
    [
      'what it writes later',
      {
        command: waits('sleep 1h; touch /tmp/ok; exec server'),
        readinessProbe: { exec: { command: ['cat', '/tmp/ok'] }, periodSeconds: 60 },
      },
    ],
    [
      'after a startup probe',
      { command: waits('exec server'), startupProbe: { ...tcp, periodSeconds: 20, failureThreshold: 9 } },
    ],
  ];

  it.each(served)('is ready when it serves: %s', async (_, container) => {
    const b = await open();
    await service(b, 'db');
    await b.run('web', { readinessProbe: tcp, ...container });
    await b.clock.advance(60_000);
    expect(summary(await b.pod('web'))).toBe('Running c=running');
    await endpoints(b, 'db');
    await b.clock.advance(3_700_000);
    expect(summary(await b.pod('web'))).toBe('Running c=running ready');
  });

  it('starts as slowly as its disk lets it', async () => {
    const b = await open({ node: { faults: { diskFactor: () => 10, skew: () => 0 } } });
    await service(b, 'db');
    const container = { command: waits('exec server'), readinessProbe: tcp };
    await b.run('web', container, {}, { 'pintle.dev/behaviour': 'start: 30s' });
    await b.clock.advance(60_000);
    await endpoints(b, 'db');
    await b.clock.advance(90_000);
    await b.restart();
    await b.clock.advance(90_000);
    expect(summary(await b.pod('web'))).toBe('Running c=running');
    await b.clock.advance(120_000);
    expect(summary(await b.pod('web'))).toBe('Running c=running ready');
  });

  it('makes the Secrets of its server when that begins', async () => {
    const b = await open();
    await service(b, 'db');
    const args = ['sh', '--enable-cert-rotation=true'];
    await b.run('keda', { image: 'ghcr.io/kedacore/keda:2.17.0', command: waits('exec keda'), args });
    await b.clock.advance(60_000);
    const secret = { namespace: 'default', name: 'kedaorg-certs' };
    await expect(b.client.get(RESOURCES.secrets, secret)).rejects.toThrow('not found');
    await endpoints(b, 'db');
    await b.clock.advance(1000);
    expect(await b.client.get(RESOURCES.secrets, secret)).toMatchObject({ data: { 'tls.crt': expect.any(String) } });
  });

  it('that goes on while it is being stopped leaves nothing behind for its next run', async () => {
    const b = await open();
    await service(b, 'db');
    const livenessProbe = { ...tcp, initialDelaySeconds: 3, failureThreshold: 1 };
    await b.run('web', { command: waits('sleep 25; exit 2'), livenessProbe });
    for (let i = 0; i < 200 && !(await b.events('web')).some((text) => text.includes('Killing')); i += 1) {
      await b.clock.advance(100);
    }
    await b.clock.advance(2000);
    await endpoints(b, 'db');
    await b.clock.advance(27_000);
    expect(summary(await b.pod('web'))).toBe('Running c=running/1 ready');
    await b.clock.advance(2000);
    expect(summary(await b.pod('web'))).toBe('Running c=running/1 ready');
  });

  it('is ended by its memory when that is full, and its next run is not', async () => {
    const b = await open();
    await service(b, 'db');
    const resources = { limits: { memory: '60Mi' } };
    const leak = { 'pintle.dev/behaviour': 'leak: 1Mi/1s' };
    await b.run('web', { command: waits('exec server'), resources }, {}, leak);
    await b.run('job', { command: waits('sleep 15; exit 2'), resources }, {}, leak);
    await b.clock.advance(40_000);
    await endpoints(b, 'db');
    await b.clock.advance(18_000);
    expect(summary(await b.pod('web'))).toBe('Running c=running ready');
    expect(summary(await b.pod('job'))).toBe('Running c=running/1 ready');
    await b.clock.advance(6000);
    expect(summary(await b.pod('job'))).toBe('Running c=running/1 ready');
    expect((await b.pod('web')).status?.containerStatuses?.[0]).toMatchObject({
      restartCount: 1,
      lastState: { terminated: { reason: 'OOMKilled' } },
    });
  });
});

describe('probes of answers that change with time', () => {
  const readinessProbe = { httpGet: { path: '/', port: 8080 }, periodSeconds: 5, failureThreshold: 2 };

  it.each([
    ['a change', {}, 'changes: [{after: 1h, grpc: SERVING}]\n'],
    ['a file', { command: ['sh', '-c', '(sleep 3600; rm /tmp/ok) & exec server'] }, ''],
  ])('follow what depends on others long before %s', async (_, container, more) => {
    const b = await open();
    await service(b, 'db');
    const behaviour = `${more}cases: [{if: {unreachable: "db:5432"}, paths: {"*": 503}}]`;
    await b.run('web', { ...container, readinessProbe }, {}, { 'pintle.dev/behaviour': behaviour });
    await b.clock.advance(60_000);
    expect(summary(await b.pod('web'))).toBe('Running c=running');
    await endpoints(b, 'db');
    await b.clock.advance(10_000);
    expect(summary(await b.pod('web'))).toBe('Running c=running ready');
    await b.client.delete(RESOURCES.services, { namespace: 'default', name: 'db' });
    await b.clock.advance(4000);
    expect(summary(await b.pod('web'))).toBe('Running c=running ready');
    await b.clock.advance(10_000);
    expect(summary(await b.pod('web'))).toBe('Running c=running');
  });
});

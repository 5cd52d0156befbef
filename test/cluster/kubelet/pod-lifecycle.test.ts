import { afterEach, describe, expect, it } from 'vitest';
import { createCatalogue } from '../../../src/cluster/kubelet/images/catalogue.ts';
import { createPodLogs } from '../../../src/cluster/kubelet/pod-logs.ts';
import { createInformerFactory } from '../../../src/cluster/machinery/informer.ts';
import { HEARTBEAT_ANNOTATION, MACHINE_ANNOTATION } from '../../../src/cluster/machinery/heartbeat.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { SeededRandom } from '../../../src/base/random.ts';
import type { Lease } from '../../../src/kube/api/coordination-v1.generated.ts';
import type { Node, Pod } from '../../../src/kube/api/core-v1.generated.ts';
import type { KubeObject } from '../../../src/kube/object.ts';
import { RESOURCES } from '../../../src/kube/resources.ts';
import { type Bench, type BenchOptions, bench, endpoints, service, START, summary } from './support.ts';

let current: Bench | undefined;

async function open(options?: BenchOptions): Promise<Bench> {
  current = await bench(options);
  return current;
}

afterEach(() => current?.stop());

const SLEEPER = { image: 'busybox:1', command: ['sleep', '100000'] };

async function remove(b: Bench, name: string, gracePeriodSeconds?: number): Promise<void> {
  await b.client.delete(RESOURCES.pods, { namespace: 'default', name }, { gracePeriodSeconds });
  await b.clock.settle();
}

async function exists(b: Bench, name: string): Promise<boolean> {
  const { items } = await b.client.list<Pod>(RESOURCES.pods, { namespace: 'default' });
  return items.some(({ metadata }) => metadata.name === name);
}

describe('a pod that is well', () => {
  it('becomes ready with few writes, and then costs nothing', async () => {
    const b = await open();
    await b.run('web', {
      image: 'nginx:1.27',
      ports: [{ containerPort: 80 }],
      readinessProbe: { httpGet: { path: '/', port: 80 }, initialDelaySeconds: 5 },
      livenessProbe: { httpGet: { path: '/', port: 80 } },
    });
    await b.clock.advance(5000);
    expect(summary(await b.pod('web'))).toBe('Running c=running');
    await b.clock.advance(5000);
    expect(summary(await b.pod('web'))).toBe('Running c=running ready');
    expect(b.statusWrites()).toBe(3);
    const { status } = await b.pod('web');
    expect(status).toMatchObject({
      podIP: '10.244.0.2',
      hostIP: '172.18.0.2',
      startTime: '2025-01-01T00:00:00Z',
      qosClass: 'BestEffort',
      observedGeneration: 1,
    });
    expect(status?.conditions?.map(({ type, status: value }) => `${type}=${value}`)).toEqual([
      'PodReadyToStartContainers=True',
      'Initialized=True',
      'Ready=True',
      'ContainersReady=True',
      'PodScheduled=True',
    ]);
    // The node tells of its new image once; then only the API server's events expire, after an hour.
    await b.clock.advance(20_000);
    expect(b.clock.next()).toBeGreaterThanOrEqual(START + 3_600_000);
  });

  it('shows an application that takes its time', async () => {
    const b = await open();
    const probe = { httpGet: { path: '/', port: 8080 }, periodSeconds: 5 };
    await b.run('slow', { readinessProbe: probe }, {}, { 'pintle.dev/behaviour': 'start: 12s' });
    await b.clock.advance(13_000);
    expect(summary(await b.pod('slow'))).toBe('Running c=running');
    await b.clock.advance(5000);
    expect(summary(await b.pod('slow'))).toBe('Running c=running ready');
    expect((await b.events('slow')).at(-1)).toBe(
      'Warning Unhealthy: Readiness probe failed: Get "http://10.244.0.2:8080/": dial tcp 10.244.0.2:8080: connect: connection refused (x3)',
    );
  });

  it('follows answers that change, without a timer in between', async () => {
    const b = await open();
    const changes = 'changes: [{after: 10m, paths: {"*": 503}}, {after: 20m, paths: {}}]';
    await b.run(
      'web',
      { readinessProbe: { httpGet: { path: '/', port: 80 } } },
      {},
      { 'pintle.dev/behaviour.c': changes },
    );
    const seen: string[] = [];
    for (const minutes of [5, 5.5, 11, 1]) {
      await b.clock.advance(minutes * 60_000);
      seen.push(summary(await b.pod('web')));
    }
    expect(seen).toEqual([
      'Running c=running ready',
      'Running c=running',
      'Running c=running ready',
      'Running c=running ready',
    ]);
  });

  it('runs the files of exec probes through time', async () => {
    const b = await open();
    await b.run('file', {
      image: 'busybox:1',
      args: ['/bin/sh', '-c', 'touch /tmp/healthy; sleep 30; rm -f /tmp/healthy; sleep 600'],
      livenessProbe: { exec: { command: ['cat', '/tmp/healthy'] }, initialDelaySeconds: 5, periodSeconds: 5 },
    });
    await b.clock.advance(35_000);
    expect(summary(await b.pod('file'))).toBe('Running c=running ready');
    await b.clock.advance(45_000);
    expect(summary(await b.pod('file'))).toBe('Running c=running/1 ready');
    expect(await b.events('file')).toContain(
      "Warning Unhealthy: Liveness probe failed: cat: can't open '/tmp/healthy': No such file or directory (x3)",
    );
  });

  it('waits for readiness gates', async () => {
    const b = await open();
    await b.run('gated', {}, { readinessGates: [{ conditionType: 'example.com/lb' }] });
    await b.clock.advance(5000);
    const pod = await b.pod('gated');
    expect(pod.status?.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({
      status: 'False',
      reason: 'ReadinessGatesNotReady',
      message: 'corresponding condition of pod readiness gate "example.com/lb" does not exist.',
    });
    const conditions = [...(pod.status?.conditions ?? []), { type: 'example.com/lb', status: 'True' }];
    await b.client.update(RESOURCES.pods, { ...pod, status: { ...pod.status, conditions } }, { subresource: 'status' });
    await b.clock.settle();
    expect(summary(await b.pod('gated'))).toBe('Running c=running ready');
  });
});

describe('a second server of an image', () => {
  it.each([
    ['redis-sentinel', 26_379, 'Running c=running ready'],
    ['redis-server', 26_379, 'Running c=running'],
  ])('%s answers on %i: %s', async (command, port, expected) => {
    const b = await open();
    const container = { image: 'redis:5.0.6-alpine', command: [command], args: ['/data/conf/it.conf'] };
    await b.run('redis', { ...container, readinessProbe: { tcpSocket: { port } } });
    await b.clock.advance(15_000);
    expect(summary(await b.pod('redis'))).toBe(expected);
  });
});

describe('init containers and sidecars', () => {
  it('run in turn, and sidecars go on', async () => {
    const b = await open();
    await b.run(
      'p',
      {},
      {
        initContainers: [
          { name: 'first', image: 'busybox:1', command: ['sleep', '5'] },
          { name: 'side', image: 'shop/proxy:1', restartPolicy: 'Always', startupProbe: { tcpSocket: { port: 1 } } },
          { name: 'second', image: 'busybox:1', command: ['sleep', '5'] },
        ],
      },
      { 'pintle.dev/behaviour.side': 'start: 8s' },
    );
    const seen: string[] = [];
    for (const seconds of [3, 7, 10, 10]) {
      await b.clock.advance(seconds * 1000);
      seen.push(summary(await b.pod('p')));
    }
    expect(seen).toEqual([
      'Pending first=running side=PodInitializing second=PodInitializing c=PodInitializing',
      'Pending first=Completed(0) side=running second=PodInitializing c=PodInitializing',
      'Pending first=Completed(0) side=running second=running c=PodInitializing',
      'Running first=Completed(0) side=running second=Completed(0) c=running ready',
    ]);
  });

  it('end with the job that they serve', async () => {
    const b = await open();
    await b.run(
      'job',
      { image: 'busybox:1', command: ['sh', '-c', 'sleep 10; echo done'] },
      {
        restartPolicy: 'Never',
        initContainers: [{ name: 'side', image: 'shop/proxy:1', restartPolicy: 'Always' }],
      },
    );
    await b.clock.advance(8000);
    expect(summary(await b.pod('job'))).toBe('Running side=running c=running ready');
    await b.clock.advance(10_000);
    expect(summary(await b.pod('job'))).toBe('Succeeded side=Error(143) c=Completed(0)');
  });
});

describe('pods that come to an end', () => {
  it.each([
    ['Never', ['true'], 'Succeeded c=Completed(0)'],
    ['Never', ['sh', '-c', 'exit 4'], 'Failed c=Error(4)'],
    ['OnFailure', ['true'], 'Succeeded c=Completed(0)'],
    ['OnFailure', ['false'], 'Running c=CrashLoopBackOff/1'],
    ['Always', ['true'], 'Running c=CrashLoopBackOff/1'],
  ])('%s %j', async (restartPolicy, command, expected) => {
    const b = await open();
    await b.run('p', { image: 'busybox:1', command }, { restartPolicy });
    await b.clock.advance(8000);
    expect(summary(await b.pod('p'))).toBe(expected);
  });

  it('are jobs that nobody knows, after a second', async () => {
    const b = await open();
    await b.run('p', { image: 'shop/migrate:1', command: ['/migrate', 'up'] }, { restartPolicy: 'Never' });
    await b.clock.advance(8000);
    expect(summary(await b.pod('p'))).toBe('Succeeded c=Completed(0)');
  });

  it('follow the rules of their containers', async () => {
    const b = await open();
    const rules = [{ action: 'Restart', exitCodes: { operator: 'In', values: [42] } }];
    await b.run(
      'p',
      { image: 'busybox:1', command: ['sh', '-c', 'exit 42'], restartPolicy: 'Never', restartPolicyRules: rules },
      {
        restartPolicy: 'Never',
      },
    );
    await b.clock.advance(8000);
    expect(summary(await b.pod('p'))).toBe('Running c=CrashLoopBackOff/1');
  });

  it('run differently from run to run', async () => {
    const b = await open();
    await b.run('p', {}, {}, { 'pintle.dev/behaviour.c': 'runs: [{exitCode: 1}, {exitCode: 1}, {}]' });
    await b.clock.advance(120_000);
    expect(summary(await b.pod('p'))).toBe('Running c=running/2 ready');
  });
});

describe('deletion', () => {
  it('gives servers time to stop', async () => {
    const b = await open();
    await b.run('web', { image: 'nginx:1.27' }, {}, { 'pintle.dev/behaviour.c': 'stop: 5s' });
    await b.clock.advance(5000);
    await remove(b, 'web');
    expect(summary(await b.pod('web'))).toBe('Running c=running ready');
    await b.clock.advance(4000);
    expect(await exists(b, 'web')).toBe(true);
    await b.clock.advance(1000);
    expect(await exists(b, 'web')).toBe(false);
    expect(await b.events('web')).toContain('Normal Killing: Stopping container c');
  });

  it('kills what does not listen when the grace period is over', async () => {
    const b = await open();
    await b.run('p', SLEEPER, { terminationGracePeriodSeconds: 20 });
    await b.clock.advance(5000);
    await remove(b, 'p');
    await b.clock.advance(19_000);
    expect(await exists(b, 'p')).toBe(true);
    await b.clock.advance(1000);
    expect(await exists(b, 'p')).toBe(false);
  });

  it('waits for preStop hooks', async () => {
    const b = await open();
    await b.run('p', { image: 'nginx:1.27', lifecycle: { preStop: { exec: { command: ['sleep', '15'] } } } });
    await b.clock.advance(5000);
    await remove(b, 'p');
    await b.clock.advance(14_000);
    expect(await exists(b, 'p')).toBe(true);
    await b.clock.advance(2000);
    expect(await exists(b, 'p')).toBe(false);
  });

  it('happens at once when it is forced', async () => {
    const b = await open();
    await b.run('p', SLEEPER);
    await b.clock.advance(5000);
    await remove(b, 'p', 0);
    expect(await exists(b, 'p')).toBe(false);
    await b.clock.advance(60_000);
    expect(b.clock.next()).toBeGreaterThanOrEqual(START + 3_600_000);
  });

  it('ends pods that have not begun', async () => {
    const b = await open();
    await b.run('p', { image: 'nginx:nope' });
    await b.clock.advance(5000);
    await remove(b, 'p');
    expect(await exists(b, 'p')).toBe(false);
  });

  it('restarts after a failed postStart hook', async () => {
    const b = await open();
    await b.run('p', { image: 'nginx:1.27', lifecycle: { postStart: { exec: { command: ['false'] } } } });
    await b.clock.advance(8000);
    expect(summary(await b.pod('p'))).toBe('Running c=CrashLoopBackOff/1');
    expect(await b.events('p')).toContain('Warning FailedPostStartHook: PostStartHook failed (x2)');
  });
});

describe('another process', () => {
  it('goes on with the pods that it finds', async () => {
    const b = await open();
    await b.run('web', { image: 'nginx:1.27', readinessProbe: { httpGet: { path: '/', port: 80 } } });
    await b.run('crash', { image: 'busybox:1', command: ['sh', '-c', 'sleep 2; exit 1'] });
    await b.run('job', { image: 'busybox:1', command: ['sleep', '100'] }, { restartPolicy: 'Never' });
    await b.run('slow', {}, { initContainers: [{ name: 'i', image: 'busybox:1', command: ['sleep', '60'] }] });
    await b.clock.advance(25_000);
    const before = await Promise.all(['web', 'crash', 'job', 'slow'].map((name) => b.pod(name)));
    await b.restart();
    const after = await Promise.all(['web', 'crash', 'job', 'slow'].map((name) => b.pod(name)));
    expect(after).toEqual(before);
    await b.clock.advance(90_000);
    expect(summary(await b.pod('web'))).toBe('Running c=running ready');
    expect(summary(await b.pod('crash'))).toBe('Running c=CrashLoopBackOff/4');
    expect(summary(await b.pod('job'))).toBe('Succeeded c=Completed(0)');
    expect(summary(await b.pod('slow'))).toBe('Running i=Completed(0) c=running ready');
    await b.restart();
    await remove(b, 'web');
    expect(await exists(b, 'web')).toBe(false);
  });
});

describe('a node', () => {
  it('falls silent when its machine is switched off, and comes back', async () => {
    const b = await open();
    const lease = (): Promise<Lease> =>
      b.client.get(RESOURCES.leases, { namespace: 'kube-node-lease', name: 'node-1' });
    const machine = (state: string | null): Promise<unknown> =>
      b.client.patch(RESOURCES.nodes, { name: 'node-1' }, 'merge', {
        metadata: { annotations: { [MACHINE_ANNOTATION]: state } },
      });
    await b.run('web', { image: 'nginx:1.27' });
    await b.clock.advance(25_000);
    expect((await lease()).metadata.annotations).toEqual({ [HEARTBEAT_ANNOTATION]: 'steady' });
    await machine('stopped');
    await b.clock.settle();
    expect((await lease()).metadata.annotations ?? {}).toEqual({});
    expect((await lease()).spec?.renewTime).toBe('2025-01-01T00:00:20.000000Z');
    await b.run('late', { image: 'nginx:1.27' });
    await b.clock.advance(60_000);
    expect((await b.pod('late')).status?.phase).toBe('Pending');
    await machine(null);
    await b.clock.advance(5000);
    expect((await lease()).metadata.annotations).toEqual({ [HEARTBEAT_ANNOTATION]: 'steady' });
    expect(summary(await b.pod('web'))).toBe('Running c=running/1 ready');
    expect(summary(await b.pod('late'))).toBe('Running c=running ready');
  });

  it('registers itself', async () => {
    const b = await open({ node: { labels: { 'topology.kubernetes.io/zone': 'a' } } });
    const node = await b.client.get<Node>(RESOURCES.nodes, { name: 'node-1' });
    expect(node.metadata.labels).toMatchObject({
      'kubernetes.io/hostname': 'node-1',
      'topology.kubernetes.io/zone': 'a',
    });
    expect(node.spec?.podCIDR).toBe('10.244.0.0/24');
    expect(node.status).toMatchObject({
      capacity: { cpu: '4', memory: '8Gi', pods: '110' },
      addresses: [
        { type: 'InternalIP', address: '172.18.0.2' },
        { type: 'Hostname', address: 'node-1' },
      ],
    });
    expect(node.status?.conditions?.map(({ type, status }) => `${type}=${status}`)).toEqual([
      'MemoryPressure=False',
      'DiskPressure=False',
      'PIDPressure=False',
      'Ready=True',
    ]);
  });

  it('is told of skipped time no longer than its kubelet runs', async () => {
    const listeners = new Set<object>();
    const skips = {
      onSkip: (listener: object) => {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    };
    const b = await open({ skips });
    expect(listeners.size).toBe(1);
    await b.restart();
    expect(listeners.size).toBe(1);
    b.stop();
    expect(listeners.size).toBe(0);
  });

  it('evicts who uses more memory than it asked for', async () => {
    const b = await open({ node: { capacity: { cpu: '4', memory: '1Gi', pods: '110' } } });
    const memory = (amount: string): Record<string, string> => ({ 'pintle.dev/behaviour': `memory: ${amount}` });
    await b.run('modest', { resources: { requests: { memory: '400Mi' } } }, {}, memory('300Mi'));
    await b.run('greedy', { resources: { requests: { memory: '100Mi' } } }, {}, memory('700Mi'));
    await b.clock.advance(60_000);
    expect(summary(await b.pod('modest'))).toBe('Running c=running ready');
    const { status } = await b.pod('greedy');
    expect(status).toMatchObject({ phase: 'Failed', reason: 'Evicted' });
    expect(status?.message).toContain('The node was low on resource: memory.');
    expect(status?.conditions?.[0]).toMatchObject({ type: 'DisruptionTarget', reason: 'TerminationByKubelet' });
  });
});

describe('the network', () => {
  it('keeps init containers waiting until what they wait for is there', async () => {
    const b = await open();
    const wait = 'until nc -z db 5432; do echo waiting; sleep 2; done';
    await b.run('web', {}, { initContainers: [{ name: 'wait', image: 'busybox:1', command: ['sh', '-c', wait] }] });
    await service(b, 'db');
    await b.clock.advance(60_000);
    expect(summary(await b.pod('web'))).toBe('Pending wait=running c=PodInitializing');
    await endpoints(b, 'db');
    await b.clock.advance(2000);
    expect(summary(await b.pod('web'))).toBe('Running wait=Completed(0) c=running ready');
  });

  it('decides on tests that call a Service', async () => {
    const b = await open();
    await service(b, 'up');
    await service(b, 'down');
    await endpoints(b, 'up');
    for (const [name, url] of Object.entries({
      ok: 'up:5432',
      long: 'http://up.default.svc.cluster.local:5432/healthz',
      outside: 'https://example.com/',
      refused: 'down:5432',
      'other-port': 'up:80',
      nobody: 'nobody:80',
    })) {
      await b.run(name, { image: 'busybox:1', command: ['wget'], args: [url] }, { restartPolicy: 'Never' });
    }
    await b.clock.advance(5000);
    const phases: Record<string, string | undefined> = {};
    for (const name of ['ok', 'long', 'outside', 'refused', 'other-port', 'nobody']) {
      phases[name] = (await b.pod(name)).status?.phase;
    }
    expect(phases).toEqual({
      ok: 'Succeeded',
      long: 'Succeeded',
      outside: 'Succeeded',
      refused: 'Failed',
      'other-port': 'Failed',
      nobody: 'Failed',
    });
  });

  it('tells containers the addresses of Services', async () => {
    const b = await open();
    await service(b, 'my-db');
    await b.run(
      'p',
      {
        image: 'busybox:1',
        command: ['sh', '-c', 'test "$MY_DB_SERVICE_PORT" = 5432 && test -n "$URL"'],
        env: [{ name: 'URL', value: 'tcp://$(MY_DB_SERVICE_HOST):5432' }],
      },
      { restartPolicy: 'Never' },
    );
    await b.clock.advance(5000);
    expect(summary(await b.pod('p'))).toBe('Succeeded c=Completed(0)');
  });
});

function textOf(lines: readonly { readonly text: string }[]): string {
  return lines.map(({ text }) => `${text}\n`).join('');
}

describe('logs', () => {
  it('tell what this run and the one before wrote', async () => {
    const b = await open();
    await b.run('p', {
      image: 'busybox:1',
      command: ['sh', '-c', 'echo start $NAME; sleep 5; echo end; exit 1'],
      env: [{ name: 'NAME', value: 'x' }],
    });
    await b.run('waiting', { image: 'nginx:nope' });
    const context = { client: b.client, clock: b.clock, random: new SeededRandom(1), logger: silentLogger };
    const provider = createPodLogs({
      context,
      informers: createInformerFactory(context),
      catalogue: createCatalogue(),
    });
    const logs = async (name: string, options = {}): Promise<string> =>
      textOf(await provider.lines((await b.pod(name)) as unknown as KubeObject, 'c', options));
    await b.clock.advance(3000);
    expect(await logs('p')).toBe('start x\n');
    await expect(logs('p', { previous: true })).rejects.toThrow(
      'previous terminated container "c" in pod "p" not found',
    );
    await b.clock.advance(6000);
    expect(summary(await b.pod('p'))).toBe('Running c=running/1 ready');
    expect(await logs('p')).toBe('start x\n');
    expect(await logs('p', { previous: true })).toBe('start x\nend\n');
    expect(await logs('p', { previous: true, tailLines: 1 })).toBe('end\n');
    await expect(logs('waiting')).rejects.toThrow(
      'container "c" in pod "waiting" is waiting to start: trying and failing to pull image',
    );
  });
});

describe('a pod that the kubelet cannot make sense of', () => {
  const odd = {
    get entrypoint(): never {
      throw new Error('odd behaviour');
    },
  };

  it('is told of and tried again, and the others of its node go on, also after a restart', async () => {
    const b = await open({ catalogue: { unknown: odd } });
    await b.run('odd', { image: 'shop/odd:1' });
    await b.run('web', { image: 'nginx:1.27' });
    await b.clock.advance(70_000);
    const [warning, ...more] = (await b.events('odd')).filter((event) => event.startsWith('Warning'));
    expect([warning, more]).toEqual(['Warning FailedSync: error determining status: odd behaviour (x2)', []]);
    expect(summary(await b.pod('web'))).toBe('Running c=running ready');
    await b.restart();
    await b.run('later', { image: 'nginx:1.27' });
    await b.clock.advance(10_000);
    expect(summary(await b.pod('later'))).toBe('Running c=running ready');
    expect(summary(await b.pod('web'))).toBe('Running c=running ready');
  });

  it('runs beside what somebody has written into the status of the node', async () => {
    const b = await open();
    await b.run('web', { image: 'nginx:1.27' });
    await b.clock.advance(20_000);
    const node = await b.client.get<Node>(RESOURCES.nodes, { name: 'node-1' });
    const images = [{ names: null, sizeBytes: 7 }];
    await b.client.update(RESOURCES.nodes, { ...node, status: { ...node.status, images } }, { subresource: 'status' });
    await b.restart();
    expect(summary(await b.pod('web'))).toBe('Running c=running ready');
  });

  it('may say what it wants: what cannot be read of it is left out', async () => {
    const b = await open();
    const deep = `${'{runs: ['.repeat(10_000)}{}${']}'.repeat(10_000)}`;
    for (const [i, text] of [deep, 'start: .inf', 'run: 1e300', 'paths: {/: 7}'].entries()) {
      await b.run(`p${i}`, { image: 'nginx:1.27' }, {}, { 'pintle.dev/behaviour': text });
    }
    await b.clock.advance(10_000);
    for (const i of [0, 1, 2, 3]) {
      expect(summary(await b.pod(`p${i}`))).toBe('Running c=running ready');
      expect((await b.events(`p${i}`)).filter((event) => event.includes('InvalidBehaviour'))).toHaveLength(1);
    }
  });
});

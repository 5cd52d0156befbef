import { afterEach, describe, expect, it } from 'vitest';
import { holdsAtStart, holdsNow } from '../../../src/cluster/kubelet/images/condition.ts';
import { readBehaviour } from '../../../src/cluster/kubelet/images/read-behaviour.ts';
import { answersOf } from '../../../src/cluster/kubelet/probes/probe-answer.ts';
import { programOf } from '../../../src/cluster/kubelet/process/program.ts';
import type { Pod } from '../../../src/kube/api/core-v1.generated.ts';
import { RESOURCES } from '../../../src/kube/resources.ts';
import { embeddedCluster, type EmbeddedCluster } from '../../support/embedded-cluster.ts';
import { noFiles } from '../../../src/cluster/kubelet/process/surroundings.ts';
import { bench, type Bench } from './support.ts';

let kubelet: Bench | undefined;
let fixture: EmbeddedCluster | undefined;
afterEach(() => {
  kubelet?.stop();
  fixture?.stop();
  kubelet = undefined;
  fixture = undefined;
});

const SHOP = {
  image: 'shop/web',
  behaviour: readBehaviour({
    ports: [8080],
    cases: [
      { if: { env: { DATABASE_URL: '!postgres*://*' } }, exitCode: 1, logs: ['FATAL: DATABASE_URL is no URL'] },
      { if: { args: '--mode=broken' }, exitCode: 3 },
      { if: { files: { '/etc/shop/config.yaml': '*debug: true*' } }, start: '30s', logs: ['debugging'] },
    ],
  }).behaviour,
};

describe('a case of a behaviour', () => {
  const URL = { name: 'DATABASE_URL', value: 'postgres://shop@db/shop' };

  it.each([
    { title: 'a wrong variable', container: { env: [{ name: 'DATABASE_URL', value: 'localhost' }] }, code: 1 },
    { title: 'a variable that is not set', container: {}, code: 1 },
    { title: 'a wrong argument', container: { env: [URL], args: ['serve', '--mode=broken'] }, code: 3 },
    { title: 'nothing wrong', container: { env: [URL], args: ['serve'] }, code: undefined },
  ])('depends on environment and arguments: $title', async ({ container, code }) => {
    kubelet = await bench({ catalogue: { images: [SHOP] } });
    await kubelet.run('web', { image: 'shop/web:1', ...container });
    await kubelet.clock.advance(5000);
    const { containerStatuses = [] } = (await kubelet.pod('web')).status ?? {};
    expect(containerStatuses[0]?.lastState?.terminated?.exitCode).toBe(code);
    if (code === undefined) expect(containerStatuses[0]?.state?.running).toBeDefined();
  });

  it('depends on a file that is mounted, until that is another', async () => {
    kubelet = await bench({ catalogue: { images: [SHOP] } });
    const { client, clock } = kubelet;
    await client.create(RESOURCES.configMaps, {
      metadata: { name: 'shop', namespace: 'default' },
      data: { 'config.yaml': 'debug: true\n' },
    });
    const probe = { tcpSocket: { port: 8080 }, periodSeconds: 1 };
    await kubelet.run(
      'web',
      {
        image: 'shop/web:1',
        env: [URL],
        readinessProbe: probe,
        volumeMounts: [{ name: 'config', mountPath: '/etc/shop' }],
      },
      { volumes: [{ name: 'config', configMap: { name: 'shop' } }] },
    );
    await clock.advance(20_000);
    expect(await isReady('web')).toBe(false);
    await clock.advance(20_000);
    expect(await isReady('web')).toBe(true);
  });

  it('of a pod counts whatever its command, and of an image for its own alone', async () => {
    kubelet = await bench({ catalogue: { images: [SHOP] } });
    const command = ['sh', '-c', 'exec sleep infinity'];
    await kubelet.run('own', { image: 'shop/web:1', command });
    await kubelet.run(
      'told',
      { image: 'busybox', command },
      {},
      { 'pintle.dev/behaviour': 'cases: [{ if: { env: { A: "" } }, exitCode: 4 }]' },
    );
    await kubelet.clock.advance(5000);
    expect((await kubelet.pod('own')).status?.containerStatuses?.[0]?.state?.running).toBeDefined();
    expect((await kubelet.pod('told')).status?.containerStatuses?.[0]?.lastState?.terminated?.exitCode).toBe(4);
  });

  async function isReady(name: string): Promise<boolean> {
    const pod = await kubelet?.pod(name);
    return pod?.status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True';
  }

  it.each([
    [{ env: { A: 'x*' } }, { A: 'xyz' }, true],
    [{ env: { A: 'x*' } }, { A: 'ayz' }, false],
    [{ env: { A: '!' } }, { A: 'set' }, true],
    [{ env: { A: '!' } }, {}, false],
    [{ args: ['!--tls*'] }, {}, true],
    [{ args: ['serve', '--port=*'] }, {}, true],
    [{ args: ['--port'] }, {}, false],
    [{ files: { '/etc/a': '*b*' } }, {}, true],
    [{ files: { '/etc/none': '' } }, {}, true],
    [{ reachable: ['db:5432'] }, {}, true],
    [{ reachable: ['$(URL)'] }, { URL: 'postgresql://me:secret@db/shop?x=1' }, true],
    [{ reachable: ['$(URL)'] }, { URL: 'mysql://db/shop' }, false],
    [{ reachable: ['$(HOST):$(PORT)'] }, { HOST: 'db', PORT: '5432' }, true],
    [{ unreachable: ['db:5432', 'cache:6379'] }, {}, true],
    [{ unreachable: ['db:5432'] }, {}, false],
    [{ unreachable: ['$(NOTHING)'] }, {}, true],
    [{ reachable: ['$(--database)'] }, {}, true],
    [{ reachable: ['$(--cache)'] }, {}, false],
    [{ unreachable: ['$(--none)'] }, {}, true],
    [{ requestsAbove: 9 }, {}, true],
    [{ requestsAbove: 10 }, {}, false],
  ])('holds if %j in %j: %s', (condition, env, expected) => {
    const place = {
      env,
      words: ['serve', '--port=80', '--database=db:5432', '--cache', 'cache:6379'],
      read: (path: string) => (path === '/etc/a' ? 'a\nb\nc' : undefined),
      dial: (host: string, port: number) => host === 'db' && port === 5432,
      requests: () => 10,
    };
    expect(holdsAtStart(condition, place) && holdsNow(condition, place)).toBe(expected);
  });

  const DOWN = { unreachable: 'db:5432' };
  const OFFLINE = { env: { MODE: 'offline' } };
  it.each([
    [
      'a status',
      [
        { if: DOWN, paths: { '/': 503, '/api': 503 } },
        { if: OFFLINE, paths: { '/': 200 } },
      ],
      { paths: { '/api': 503, '/': 200 } },
    ],
    [
      'a command',
      [
        { if: DOWN, commands: { ready: 1, alive: 1 } },
        { if: OFFLINE, commands: { ready: 0 } },
      ],
      { commands: { alive: { exitCode: 1 }, ready: { exitCode: 0 } } },
    ],
    [
      'ports',
      [
        { if: DOWN, ports: [1], grpc: 'none' },
        { if: OFFLINE, ports: [2] },
      ],
      { ports: [2], grpc: 'none' },
    ],
    [
      'the first again',
      [
        { if: DOWN, answer: '1s' },
        { if: OFFLINE, answer: '2s' },
        { if: DOWN, answer: '3s' },
      ],
      { answerMillis: 3000 },
    ],
    [
      'another that does not hold',
      [
        { if: DOWN, answer: '1s' },
        { if: { env: { MODE: 'online' } }, answer: '2s' },
      ],
      { answerMillis: 1000 },
    ],
  ])('is overruled by later ones that hold, however long: %s', (_, cases, expected) => {
    expect(answersAfter(0, { cases })).toMatchObject(expected);
  });

  it('that holds throughout is not put over changes because of one before it that may not', () => {
    const changes = [{ after: '5m', paths: { '/': 500 } }];
    const cases = [
      { if: DOWN, ports: [1] },
      { if: OFFLINE, paths: { '/': 201 } },
    ];
    expect(answersAfter(0, { cases, changes }).paths).toEqual({ '/': 201 });
    expect(answersAfter(300_000, { cases, changes }).paths).toEqual({ '/': 500 });
  });

  /** What a container answers in offline mode and without its database. */
  function answersAfter(elapsed: number, fields: object): ReturnType<typeof answersOf> {
    const container = { name: 'c' };
    const surroundings = {
      env: { MODE: 'offline' },
      files: noFiles,
      network: { resolve: () => undefined, dial: () => 'unknown-host' as const },
      hostname: 'web',
      toCompletion: false,
    };
    const { behaviour, faults } = readBehaviour(fields);
    expect(faults).toEqual([]);
    const program = programOf({ container, behaviour, forced: false, run: 0, surroundings });
    return answersOf({ container, surroundings, podIP: '10.0.0.1', program }, elapsed);
  }

  it('is refused with every fault', () => {
    const { faults } = readBehaviour({
      cases: [{ exitCode: 1 }, { if: { env: 'A', args: [{}], when: 1, requestsAbove: 'many' }, runs: [] }],
      leak: '20Mi',
    });
    expect(faults).toEqual([
      'cases[0].if: must be a mapping with env, args, files, unreachable, reachable, requestsAbove',
      'cases[1]: a case has neither runs nor cases',
      'cases[1].if.env: must be a mapping of names to texts, in which * stands for any text and ! in front for not',
      'cases[1].if.args: must be a text or a list of texts',
      'cases[1].if.when: there is no such condition; known are env, args, files, unreachable, reachable, requestsAbove',
      'cases[1].if.requestsAbove: must be a number of requests a second',
      'leak: must be a quantity in a time such as 20Mi/1m',
    ]);
    expect(readBehaviour({ cases: {} }).faults).toEqual(['cases: must be a list of cases, each with if']);
  });
});

async function deploy(
  name: string,
  { image, behaviour, replicas = 1 }: { image: string; behaviour: string; replicas?: number },
): Promise<void> {
  const labels = { app: name };
  await client().create(RESOURCES.deployments, {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'default' },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels, annotations: { 'pintle.dev/behaviour': behaviour } },
        spec: {
          containers: [
            {
              name: 'c',
              image,
              ports: [{ containerPort: 8080 }],
              resources: { requests: { cpu: '100m' } },
              readinessProbe: { httpGet: { path: '/ready', port: 8080 }, periodSeconds: 5, failureThreshold: 2 },
            },
          ],
        },
      },
    },
  });
}

async function serve(name: string, port: number, annotations = {}): Promise<void> {
  await client().create(RESOURCES.services, {
    metadata: { name, namespace: 'default', annotations },
    spec: { selector: { app: name }, ports: [{ port, targetPort: 8080 }] },
  });
}

function client(): EmbeddedCluster['cluster']['client'] {
  if (fixture === undefined) throw new Error('no cluster');
  return fixture.cluster.client;
}

async function pods(
  app: string,
): Promise<readonly { readonly ready: boolean; readonly restarts: number; readonly phase: string }[]> {
  const { items } = await client().list<Pod>(RESOURCES.pods, { namespace: 'default', labelSelector: `app=${app}` });
  return items.map(({ status }) => ({
    ready: status?.containerStatuses?.[0]?.ready === true,
    restarts: status?.containerStatuses?.[0]?.restartCount ?? 0,
    phase: status?.phase ?? '',
  }));
}

describe('what hangs on another Service', () => {
  it('crashes until it is there, and is ready as long as it is', async () => {
    fixture = await embeddedCluster();
    await deploy('web', {
      image: 'shop/web:1',
      behaviour: 'cases: [{ if: { unreachable: "db:5432" }, run: 2s, exitCode: 1, logs: [no database] }]',
    });
    await deploy('front', {
      image: 'shop/front:1',
      behaviour: 'cases: [{ if: { unreachable: "postgres://db/shop" }, paths: { /ready: 503 } }]',
    });
    await fixture.advance(60_000);
    const [web] = await pods('web');
    expect(web?.ready).toBe(false);
    expect(web?.restarts).toBeGreaterThan(1);
    const [name] = (await client().list<Pod>(RESOURCES.pods, { labelSelector: 'app=web' })).items.map(
      ({ metadata }) => metadata.name ?? '',
    );
    expect(await client().logs({ namespace: 'default', name: name ?? '' }, { container: 'c', previous: true })).toBe(
      'no database\n',
    );
    expect((await pods('front'))[0]).toEqual({ ready: false, restarts: 0, phase: 'Running' });
    await deploy('db', { image: 'shop/db:1', behaviour: 'start: 1s' });
    await serve('db', 5432);
    await fixture.advance(360_000);
    expect((await pods('web'))[0]?.ready).toBe(true);
    expect((await pods('front'))[0]?.ready).toBe(true);
    const restarts = (await pods('web'))[0]?.restarts;
    await client().delete(RESOURCES.services, { namespace: 'default', name: 'db' });
    await fixture.advance(30_000);
    expect((await pods('front'))[0]?.ready).toBe(false);
    // What runs does not look again.
    expect((await pods('web'))[0]).toEqual({ ready: true, restarts, phase: 'Running' });
    await serve('db', 5432);
    await fixture.advance(30_000);
    expect((await pods('front'))[0]?.ready).toBe(true);
  });
});

describe('a leak', () => {
  it('ends a container when its limit is reached, again and again', async () => {
    kubelet = await bench();
    const behaviour = 'memory: 64Mi\nleak: 32Mi/1m';
    const resources = { limits: { memory: '128Mi' } };
    await kubelet.run('web', { resources }, {}, { 'pintle.dev/behaviour': behaviour });
    await kubelet.clock.advance(119_000);
    expect((await kubelet.pod('web')).status?.containerStatuses?.[0]?.restartCount).toBe(0);
    await kubelet.clock.advance(10_000);
    const status = (await kubelet.pod('web')).status?.containerStatuses?.[0];
    expect(status?.lastState?.terminated).toMatchObject({ reason: 'OOMKilled', exitCode: 137 });
    expect(status?.restartCount).toBe(1);
    await kubelet.clock.advance(130_000);
    expect((await kubelet.pod('web')).status?.containerStatuses?.[0]?.lastState?.terminated?.reason).toBe('OOMKilled');
  });

  it('without a limit fills the node, which evicts it', async () => {
    kubelet = await bench({ node: { capacity: { cpu: '4', memory: '1Gi', pods: '10' } } });
    await kubelet.run('calm', {}, {}, { 'pintle.dev/behaviour': 'memory: 100Mi' });
    await kubelet.run('leaking', {}, {}, { 'pintle.dev/behaviour': 'leak: 100Mi/m' });
    await kubelet.clock.advance(480_000);
    expect((await kubelet.pod('leaking')).status?.phase).toBe('Running');
    await kubelet.clock.advance(60_000);
    expect((await kubelet.pod('leaking')).status).toMatchObject({ phase: 'Failed', reason: 'Evicted' });
    expect((await kubelet.pod('calm')).status?.phase).toBe('Running');
  });
});

describe('load', () => {
  it('slows containers down above what they bear, until the autoscaler has brought more of them', async () => {
    fixture = await embeddedCluster();
    const behaviour = 'cpuPerRequest: 1m\ncases: [{ if: { requestsAbove: 100 }, answer: 3s }]';
    await deploy('web', { image: 'shop/web:1', behaviour, replicas: 2 });
    await serve('web', 80, { 'pintle.dev/requests': '160' });
    await client().create(RESOURCES.horizontalPodAutoscalers, {
      metadata: { name: 'web', namespace: 'default' },
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
        minReplicas: 2,
        maxReplicas: 8,
        metrics: [
          { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } },
        ],
      },
    });
    await fixture.advance(600_000);
    expect((await pods('web')).map(({ ready }) => ready)).toEqual([true, true]);
    await client().patch(RESOURCES.services, { namespace: 'default', name: 'web' }, 'merge', {
      metadata: { annotations: { 'pintle.dev/requests': '480' } },
    });
    let slow = false;
    for (let second = 0; second < 15; second += 1) {
      await fixture.advance(1000);
      slow ||= (await pods('web')).some(({ ready }) => !ready);
    }
    expect(slow).toBe(true);
    await fixture.advance(600_000);
    const after = await pods('web');
    expect(after.length).toBeGreaterThanOrEqual(5);
    expect(after.every(({ ready }) => ready)).toBe(true);
  });
});

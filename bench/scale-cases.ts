import { install } from '../src/actions/install.ts';
import { silentLogger } from '../src/base/logger.ts';
import { SeededRandom } from '../src/base/random.ts';
import { VirtualClock } from '../src/base/virtual-clock.ts';
import { loadChartFiles } from '../src/chart/load-chart-files.ts';
import { ApiServer } from '../src/cluster/apiserver/api-server.ts';
import { Cluster } from '../src/cluster/cluster.ts';
import { createCatalogue } from '../src/cluster/kubelet/images/catalogue.ts';
import { createInformerFactory } from '../src/cluster/machinery/informer.ts';
import type { Component, ComponentContext } from '../src/cluster/machinery/interfaces.ts';
import { builtinStrategies } from '../src/cluster/registry/builtins.ts';
import { createScheduler } from '../src/cluster/scheduler/scheduler.ts';
import { MemoryStore } from '../src/cluster/store/memory-store.ts';
import type { Deployment } from '../src/kube/api/apps-v1.generated.ts';
import type { CronJob } from '../src/kube/api/batch-v1.generated.ts';
import type { Node, Pod } from '../src/kube/api/core-v1.generated.ts';
import { RESOURCES } from '../src/kube/resources.ts';
import { rehearse } from '../src/rehearse/rehearse.ts';
import { MemoryDriver } from '../src/release/memory-driver.ts';
import { ReleaseStore } from '../src/release/store.ts';

/** A measured case: what it did beside the time that it took, as rows of title and value. */
export interface ScaleCase {
  readonly name: string;
  /** What others say of theirs, or what is aimed at. */
  readonly beside?: string;
  readonly run: () => Promise<readonly (readonly [title: string, value: string])[]>;
}

const START = Date.UTC(2026, 0, 1);

async function startCluster(nodes: number): Promise<Cluster> {
  const cluster = new Cluster({
    store: new MemoryStore(),
    clock: new VirtualClock({ start: START }),
    random: new SeededRandom(1),
    logger: silentLogger,
    nodes: Array.from({ length: nodes }, (_, index) => ({
      nodeName: `node-${index}`,
      index,
      capacity: { cpu: '32', memory: '128Gi', pods: '250' },
      labels: { 'topology.kubernetes.io/zone': `zone-${index % 3}` },
    })),
    catalogue: createCatalogue(),
    description: 'scale',
  });
  await cluster.start();
  return cluster;
}

function deployment(name: string, replicas: number, probed: boolean): object {
  const probe = { readinessProbe: { httpGet: { path: '/', port: 8080 }, initialDelaySeconds: 5, periodSeconds: 5 } };
  return {
    metadata: { name, namespace: 'default' },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: {
          containers: [
            {
              name: 'c',
              image: 'shop/app:1',
              ports: [{ containerPort: 8080 }],
              resources: { requests: { cpu: '10m', memory: '16Mi' } },
              ...(probed ? probe : {}),
            },
          ],
        },
      },
    },
  };
}

async function waitReady({ client, clock }: Cluster, names: readonly string[], replicas: number): Promise<void> {
  for (let tries = 0; tries < 2000; tries += 1) {
    const all = await Promise.all(
      names.map((name) => client.get<Deployment>(RESOURCES.deployments, { namespace: 'default', name })),
    );
    const done = all.every(
      ({ status, metadata }) =>
        status?.observedGeneration === metadata.generation &&
        status?.availableReplicas === replicas &&
        status.updatedReplicas === replicas &&
        status.replicas === replicas,
    );
    if (done) return;
    await clock.advance(1000);
  }
  throw new Error('not ready after 2000 s');
}

/** Deployments of `each` pods on new nodes, until all are ready. */
async function rollOut(nodes: number, pods: number, each: number): Promise<Cluster> {
  const cluster = await startCluster(nodes);
  const names = Array.from({ length: pods / each }, (_, i) => `web-${i}`);
  for (const name of names) await cluster.client.create(RESOURCES.deployments, deployment(name, each, false));
  await waitReady(cluster, names, each);
  return cluster;
}

const seconds = (millis: number): string => `${(millis / 1000).toFixed(2)} s`;

/** Measures work in wall and processor time, ms. */
function stopwatch(): () => { readonly wall: number; readonly processor: number } {
  const started = performance.now();
  const before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return { wall: performance.now() - started, processor: (user + system) / 1000 };
  };
}

/** How many pods a second, by both times. */
function rates(pods: number, { wall, processor }: ReturnType<ReturnType<typeof stopwatch>>): [string, string][] {
  return [
    ['pods a second', String(Math.round((pods / wall) * 1000))],
    ['pods a second of processor time', String(Math.round((pods / processor) * 1000))],
  ];
}

async function rollOutCase(nodes: number, pods: number, each: number): ReturnType<ScaleCase['run']> {
  const stop = stopwatch();
  const cluster = await rollOut(nodes, pods, each);
  const rows = rates(pods, stop());
  rows.push(["the cluster's own time", seconds(cluster.clock.now() - START)]);
  cluster.stop();
  return rows;
}

/** @param strategy how many pods are replaced at a time */
async function rollingUpdate(strategy?: object): ReturnType<ScaleCase['run']> {
  const cluster = await startCluster(10);
  await cluster.client.create(RESOURCES.deployments, deployment('web', 100, true));
  if (strategy !== undefined) {
    const spec = { strategy: { rollingUpdate: strategy } };
    await cluster.client.patch(RESOURCES.deployments, { namespace: 'default', name: 'web' }, 'strategic', { spec });
  }
  await waitReady(cluster, ['web'], 100);
  const rows: [string, string][] = [];
  for (let round = 1; round <= 5; round += 1) {
    const begin = cluster.clock.now();
    const stop = stopwatch();
    const container = { name: 'c', image: `shop/app:${round + 1}` };
    const spec = { template: { spec: { containers: [container] } } };
    await cluster.client.patch(RESOURCES.deployments, { namespace: 'default', name: 'web' }, 'strategic', { spec });
    await waitReady(cluster, ['web'], 100);
    const { processor } = stop();
    rows.push([
      `update ${round}: ${seconds(cluster.clock.now() - begin)} of cluster time`,
      `${processor.toFixed(0)} ms`,
    ]);
  }
  cluster.stop();
  return rows;
}

/** @param everyRun lives through the runs that leave no trace, too */
async function oftenFor(days: number, everyRun: boolean): ReturnType<ScaleCase['run']> {
  const cluster = await startCluster(3);
  const container = { name: 'c', image: 'busybox:1.36', command: ['true'] };
  const template = { spec: { restartPolicy: 'Never', containers: [container] } };
  await cluster.client.create(RESOURCES.cronJobs, {
    metadata: { name: 'often', namespace: 'default' },
    spec: { schedule: '*/5 * * * *', jobTemplate: { spec: { template } } },
  });
  const stop = stopwatch();
  await cluster.advance(days * 86_400_000, { everyRun });
  const { processor } = stop();
  const job = await cluster.client.get<CronJob>(RESOURCES.cronJobs, { namespace: 'default', name: 'often' });
  cluster.stop();
  return [
    ['processor time a run', `${(processor / (days * 288)).toFixed(3)} ms`],
    ['last run', job.status?.lastSuccessfulTime ?? ''],
  ];
}

/** What one pod that is deleted and replaced costs in a cluster of so many. */
async function oneChange(nodes: number, pods: number): ReturnType<ScaleCase['run']> {
  const stop = stopwatch();
  const cluster = await rollOut(nodes, pods, 100);
  const { wall, processor } = stop();
  const { items } = await cluster.client.list<Pod>(RESOURCES.pods, { namespace: 'default', limit: 60 });
  const times: number[] = [];
  for (const { metadata } of items.slice(0, 50)) {
    const measure = stopwatch();
    await cluster.client.delete(RESOURCES.pods, { namespace: 'default', name: metadata.name ?? '' });
    await cluster.advance(35_000);
    times.push(measure().processor);
  }
  cluster.stop();
  times.sort((a, b) => a - b);
  return [
    ['roll-out before: wall', seconds(wall)],
    ['roll-out before: processor', seconds(processor)],
    ['median of 50 replacements, processor', `${(times[25] ?? 0).toFixed(2)} ms`],
  ];
}

const WEB_CHART = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 100
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: c
          image: {{ .Values.image }}
          ports: [{containerPort: 8080}]
          resources: {requests: {cpu: 10m, memory: 16Mi}}
          readinessProbe: {httpGet: {path: /, port: 8080}, periodSeconds: 5}
`;

/** What `rehearse upgrade` does once the chart is read: copying, starting the copy, the rollout of 100 pods, the report. */
async function rehearsal(): ReturnType<ScaleCase['run']> {
  const cluster = await startCluster(50);
  const { client, clock } = cluster;
  const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
  const chart = await loadChartFiles(
    [
      { name: 'Chart.yaml', data: encode('apiVersion: v2\nname: web\nversion: 0.1.0\n') },
      { name: 'templates/web.yaml', data: encode(WEB_CHART) },
    ],
    'web',
  );
  const namespace = 'default';
  const context = {
    client,
    clock,
    logger: silentLogger,
    namespace,
    store: new ReleaseStore(new MemoryDriver({ clock, namespace })),
    random: new SeededRandom(1),
    exclusive: true,
  };
  const options = {
    name: 'web',
    chart,
    timeout: 300_000,
    wait: true,
    waitForJobs: false,
    noHooks: false,
    serverSide: 'true' as const,
    forceConflicts: false,
    forceReplace: false,
    dryRun: 'none' as const,
    atomic: false,
    skipSchemaValidation: false,
    renderSubchartNotes: false,
    takeOwnership: false,
  };
  const values = (image: string): Record<string, unknown> => ({ image });
  const more = { createNamespace: false, replace: false, skipCrds: false };
  await install(context, { ...options, ...more, values: values('shop/app:1') });
  const times: number[] = [];
  let told = '';
  for (let round = 0; round < 5; round += 1) {
    const started = performance.now();
    const { succeeds, rolloutDuration } = await rehearse(context, {
      verb: 'upgrade',
      options: { ...options, values: values('shop/app:2'), cleanupOnFail: false, reuse: 'default' },
    });
    times.push(performance.now() - started);
    told = `${succeeds ? 'succeeds' : 'fails'} after ${seconds(rolloutDuration)}`;
  }
  cluster.stop();
  return [
    ['first', `${(times[0] ?? 0).toFixed(0)} ms`],
    ['median of 5', `${(times.toSorted((a, b) => a - b)[2] ?? 0).toFixed(0)} ms`],
    ['told', told],
  ];
}

/** An API server, so many nodes that nobody looks after, and a scheduler. */
async function schedulerAlone(nodes: number): Promise<{ context: ComponentContext; scheduler: Component }> {
  const [clock, logger, random] = [new VirtualClock({ start: START }), silentLogger, new SeededRandom(1)];
  const server = new ApiServer({ store: new MemoryStore(), strategies: builtinStrategies(), clock, random, logger });
  const client = server.client({ fieldManager: 'kube-scheduler' });
  await client.create(RESOURCES.namespaces, { metadata: { name: 'default' } });
  await client.create(RESOURCES.serviceAccounts, { metadata: { name: 'default', namespace: 'default' } });
  for (let i = 0; i < nodes; i += 1) {
    const labels = { 'kubernetes.io/hostname': `node-${i}`, 'topology.kubernetes.io/zone': `zone-${i % 3}` };
    const node = await client.create<Node>(RESOURCES.nodes, { metadata: { name: `node-${i}`, labels } });
    const amounts = { cpu: '4', memory: '32Gi', pods: '110' };
    const status = { capacity: amounts, allocatable: amounts };
    await client.update(RESOURCES.nodes, { ...node, status }, { subresource: 'status' });
  }
  const context = { client, clock, random, logger };
  const scheduler = createScheduler(context, createInformerFactory(context));
  return { context, scheduler };
}

/** Pods that wait when the scheduler starts, until each has a node; `more` is laid over the spec of each. */
async function schedule(nodes: number, pods: number, more: object): ReturnType<ScaleCase['run']> {
  const { context, scheduler } = await schedulerAlone(nodes);
  const { client, clock } = context;
  for (let i = 0; i < pods; i += 1) {
    const container = { name: 'c', image: 'shop/app:1', resources: { requests: { cpu: '100m', memory: '500Mi' } } };
    const metadata = { name: `pod-${i}`, namespace: 'default', labels: { app: `app-${i % 100}` } };
    const spec = { containers: [container], automountServiceAccountToken: false, ...more };
    await client.create(RESOURCES.pods, { metadata, spec });
  }
  await (clock as VirtualClock).settle();
  const stop = stopwatch();
  await scheduler.start();
  await (clock as VirtualClock).settle();
  const rows = rates(pods, stop());
  const { items } = await client.list<Pod>(RESOURCES.pods);
  const placed = items.filter(({ spec }) => spec?.nodeName !== undefined).length;
  if (placed !== pods) throw new Error(`${placed} of ${pods} pods have a node`);
  scheduler.stop();
  return rows;
}

const SELECTOR = { matchLabels: { app: 'app-1' } };
const spreadOver = (topologyKey: string): object => ({
  maxSkew: 5000,
  topologyKey,
  whenUnsatisfiable: 'DoNotSchedule',
  labelSelector: SELECTOR,
});
const near = { topologyKey: 'topology.kubernetes.io/zone', labelSelector: SELECTOR };

/** What pods of the scheduler's cases ask for. */
const WISHES = {
  basic: {},
  spread: {
    topologySpreadConstraints: [spreadOver('topology.kubernetes.io/zone'), spreadOver('kubernetes.io/hostname')],
  },
  preferred: {
    affinity: {
      podAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: near }] },
    },
  },
  required: {
    affinity: {
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
          { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'nobody' } } },
        ],
      },
    },
  },
};

/** The cases, small ones first. */
export const scaleCases: readonly ScaleCase[] = [
  { name: 'rolling update of 100 replicas with probes', run: () => rollingUpdate(), beside: 'aim: under 150 ms' },
  {
    name: 'rolling update of 100 replicas, one by one',
    run: () => rollingUpdate({ maxSurge: 1, maxUnavailable: 0 }),
    beside: 'aim: under 150 ms for ten minutes',
  },
  { name: 'rehearsal: an upgrade of 100 replicas on 50 nodes', run: rehearsal },
  { name: 'a year of a */5 CronJob', run: () => oftenFor(365, false), beside: 'aim: under 30 s' },
  { name: 'a month of a */5 CronJob, every run', run: () => oftenFor(30, true) },
  { name: '1,000 pods on 100 nodes from nothing', run: () => rollOutCase(100, 1000, 100) },
  { name: '4,000 pods on 400 nodes from nothing', run: () => rollOutCase(400, 4000, 100) },
  {
    name: '10,000 pods on 1,000 nodes from nothing',
    run: () => rollOutCase(1000, 10_000, 100),
    beside: 'aim: under 10 s; KWOK: 20 pods a second, 167 in its gate',
  },
  { name: 'one change among 1,000 pods on 100 nodes', run: () => oneChange(100, 1000) },
  { name: 'one change among 10,000 pods on 1,000 nodes', run: () => oneChange(1000, 10_000) },
  {
    name: 'scheduler: 5,000 pods on 5,000 nodes, basic',
    run: () => schedule(5000, 5000, WISHES.basic),
    beside: 'aim: 5000; kube-scheduler: 680 to 810',
  },
  {
    name: 'scheduler: 5,000 pods on 5,000 nodes, spread',
    run: () => schedule(5000, 5000, WISHES.spread),
    beside: 'aim: 1000',
  },
  {
    name: 'scheduler: 5,000 pods on 5,000 nodes, preferred affinity',
    run: () => schedule(5000, 5000, WISHES.preferred),
    beside: 'aim: 1000; kube-scheduler: 90',
  },
  {
    name: 'scheduler: 5,000 pods on 5,000 nodes, required anti-affinity',
    run: () => schedule(5000, 5000, WISHES.required),
    beside: 'aim: 1000; kube-scheduler: 35 to 60',
  },
  {
    name: 'big: one change among 100,000 pods on 5,000 nodes',
    run: () => oneChange(5000, 100_000),
    beside: 'aim: roll-out under 150 s and 4 GiB',
  },
];

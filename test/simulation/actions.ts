import type { Random } from '../../src/base/random.ts';
import type { Cluster } from '../../src/cluster/cluster.ts';
import type { PropagationPolicy } from '../../src/client/kube-client.ts';
import type { Pod } from '../../src/kube/api/core-v1.generated.ts';
import type { ResourceType } from '../../src/kube/object.ts';
import { RESOURCES } from '../../src/kube/resources.ts';
import type { Invariants } from './invariants.ts';

/** A cluster to which things are done by chance. */
export interface World {
  readonly cluster: Cluster;
  readonly random: Random;
  readonly invariants: Invariants;
  /** What was done, a line each. */
  readonly story: string[];
  /** Workloads that were made, by `namespace/name`. */
  readonly names: Map<string, ResourceType>;
  next: number;
}

type Action = (world: World) => Promise<void>;

/** Does one thing. */
export async function doSomething(world: World): Promise<void> {
  const known = world.names.size > 0;
  const actions: readonly Action[] = known
    ? [create, create, update, update, update, scale, scale, remove, deletePod, evictPod, cordon]
    : [create];
  await pick(world.random, actions)(world);
}

function pick<T>(random: Random, values: readonly T[]): T {
  const value = values[random.below(values.length)];
  if (value === undefined) throw new Error('nothing to choose from');
  return value;
}

function tell({ cluster, story }: World, text: string): void {
  story.push(`${new Date(cluster.clock.now()).toISOString()} ${text}`);
}

function named({ random, next }: World, prefix: string): { readonly namespace: string; readonly name: string } {
  return { namespace: pick(random, ['one', 'one', 'two']), name: `${prefix}-${next}` };
}

const KINDS = ['deployment', 'deployment', 'deployment', 'statefulset', 'daemonset', 'job', 'cronjob'] as const;

async function create(world: World): Promise<void> {
  const { cluster, random } = world;
  const kind = pick(random, KINDS);
  const metadata = named(world, kind);
  world.next += 1;
  const app = metadata.name;
  const labels = { app };
  const type = TYPES[kind];
  const replicas = random.below(6);
  tell(world, `create ${kind} ${metadata.namespace}/${app} (${replicas})`);
  world.names.set(`${metadata.namespace}/${app}`, type);
  const workload = { selector: { matchLabels: labels }, template: podTemplate(random, labels) };
  if (random.below(2) === 0 && (kind === 'deployment' || kind === 'statefulset'))
    await addService(world, metadata, app);
  await cluster.client.create(type, { metadata, spec: specOf(kind, { random, replicas, workload, app }) });
  if (kind === 'deployment' && random.below(3) === 0) {
    const spec = { minAvailable: 1, selector: { matchLabels: labels } };
    await cluster.client.create(RESOURCES.podDisruptionBudgets, { metadata, spec });
  }
}

const TYPES: Readonly<Record<(typeof KINDS)[number], ResourceType>> = {
  deployment: RESOURCES.deployments,
  statefulset: RESOURCES.statefulSets,
  daemonset: RESOURCES.daemonSets,
  job: RESOURCES.jobs,
  cronjob: RESOURCES.cronJobs,
};

interface SpecParts {
  readonly random: Random;
  readonly replicas: number;
  readonly workload: object;
  readonly app: string;
}

function specOf(kind: (typeof KINDS)[number], { random, replicas, workload, app }: SpecParts): object {
  const job = {
    completions: 1 + random.below(4),
    parallelism: 1 + random.below(3),
    backoffLimit: random.below(4),
    template: jobTemplate(random),
  };
  switch (kind) {
    case 'deployment':
      return { ...workload, replicas, minReadySeconds: random.below(3), strategy: strategyOf(random) };
    case 'statefulset':
      return {
        ...workload,
        replicas,
        serviceName: app,
        podManagementPolicy: pick(random, ['OrderedReady', 'Parallel']),
      };
    case 'daemonset':
      return workload;
    case 'job':
      return job;
    default: {
      const concurrencyPolicy = pick(random, ['Allow', 'Forbid', 'Replace']);
      return {
        schedule: `*/${5 + random.below(10)} * * * *`,
        concurrencyPolicy,
        jobTemplate: { spec: { ...job, activeDeadlineSeconds: 240 } },
      };
    }
  }
}

function strategyOf(random: Random): object {
  if (random.below(6) === 0) return { type: 'Recreate' };
  const amounts = [0, 1, 2, '25%', '50%'] as const;
  const maxSurge = pick(random, amounts);
  const maxUnavailable = pick(random, amounts);
  // Both 0 are refused.
  return { rollingUpdate: { maxSurge, maxUnavailable: maxSurge === 0 && maxUnavailable === 0 ? 1 : maxUnavailable } };
}

/** A template that is good nine times of ten. */
function podTemplate(random: Random, labels: Readonly<Record<string, string>>): object {
  const bad = random.below(10) === 0;
  const image = bad ? pick(random, ['nginx:does-not-exist', 'busybox:1.36']) : `shop/app:${1 + random.below(20)}`;
  const container = {
    name: 'c',
    image,
    ports: [{ name: 'http', containerPort: 8080 }],
    ...(bad ? { command: image.startsWith('busybox') ? ['false'] : undefined } : {}),
    ...(random.below(2) === 0
      ? { readinessProbe: { httpGet: { path: '/', port: 'http' }, periodSeconds: 1 + random.below(5) } }
      : {}),
    resources: { requests: { cpu: `${50 * (1 + random.below(4))}m` } },
  };
  const annotations = { 'pintle.dev/behaviour.c': `startMillis: ${1000 * random.below(10)}` };
  return {
    metadata: { labels, annotations: { ...annotations, 'simulation/good': String(!bad) } },
    spec: { containers: [container], terminationGracePeriodSeconds: random.below(30) },
  };
}

function jobTemplate(random: Random): object {
  const command = pick(random, [['true'], ['sleep', '20'], ['sh', '-c', 'exit 1']]);
  return {
    spec: {
      restartPolicy: pick(random, ['Never', 'OnFailure']),
      containers: [{ name: 'c', image: 'busybox:1.36', command }],
    },
  };
}

async function addService({ cluster, random }: World, metadata: object, app: string): Promise<void> {
  const spec = {
    selector: { app },
    ports: [{ port: 80, targetPort: 'http' }],
    ...(random.below(3) === 0 ? { clusterIP: 'None' } : {}),
  };
  await cluster.client.create(RESOURCES.services, { metadata, spec });
}

function chosen(
  { random, names }: World,
  kinds: readonly ResourceType[],
): readonly [{ namespace: string; name: string }, ResourceType] | undefined {
  const fitting = [...names].filter(([, type]) => kinds.includes(type));
  if (fitting.length === 0) return undefined;
  const [key, type] = pick(random, fitting);
  const [namespace = '', name = ''] = key.split('/');
  return [{ namespace, name }, type];
}

async function update(world: World): Promise<void> {
  const target = chosen(world, [RESOURCES.deployments, RESOURCES.statefulSets, RESOURCES.daemonSets]);
  if (target === undefined) return;
  const [key, type] = target;
  tell(world, `update ${key.namespace}/${key.name}`);
  await world.cluster.client.patch(type, key, 'merge', {
    spec: { template: podTemplate(world.random, { app: key.name }) },
  });
}

async function scale(world: World): Promise<void> {
  const target = chosen(world, [RESOURCES.deployments, RESOURCES.statefulSets]);
  if (target === undefined) return;
  const [key, type] = target;
  const replicas = world.random.below(9);
  tell(world, `scale ${key.namespace}/${key.name} to ${replicas}`);
  await world.cluster.client.patch(type, key, 'merge', { spec: { replicas } });
}

async function remove(world: World): Promise<void> {
  const target = chosen(world, Object.values(TYPES));
  if (target === undefined) return;
  const [key, type] = target;
  const propagationPolicy = pick<PropagationPolicy>(world.random, ['Background', 'Foreground']);
  tell(world, `delete ${key.namespace}/${key.name} (${propagationPolicy})`);
  await world.cluster.client.delete(type, key, { propagationPolicy });
  world.names.delete(`${key.namespace}/${key.name}`);
}

async function somePod({ cluster, random }: World): Promise<Pod | undefined> {
  const { items } = await cluster.client.list<Pod>(RESOURCES.pods);
  return items.length === 0 ? undefined : pick(random, items);
}

async function deletePod(world: World): Promise<void> {
  const pod = await somePod(world);
  if (pod === undefined) return;
  const { namespace = '', name = '', uid = '' } = pod.metadata;
  world.invariants.deletedByOthers.add(uid);
  const force = world.random.below(4) === 0;
  tell(world, `delete pod ${namespace}/${name}${force ? ' by force' : ''}`);
  await world.cluster.client.delete(RESOURCES.pods, { namespace, name }, force ? { gracePeriodSeconds: 0 } : {});
}

async function evictPod(world: World): Promise<void> {
  const pod = await somePod(world);
  if (pod === undefined) return;
  const { namespace = '', name = '', uid = '' } = pod.metadata;
  world.invariants.deletedByOthers.add(uid);
  tell(world, `evict pod ${namespace}/${name}`);
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { namespace, name } };
  await world.cluster.client.create(RESOURCES.pods, eviction, { subresource: 'eviction' });
}

async function cordon(world: World): Promise<void> {
  const unschedulable = world.random.below(2) === 0;
  tell(world, `${unschedulable ? 'cordon' : 'uncordon'} node-1`);
  await world.cluster.client.patch(RESOURCES.nodes, { name: 'node-1' }, 'merge', { spec: { unschedulable } });
}

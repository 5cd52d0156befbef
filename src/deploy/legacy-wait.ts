import { sleep } from '../base/clock.ts';
import { PintleError } from '../base/errors.ts';
import type { KubeClient } from '../client/kube-client.ts';
import { isTransient } from '../client/retry.ts';
import type { KubeObject } from '../kube/object.ts';
import { RESOURCES } from '../kube/resources.ts';
import type { DeployEnvironment } from './environment.ts';
import type { Resource } from './resource.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What the rules of Helm 3 are asked with. */
export interface LegacyWaitOptions {
  /** ms */
  readonly timeout: number;
  /** Jobs must complete too. */
  readonly jobs: boolean;
  readonly signal?: AbortSignal | undefined;
}

const POLL = 2000;
const RETRIES = 30;
const REVISION = 'deployment.kubernetes.io/revision';

/**
 * Waits as Helm 3 did: looks at all objects every two seconds; a Deployment is ready when all but `maxUnavailable` of its pods
 * are, Services need an address, other kinds count as ready. helm: pkg/kube/wait.go, ready.go.
 *
 * @returns whether all became ready, or why the wait ended
 * @throws PintleError `wait-failed` for a Job that failed
 */
export async function waitLegacy(
  environment: DeployEnvironment,
  resources: readonly Resource[],
  options: LegacyWaitOptions,
): Promise<'done' | 'timeout' | 'interrupted'> {
  const { clock, client } = environment;
  const deadline = clock.now() + options.timeout;
  let failures = 0;
  for (;;) {
    try {
      if (await allReady(client, resources, options)) return 'done';
      failures = 0;
    } catch (error) {
      failures += 1;
      if (error instanceof PintleError || !isTransient(error) || failures > RETRIES) throw error;
    }
    if (options.signal?.aborted === true) return 'interrupted';
    if (clock.now() + POLL > deadline) {
      await clock.blockOn(sleep(clock, Math.max(0, deadline - clock.now())));
      return 'timeout';
    }
    await clock.blockOn(sleep(clock, POLL));
  }
}

async function allReady(
  client: KubeClient,
  resources: readonly Resource[],
  options: LegacyWaitOptions,
): Promise<boolean> {
  for (const resource of resources) {
    const rule = RULES[`${resource.type.group}/${resource.type.kind}`];
    if (rule === undefined) continue;
    const live = await client.get(resource.type, resource.key);
    if (!(await rule(live, { client, jobs: options.jobs }))) return false;
  }
  return true;
}

interface RuleContext {
  readonly client: KubeClient;
  readonly jobs: boolean;
}

type Rule = (object: KubeObject, context: RuleContext) => boolean | Promise<boolean>;

const RULES: Readonly<Record<string, Rule>> = {
  '/Pod': isPodReady,
  '/Service': isServiceReady,
  '/PersistentVolumeClaim': (claim) => statusOf(claim)['phase'] === 'Bound',
  '/ReplicationController': arePodsReady,
  'apps/ReplicaSet': arePodsReady,
  'apps/Deployment': isDeploymentReady,
  'apps/DaemonSet': isDaemonSetReady,
  'apps/StatefulSet': isStatefulSetReady,
  'batch/Job': isJobReady,
  'apiextensions.k8s.io/CustomResourceDefinition': (definition) =>
    hasCondition(definition, 'Established', 'True') || hasCondition(definition, 'NamesAccepted', 'False'),
};

function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function specOf(object: KubeObject): Fields {
  return fields(object['spec']);
}

function statusOf(object: KubeObject): Fields {
  return fields(object['status']);
}

function count(value: unknown, fallback = 0): number {
  return typeof value === 'number' ? value : fallback;
}

function hasCondition(object: KubeObject, type: string, status: string): boolean {
  const conditions = statusOf(object)['conditions'];
  return (
    Array.isArray(conditions) && conditions.some((each: Fields) => each['type'] === type && each['status'] === status)
  );
}

function isObserved(object: KubeObject): boolean {
  return statusOf(object)['observedGeneration'] === object.metadata.generation;
}

function isPodReady(pod: KubeObject): boolean {
  return hasCondition(pod, 'Ready', 'True');
}

function isServiceReady(service: KubeObject): boolean {
  const spec = specOf(service);
  if (spec['type'] === 'ExternalName') return true;
  if ((spec['clusterIP'] ?? '') === '') return false;
  if (spec['type'] !== 'LoadBalancer') return true;
  const external = spec['externalIPs'];
  if (Array.isArray(external) && external.length > 0) return true;
  return fields(statusOf(service)['loadBalancer'])['ingress'] !== undefined;
}

/** An amount or a percentage of a whole. */
function scaled(value: unknown, whole: number, up: boolean): number {
  if (typeof value === 'number') return value;
  const share = /^(\d+)%$/.exec(String(value));
  if (share === null) return whole;
  const exact = (Number(share[1]) * whole) / 100;
  return up ? Math.ceil(exact) : Math.floor(exact);
}

async function isDeploymentReady(deployment: KubeObject, { client }: RuleContext): Promise<boolean> {
  const spec = specOf(deployment);
  if (spec['paused'] === true) return true;
  const current = await newReplicaSet(client, deployment);
  if (current === undefined || !isObserved(current) || !isObserved(deployment)) return false;
  const replicas = count(spec['replicas'], 1);
  return count(statusOf(current)['readyReplicas']) >= replicas - maxUnavailable(spec, replicas);
}

/** kubernetes: pkg/controller/deployment/util, MaxUnavailable */
function maxUnavailable(spec: Fields, replicas: number): number {
  const strategy = fields(spec['strategy']);
  if (strategy['type'] !== 'RollingUpdate' || replicas === 0) return 0;
  const rolling = fields(strategy['rollingUpdate']);
  const surge = scaled(rolling['maxSurge'] ?? '25%', replicas, true);
  const unavailable = scaled(rolling['maxUnavailable'] ?? '25%', replicas, false);
  return Math.min(replicas, surge === 0 && unavailable === 0 ? 1 : unavailable);
}

/** The ReplicaSet of a Deployment's newest template. */
async function newReplicaSet(client: KubeClient, deployment: KubeObject): Promise<KubeObject | undefined> {
  const sets = await client.list(RESOURCES.replicaSets, { namespace: deployment.metadata.namespace });
  const revision = deployment.metadata.annotations?.[REVISION];
  return sets.items.find(
    ({ metadata }) =>
      metadata.ownerReferences?.some((owner) => owner.uid === deployment.metadata.uid) === true &&
      metadata.annotations?.[REVISION] === revision,
  );
}

function isDaemonSetReady(set: KubeObject): boolean {
  if (!isObserved(set)) return false;
  const strategy = fields(specOf(set)['updateStrategy']);
  if (strategy['type'] !== 'RollingUpdate') return true;
  const status = statusOf(set);
  const desired = count(status['desiredNumberScheduled']);
  if (count(status['updatedNumberScheduled']) !== desired) return false;
  const unavailable = scaled(fields(strategy['rollingUpdate'])['maxUnavailable'], desired, true);
  return count(status['numberReady']) >= desired - unavailable;
}

function isStatefulSetReady(set: KubeObject): boolean {
  if (!isObserved(set)) return false;
  const spec = specOf(set);
  const strategy = fields(spec['updateStrategy']);
  if (strategy['type'] !== 'RollingUpdate') return true;
  const partition = count(fields(strategy['rollingUpdate'])['partition']);
  const replicas = count(spec['replicas'], 1);
  const status = statusOf(set);
  if (count(status['updatedReplicas']) < replicas - partition) return false;
  if (count(status['readyReplicas']) !== replicas) return false;
  return partition !== 0 || status['currentRevision'] === status['updateRevision'];
}

async function arePodsReady(owner: KubeObject, { client }: RuleContext): Promise<boolean> {
  if (!isObserved(owner)) return false;
  const selector = fields(specOf(owner)['selector']);
  const labels = fields(owner.kind === 'ReplicaSet' ? selector['matchLabels'] : selector);
  const text = Object.entries(labels)
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(',');
  const pods = await client.list(RESOURCES.pods, { namespace: owner.metadata.namespace, labelSelector: text });
  return pods.items.every(isPodReady);
}

function isJobReady(job: KubeObject, { jobs }: RuleContext): boolean {
  if (!jobs) return true;
  const status = statusOf(job);
  const spec = specOf(job);
  if (count(status['failed']) > count(spec['backoffLimit'], 6)) {
    throw new PintleError('wait-failed', `job is failed: ${job.metadata.namespace ?? ''}/${job.metadata.name ?? ''}`);
  }
  const wanted = spec['completions'];
  return typeof wanted !== 'number' || count(status['succeeded']) >= wanted;
}

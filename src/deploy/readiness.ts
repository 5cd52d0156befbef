import type { KubeObject } from '../kube/object.ts';

/** How far an object is, in the words of kstatus. */
type ReadinessStatus = 'Current' | 'InProgress' | 'Failed' | 'Terminating' | 'NotFound' | 'Unknown';

/** A verdict on one object. */
export interface Readiness {
  readonly status: ReadinessStatus;
  readonly message: string;
  /** Replicas or completions, where the kind counts them. */
  readonly ready?: number;
  readonly desired?: number;
}

/** What the rules need besides the object. */
export interface ReadinessOptions {
  /** ms since the epoch. */
  readonly now: number;
  /** Jobs count as ready only when they have completed (hooks, `--wait-for-jobs`). */
  readonly waitForJobs?: boolean;
  /** Pods count as ready only when they have completed (hooks). */
  readonly waitForPods?: boolean;
}

/** A pod that could not be scheduled for this long counts as failed, ms. kstatus: pkg/kstatus/status/core.go. */
const SCHEDULE_WINDOW = 15_000;

/** A progress deadline of this many seconds means none. */
const UNLIMITED = 2_147_483_647;

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * Whether an object has become what its spec asks for. Rules and texts as kstatus has them
 * (sigs.k8s.io/cli-utils: pkg/kstatus/status), with Helm's readers for Jobs and Pods of hooks
 * (helm: internal/statusreaders).
 */
export function readinessOf(object: KubeObject, options: ReadinessOptions): Readiness {
  if (object.metadata.deletionTimestamp !== undefined) {
    return { status: 'Terminating', message: 'Resource scheduled for deletion' };
  }
  const status = fields(object['status']);
  const generation = object.metadata.generation;
  const observed = status['observedGeneration'];
  if (typeof observed === 'number' && generation !== undefined && observed !== generation) {
    return inProgress(`${object.kind} generation is ${generation}, but latest observed generation is ${observed}`);
  }
  const group = object.apiVersion.includes('/') ? object.apiVersion.slice(0, object.apiVersion.indexOf('/')) : '';
  const rule = RULES[`${group}/${object.kind}`];
  return standardReadiness(object) ?? (rule === undefined ? genericReadiness(object) : rule(object, options));
}

type Rule = (object: KubeObject, options: ReadinessOptions) => Readiness;

const RULES: Readonly<Record<string, Rule>> = {
  '/Service': serviceReadiness,
  '/Pod': podReadiness,
  '/Secret': alwaysCurrent,
  '/ConfigMap': alwaysCurrent,
  '/PersistentVolumeClaim': claimReadiness,
  'apps/StatefulSet': statefulSetReadiness,
  'apps/DaemonSet': daemonSetReadiness,
  'apps/Deployment': deploymentReadiness,
  'apps/ReplicaSet': replicaSetReadiness,
  '/ReplicationController': replicaSetReadiness,
  'policy/PodDisruptionBudget': () => current('AllowedDisruptions has been computed.'),
  'batch/CronJob': alwaysCurrent,
  'batch/Job': jobReadiness,
  'apiextensions.k8s.io/CustomResourceDefinition': definitionReadiness,
};

function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function count(value: unknown, fallback = 0): number {
  return typeof value === 'number' ? value : fallback;
}

function conditionsOf(object: KubeObject): readonly Condition[] {
  const conditions = fields(object['status'])['conditions'];
  return Array.isArray(conditions) ? (conditions as readonly Condition[]) : [];
}

function conditionOf(object: KubeObject, type: string): Condition | undefined {
  return conditionsOf(object).find((condition) => condition.type === type);
}

function inProgress(message: string): Readiness {
  return { status: 'InProgress', message };
}

function failed(message: string): Readiness {
  return { status: 'Failed', message };
}

function current(message = 'Resource is current'): Readiness {
  return { status: 'Current', message };
}

function alwaysCurrent(): Readiness {
  return current('Resource is always ready');
}

/** The conditions by which any controller may say how far it is. */
function standardReadiness(object: KubeObject): Readiness | undefined {
  for (const condition of conditionsOf(object)) {
    if (condition.status !== 'True') continue;
    if (condition.type === 'Reconciling') return inProgress(condition.message ?? '');
    if (condition.type === 'Stalled') return failed(condition.message ?? '');
  }
  return undefined;
}

function genericReadiness(object: KubeObject): Readiness {
  switch (conditionOf(object, 'Ready')?.status) {
    case 'True':
      return current('Resource is Ready');
    case 'False':
    case 'Unknown':
      return inProgress(conditionOf(object, 'Ready')?.message ?? '');
    default:
      return current();
  }
}

function serviceReadiness(object: KubeObject): Readiness {
  const spec = fields(object['spec']);
  if (spec['type'] === 'LoadBalancer' && (spec['clusterIP'] ?? '') === '') {
    return inProgress('ClusterIP not set. Service type: LoadBalancer');
  }
  return current('Service is ready');
}

function claimReadiness(object: KubeObject): Readiness {
  const phase = fields(object['status'])['phase'];
  if (phase === 'Bound') return current('PVC is Bound');
  return inProgress(`PVC is not Bound. phase: ${typeof phase === 'string' ? phase : 'unknown'}`);
}

function deploymentReadiness(object: KubeObject): Readiness {
  const spec = fields(object['spec']);
  const status = fields(object['status']);
  const desired = count(spec['replicas'], 1);
  const ready = count(status['readyReplicas']);
  const counts = { ready, desired };
  const progressing = conditionOf(object, 'Progressing');
  if (progressing?.reason === 'ProgressDeadlineExceeded') return { ...failed('Progress deadline exceeded'), ...counts };
  const shortfall = replicaShortfall(desired, status);
  if (shortfall !== undefined) return { ...inProgress(shortfall), ...counts };
  const unlimited = count(spec['progressDeadlineSeconds'], UNLIMITED) === UNLIMITED;
  if (!unlimited && !(progressing?.status === 'True' && progressing.reason === 'NewReplicaSetAvailable')) {
    return { ...inProgress('ReplicaSet not Available'), ...counts };
  }
  if (conditionOf(object, 'Available')?.status !== 'True')
    return { ...inProgress('Deployment not Available'), ...counts };
  return { ...current(`Deployment is available. Replicas: ${count(status['replicas'])}`), ...counts };
}

function replicaShortfall(desired: number, status: Fields): string | undefined {
  const replicas = count(status['replicas']);
  const updated = count(status['updatedReplicas']);
  if (desired > replicas) return `Replicas: ${replicas}/${desired}`;
  if (desired > updated) return `Updated: ${updated}/${desired}`;
  if (replicas > desired) return `Pending termination: ${replicas - desired}`;
  const available = count(status['availableReplicas']);
  if (updated > available) return `Available: ${available}/${updated}`;
  const ready = count(status['readyReplicas']);
  if (desired > ready) return `Ready: ${ready}/${desired}`;
  return undefined;
}

function replicaSetReadiness(object: KubeObject): Readiness {
  const status = fields(object['status']);
  const desired = count(fields(object['spec'])['replicas'], 1);
  const counts = { ready: count(status['readyReplicas']), desired };
  if (conditionOf(object, 'ReplicaFailure')?.status === 'True') {
    return { ...inProgress('Replica Failure condition. Check Pods'), ...counts };
  }
  const total = count(status['replicas']);
  const labelled = count(status['fullyLabeledReplicas']);
  if (desired > labelled && object.kind === 'ReplicaSet') {
    return { ...inProgress(`Labelled: ${labelled}/${desired}`), ...counts };
  }
  const available = count(status['availableReplicas']);
  if (desired > available) return { ...inProgress(`Available: ${available}/${desired}`), ...counts };
  if (desired > counts.ready) return { ...inProgress(`Ready: ${counts.ready}/${desired}`), ...counts };
  if (total > desired) return { ...inProgress(`Pending termination: ${total - desired}`), ...counts };
  return { ...current(`ReplicaSet is available. Replicas: ${total}`), ...counts };
}

function statefulSetReadiness(object: KubeObject): Readiness {
  const spec = fields(object['spec']);
  const status = fields(object['status']);
  const desired = count(spec['replicas'], 1);
  const ready = count(status['readyReplicas']);
  const counts = { ready, desired };
  const strategy = fields(spec['updateStrategy']);
  if (strategy['type'] === 'OnDelete') {
    return { ...current('StatefulSet is using the ondelete update strategy'), ...counts };
  }
  const replicas = count(status['replicas']);
  if (desired > replicas) return { ...inProgress(`Replicas: ${replicas}/${desired}`), ...counts };
  if (desired > ready) return { ...inProgress(`Ready: ${ready}/${desired}`), ...counts };
  if (replicas > desired) return { ...inProgress(`Pending termination: ${replicas - desired}`), ...counts };
  const partition = count(fields(strategy['rollingUpdate'])['partition'], -1);
  const updated = count(status['updatedReplicas']);
  if (partition !== -1) {
    if (updated < desired - partition) {
      return { ...inProgress(`updated: ${updated}/${desired - partition}`), ...counts };
    }
    return { ...current(`Partition rollout complete. updated: ${updated}`), ...counts };
  }
  const currentReplicas = count(status['currentReplicas']);
  if (desired > currentReplicas) return { ...inProgress(`current: ${currentReplicas}/${desired}`), ...counts };
  if (status['currentRevision'] !== status['updateRevision']) {
    return { ...inProgress('Waiting for updated revision to match current'), ...counts };
  }
  return { ...current(`All replicas scheduled as expected. Replicas: ${replicas}`), ...counts };
}

function daemonSetReadiness(object: KubeObject): Readiness {
  const status = fields(object['status']);
  const desired = count(status['desiredNumberScheduled'], -1);
  const counts = { ready: count(status['numberReady']), desired: Math.max(0, desired) };
  if (status['observedGeneration'] === undefined) {
    return inProgress('DaemonSet status.observedGeneration not found');
  }
  if (desired === -1) return inProgress('Missing .status.desiredNumberScheduled');
  for (const [label, name] of [
    ['Current', 'currentNumberScheduled'],
    ['Updated', 'updatedNumberScheduled'],
    ['Available', 'numberAvailable'],
    ['Ready', 'numberReady'],
  ] as const) {
    const value = count(status[name]);
    if (desired > value) return { ...inProgress(`${label}: ${value}/${desired}`), ...counts };
  }
  return { ...current(`All replicas scheduled as expected. Replicas: ${desired}`), ...counts };
}

function jobReadiness(object: KubeObject, options: ReadinessOptions): Readiness {
  const spec = fields(object['spec']);
  const status = fields(object['status']);
  const succeeded = count(status['succeeded']);
  const active = count(status['active']);
  const failures = count(status['failed']);
  const counts = { ready: succeeded, desired: count(spec['completions'], count(spec['parallelism'], 1)) };
  for (const condition of conditionsOf(object)) {
    if (condition.status !== 'True') continue;
    if (condition.type === 'Complete')
      return { ...current(`Job Completed. succeeded: ${succeeded}/${counts.desired}`), ...counts };
    if (condition.type === 'Failed') {
      const reason = condition.reason === undefined ? '' : ` (${condition.reason}: ${condition.message ?? ''})`;
      return { ...failed(`Job Failed. failed: ${failures}/${counts.desired}${reason}`), ...counts };
    }
    if (condition.type === 'Suspended' && options.waitForJobs !== true) {
      return { ...current('Job is suspended'), ...counts };
    }
  }
  if (options.waitForJobs === true) return { ...inProgress('Job in progress'), ...counts };
  if (status['startTime'] === undefined) return { ...inProgress('Job not started'), ...counts };
  return {
    ...current(`Job in progress. success:${succeeded}, active: ${active}, failed: ${failures}`),
    ...counts,
  };
}

/** A hook's pod must run to its end. */
function completedPodReadiness(object: KubeObject): Readiness {
  const name = object.metadata.name ?? '';
  switch (fields(object['status'])['phase']) {
    case 'Succeeded':
      return current(`pod ${name} succeeded`);
    case 'Failed':
      return failed(`pod ${name} failed`);
    default:
      return inProgress('Pod in progress');
  }
}

function podReadiness(object: KubeObject, options: ReadinessOptions): Readiness {
  if (options.waitForPods === true) return completedPodReadiness(object);
  const phase = fields(object['status'])['phase'];
  switch (phase) {
    case 'Succeeded':
      return current('Pod has completed successfully');
    case 'Failed':
      return current('Pod has completed, but not successfully');
    case 'Running':
      if (conditionOf(object, 'Ready')?.status === 'True') return current('Pod is Ready');
      return crashLooping(object) ?? inProgress('Pod is running but is not Ready');
    case 'Pending': {
      const scheduled = conditionOf(object, 'PodScheduled');
      if (scheduled?.status === 'False' && scheduled.reason === 'Unschedulable') {
        const since = Date.parse(object.metadata.creationTimestamp ?? '');
        if (options.now - since >= SCHEDULE_WINDOW) return failed('Pod could not be scheduled');
        return inProgress('Pod has not been scheduled');
      }
      return inProgress('Pod is in the Pending phase');
    }
    case undefined:
      return inProgress('Pod phase not available');
    default:
      return inProgress(`Pod is in an unknown phase: ${String(phase)}`);
  }
}

function crashLooping(object: KubeObject): Readiness | undefined {
  const statuses = fields(object['status'])['containerStatuses'];
  if (!Array.isArray(statuses)) return undefined;
  const looping: string[] = [];
  for (const container of statuses as readonly Fields[]) {
    if (fields(fields(container['state'])['waiting'])['reason'] === 'CrashLoopBackOff')
      looping.push(String(container['name']));
  }
  return looping.length === 0 ? undefined : failed(`Containers in CrashLoop state: ${looping.join(',')}`);
}

function definitionReadiness(object: KubeObject): Readiness {
  for (const condition of conditionsOf(object)) {
    if (condition.type === 'NamesAccepted' && condition.status === 'False') return failed(condition.message ?? '');
    if (condition.type === 'Established') {
      if (condition.status === 'False' && condition.reason !== 'Installing') return failed(condition.message ?? '');
      if (condition.status === 'True') return current('CRD is established');
    }
  }
  return inProgress('Install in progress');
}

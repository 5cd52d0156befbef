import { isObject } from '../../../base/json.ts';
import type { DeleteOptions } from '../../../client/kube-client.ts';
import type { Pod, PodCondition } from '../../../kube/api/core-v1.generated.ts';
import type { PodDisruptionBudget } from '../../../kube/api/policy-v1.generated.ts';
import { labelSelectorMatcher, SelectorError } from '../../../kube/labels.ts';
import type { KubeObject } from '../../../kube/object.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import type { Status } from '../../../kube/status-error.ts';
import { badRequest, forbidden, internalError, tooManyRequests } from '../../registry/status.ts';
import type { Draft } from '../../registry/strategy.ts';
import type { StoreEntry } from '../../store/store.ts';
import { noAdmission } from '../admission/chain.ts';
import { admitSubresource } from '../rest/admit.ts';
import { commitPut } from '../rest/commit.ts';
import type { Core, Operation } from '../rest/core.ts';
import { deleteObject } from '../rest/delete.ts';
import { formatTime } from '../../machinery/time.ts';
import { requireStored } from '../rest/update.ts';
import { bucketOf } from '../served-resources.ts';
import { SUCCESS } from './binding.ts';

const MOST_DISRUPTED_PODS = 2000;
const RETRY_SECONDS = 10;
const EVICTION = { group: 'policy', version: 'v1', kind: 'Eviction' };
const BUDGETS = RESOURCES.podDisruptionBudgets;

type Budget = KubeObject & PodDisruptionBudget;

/** Of a budget that its controller has not seen yet. */
const UNKNOWN_STATUS: NonNullable<Budget['status']> = {
  disruptionsAllowed: 0,
  currentHealthy: 0,
  desiredHealthy: 0,
  expectedPods: 0,
};

/**
 * Deletes a pod if the budgets that select it allow so. kubernetes: pkg/registry/core/pod/storage/eviction.go
 *
 * @throws StatusError 429 when a budget does not
 */
export function evictPod(core: Core, operation: Operation, body: unknown): Status {
  const options = deleteOptionsOf(operation, body);
  const entry = requireStored(core, operation);
  const pod = entry.value as KubeObject & Pod;
  admitSubresource(core, operation, body, EVICTION);
  const operationOnPod: Operation = { ...operation, subresource: '' };
  // The eviction was asked about; the deletion that it leads to is not.
  const plain: Core = { ...core, admission: noAdmission() };
  if (ignoresBudgets(pod)) {
    deleteObject(plain, operationOnPod, options);
    return SUCCESS;
  }
  const budgets = budgetsOf(core, pod);
  const [first] = budgets;
  if (budgets.length > 1) {
    throw internalError(
      'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
    );
  }
  if (first !== undefined && !mayPass(first.value, pod)) spendBudget(core, operation, first, pod);
  markDisrupted(core, operationOnPod, entry);
  const { uid } = pod.metadata;
  deleteObject(plain, operationOnPod, { preconditions: { uid }, ...options });
  return SUCCESS;
}

function deleteOptionsOf(operation: Operation, body: unknown): DeleteOptions {
  if (!isObject(body)) throw badRequest('the body of the request is no object');
  const metadata = isObject(body['metadata']) ? body['metadata'] : {};
  const { name } = metadata;
  if (typeof name === 'string' && name !== '' && name !== operation.name) {
    throw badRequest('name in URL does not match name in Eviction object');
  }
  const options = isObject(body['deleteOptions']) ? body['deleteOptions'] : {};
  const { gracePeriodSeconds, propagationPolicy, preconditions } = options as DeleteOptions;
  return {
    ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
    ...(propagationPolicy === undefined ? {} : { propagationPolicy }),
    ...(preconditions === undefined ? {} : { preconditions }),
  };
}

function ignoresBudgets({ metadata, status }: KubeObject & Pod): boolean {
  const phase = status?.phase;
  return phase === 'Succeeded' || phase === 'Failed' || phase === 'Pending' || metadata.deletionTimestamp !== undefined;
}

function budgetsOf({ store }: Core, { metadata }: KubeObject): readonly StoreEntry[] {
  return store.list(bucketOf(BUDGETS), metadata.namespace).filter(({ value }) => {
    try {
      return labelSelectorMatcher((value as Budget).spec?.selector).matches(metadata.labels);
    } catch (error) {
      if (error instanceof SelectorError) return false;
      throw error;
    }
  });
}

/** Pods that are not ready may go when the budget says so, or when there are enough healthy ones. */
function mayPass({ spec, status }: Budget, pod: Pod): boolean {
  const ready = pod.status?.conditions?.some((each) => each.type === 'Ready' && each.status === 'True') ?? false;
  if (ready) return false;
  if (spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true;
  const { currentHealthy = 0, desiredHealthy = 0 } = status ?? {};
  return currentHealthy >= desiredHealthy && desiredHealthy > 0;
}

function spendBudget(core: Core, operation: Operation, entry: StoreEntry, pod: KubeObject): void {
  const budget = entry.value as Budget;
  const { status = UNKNOWN_STATUS, metadata } = budget;
  const name = metadata.name ?? '';
  const { disruptionsAllowed, observedGeneration = 0, disruptedPods = {} } = status;
  if (observedGeneration < (metadata.generation ?? 0)) {
    throw violation(`The disruption budget ${name} is still being processed by the server.`, RETRY_SECONDS);
  }
  if (disruptionsAllowed < 0) throw forbidden(BUDGETS, name, 'pod disruption budget is negative');
  if (Object.keys(disruptedPods).length > MOST_DISRUPTED_PODS) {
    throw forbidden(BUDGETS, name, 'DisruptedPods map too big - too many evictions not confirmed by PDB controller');
  }
  if (disruptionsAllowed === 0) {
    const { desiredHealthy, currentHealthy, conditions = [] } = status;
    const failed = conditions.find((each) => each.type === 'DisruptionAllowed' && each.reason === 'SyncFailed');
    const detail =
      failed === undefined || failed.status === 'True'
        ? `The disruption budget ${name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`
        : `The disruption budget ${name} does not allow evicting pods currently because it failed sync: ${failed.message}`;
    throw violation(detail, 0);
  }
  const now = formatTime(core.clock.now());
  const left = disruptionsAllowed - 1;
  const next = {
    ...budget,
    metadata: { ...metadata },
    status: {
      ...status,
      disruptionsAllowed: left,
      disruptedPods: { ...disruptedPods, [pod.metadata.name ?? '']: now },
      ...(left === 0 ? { conditions: exhausted(status, now, metadata.generation) } : {}),
    },
  };
  const served = core.served.find(BUDGETS);
  commitPut(core, { ...operation, served, name, subresource: '' }, next as KubeObject as Draft, entry.modRevision);
}

function exhausted(
  status: NonNullable<Budget['status']>,
  now: string,
  generation: number | undefined,
): readonly object[] {
  const conditions = status.conditions ?? [];
  const old = conditions.find((each) => each.type === 'DisruptionAllowed');
  const condition = {
    type: 'DisruptionAllowed',
    status: 'False',
    reason: 'InsufficientPods',
    message: '',
    observedGeneration: generation,
    lastTransitionTime: old?.status === 'False' ? old.lastTransitionTime : now,
  };
  return old === undefined ? [...conditions, condition] : conditions.map((each) => (each === old ? condition : each));
}

function violation(message: string, retryAfterSeconds: number): Error {
  const text = "Cannot evict pod as it would violate the pod's disruption budget.";
  return tooManyRequests(text, retryAfterSeconds, [{ reason: 'DisruptionBudget', message }]);
}

/** Tells on the pod why it goes. */
function markDisrupted(core: Core, operation: Operation, entry: StoreEntry): void {
  const pod = entry.value as KubeObject & Pod;
  const conditions: readonly PodCondition[] = pod.status?.conditions ?? [];
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'EvictionByEvictionAPI',
    message: 'Eviction API: evicting',
    lastProbeTime: null,
    lastTransitionTime: formatTime(core.clock.now()),
  };
  const others = conditions.filter((each) => each.type !== condition.type);
  const next = { ...pod, metadata: { ...pod.metadata }, status: { ...pod.status, conditions: [...others, condition] } };
  commitPut(core, operation, next, entry.modRevision);
}

import type { Clock } from '../../../base/clock.ts';
import type { KubeClient } from '../../../client/kube-client.ts';
import type { Job } from '../../../kube/api/batch-v1.generated.ts';
import type { Container, Pod, PodTemplateSpec } from '../../../kube/api/core-v1.generated.ts';
import { hasBacklog } from '../../machinery/backlog.ts';
import { copyMetadata } from '../../../kube/deferred-managed-fields.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import { isStatus } from '../../../kube/status-error.ts';
import { AS_CONTROLLER, BURST_REPLICAS } from '../../machinery/constants.ts';
import type { Expectations } from '../../machinery/expectations.ts';
import { nameOf, objectKey, uidOf } from '../../machinery/keys.ts';
import { isNamespaceTerminating, type PodControl, type PodOverrides } from '../../machinery/pod-control.ts';
import { comparePodsForDeletion, isPodReady } from '../../machinery/pods.ts';
import { slowStart } from '../../machinery/slow-start.ts';
import { firstFreeIndexes, indexesOf, mergeIndexes } from './index-intervals.ts';
import { allFailures, failureCountsAfter, indexesOfPods, surplusIndexPods } from './job-indexes.ts';
import {
  COMPLETION_INDEX,
  FAILURE_COUNT_ANNOTATIONS,
  hasLimitPerIndex,
  hasTrackingFinalizer,
  isIndexed,
  isSuspended,
  isTerminating,
  replacesFailedPodsOnly,
  TRACKING_FINALIZER,
} from './job-pods.ts';
import type { IndexState, Round } from './job-round.ts';
import { finishedTime, remainingBackOff } from './pod-back-off.ts';

/** Longest generateName whose result is still a DNS label. */
const GENERATE_NAME_LIMIT = 58;

/** What {@link scaleJob} works with. */
export interface ScalingTools {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly podControl: PodControl;
  readonly expectations: Expectations;
  /** Looks at the job again after so many ms. */
  readonly again: (key: string, delay: number) => void;
}

/**
 * Creates or deletes pods so that as many run as should, never both in one round; corrects the counts of the round.
 * kubernetes: pkg/controller/job/job_controller.go manageJob
 */
export async function scaleJob(tools: ScalingTools, round: Round): Promise<void> {
  const { job } = round;
  if (isSuspended(job)) {
    await deletePods(tools, round, podsToRemove(round, round.active));
    return;
  }
  const wanted = wantedPods(round);
  const surplus = podsToRemove(round, Math.max(0, round.active - wanted)).slice(0, BURST_REPLICAS);
  if (surplus.length > 0) {
    await deletePods(tools, round, surplus);
    return;
  }
  const missing = wanted - round.active - (replacesFailedPodsOnly(job) ? round.terminating : 0);
  if (missing > 0 && !hasBacklog(round.activePods)) await createPods(tools, round, Math.min(missing, BURST_REPLICAS));
}

function wantedPods({ job, succeeded, active }: Round): number {
  const { completions, parallelism = 1 } = job.spec ?? {};
  // Without a number of completions, the first success ends the creation of pods.
  if (completions === undefined) return succeeded > 0 ? active : parallelism;
  return Math.max(0, Math.min(completions - succeeded, parallelism));
}

function podsToRemove(round: Round, atLeast: number): Pod[] {
  const worstFirst = (a: Pod, b: Pod): number => comparePodsForDeletion(a, b, { now: round.now, rank: () => 0 });
  const { surplus, rest } = isIndexed(round.job)
    ? surplusIndexPods(round.activePods, round.job.spec?.completions ?? 0, worstFirst)
    : { surplus: [], rest: round.activePods };
  if (surplus.length >= atLeast) return surplus;
  return [...surplus, ...rest.toSorted(worstFirst).slice(0, atLeast - surplus.length)];
}

async function deletePods(tools: ScalingTools, round: Round, pods: readonly Pod[]): Promise<void> {
  if (pods.length === 0) return;
  tools.expectations.expectDeletions(round.key, pods.map(uidOf));
  await settle(
    round,
    pods,
    async (pod) => {
      // These pods do not count: their job gives them up.
      await releasePod(tools.client, pod);
      await tools.podControl.delete(pod, round.job);
    },
    (pod) => tools.expectations.deletionObserved(round.key, uidOf(pod)),
  );
}

/** Deletes the pods that still run of a job that ends; their finalizers stay, so that they are counted. */
export async function deleteActivePods(tools: ScalingTools, round: Round): Promise<void> {
  await settle(round, round.activePods, (pod) => tools.podControl.delete(pod, round.job));
}

async function settle(
  round: Round,
  pods: readonly Pod[],
  remove: (pod: Pod) => Promise<void>,
  failed?: (pod: Pod) => void,
): Promise<void> {
  const results = await Promise.allSettled(pods.map(remove));
  let firstError: unknown;
  for (const [i, result] of results.entries()) {
    const pod = pods[i];
    if (pod === undefined) continue;
    if (result.status === 'rejected') {
      firstError ??= result.reason;
      failed?.(pod);
      continue;
    }
    round.active -= 1;
    round.terminating += 1;
    if (isPodReady(pod)) round.ready -= 1;
  }
  if (firstError !== undefined) throw firstError;
}

/** Takes the tracking finalizer off a pod; one that is gone is as good. */
export async function releasePod(client: KubeClient, pod: Pod): Promise<void> {
  if (!hasTrackingFinalizer(pod)) return;
  const patch = { metadata: { '$deleteFromPrimitiveList/finalizers': [TRACKING_FINALIZER] } };
  try {
    if (await releaseAsKnown(client, pod)) return;
    await client.patch(RESOURCES.pods, objectKey(pod), 'strategic', patch, AS_CONTROLLER);
  } catch (error) {
    if (!isStatus(error, 'NotFound')) throw error;
  }
}

/** Writes the pod as it is known, which costs less than a patch; false when it is known no longer as it is. */
async function releaseAsKnown(client: KubeClient, pod: Pod): Promise<boolean> {
  const kept = (pod.metadata.finalizers ?? []).filter((name) => name !== TRACKING_FINALIZER);
  const metadata = copyMetadata(pod.metadata);
  if (kept.length > 0) metadata.finalizers = kept;
  else delete metadata.finalizers;
  const released = { ...pod, metadata };
  try {
    await client.update(RESOURCES.pods, released, AS_CONTROLLER);
    return true;
  } catch (error) {
    if (isStatus(error, 'Conflict')) return false;
    throw error;
  }
}

async function createPods(tools: ScalingTools, round: Round, missing: number): Promise<void> {
  const { job, key, indexes } = round;
  const now = tools.clock.now();
  let creations: readonly PodOverrides[] = [];
  let delay = 0;
  if (indexes === undefined) {
    delay = remainingBackOff(round.backOff, now);
    creations = Array.from({ length: missing }, () => ({ finalizers: [TRACKING_FINALIZER] }));
  } else {
    const plan = planIndexes(round, indexes, missing, now);
    ({ delay } = plan);
    creations = plan.indexes.map((index) => indexOverrides(job, index, indexes.kept.get(index)));
  }
  if (delay > 0) {
    tools.again(key, delay);
    return;
  }
  const template = podTemplate(job);
  tools.expectations.expectCreations(key, creations.length);
  const { succeeded, error } = await slowStart(creations.length, async (i) => {
    await tools.podControl.create(template, job, creations[i]);
  });
  tools.expectations.creationObserved(key, creations.length - succeeded);
  round.active += succeeded;
  if (error !== undefined && !isNamespaceTerminating(error)) throw error;
}

/** The indexes to create pods for now, or how long to wait for the first of them, ms. */
function planIndexes(
  round: Round,
  state: IndexState,
  missing: number,
  now: number,
): { readonly indexes: readonly number[]; readonly delay: number } {
  const { job } = round;
  let taken = mergeIndexes(state.succeeded, indexesOf(indexesOfPods(round.activePods)));
  if (replacesFailedPodsOnly(job)) {
    taken = mergeIndexes(taken, indexesOf(indexesOfPods(round.pods.filter(isTerminating))));
  }
  if (state.failed !== undefined) taken = mergeIndexes(taken, state.failed);
  const free = firstFreeIndexes(taken, missing, job.spec?.completions ?? 0);
  if (!hasLimitPerIndex(job)) return { indexes: free, delay: remainingBackOff(round.backOff, now) };
  const delays = free.map((index) => indexBackOff(state.kept.get(index), now));
  const due = free.filter((_, i) => delays[i] === 0);
  return due.length > 0 || free.length === 0 ? { indexes: due, delay: 0 } : { indexes: [], delay: Math.min(...delays) };
}

function indexBackOff(lastFailed: Pod | undefined, now: number): number {
  if (lastFailed === undefined) return 0;
  return remainingBackOff({ failures: allFailures(lastFailed) + 1, lastFailure: finishedTime(lastFailed) }, now);
}

function indexOverrides(job: Job, index: number, replaced: Pod | undefined): PodOverrides {
  const annotations: Record<string, string> = { [COMPLETION_INDEX]: String(index) };
  if (hasLimitPerIndex(job)) {
    const { counted, ignored } = failureCountsAfter(job, replaced);
    annotations[FAILURE_COUNT_ANNOTATIONS.counted] = String(counted);
    if (ignored > 0) annotations[FAILURE_COUNT_ANNOTATIONS.ignored] = String(ignored);
  }
  const suffix = `-${index}-`;
  const spec = indexedTemplate(job).spec;
  return {
    generateName: nameOf(job).slice(0, GENERATE_NAME_LIMIT - suffix.length) + suffix,
    labels: { [COMPLETION_INDEX]: String(index) },
    annotations,
    finalizers: [TRACKING_FINALIZER],
    ...(spec === undefined ? {} : { spec: { ...spec, hostname: `${nameOf(job)}-${index}` } }),
  };
}

function podTemplate(job: Job): PodTemplateSpec {
  return isIndexed(job) ? indexedTemplate(job) : (job.spec?.template ?? {});
}

const indexedTemplates = new WeakMap<PodTemplateSpec, PodTemplateSpec>();

/** The template with JOB_COMPLETION_INDEX in the environment of all containers that do not set it. */
function indexedTemplate(job: Job): PodTemplateSpec {
  const template = job.spec?.template;
  if (template?.spec === undefined) return template ?? {};
  let made = indexedTemplates.get(template);
  if (made === undefined) {
    const { initContainers, containers } = template.spec;
    made = {
      ...template,
      spec: {
        ...template.spec,
        ...(initContainers === undefined ? {} : { initContainers: initContainers.map(withIndexVariable) }),
        containers: containers.map(withIndexVariable),
      },
    };
    indexedTemplates.set(template, made);
  }
  return made;
}

function withIndexVariable(container: Container): Container {
  const env = container.env ?? [];
  if (env.some(({ name }) => name === 'JOB_COMPLETION_INDEX')) return container;
  const fieldPath = `metadata.labels['${COMPLETION_INDEX}']`;
  return { ...container, env: [...env, { name: 'JOB_COMPLETION_INDEX', valueFrom: { fieldRef: { fieldPath } } }] };
}

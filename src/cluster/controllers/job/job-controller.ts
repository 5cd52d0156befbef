import type { Job, JobCondition } from '../../../kube/api/batch-v1.generated.ts';
import type { Pod } from '../../../kube/api/core-v1.generated.ts';
import { labelSelectorMatcher } from '../../../kube/labels.ts';
import { controllerOf } from '../../../kube/object.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import { Controller } from '../../machinery/controller.ts';
import { createEventRecorder } from '../../machinery/event-recorder.ts';
import { Expectations } from '../../machinery/expectations.ts';
import type {
  Component,
  ComponentContext,
  EventRecorder,
  Informer,
  InformerEvent,
  InformerFactory,
} from '../../machinery/interfaces.ts';
import { isDeleting, keyOf, splitKey, uidOf } from '../../machinery/keys.ts';
import { addOwnerIndexes, claimCandidates, claimObjects, CONTROLLER_UID_INDEX } from '../../machinery/owners.ts';
import { PodControl } from '../../machinery/pod-control.ts';
import { formatTime } from '../../machinery/time.ts';
import { newCondition, OUTCOMES, withCondition } from './job-conditions.ts';
import { foreignManager, hasTrackingFinalizer, isJobFinished, isSuspended, TRACKING_FINALIZER } from './job-pods.ts';
import { deadlineOf, isComplete, judge, observe, type Round } from './job-round.ts';
import { deleteActivePods, releasePod, scaleJob, type ScalingTools } from './job-scaling.ts';
import { trackPods } from './job-tracking.ts';
import type { BackOffRecord } from './pod-back-off.ts';

/** What happens to pods is looked at together, this many ms later. */
const BATCH_PERIOD = 1000;

/** Runs Jobs; kubernetes: pkg/controller/job/job_controller.go. */
export function createJobController(context: ComponentContext, informers: InformerFactory): Component {
  return new JobController(context, informers);
}

class JobController implements Component {
  readonly name = 'job-controller';
  readonly #context: ComponentContext;
  readonly #jobs: Informer<Job>;
  readonly #pods: Informer<Pod>;
  readonly #recorder: EventRecorder;
  readonly #expectations: Expectations;
  readonly #scaling: ScalingTools;
  readonly #backOffs = new Map<string, BackOffRecord>();
  /** By job: uids of pods whose finalizer is off and whose cached state still shows it. */
  readonly #released = new Map<string, Set<string>>();
  readonly #main: Controller;
  /** Takes finalizers off pods that no unfinished job counts any more. */
  readonly #orphans: Controller;

  constructor(context: ComponentContext, informers: InformerFactory) {
    const { client, clock } = context;
    this.#context = context;
    this.#jobs = informers.informer<Job>(RESOURCES.jobs);
    this.#pods = informers.informer<Pod>(RESOURCES.pods);
    addOwnerIndexes(this.#pods);
    this.#recorder = createEventRecorder(context, { component: this.name });
    this.#expectations = new Expectations(clock);
    this.#scaling = {
      client,
      clock,
      podControl: new PodControl(client, this.#recorder),
      expectations: this.#expectations,
      again: (key, delay) => this.#main.queue.addAfter(key, Math.max(delay, BATCH_PERIOD)),
    };
    const watched = [this.#jobs, this.#pods];
    // API failures back off from 1 s to 1 min.
    const backoff = { base: 1000, max: 60_000 };
    const reconcile = (key: string): Promise<void> => this.#reconcile(key);
    this.#main = new Controller({ name: this.name, context, informers: watched, reconcile, backoff });
    this.#orphans = new Controller({
      name: `${this.name}-orphans`,
      context,
      informers: watched,
      reconcile: (key) => this.#releaseOrphan(key),
      backoff,
    });
    this.#jobs.onEvent((event) => this.#jobEvent(event));
    this.#pods.onEvent((event) => this.#podEvent(event));
  }

  async start(): Promise<void> {
    await Promise.all([this.#main.start(), this.#orphans.start()]);
  }

  stop(): void {
    this.#main.stop();
    this.#orphans.stop();
  }

  #jobEvent({ type, object: job, old }: InformerEvent<Job>): void {
    const key = keyOf(job);
    if (type === 'deleted') {
      this.#forget(key);
      this.#expectations.forget(key);
      this.#releasePodsOf(job);
    } else if (isJobFinished(job)) {
      this.#forget(key);
      this.#main.queue.cancel(key);
      // All finalizers should be off by now; this is for those that are not.
      this.#releasePodsOf(job);
    } else if (old !== undefined && old.metadata.generation === job.metadata.generation && !isDeleting(job)) {
      this.#main.queue.addAfter(key, BATCH_PERIOD);
    } else {
      this.#main.queue.add(key);
    }
  }

  #forget(key: string): void {
    this.#backOffs.delete(key);
    this.#released.delete(key);
  }

  #podEvent({ type, object: pod, old }: InformerEvent<Pod>): void {
    const finalizer = hasTrackingFinalizer(pod);
    const job = this.#jobOf(pod);
    if (job === undefined) {
      if (finalizer) this.#orphans.queue.add(keyOf(pod));
      if (type !== 'deleted' && controllerOf(pod) === undefined) this.#wakeAdopters(pod, old);
    } else {
      const key = keyOf(job);
      if (type === 'deleted' || isDeleting(pod)) {
        this.#expectations.deletionObserved(key, uidOf(pod));
        if (finalizer && isJobFinished(job)) this.#orphans.queue.add(keyOf(pod));
      } else if (type === 'added') {
        this.#expectations.creationObserved(key);
      }
      if (type === 'deleted' || !finalizer) this.#released.get(key)?.delete(uidOf(pod));
      if (!isJobFinished(job)) this.#main.queue.addAfter(key, BATCH_PERIOD);
    }
    if (old === undefined || type === 'deleted') return;
    const before = this.#jobOf(old);
    if (before !== undefined && before !== job) this.#main.queue.addAfter(keyOf(before), BATCH_PERIOD);
  }

  #jobOf(pod: Pod): Job | undefined {
    const owner = controllerOf(pod);
    if (owner?.kind !== 'Job') return undefined;
    const job = this.#jobs.get({ namespace: pod.metadata.namespace, name: owner.name });
    return job?.metadata.uid === owner.uid ? job : undefined;
  }

  #wakeAdopters(pod: Pod, old: Pod | undefined): void {
    if (old !== undefined && old.metadata.labels === pod.metadata.labels && controllerOf(old) === undefined) return;
    if (pod.metadata.labels === undefined) return;
    for (const job of this.#jobs.list(pod.metadata.namespace)) {
      if (isJobFinished(job)) continue;
      if (labelSelectorMatcher(job.spec?.selector).matches(pod.metadata.labels)) {
        this.#main.queue.addAfter(keyOf(job), BATCH_PERIOD);
      }
    }
  }

  #releasePodsOf(job: Job): void {
    for (const pod of this.#pods.byIndex(CONTROLLER_UID_INDEX, uidOf(job))) {
      if (hasTrackingFinalizer(pod)) this.#orphans.queue.add(keyOf(pod));
    }
  }

  async #releaseOrphan(key: string): Promise<void> {
    const pod = this.#pods.get(splitKey(key));
    if (pod === undefined) return;
    const owner = controllerOf(pod);
    if (owner !== undefined && (owner.kind !== 'Job' || !owner.apiVersion.startsWith('batch/'))) return;
    const job = this.#jobOf(pod);
    if (job !== undefined && (foreignManager(job) !== undefined || !isJobFinished(job))) return;
    await releasePod(this.#context.client, pod);
  }

  async #reconcile(key: string): Promise<void> {
    const job = this.#jobs.get(splitKey(key));
    if (job === undefined || foreignManager(job) !== undefined || isJobFinished(job)) return;
    const satisfied = this.#expectations.satisfied(key);
    const round = observe({
      job,
      key,
      now: this.#context.clock.now(),
      pods: await this.#claimPods(job),
      released: this.#released.get(key) ?? new Set(),
      backOff: this.#backOffs.get(key),
    });
    let verdict = judge(round);
    let failure: { readonly error: unknown } | undefined;
    let suspensionChanged = false;
    if (verdict === undefined) {
      const deadline = deadlineOf(round);
      if (deadline !== undefined) this.#main.queue.addAfter(key, deadline - round.now);
      const scaled = satisfied && !isDeleting(job);
      if (scaled) failure = await attempt(() => scaleJob(this.#scaling, round));
      if (isComplete(round)) {
        verdict = newCondition('SuccessCriteriaMet', 'True', OUTCOMES.completionsReached, formatTime(round.now));
      } else if (scaled) {
        suspensionChanged = this.#updateSuspension(round);
      }
    } else {
      failure = await attempt(() => deleteActivePods(this.#scaling, round));
      // Pods may be left, or not be in the cache yet: too early to end the job.
      if (round.active > 0 || !satisfied) verdict = undefined;
    }
    await this.#track(round, verdict, suspensionChanged);
    if (failure !== undefined) throw failure.error;
  }

  #claimPods(job: Job): Promise<Pod[]> {
    const selector = labelSelectorMatcher(job.spec?.selector);
    return claimObjects<Pod>({
      client: this.#context.client,
      owner: job,
      ownerType: RESOURCES.jobs,
      type: RESOURCES.pods,
      candidates: claimCandidates(this.#pods, job),
      matches: (pod) => selector.matches(pod.metadata.labels),
      finalizers: [TRACKING_FINALIZER],
    });
  }

  #updateSuspension(round: Round): boolean {
    const suspended = isSuspended(round.job);
    const outcome = suspended
      ? { reason: 'JobSuspended', message: 'Job suspended' }
      : { reason: 'JobResumed', message: 'Job resumed' };
    const before = round.status.conditions ?? [];
    const time = formatTime(round.now);
    const after = withCondition(before, newCondition('Suspended', suspended ? 'True' : 'False', outcome, time));
    if (after === before) return false;
    round.status.conditions = after;
    // The deadline counts from when the job runs again.
    if (!suspended) round.status.startTime = time;
    this.#recorder.event(round.job, 'Normal', suspended ? 'Suspended' : 'Resumed', outcome.message);
    return true;
  }

  async #track(round: Round, verdict: JobCondition | undefined, changed: boolean): Promise<void> {
    const { status } = round;
    const counts = { active: round.active, ready: round.ready, terminating: round.terminating };
    const dirty =
      changed ||
      counts.active !== (status.active ?? 0) ||
      counts.ready !== status.ready ||
      counts.terminating !== status.terminating;
    status.active = counts.active === 0 ? undefined : counts.active;
    status.ready = counts.ready;
    status.terminating = counts.terminating;
    const finished = await trackPods(
      {
        client: this.#context.client,
        release: (key, pods) => this.#release(key, pods),
        flushed: () => this.#backOffs.set(round.key, round.backOff),
      },
      round,
      verdict,
      dirty,
    );
    if (finished !== undefined) this.#recordEnd(round, finished);
  }

  async #release(key: string, pods: readonly Pod[]): Promise<{ released: Set<string>; error: unknown }> {
    let pending = this.#released.get(key);
    if (pending === undefined) {
      pending = new Set();
      this.#released.set(key, pending);
    }
    for (const pod of pods) pending.add(uidOf(pod));
    const results = await Promise.allSettled(pods.map((pod) => releasePod(this.#context.client, pod)));
    const released = new Set<string>();
    let error: unknown;
    for (const [i, result] of results.entries()) {
      const pod = pods[i];
      if (pod === undefined) continue;
      if (result.status === 'fulfilled') {
        released.add(uidOf(pod));
      } else {
        pending.delete(uidOf(pod));
        error ??= result.reason;
      }
    }
    return { released, error };
  }

  #recordEnd({ job, status }: Round, condition: JobCondition): void {
    if (condition.type !== 'Complete') {
      this.#recorder.event(job, 'Warning', condition.reason ?? '', condition.message ?? '');
      return;
    }
    const completions = job.spec?.completions;
    if (completions !== undefined && (status.succeeded ?? 0) > completions) {
      const message = 'Too many succeeded pods running after completion count reached';
      this.#recorder.event(job, 'Warning', 'TooManySucceededPods', message);
    }
    this.#recorder.event(job, 'Normal', 'Completed', 'Job completed');
  }
}

/** Runs something whose failure is to be told only after the status is written. */
async function attempt(run: () => Promise<void>): Promise<{ readonly error: unknown } | undefined> {
  try {
    await run();
    return undefined;
  } catch (error) {
    return { error };
  }
}

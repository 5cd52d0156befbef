import { type CronSchedule, CronSyntaxError } from '../../../base/cron-schedule.ts';
import { compareStrings } from '../../../base/json.ts';
import { timeZone } from '../../../base/time-zone.ts';
import type { CronJob, CronJobStatus, Job } from '../../../kube/api/batch-v1.generated.ts';
import { controllerOf } from '../../../kube/object.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import { isStatus } from '../../../kube/status-error.ts';
import { AS_CONTROLLER, AS_CONTROLLER_STATUS } from '../../machinery/constants.ts';
import { Controller } from '../../machinery/controller.ts';
import { createEventRecorder, referenceTo } from '../../machinery/event-recorder.ts';
import type {
  Component,
  ComponentContext,
  EventRecorder,
  Informer,
  InformerEvent,
  InformerFactory,
} from '../../machinery/interfaces.ts';
import { isDeleting, keyOf, nameOf, splitKey, uidOf } from '../../machinery/keys.ts';
import { addOwnerIndexes, CONTROLLER_UID_INDEX, isControlledBy } from '../../machinery/owners.ts';
import { messageOf } from '../../machinery/pod-control.ts';
import { formatTime, parseTime } from '../../machinery/time.ts';
import { finishedCondition, isJobFinished } from '../job/job-pods.ts';
import { jobFor, jobName } from './cron-job-template.ts';
import { delayToNext, dueTime, InvalidScheduleError, isTooMany, scheduleOf } from './cron-time.ts';

/** Starts Jobs by the clock; kubernetes: pkg/controller/cronjob/cronjob_controllerv2.go. */
export function createCronJobController(context: ComponentContext, informers: InformerFactory): Component {
  const cronJobs = informers.informer<CronJob>(RESOURCES.cronJobs);
  const jobs = informers.informer<Job>(RESOURCES.jobs);
  addOwnerIndexes(jobs);
  const runner = new CronJobRunner(context, jobs);
  const controller = new Controller({
    name: 'cronjob-controller',
    context,
    informers: [cronJobs, jobs],
    timers: { mayBeLate: true },
    reconcile: async (key) => {
      const cronJob = cronJobs.get(splitKey(key));
      if (cronJob === undefined) return;
      const delay = await runner.run(cronJob);
      if (delay !== undefined) controller.queue.addAfter(key, Math.max(0, delay));
    },
  });
  cronJobs.onEvent((event) => {
    const delay = runner.delayAfterChange(event);
    if (delay === undefined) controller.queue.add(keyOf(event.object));
    else controller.queue.addAfter(keyOf(event.object), delay);
  });
  jobs.onEvent(({ type, object, old }) => {
    for (const job of [object, old]) {
      const owner = job === undefined ? undefined : controllerOf(job);
      if (job === undefined || owner?.kind !== 'CronJob') continue;
      // Counts of pods do not matter here.
      if (type === 'modified' && old !== undefined && isSameForCronJobs(object, old)) return;
      const cronJob = cronJobs.get({ namespace: job.metadata.namespace, name: owner.name });
      if (cronJob?.metadata.uid === owner.uid) controller.queue.add(keyOf(cronJob));
    }
  });
  return controller;
}

function isSameForCronJobs(job: Job, old: Job): boolean {
  return (
    controllerOf(job)?.uid === controllerOf(old)?.uid &&
    isJobFinished(job) === isJobFinished(old) &&
    isDeleting(job) === isDeleting(old) &&
    job.status?.completionTime === old.status?.completionTime
  );
}

type Draft = { -readonly [K in keyof CronJobStatus]: CronJobStatus[K] };

/** One look at a CronJob; the status is written once, at the end. */
interface Visit {
  cronJob: CronJob;
  readonly now: number;
  readonly jobs: readonly Job[];
  status: Draft;
  dirty: boolean;
}

class CronJobRunner {
  readonly #context: ComponentContext;
  readonly #jobs: Informer<Job>;
  readonly #recorder: EventRecorder;

  constructor(context: ComponentContext, jobs: Informer<Job>) {
    this.#context = context;
    this.#jobs = jobs;
    this.#recorder = createEventRecorder(context, { component: 'cronjob-controller' });
  }

  /** ms to wait when the schedule was changed: nothing is due by the old one. Undefined: look now. */
  delayAfterChange({ type, object: cronJob, old }: InformerEvent<CronJob>): number | undefined {
    if (type !== 'modified' || old === undefined) return undefined;
    const { spec } = cronJob;
    if (spec?.schedule === old.spec?.schedule && spec?.timeZone === old.spec?.timeZone) return undefined;
    try {
      return delayToNext(cronJob, scheduleOf(cronJob), this.#context.clock.now());
    } catch {
      const message = `unparseable schedule for cronjob: ${spec?.schedule}`;
      this.#recorder.event(cronJob, 'Warning', 'UnParseableCronJobSchedule', message);
      return undefined;
    }
  }

  /** Does what is due; gives ms until the next look. */
  async run(cronJob: CronJob): Promise<number | undefined> {
    const visit: Visit = {
      cronJob,
      now: this.#context.clock.now(),
      jobs: this.#jobs.byIndex(CONTROLLER_UID_INDEX, uidOf(cronJob)),
      status: { ...cronJob.status },
      dirty: false,
    };
    await this.#cleanUp(visit);
    let delay: number | undefined;
    let failure: { readonly error: unknown } | undefined;
    try {
      delay = await this.#sync(visit);
    } catch (error) {
      failure = { error };
    }
    if (visit.dirty) {
      const body = { ...visit.cronJob, status: visit.status };
      await this.#context.client.update(RESOURCES.cronJobs, body, AS_CONTROLLER_STATUS);
    }
    if (failure !== undefined) throw failure.error;
    return delay;
  }

  async #cleanUp(visit: Visit): Promise<void> {
    const { failedJobsHistoryLimit, successfulJobsHistoryLimit } = visit.cronJob.spec ?? {};
    for (const [type, limit] of [
      ['Complete', successfulJobsHistoryLimit],
      ['Failed', failedJobsHistoryLimit],
    ] as const) {
      if (limit === undefined) continue;
      const finished = visit.jobs.filter((job) => finishedCondition(job) === type && !isDeleting(job));
      const surplus = finished.length - limit;
      if (surplus <= 0) continue;
      for (const job of finished.toSorted(byStartTime).slice(0, surplus)) await this.#deleteJob(visit, job);
    }
  }

  async #deleteJob(visit: Visit, job: Job): Promise<boolean> {
    const key = { namespace: job.metadata.namespace, name: nameOf(job) };
    try {
      await this.#context.client.delete(RESOURCES.jobs, key, { propagationPolicy: 'Background' });
    } catch (error) {
      this.#recorder.event(visit.cronJob, 'Warning', 'FailedDelete', `Deleted job: ${messageOf(error)}`);
      return false;
    }
    dropActive(visit, uidOf(job));
    this.#recorder.event(visit.cronJob, 'Normal', 'SuccessfulDelete', `Deleted job ${key.name}`);
    return true;
  }

  async #sync(visit: Visit): Promise<number | undefined> {
    await this.#updateActive(visit);
    const { cronJob, now } = visit;
    if (isDeleting(cronJob)) return undefined;
    const schedule = this.#schedule(cronJob);
    if (schedule === undefined) return undefined;
    const scheduled = this.#scheduledTime(cronJob, schedule, now);
    if (scheduled === undefined) return undefined;
    if (scheduled !== 'none' && this.#mayStart(visit, scheduled)) {
      if (cronJob.spec?.concurrencyPolicy === 'Replace') await this.#replaceActive(visit);
      if (!(await this.#startJob(visit, scheduled))) return undefined;
    }
    return delayToNext({ ...visit.cronJob, status: visit.status }, schedule, now);
  }

  /** Takes finished and vanished jobs off the list of active ones. */
  async #updateActive(visit: Visit): Promise<void> {
    for (const job of visit.jobs) {
      const uid = uidOf(job);
      const active = isActive(visit, uid);
      const end = finishedCondition(job);
      if (end === undefined) {
        if (!active && !(await this.#isActiveMeanwhile(visit, uid))) {
          const message = `Saw a job that the controller did not create or forgot: ${nameOf(job)}`;
          this.#recorder.event(visit.cronJob, 'Warning', 'UnexpectedJob', message);
        }
        continue;
      }
      if (active) {
        dropActive(visit, uid);
        const message = `Saw completed job: ${nameOf(job)}, condition: ${end}`;
        this.#recorder.event(visit.cronJob, 'Normal', 'SawCompletedJob', message);
      }
      const completed = end === 'Complete' ? job.status?.completionTime : undefined;
      if (completed !== undefined && (parseTime(completed) ?? 0) > (parseTime(visit.status.lastSuccessfulTime) ?? 0)) {
        visit.status.lastSuccessfulTime = completed;
        visit.dirty = true;
      }
    }
    const known = new Set(visit.jobs.map(uidOf));
    for (const { uid = '', namespace, name = '' } of visit.status.active ?? []) {
      if (known.has(uid)) continue;
      try {
        await this.#context.client.get(RESOURCES.jobs, { namespace, name });
      } catch (error) {
        if (!isStatus(error, 'NotFound')) throw error;
        this.#recorder.event(visit.cronJob, 'Normal', 'MissingJob', `Active job went missing: ${name}`);
        dropActive(visit, uid);
      }
    }
  }

  /** The cached CronJob may be older than the job. */
  async #isActiveMeanwhile(visit: Visit, uid: string): Promise<boolean> {
    const { namespace, name = '' } = visit.cronJob.metadata;
    const fresh = await this.#context.client.get<CronJob>(RESOURCES.cronJobs, { namespace, name });
    if (fresh.status?.active?.some((reference) => reference.uid === uid) !== true) return false;
    visit.cronJob = fresh;
    visit.status = { ...fresh.status };
    return true;
  }

  #schedule(cronJob: CronJob): CronSchedule | undefined {
    const { timeZone: zone, suspend, schedule = '' } = cronJob.spec ?? {};
    if (zone !== undefined && timeZone(zone) === undefined) {
      const message = `invalid timeZone: ${JSON.stringify(zone)}: unknown time zone ${zone}`;
      this.#recorder.event(cronJob, 'Warning', 'UnknownTimeZone', message);
      return undefined;
    }
    if (suspend === true) return undefined;
    if (schedule.includes('TZ')) {
      const message = `CRON_TZ or TZ used in schedule ${JSON.stringify(schedule)} is not officially supported, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details`;
      this.#recorder.event(cronJob, 'Warning', 'UnsupportedSchedule', message);
    }
    try {
      return scheduleOf(cronJob);
    } catch (error) {
      if (!(error instanceof CronSyntaxError)) throw error;
      const message = `unparseable schedule: ${JSON.stringify(schedule)} : ${error.message}`;
      this.#recorder.event(cronJob, 'Warning', 'UnparseableSchedule', message);
      return undefined;
    }
  }

  /** The instant to start a job for, `none` when nothing is due; undefined when the schedule makes no sense. */
  #scheduledTime(cronJob: CronJob, schedule: CronSchedule, now: number): number | 'none' | undefined {
    try {
      const due = dueTime(cronJob, schedule, now, true);
      if (due.latest === undefined) return 'none';
      if (isTooMany(due)) {
        const message =
          'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew';
        this.#recorder.event(cronJob, 'Warning', 'TooManyMissedTimes', message);
      }
      return due.latest;
    } catch (error) {
      if (!(error instanceof InvalidScheduleError)) throw error;
      const message = `invalid schedule: ${cronJob.spec?.schedule} : ${error.message}`;
      this.#recorder.event(cronJob, 'Warning', 'InvalidSchedule', message);
      return undefined;
    }
  }

  #mayStart(visit: Visit, scheduled: number): boolean {
    const { cronJob, now, status } = visit;
    const deadline = cronJob.spec?.startingDeadlineSeconds;
    if (deadline !== undefined && scheduled + deadline * 1000 < now) {
      const time = new Date(scheduled).toUTCString().replace('GMT', '+0000');
      const message = `Missed scheduled time to start a job: ${time}`;
      this.#recorder.event(cronJob, 'Warning', 'MissSchedule', message);
      return false;
    }
    const active = status.active ?? [];
    const name = jobName(cronJob, scheduled);
    if (active.some((reference) => reference.name === name)) return false;
    if (parseTime(status.lastScheduleTime) === scheduled) return false;
    if (cronJob.spec?.concurrencyPolicy === 'Forbid' && active.length > 0) {
      const message = 'Not starting job because prior execution is running and concurrency policy is Forbid';
      this.#recorder.event(cronJob, 'Normal', 'JobAlreadyActive', message);
      return false;
    }
    return true;
  }

  async #replaceActive(visit: Visit): Promise<void> {
    for (const { namespace, name = '' } of visit.status.active ?? []) {
      let job: Job;
      try {
        job = await this.#context.client.get<Job>(RESOURCES.jobs, { namespace, name });
      } catch (error) {
        this.#recorder.event(visit.cronJob, 'Warning', 'FailedGet', `Get job: ${messageOf(error)}`);
        throw error;
      }
      if (!(await this.#deleteJob(visit, job))) throw new Error(`could not replace job ${namespace}/${name}`);
    }
  }

  /** False when another has started the job already. */
  async #startJob(visit: Visit, scheduled: number): Promise<boolean> {
    const { cronJob } = visit;
    const body = jobFor(cronJob, scheduled);
    let job: Job;
    try {
      job = await this.#context.client.create<Job>(RESOURCES.jobs, body, AS_CONTROLLER);
      this.#recorder.event(cronJob, 'Normal', 'SuccessfulCreate', `Created job ${nameOf(job)}`);
    } catch (error) {
      if (!isStatus(error, 'AlreadyExists')) {
        this.#recorder.event(cronJob, 'Warning', 'FailedCreate', `Error creating job: ${messageOf(error)}`);
        throw error;
      }
      // Perhaps this controller made it and failed to write that down.
      const key = { namespace: cronJob.metadata.namespace, name: nameOf(body) };
      job = await this.#context.client.get<Job>(RESOURCES.jobs, key);
      if (!isControlledBy(job, cronJob) || isActive(visit, uidOf(job))) return false;
    }
    visit.status.active = [...(visit.status.active ?? []), referenceTo(job)];
    visit.status.lastScheduleTime = formatTime(scheduled);
    visit.dirty = true;
    return true;
  }
}

function isActive({ status }: Visit, uid: string): boolean {
  return status.active?.some((reference) => reference.uid === uid) ?? false;
}

function dropActive(visit: Visit, uid: string): void {
  if (!isActive(visit, uid)) return;
  const left = (visit.status.active ?? []).filter((reference) => reference.uid !== uid);
  visit.status.active = left.length === 0 ? undefined : left;
  visit.dirty = true;
}

function byStartTime(a: Job, b: Job): number {
  const start = (job: Job): number => parseTime(job.status?.startTime) ?? Number.MAX_SAFE_INTEGER;
  return start(a) - start(b) || compareStrings(nameOf(a), nameOf(b));
}

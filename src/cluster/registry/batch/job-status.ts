import type { Job } from '../../../kube/api/batch-v1.generated.ts';
import { checkCounts } from '../apps/workload.ts';
import type { Faults } from '../faults.ts';
import type { Loose } from '../wire.ts';

function has(job: Loose<Job>, type: string): boolean {
  return job.status?.conditions?.some((condition) => condition.type === type && condition.status === 'True') === true;
}

/** Refuses states that no Job can be in, and ways back from the end. kubernetes: ValidateJobStatusUpdate */
export function checkJobStatus(job: Loose<Job>, old: Loose<Job>, faults: Faults): void {
  const status = job.status ?? {};
  checkCounts(status, ['active', 'succeeded', 'failed', 'ready', 'terminating'], faults);
  checkConditions(job, faults);
  checkEnd(job, faults);
  const before = old.status ?? {};
  for (const type of ['Failed', 'Complete', 'FailureTarget', 'SuccessCriteriaMet']) {
    if (!has(old, type) || has(job, type)) continue;
    const kind = type === 'SuccessCriteriaMet' ? '' : 'terminal ';
    faults.invalid('status.conditions', undefined, `cannot disable the ${kind}${type}=True condition`);
  }
  for (const field of ['failed', 'succeeded'] as const) {
    const value = status[field] ?? 0;
    if (value < (before[field] ?? 0)) {
      faults.invalid(`status.${field}`, value, `cannot decrease the ${field} counter`);
    }
  }
  const { completionTime } = status;
  if (completionTime !== undefined && before.completionTime !== undefined && completionTime !== before.completionTime) {
    faults.invalid('status.completionTime', completionTime, 'completionTime cannot be mutated');
  }
}

function checkConditions(job: Loose<Job>, faults: Faults): void {
  const refuse = (text: string): void => faults.invalid('status.conditions', undefined, text);
  const isComplete = has(job, 'Complete');
  const isFailed = has(job, 'Failed');
  const isFailing = has(job, 'FailureTarget');
  const hasSucceeded = has(job, 'SuccessCriteriaMet');
  if (isComplete && isFailed) refuse('cannot set Complete=True and Failed=true conditions');
  if (isComplete && isFailing) refuse('cannot set Complete=True and FailureTarget=true conditions');
  if (isFailed && !isFailing) refuse('cannot set Failed=True condition without the FailureTarget=true condition');
  if (isComplete && !hasSucceeded) {
    refuse('cannot set Complete=True condition without the SuccessCriteriaMet=true condition');
  }
  if (hasSucceeded && isFailed) refuse('cannot set SuccessCriteriaMet=True and Failed=true conditions');
  if (hasSucceeded && isFailing) refuse('cannot set SuccessCriteriaMet=True and FailureTarget=true conditions');
}

function checkEnd(job: Loose<Job>, faults: Faults): void {
  const status = job.status ?? {};
  const isComplete = has(job, 'Complete');
  const isFinished = isComplete || has(job, 'Failed');
  const { completionTime, startTime, active = 0, terminating = 0, ready = 0 } = status;
  if (completionTime !== undefined && !isComplete) {
    const text = 'cannot set completionTime when there is no Complete=True condition';
    faults.invalid('status.completionTime', completionTime, text);
  }
  if (completionTime === undefined && isComplete) {
    faults.required('status.completionTime', 'completionTime is required for Complete jobs');
  }
  if (startTime !== undefined && completionTime !== undefined && completionTime < startTime) {
    faults.invalid('status.completionTime', completionTime, 'completionTime cannot be set before startTime');
  }
  if (isFinished) {
    if (active > 0) faults.invalid('status.active', active, 'active>0 is invalid for finished job');
    if (startTime === undefined) faults.required('status.startTime', 'startTime is required for finished job');
    const pods = status.uncountedTerminatedPods;
    if ((pods?.failed ?? []).length + (pods?.succeeded ?? []).length > 0) {
      const text = 'uncountedTerminatedPods needs to be empty for finished job';
      faults.invalid('status.uncountedTerminatedPods', pods, text);
    }
    if (terminating > 0) faults.invalid('status.terminating', terminating, 'terminating>0 is invalid for finished job');
  }
  if (ready > active) faults.invalid('status.ready', ready, 'cannot set more ready pods than active');
}

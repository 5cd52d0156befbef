import { CronSyntaxError, parseCronSchedule } from '../../../base/cron-schedule.ts';
import { timeZone } from '../../../base/time-zone.ts';
import type { CronJob, CronJobSpec } from '../../../kube/api/batch-v1.generated.ts';
import { checkNonNegative, checkOneOf } from '../checks/values.ts';
import { defineStrategy } from '../define.ts';
import type { Faults } from '../faults.ts';
import { resourceType } from '../resource-type.ts';
import type { Strategy, StrategyContext } from '../strategy.ts';
import { isBlank, type Edit, type Loose } from '../wire.ts';
import { applyJobTemplateDefaults, checkJobSpec } from './job-spec.ts';

/** Of 63 characters, a Job needs 11 for the instant it stands for. */
const NAME_LIMIT = 52;

/** kubernetes: pkg/registry/batch/cronjob/strategy.go */
export function cronJobStrategy(): Strategy {
  return defineStrategy<CronJob>({
    type: resourceType('batch/v1', 'CronJob', 'cronjobs', {
      shortNames: ['cj'],
      categories: ['all'],
      subresources: ['status'],
    }),
    generation: ['spec'],
    defaults,
    validate,
    validateCreate,
    validateUpdate,
  });
}

function defaults(job: Edit<CronJob>): void {
  const spec = (job.spec ??= {});
  spec.concurrencyPolicy ||= 'Allow';
  spec.suspend ??= false;
  spec.successfulJobsHistoryLimit ??= 3;
  spec.failedJobsHistoryLimit ??= 1;
  applyJobTemplateDefaults(((spec.jobTemplate ??= {}).spec ??= {}));
}

function validate({ spec = {} }: Loose<CronJob>, faults: Faults, context: StrategyContext): void {
  if (isBlank(spec.schedule)) faults.required('spec.schedule');
  else checkSchedule(spec.schedule, context, faults);
  checkNonNegative(spec.startingDeadlineSeconds, 'spec.startingDeadlineSeconds', faults);
  const policies = ['Allow', 'Forbid', 'Replace'];
  checkOneOf(spec.concurrencyPolicy, policies, 'spec.concurrencyPolicy', faults, { required: true });
  const job = spec.jobTemplate?.spec ?? {};
  const at = 'spec.jobTemplate.spec';
  checkJobSpec(job, at, faults);
  if (job.selector !== undefined) faults.invalid(`${at}.selector`, job.selector, '`selector` will be auto-generated');
  if (job.manualSelector === true) faults.notSupported(`${at}.manualSelector`, true, ['nil', 'false']);
  checkNonNegative(spec.successfulJobsHistoryLimit, 'spec.successfulJobsHistoryLimit', faults);
  checkNonNegative(spec.failedJobsHistoryLimit, 'spec.failedJobsHistoryLimit', faults);
}

function checkSchedule(schedule: string, context: StrategyContext, faults: Faults): void {
  try {
    const parsed = parseCronSchedule(schedule);
    if (parsed.next(context.now) === undefined) {
      context.warn(`spec.schedule: ${JSON.stringify(schedule)} never fires: no such date comes within five years`);
    }
  } catch (error) {
    if (!(error instanceof CronSyntaxError)) throw error;
    faults.invalid('spec.schedule', schedule, error.message);
  }
}

function validateCreate(job: Loose<CronJob>, faults: Faults): void {
  const { spec = {}, metadata = {} } = job;
  checkZoneInSchedule(spec, false, faults);
  checkTimeZone(spec.timeZone, faults);
  const name = metadata.name ?? '';
  if (name.length > NAME_LIMIT) faults.invalid('metadata.name', name, `must be no more than ${NAME_LIMIT} characters`);
}

function validateUpdate({ spec = {} }: Loose<CronJob>, old: Loose<CronJob>, faults: Faults): void {
  checkZoneInSchedule(spec, old.spec?.schedule?.includes('TZ') === true, faults);
  if (spec.timeZone !== old.spec?.timeZone) checkTimeZone(spec.timeZone, faults);
}

function checkZoneInSchedule(spec: Loose<CronJobSpec>, isAllowed: boolean, faults: Faults): void {
  const schedule = spec.schedule ?? '';
  if (!schedule.includes('TZ')) return;
  if (!isAllowed) {
    const text = 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead';
    faults.invalid('spec.schedule', schedule, text);
  } else if (spec.timeZone !== undefined) {
    faults.invalid('spec.schedule', schedule, 'cannot use both timeZone field and TZ or CRON_TZ in schedule');
  }
}

function checkTimeZone(name: string | undefined, faults: Faults): void {
  if (name === undefined) return;
  const at = 'spec.timeZone';
  if (name === '') {
    faults.invalid(at, name, 'timeZone must be nil or non-empty string');
    return;
  }
  const parts = name.split('/');
  const isWrong = (part: string): boolean =>
    part === '.' || part === '..' || !/^(?!-)[A-Za-z.\-_0-9+]{1,14}$/.test(part);
  if (parts.some(isWrong)) {
    faults.invalid(at, name, `unknown time zone ${name}`);
    return;
  }
  if (name.toLowerCase() === 'local') {
    const text = 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones';
    faults.invalid(at, name, text);
    if (name === 'Local') return;
  }
  if (timeZone(name) === undefined) faults.invalid(at, name, `unknown time zone ${name}`);
}

import type { JobSpec } from '../../../kube/api/batch-v1.generated.ts';
import { isDomainPrefixedPath } from '../../../kube/names.ts';
import { checkNonNegative } from '../checks/values.ts';
import type { Faults } from '../faults.ts';
import { applyTemplateDefaults } from '../pod/defaults.ts';
import { checkPodTemplate } from '../pod/spec.ts';
import type { Edit, Loose } from '../wire.ts';
import { checkPodFailurePolicy } from './pod-failure-policy.ts';
import { checkSuccessPolicy } from './success-policy.ts';

const MAX_INT32 = 2_147_483_647;
const MAX_INDEXED_PARALLELISM = 100_000;
const MANY_COMPLETIONS = 100_000;
const LIMIT_FOR_MANY = 10_000;

/** Defaults of a Job; without `completions` and `parallelism` it has one of each. kubernetes: pkg/apis/batch/v1/defaults.go */
export function applyJobDefaults(spec: Edit<JobSpec>): void {
  if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1;
  spec.parallelism ??= 1;
  applyJobTemplateDefaults(spec);
}

/** Defaults of the Jobs of a CronJob: those that do not depend on each other. */
export function applyJobTemplateDefaults(spec: Edit<JobSpec>): void {
  applyTemplateDefaults((spec.template ??= {}));
}

/** What a Job gets besides when it is created; see {@link applyJobDefaults}. */
export function applyJobPolicyDefaults(spec: Edit<JobSpec>): void {
  spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? 6 : MAX_INT32;
  spec.completionMode ??= 'NonIndexed';
  spec.suspend ??= false;
  for (const rule of spec.podFailurePolicy?.rules ?? []) {
    for (const condition of rule.onPodConditions ?? []) condition.status ||= 'True';
  }
  spec.podReplacementPolicy ??= spec.podFailurePolicy === undefined ? 'TerminatingOrFailed' : 'Failed';
  spec.manualSelector ??= false;
}

/** Refuses wrong specs of Jobs and of the templates of CronJobs. kubernetes: validateJobSpec */
export function checkJobSpec(spec: Loose<JobSpec>, path: string, faults: Faults): void {
  for (const field of [
    'parallelism',
    'completions',
    'activeDeadlineSeconds',
    'backoffLimit',
    'ttlSecondsAfterFinished',
    'backoffLimitPerIndex',
    'maxFailedIndexes',
  ] as const) {
    checkNonNegative(spec[field], `${path}.${field}`, faults);
  }
  if (spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined) {
    faults.required(`${path}.backoffLimitPerIndex`, 'when maxFailedIndexes is specified');
  }
  if (spec.managedBy !== undefined) {
    faults.invalidEach(`${path}.managedBy`, spec.managedBy, isDomainPrefixedPath(spec.managedBy));
    if (spec.managedBy.length > 63) faults.tooLong(`${path}.managedBy`, 63);
  }
  checkCompletionMode(spec, path, faults);
  const { podFailurePolicy, successPolicy } = spec;
  if (podFailurePolicy !== undefined) checkPodFailurePolicy(spec, podFailurePolicy, `${path}.podFailurePolicy`, faults);
  if (successPolicy !== undefined) {
    if (spec.completionMode === 'Indexed') checkSuccessPolicy(spec, successPolicy, `${path}.successPolicy`, faults);
    else faults.invalid(`${path}.successPolicy`, successPolicy, 'requires indexed completion mode');
  }
  checkReplacementPolicy(spec, `${path}.podReplacementPolicy`, faults);
  checkPodTemplate(spec.template ?? {}, `${path}.template`, faults);
  checkRestartPolicy(spec, `${path}.template.spec.restartPolicy`, faults);
}

function checkCompletionMode(spec: Loose<JobSpec>, path: string, faults: Faults): void {
  const mode = spec.completionMode;
  if (mode !== undefined && mode !== 'NonIndexed' && mode !== 'Indexed') {
    faults.notSupported(`${path}.completionMode`, mode, ['NonIndexed', 'Indexed']);
  }
  if (mode === 'Indexed') {
    checkIndexed(spec, path, faults);
    return;
  }
  for (const field of ['backoffLimitPerIndex', 'maxFailedIndexes'] as const) {
    const value = spec[field];
    if (value !== undefined) faults.invalid(`${path}.${field}`, value, 'requires indexed completion mode');
  }
}

function checkIndexed(spec: Loose<JobSpec>, path: string, faults: Faults): void {
  const { completions, parallelism, maxFailedIndexes } = spec;
  if (completions === undefined) faults.required(`${path}.completions`, 'when completion mode is Indexed');
  if (parallelism !== undefined && parallelism > MAX_INDEXED_PARALLELISM) {
    const text = `must be less than or equal to ${MAX_INDEXED_PARALLELISM} when completion mode is Indexed`;
    faults.invalid(`${path}.parallelism`, parallelism, text);
  }
  if (completions !== undefined && maxFailedIndexes !== undefined && maxFailedIndexes > completions) {
    faults.invalid(`${path}.maxFailedIndexes`, maxFailedIndexes, 'must be less than or equal to completions');
  }
  if (maxFailedIndexes !== undefined && maxFailedIndexes > MANY_COMPLETIONS) {
    const text = `must be less than or equal to ${MANY_COMPLETIONS}`;
    faults.invalid(`${path}.maxFailedIndexes`, maxFailedIndexes, text);
  }
  if ((completions ?? 0) <= MANY_COMPLETIONS || spec.backoffLimitPerIndex === undefined) return;
  const text = `must be less than or equal to ${LIMIT_FOR_MANY} when completions are above ${MANY_COMPLETIONS} and used with backoff limit per index`;
  if (maxFailedIndexes === undefined) {
    faults.required(`${path}.maxFailedIndexes`, `must be specified when completions is above ${MANY_COMPLETIONS}`);
  }
  if (parallelism !== undefined && parallelism > LIMIT_FOR_MANY) {
    faults.invalid(`${path}.parallelism`, parallelism, text);
  }
  if (maxFailedIndexes !== undefined && maxFailedIndexes > LIMIT_FOR_MANY) {
    faults.invalid(`${path}.maxFailedIndexes`, maxFailedIndexes, text);
  }
}

function checkReplacementPolicy(spec: Loose<JobSpec>, path: string, faults: Faults): void {
  const policy = spec.podReplacementPolicy;
  if (policy === undefined) return;
  const supported = spec.podFailurePolicy === undefined ? ['Failed', 'TerminatingOrFailed'] : ['Failed'];
  if (!supported.includes(policy)) faults.notSupported(path, policy, supported);
}

function checkRestartPolicy(spec: Loose<JobSpec>, path: string, faults: Faults): void {
  const policy = spec.template?.spec?.restartPolicy ?? '';
  if (policy === '' || policy === 'Always') faults.required(path, 'valid values: "OnFailure", "Never"');
  else if (policy !== 'OnFailure' && policy !== 'Never') faults.notSupported(path, policy, ['OnFailure', 'Never']);
  else if (spec.podFailurePolicy !== undefined && policy !== 'Never') {
    faults.invalid(path, policy, 'only "Never" is supported when podFailurePolicy is specified');
  }
}

import type { Job, JobSpec } from '../../../kube/api/batch-v1.generated.ts';
import { semanticEqual } from '../../../kube/equality.ts';
import { isDns1123Label } from '../../../kube/names.ts';
import { checkLabelSelector, labelsOf, selectorMatcher } from '../checks/labels.ts';
import { checkImmutable } from '../checks/values.ts';
import { defineStrategy } from '../define.ts';
import type { Faults } from '../faults.ts';
import { checkTemplateLabels } from '../pod/template.ts';
import { resourceType } from '../resource-type.ts';
import type { Strategy } from '../strategy.ts';
import { isEmpty, type Edit, type Loose } from '../wire.ts';
import { applyJobDefaults, applyJobPolicyDefaults, checkJobSpec } from './job-spec.ts';
import { checkJobStatus } from './job-status.ts';

const CONTROLLER_UID = 'batch.kubernetes.io/controller-uid';
const JOB_NAME = 'batch.kubernetes.io/job-name';
const LEGACY_CONTROLLER_UID = 'controller-uid';
const LEGACY_JOB_NAME = 'job-name';

/** kubernetes: pkg/registry/batch/job/strategy.go */
export function jobStrategy(): Strategy {
  return defineStrategy<Job>({
    type: resourceType('batch/v1', 'Job', 'jobs', { categories: ['all'], subresources: ['status'] }),
    generation: ['spec'],
    defaults: (job) => {
      const spec = (job.spec ??= {});
      applyJobDefaults(spec);
      applyJobPolicyDefaults(spec);
      // A Job without labels has those of its template, also those that are generated later: the object is shared.
      const labels = spec.template?.metadata?.labels;
      const metadata = (job.metadata ??= {});
      if (labels !== undefined && isEmpty(metadata.labels)) metadata.labels = labels;
    },
    prepareForCreate: generateSelector,
    validate,
    validateUpdate,
    validateStatus: checkJobStatus,
    selectableFields: ({ status = {} }) => ({ 'status.successful': String(status.succeeded ?? 0) }),
  });
}

/** A Job finds its pods by its own uid, unless its author chose a selector. */
function generateSelector(job: Edit<Job>): void {
  const spec = (job.spec ??= {});
  if (spec.manualSelector === true) return;
  const uid = job.metadata?.uid ?? '';
  const name = job.metadata?.name ?? '';
  const metadata = ((spec.template ??= {}).metadata ??= {});
  const isShared = isEmpty(job.metadata?.labels) || job.metadata?.labels === metadata.labels;
  metadata.labels = {
    [CONTROLLER_UID]: uid,
    [JOB_NAME]: name,
    [LEGACY_CONTROLLER_UID]: uid,
    [LEGACY_JOB_NAME]: name,
    ...metadata.labels,
  };
  if (isShared) (job.metadata ??= {}).labels = { ...metadata.labels };
  const selector = (spec.selector ??= {});
  selector.matchLabels = { [CONTROLLER_UID]: uid, ...selector.matchLabels };
}

function validate(job: Loose<Job>, faults: Faults): void {
  const { spec = {}, metadata = {} } = job;
  checkGeneratedSelector(job, faults);
  checkJobSpec(spec, 'spec', faults);
  if (spec.selector === undefined) faults.required('spec.selector');
  else checkLabelSelector(spec.selector, 'spec.selector', faults);
  const matcher = selectorMatcher(spec.selector);
  if (matcher !== undefined) checkTemplateLabels(matcher, spec.template ?? {}, 'spec.template', faults);
  const completions = spec.completions ?? 0;
  if (spec.completionMode === 'Indexed' && completions > 0) {
    const hostname = `${metadata.name ?? ''}-${completions - 1}`;
    if (isDns1123Label(hostname).length > 0) {
      const text = `will not able to create pod with invalid DNS label: ${hostname}`;
      faults.invalid('metadata.name', metadata.name ?? '', text);
    }
  }
}

function checkGeneratedSelector({ spec = {}, metadata = {} }: Loose<Job>, faults: Faults): void {
  if (spec.manualSelector === true || spec.selector === undefined) return;
  const { uid = '', name = '' } = metadata;
  if (uid === '') faults.required('metadata.uid');
  const labels = spec.template?.metadata?.labels ?? {};
  const expected = {
    [LEGACY_CONTROLLER_UID]: uid,
    [LEGACY_JOB_NAME]: name,
    [CONTROLLER_UID]: uid,
    [JOB_NAME]: name,
  };
  for (const [key, value] of Object.entries(expected)) {
    const at = `spec.template.metadata.labels[${key}]`;
    if (!Object.hasOwn(labels, key)) faults.required(at, `must be '${value}'`);
    else if (labels[key] !== value) faults.invalid(at, labels, `must be '${value}'`);
  }
  const matcher = selectorMatcher(spec.selector);
  if (matcher !== undefined && !matcher.matches(labelsOf(expected))) {
    faults.invalid('spec.selector', spec.selector, '`selector` not auto-generated');
  }
}

function validateUpdate(job: Loose<Job>, old: Loose<Job>, faults: Faults): void {
  const spec = job.spec ?? {};
  const before = old.spec ?? {};
  checkCompletionsUpdate(spec, before, faults);
  checkImmutable(spec.selector, before.selector, 'spec.selector', faults);
  checkImmutable(spec.template, mutableTemplate(spec, old), 'spec.template', faults);
  for (const field of [
    'completionMode',
    'podFailurePolicy',
    'backoffLimitPerIndex',
    'managedBy',
    'successPolicy',
  ] as const) {
    checkImmutable(spec[field], before[field], `spec.${field}`, faults);
  }
}

/** The completions of an indexed Job may change together with its parallelism. */
function checkCompletionsUpdate(spec: Loose<JobSpec>, old: Loose<JobSpec>, faults: Faults): void {
  const { completions, parallelism } = spec;
  if (spec.completionMode !== 'Indexed') {
    checkImmutable(completions, old.completions, 'spec.completions', faults);
  } else if (completions !== undefined && completions !== old.completions && completions !== parallelism) {
    faults.invalid('spec.completions', completions, 'can only be modified in tandem with spec.parallelism');
  }
}

/** The old template, but for what may change of a suspended Job that never ran: where its pods may go. */
function mutableTemplate(spec: Loose<JobSpec>, old: Loose<Job>): Loose<JobSpec>['template'] {
  const before = old.spec?.template;
  const template = spec.template;
  const mayChange = old.spec?.suspend === true && old.status?.startTime === undefined;
  if (!mayChange || before === undefined || template === undefined) return before;
  const affinity = { ...before.spec?.affinity, nodeAffinity: template.spec?.affinity?.nodeAffinity };
  return {
    ...before,
    metadata: { ...before.metadata, annotations: template.metadata?.annotations, labels: template.metadata?.labels },
    spec: {
      ...before.spec,
      affinity: semanticEqual(affinity, {}) ? undefined : affinity,
      nodeSelector: template.spec?.nodeSelector,
      tolerations: template.spec?.tolerations,
      schedulingGates: template.spec?.schedulingGates,
    },
  };
}

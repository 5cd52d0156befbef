import type { PodSpec } from '../../../kube/api/core-v1.generated.ts';
import type { LabelSelector } from '../../../kube/api/meta-v1.generated.ts';
import type { KubeObject } from '../../../kube/object.ts';
import {
  age,
  ageColumn,
  at,
  column,
  type Column,
  field,
  humanDuration,
  labelsText,
  nameColumn,
  NONE,
  UNSET,
  wide,
} from './columns.ts';
import { selectorText } from './selectors.ts';

type MakeText = (object: KubeObject) => string;

function containers(path: readonly string[], pick: 'name' | 'image'): MakeText {
  return (object) => {
    const spec = at(object, path) as PodSpec | undefined;
    return (spec?.containers ?? []).map((container) => container[pick] ?? '').join(',');
  };
}

function selectorAt(object: KubeObject): string {
  return selectorText(at(object, ['spec', 'selector']) as LabelSelector | undefined);
}

const POD_SPEC = ['spec', 'template', 'spec'];
const containerColumns: readonly Column[] = [
  wide('Containers', containers(POD_SPEC, 'name')),
  wide('Images', containers(POD_SPEC, 'image')),
];
const withSelector: readonly Column[] = [...containerColumns, wide('Selector', selectorAt)];

function numberAt(object: KubeObject, path: string): number {
  const value = at(object, path.split('.'));
  return typeof value === 'number' ? value : 0;
}

function count(name: string, path: string): Column {
  return column(name, field(path, 0), 'integer');
}

function ratio(ready: string, desired: string): (object: KubeObject) => string {
  return (object) => `${numberAt(object, ready)}/${numberAt(object, desired)}`;
}

export const deploymentColumns: readonly Column[] = [
  nameColumn,
  column('Ready', ratio('status.readyReplicas', 'spec.replicas')),
  count('Up-to-date', 'status.updatedReplicas'),
  count('Available', 'status.availableReplicas'),
  ageColumn,
  ...withSelector,
];

export const replicaSetColumns: readonly Column[] = [
  nameColumn,
  count('Desired', 'spec.replicas'),
  count('Current', 'status.replicas'),
  count('Ready', 'status.readyReplicas'),
  ageColumn,
  ...withSelector,
];

export const replicationControllerColumns: readonly Column[] = [
  ...replicaSetColumns.slice(0, 5),
  ...containerColumns,
  wide('Selector', (object) => labelsText(at(object, ['spec', 'selector']))),
];

export const statefulSetColumns: readonly Column[] = [
  nameColumn,
  column('Ready', ratio('status.readyReplicas', 'spec.replicas')),
  ageColumn,
  ...containerColumns,
];

export const daemonSetColumns: readonly Column[] = [
  nameColumn,
  count('Desired', 'status.desiredNumberScheduled'),
  count('Current', 'status.currentNumberScheduled'),
  count('Ready', 'status.numberReady'),
  count('Up-to-date', 'status.updatedNumberScheduled'),
  count('Available', 'status.numberAvailable'),
  column('Node Selector', (object) => labelsText(at(object, [...POD_SPEC, 'nodeSelector']))),
  ageColumn,
  ...withSelector,
];

/** Complete, Failed, Terminating, Suspended, FailureTarget or Running. */
function jobStatus(object: KubeObject): string {
  const conditions = (at(object, ['status', 'conditions']) ?? []) as readonly { type: string; status: string }[];
  const is = (type: string): boolean => conditions.some((each) => each.type === type && each.status === 'True');
  if (is('Complete')) return 'Complete';
  if (is('Failed')) return 'Failed';
  if (object.metadata.deletionTimestamp !== undefined) return 'Terminating';
  if (is('Suspended')) return 'Suspended';
  return is('FailureTarget') ? 'FailureTarget' : 'Running';
}

function jobCompletions(object: KubeObject): string {
  const succeeded = numberAt(object, 'status.succeeded');
  const completions = at(object, ['spec', 'completions']);
  if (typeof completions === 'number') return `${succeeded}/${completions}`;
  const parallelism = numberAt(object, 'spec.parallelism');
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function jobDuration(object: KubeObject, now: number): string {
  const start = at(object, ['status', 'startTime']);
  if (typeof start !== 'string') return '';
  const end = at(object, ['status', 'completionTime']);
  return humanDuration((typeof end === 'string' ? Date.parse(end) : now) - Date.parse(start));
}

export const jobColumns: readonly Column[] = [
  nameColumn,
  column('Status', jobStatus),
  column('Completions', jobCompletions),
  column('Duration', (object, { now }) => jobDuration(object, now)),
  ageColumn,
  ...withSelector,
];

const JOB_POD_SPEC = ['spec', 'jobTemplate', ...POD_SPEC];

export const cronJobColumns: readonly Column[] = [
  nameColumn,
  column('Schedule', field('spec.schedule')),
  column('Timezone', field('spec.timeZone', NONE)),
  column('Suspend', (object) => {
    const suspend = at(object, ['spec', 'suspend']);
    return suspend === undefined ? UNSET : suspend === true ? 'True' : 'False';
  }),
  column(
    'Active',
    (object) => (at(object, ['status', 'active']) as readonly unknown[] | undefined)?.length ?? 0,
    'integer',
  ),
  column('Last Schedule', (object, { now }) => {
    const last = at(object, ['status', 'lastScheduleTime']);
    return last === undefined ? NONE : age(last, now);
  }),
  ageColumn,
  wide('Containers', containers(JOB_POD_SPEC, 'name')),
  wide('Images', containers(JOB_POD_SPEC, 'image')),
  wide('Selector', (object) => {
    const selector = at(object, ['spec', 'jobTemplate', 'spec', 'selector']) as LabelSelector | undefined;
    return selectorText(selector);
  }),
];

export const podTemplateColumns: readonly Column[] = [
  nameColumn,
  column('Containers', containers(['template', 'spec'], 'name')),
  column('Images', containers(['template', 'spec'], 'image')),
  column('Pod Labels', (object) => labelsText(at(object, ['template', 'metadata', 'labels']))),
];

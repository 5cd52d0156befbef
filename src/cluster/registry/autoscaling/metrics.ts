import type {
  CrossVersionObjectReference,
  MetricIdentifier,
  MetricSpec,
  MetricTarget,
} from '../../../kube/api/autoscaling-v2.generated.ts';
import { checkLabelSelector } from '../checks/labels.ts';
import { checkDnsLabel, checkPathSegment } from '../checks/names.ts';
import { checkContainerResourceName, quantityOf } from '../checks/resources.ts';
import type { Faults } from '../faults.ts';
import { isBlank, type Loose } from '../wire.ts';

const TYPES = ['ContainerResource', 'External', 'Object', 'Pods', 'Resource'];
const TARGET_TYPES = ['Utilization', 'Value', 'AverageValue'];

const FIELDS: Readonly<Record<string, string>> = {
  Object: 'object',
  External: 'external',
  Pods: 'pods',
  Resource: 'resource',
  ContainerResource: 'containerResource',
};

/** Refuses references without a kind or a name. */
export function checkTargetReference(
  reference: Loose<CrossVersionObjectReference>,
  path: string,
  faults: Faults,
): void {
  for (const field of ['kind', 'name'] as const) {
    const value = reference[field];
    if (isBlank(value)) faults.required(`${path}.${field}`);
    else checkPathSegment(value, `${path}.${field}`, faults);
  }
}

/** Refuses wrong metrics of an autoscaler. kubernetes: pkg/apis/autoscaling/validation validateMetricSpec */
export function checkMetric(metric: Loose<MetricSpec>, path: string, faults: Faults): void {
  const { type = '' } = metric;
  if (type === '') faults.required(`${path}.type`, 'must specify a metric source type');
  if (!TYPES.includes(type)) faults.notSupported(`${path}.type`, type, TYPES);
  const present = Object.values(FIELDS).filter((field) => metric[field as keyof MetricSpec] !== undefined);
  checkFirstSource(metric, present[0], path, faults);
  const expected = FIELDS[type];
  if (expected === undefined) faults.notSupported(`${path}.type`, type, TYPES);
  else if (!present.includes(expected)) {
    faults.required(`${path}.${expected}`, 'must populate information for the given metric source');
  }
  if (present.length === 1) return;
  for (const field of present) {
    if (field !== expected) faults.forbidden(`${path}.${field}`, 'must populate the given metric source only');
  }
}

function checkFirstSource(metric: Loose<MetricSpec>, field: string | undefined, path: string, faults: Faults): void {
  const at = `${path}.${field ?? ''}`;
  const { object, external, pods, resource, containerResource } = metric;
  if (field === 'object') {
    checkTargetReference(object?.describedObject ?? {}, `${at}.describedObject`, faults);
    checkIdentifier(object?.metric ?? {}, `${at}.metric`, faults);
    checkTarget(object?.target ?? {}, `${at}.target`, faults);
    if (object?.target?.value === undefined && object?.target?.averageValue === undefined) {
      faults.required(`${at}.target.averageValue`, 'must set either a target value or averageValue');
    }
  } else if (field === 'external') {
    checkIdentifier(external?.metric ?? {}, `${at}.metric`, faults);
    checkTarget(external?.target ?? {}, `${at}.target`, faults);
    checkExternalTarget(external?.target ?? {}, `${at}.target`, faults);
  } else if (field === 'pods') {
    checkIdentifier(pods?.metric ?? {}, `${at}.metric`, faults);
    checkTarget(pods?.target ?? {}, `${at}.target`, faults);
    if (pods?.target?.averageValue === undefined) {
      faults.required(`${at}.target.averageValue`, 'must specify a positive target averageValue');
    }
  } else if (field === 'resource') {
    if (isBlank(resource?.name)) faults.required(`${at}.name`, 'must specify a resource name');
    checkResourceTarget(resource?.target ?? {}, `${at}.target`, faults);
  } else if (field === 'containerResource') {
    const { name, container, target = {} } = containerResource ?? {};
    if (isBlank(name)) faults.required(`${at}.name`, 'must specify a resource name');
    else checkContainerResourceName(name, `${at}.name`, faults);
    if (isBlank(container)) faults.required(`${at}.container`, 'must specify a container');
    else checkDnsLabel(container, `${at}.container`, faults);
    checkResourceTarget(target, `${at}.target`, faults);
  }
}

function checkExternalTarget(target: Loose<MetricTarget>, path: string, faults: Faults): void {
  if (target.value === undefined && target.averageValue === undefined) {
    faults.required(`${path}.averageValue`, 'must set either a target value for metric or a per-pod target');
  }
  if (target.value !== undefined && target.averageValue !== undefined) {
    faults.forbidden(`${path}.value`, 'may not set both a target value for metric and a per-pod target');
  }
}

function checkResourceTarget(target: Loose<MetricTarget>, path: string, faults: Faults): void {
  checkTarget(target, path, faults);
  if (target.averageUtilization === undefined && target.averageValue === undefined) {
    faults.required(`${path}.averageUtilization`, 'must set either a target raw value or a target utilization');
  }
  if (target.averageUtilization !== undefined && target.averageValue !== undefined) {
    faults.forbidden(`${path}.averageValue`, 'may not set both a target raw value and a target utilization');
  }
}

function checkIdentifier(metric: Loose<MetricIdentifier>, path: string, faults: Faults): void {
  if (isBlank(metric.name)) faults.required(`${path}.name`, 'must specify a metric name');
  else checkPathSegment(metric.name, `${path}.name`, faults);
  checkLabelSelector(metric.selector, `${path}.selector`, faults);
}

function checkTarget(target: Loose<MetricTarget>, path: string, faults: Faults): void {
  const { type = '', averageUtilization } = target;
  if (type === '') faults.required(`${path}.type`, 'must specify a metric target type');
  if (!TARGET_TYPES.includes(type)) {
    faults.invalid(`${path}.type`, type, 'must be either Utilization, Value, or AverageValue');
  }
  for (const field of ['value', 'averageValue'] as const) {
    const value = target[field];
    if (value !== undefined && quantityOf(value).nano <= 0n) {
      faults.invalid(`${path}.${field}`, quantityOf(value).text, 'must be positive');
    }
  }
  if (averageUtilization !== undefined && averageUtilization < 1) {
    faults.invalid(`${path}.averageUtilization`, averageUtilization, 'must be greater than 0');
  }
}

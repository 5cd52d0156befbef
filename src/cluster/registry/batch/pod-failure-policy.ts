import type {
  JobSpec,
  PodFailurePolicy,
  PodFailurePolicyOnExitCodesRequirement,
  PodFailurePolicyRule,
} from '../../../kube/api/batch-v1.generated.ts';
import { checkQualifiedName } from '../checks/names.ts';
import type { Faults } from '../faults.ts';
import { isBlank, type Loose } from '../wire.ts';

const ACTIONS = ['Count', 'FailIndex', 'FailJob', 'Ignore'];
const OPERATORS = ['In', 'NotIn'];
const STATUSES = ['False', 'True', 'Unknown'];
const MAX_RULES = 20;
const MAX_PATTERNS = 20;
const MAX_EXIT_CODES = 255;

/** Refuses wrong rules of what failed pods mean for their Job. kubernetes: validatePodFailurePolicy */
export function checkPodFailurePolicy(
  spec: Loose<JobSpec>,
  policy: Loose<PodFailurePolicy>,
  path: string,
  faults: Faults,
): void {
  const rules = policy.rules ?? [];
  if (rules.length > MAX_RULES) faults.tooMany(`${path}.rules`, rules.length, MAX_RULES);
  const pod = spec.template?.spec ?? {};
  const names = new Set([...(pod.containers ?? []), ...(pod.initContainers ?? [])].map((one) => one.name ?? ''));
  rules.forEach((rule, i) => checkRule(spec, rule, names, `${path}.rules[${i}]`, faults));
}

function validValues(values: readonly string[]): string {
  return `valid values: [${values.map((value) => JSON.stringify(value)).join(' ')}]`;
}

function checkRule(
  spec: Loose<JobSpec>,
  rule: Loose<PodFailurePolicyRule>,
  names: ReadonlySet<string>,
  path: string,
  faults: Faults,
): void {
  const { action = '', onExitCodes, onPodConditions = [] } = rule;
  if (action === '') faults.required(`${path}.action`, validValues(ACTIONS));
  else if (action === 'FailIndex') {
    if (spec.backoffLimitPerIndex === undefined) {
      faults.invalid(`${path}.action`, action, 'requires the backoffLimitPerIndex to be set');
    }
  } else if (!ACTIONS.includes(action)) faults.notSupported(`${path}.action`, action, ACTIONS);
  if (onExitCodes !== undefined) checkExitCodes(onExitCodes, names, `${path}.onExitCodes`, faults);
  const at = `${path}.onPodConditions`;
  if (onPodConditions.length > MAX_PATTERNS) faults.tooMany(at, onPodConditions.length, MAX_PATTERNS);
  onPodConditions.forEach(({ type = '', status = '' }, i) => {
    checkQualifiedName(type, `${at}[${i}].type`, faults);
    if (status === '') faults.required(`${at}[${i}].status`, validValues(STATUSES));
    else if (!STATUSES.includes(status)) faults.notSupported(`${at}[${i}].status`, status, STATUSES);
  });
  if (onExitCodes !== undefined && onPodConditions.length > 0) {
    faults.invalid(path, undefined, 'specifying both OnExitCodes and OnPodConditions is not supported');
  }
  if (onExitCodes === undefined && onPodConditions.length === 0) {
    faults.invalid(path, undefined, 'specifying one of OnExitCodes and OnPodConditions is required');
  }
}

function checkExitCodes(
  requirement: Loose<PodFailurePolicyOnExitCodesRequirement>,
  names: ReadonlySet<string>,
  path: string,
  faults: Faults,
): void {
  const { operator = '', containerName } = requirement;
  const values = requirement.values ?? [];
  if (operator === '') faults.required(`${path}.operator`, validValues(OPERATORS));
  else if (!OPERATORS.includes(operator)) faults.notSupported(`${path}.operator`, operator, OPERATORS);
  if (!isBlank(containerName) && !names.has(containerName)) {
    const text = 'must be one of the container or initContainer names in the pod template';
    faults.invalid(`${path}.containerName`, containerName, text);
  }
  const at = `${path}.values`;
  if (values.length === 0) faults.invalid(at, values, 'at least one value is required');
  else if (values.length > MAX_EXIT_CODES) faults.tooMany(at, values.length, MAX_EXIT_CODES);
  values.forEach((value, i) => {
    if (operator === 'In' && value === 0) faults.invalid(`${at}[${i}]`, value, 'must not be 0 for the In operator');
    if (values.indexOf(value) < i) faults.duplicate(`${at}[${i}]`, value);
  });
  if (values.some((value, i) => i > 0 && (values[i - 1] ?? 0) > value)) faults.invalid(at, values, 'must be ordered');
}

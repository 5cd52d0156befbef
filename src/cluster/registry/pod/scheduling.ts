import type {
  PodReadinessGate,
  PodSchedulingGate,
  Toleration,
  TopologySpreadConstraint,
} from '../../../kube/api/core-v1.generated.ts';
import { isLabelValue } from '../../../kube/names.ts';
import { checkLabelKey, checkLabelSelector, selectorKeys } from '../checks/labels.ts';
import { checkQualifiedName } from '../checks/names.ts';
import { checkOneOf } from '../checks/values.ts';
import type { Faults } from '../faults.ts';
import { isBlank, type Loose } from '../wire.ts';

/** Effects of taints, as messages list them. */
export const TAINT_EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

const INCLUSION_POLICIES = ['Honor', 'Ignore'];
const SCHEDULE_ACTIONS = ['DoNotSchedule', 'ScheduleAnyway'];

/** Refuses wrong tolerations. kubernetes: ValidateTolerations */
export function checkTolerations(tolerations: readonly Loose<Toleration>[], path: string, faults: Faults): void {
  tolerations.forEach((toleration, i) => {
    const at = `${path}[${i}]`;
    const { key, operator = '', value = '', effect = '' } = toleration;
    if (!isBlank(key)) checkLabelKey(key, `${at}.key`, faults);
    else if (operator !== 'Exists') {
      const text = 'operator must be Exists when `key` is empty, which means "match all values and all keys"';
      faults.invalid(`${at}.operator`, operator, text);
    }
    if (toleration.tolerationSeconds !== undefined && effect !== 'NoExecute') {
      faults.invalid(`${at}.effect`, effect, "effect must be 'NoExecute' when `tolerationSeconds` is set");
    }
    if (operator === '' || operator === 'Equal') {
      const messages = isLabelValue(value);
      if (messages.length > 0) faults.invalid(`${at}.operator`, value, messages.join(';'));
    } else if (operator === 'Exists') {
      if (value !== '') faults.invalid(`${at}.operator`, value, "value must be empty when `operator` is 'Exists'");
    } else faults.notSupported(`${at}.operator`, operator, ['Equal', 'Exists']);
    if (effect !== '' && !TAINT_EFFECTS.includes(effect)) faults.notSupported(`${at}.effect`, effect, TAINT_EFFECTS);
  });
}

/** Refuses wrong rules of spreading pods. kubernetes: validateTopologySpreadConstraints */
export function checkTopologySpread(
  constraints: readonly Loose<TopologySpreadConstraint>[],
  path: string,
  faults: Faults,
): void {
  constraints.forEach((constraint, i) => {
    const at = `${path}[${i}]`;
    const { maxSkew = 0, topologyKey = '', whenUnsatisfiable = '', minDomains } = constraint;
    if (maxSkew <= 0) faults.invalid(`${at}.maxSkew`, maxSkew, 'must be greater than zero');
    if (topologyKey === '') faults.required(`${at}.topologyKey`, 'can not be empty');
    if (!SCHEDULE_ACTIONS.includes(whenUnsatisfiable)) {
      faults.notSupported(`${at}.whenUnsatisfiable`, whenUnsatisfiable, SCHEDULE_ACTIONS);
    }
    const isRepeated = constraints
      .slice(i + 1)
      .some((other) => other.topologyKey === topologyKey && other.whenUnsatisfiable === whenUnsatisfiable);
    if (isRepeated) {
      faults.duplicate(`${at}.{topologyKey, whenUnsatisfiable}`, `{${topologyKey}, ${whenUnsatisfiable}}`);
    }
    if (minDomains !== undefined) checkMinDomains(minDomains, whenUnsatisfiable, `${at}.minDomains`, faults);
    checkOneOf(constraint.nodeAffinityPolicy, INCLUSION_POLICIES, `${at}.nodeAffinityPolicy`, faults);
    checkOneOf(constraint.nodeTaintsPolicy, INCLUSION_POLICIES, `${at}.nodeTaintsPolicy`, faults);
    checkSpreadKeys(constraint, `${at}.matchLabelKeys`, faults);
    checkLabelSelector(constraint.labelSelector, `${at}.labelSelector`, faults);
  });
}

function checkMinDomains(minDomains: number, action: string, path: string, faults: Faults): void {
  if (minDomains <= 0) faults.invalid(path, minDomains, 'must be greater than zero');
  if (action !== 'DoNotSchedule') {
    faults.invalid(path, minDomains, `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${action}`);
  }
}

function checkSpreadKeys(constraint: Loose<TopologySpreadConstraint>, path: string, faults: Faults): void {
  const keys = constraint.matchLabelKeys ?? [];
  if (keys.length === 0) return;
  const selector = constraint.labelSelector;
  if (selector === undefined) faults.forbidden(path, 'must not be specified when labelSelector is not set');
  const selected = selectorKeys(selector ?? {});
  keys.forEach((key, i) => {
    checkLabelKey(key, `${path}[${i}]`, faults);
    if (selected.has(key)) faults.invalid(`${path}[${i}]`, key, 'exists in both matchLabelKeys and labelSelector');
  });
}

/** Refuses wrong names of readiness gates. */
export function checkReadinessGates(gates: readonly Loose<PodReadinessGate>[], path: string, faults: Faults): void {
  gates.forEach(({ conditionType = '' }, i) => {
    checkQualifiedName(conditionType, `${path}[${i}].conditionType`, faults);
  });
}

/** Refuses wrong and repeated scheduling gates. */
export function checkSchedulingGates(gates: readonly Loose<PodSchedulingGate>[], path: string, faults: Faults): void {
  const seen = new Set<string>();
  gates.forEach(({ name = '' }, i) => {
    checkQualifiedName(name, `${path}[${i}]`, faults);
    if (seen.has(name)) faults.duplicate(`${path}[${i}]`, name);
    seen.add(name);
  });
}

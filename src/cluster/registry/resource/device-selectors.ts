import type { DeviceSelector, DeviceToleration } from '../../../kube/api/resource-v1.generated.ts';
import { checkQualifiedName } from '../checks/names.ts';
import type { Faults } from '../faults.ts';
import { isBlank, type Loose } from '../wire.ts';

const MOST_SELECTORS = 32;
const LONGEST_EXPRESSION = 10 * 1024;
const OPERATORS = ['Equal', 'Exists'];
const EFFECTS = ['NoExecute', 'NoSchedule', 'None'];

/** Refuses selectors that say nothing. */
export function checkSelectors(
  selectors: readonly Loose<DeviceSelector>[] | undefined,
  path: string,
  faults: Faults,
): void {
  if (selectors === undefined) return;
  if (selectors.length > MOST_SELECTORS) faults.tooMany(path, selectors.length, MOST_SELECTORS);
  selectors.forEach(({ cel }, i) => {
    const at = `${path}[${i}]`;
    if (cel === undefined) faults.required(at, 'exactly one of `cel` is required');
    else if (isBlank(cel.expression)) faults.required(`${at}.cel.expression`);
    else if (cel.expression.length > LONGEST_EXPRESSION) faults.tooLong(`${at}.cel.expression`, LONGEST_EXPRESSION);
  });
}

/** Refuses tolerations of devices' taints that match nothing. */
export function checkDeviceTolerations(
  tolerations: readonly Loose<DeviceToleration>[] | undefined,
  path: string,
  faults: Faults,
): void {
  tolerations?.forEach(({ key = '', operator = '', value = '', effect = '' }, i) => {
    const at = `${path}[${i}]`;
    if (key !== '') checkQualifiedName(key, `${at}.key`, faults);
    if (operator === 'Exists' && value !== '') {
      faults.invalid(`${at}.value`, value, 'must be empty for operator `Exists`');
    } else if (operator === 'Equal' && key === '') faults.required(`${at}.key`);
    else if (operator === '') faults.required(`${at}.operator`);
    else if (!OPERATORS.includes(operator)) faults.notSupported(`${at}.operator`, operator, OPERATORS);
    if (effect !== '' && !EFFECTS.includes(effect)) faults.notSupported(`${at}.effect`, effect, EFFECTS);
  });
}

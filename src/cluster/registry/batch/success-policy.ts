import type { JobSpec, SuccessPolicy, SuccessPolicyRule } from '../../../kube/api/batch-v1.generated.ts';
import { checkNonNegative } from '../checks/values.ts';
import type { Faults } from '../faults.ts';
import type { Loose } from '../wire.ts';

const MAX_RULES = 20;
const MAX_INDEXES_LENGTH = 64 * 1024;

/** Refuses wrong rules of when an indexed Job has succeeded. kubernetes: validateSuccessPolicy */
export function checkSuccessPolicy(
  spec: Loose<JobSpec>,
  policy: Loose<SuccessPolicy>,
  path: string,
  faults: Faults,
): void {
  const rules = policy.rules ?? [];
  if (rules.length === 0) {
    faults.required(`${path}.rules`, 'at least one rules must be specified when the successPolicy is specified');
  }
  if (rules.length > MAX_RULES) faults.tooMany(`${path}.rules`, rules.length, MAX_RULES);
  rules.forEach((rule, i) => checkRule(rule, spec.completions ?? 0, `${path}.rules[${i}]`, faults));
}

function checkRule(rule: Loose<SuccessPolicyRule>, completions: number, path: string, faults: Faults): void {
  const { succeededCount: count, succeededIndexes: indexes } = rule;
  if (count === undefined && indexes === undefined) {
    faults.required(path, 'at least one of succeededCount or succeededIndexes must be specified');
  }
  let total = 0;
  if (indexes !== undefined) {
    const at = `${path}.succeededIndexes`;
    if (indexes.length > MAX_INDEXES_LENGTH) faults.tooLong(at, MAX_INDEXES_LENGTH);
    const parsed = countIndexes(indexes, completions);
    if (typeof parsed === 'string') faults.invalid(at, indexes, `error parsing succeededIndexes: ${parsed}`);
    else total = parsed;
  }
  if (count === undefined) return;
  const at = `${path}.succeededCount`;
  checkNonNegative(count, at, faults);
  if (count > completions) {
    const text = `must be less than or equal to ${completions} (the number of specified completions)`;
    faults.invalid(at, count, text);
  }
  if (indexes !== undefined && count > total) {
    const text = `must be less than or equal to ${total} (the number of indexes in the specified succeededIndexes field)`;
    faults.invalid(at, count, text);
  }
}

/** How many indexes `0,2-4` names, or what is wrong with it. kubernetes: validateIndexesFormat */
function countIndexes(text: string, completions: number): number | string {
  if (text === '') return 0;
  let last = -1;
  let total = 0;
  for (const interval of text.split(',')) {
    const limits = interval.split('-');
    if (limits.length > 2) {
      return `the fragment ${JSON.stringify(interval)} violates the requirement that an index interval can have at most two parts separated by '-'`;
    }
    const numbers: number[] = [];
    for (const limit of limits) {
      if (!/^[+-]?\d+$/.test(limit)) {
        const syntax = `strconv.Atoi: parsing ${JSON.stringify(limit)}: invalid syntax`;
        return `cannot convert string to integer for index: ${JSON.stringify(limit)}: ${syntax}`;
      }
      const number = Number(limit);
      if (number >= completions) return `too large index: ${JSON.stringify(limit)}`;
      numbers.push(number);
    }
    const [first = 0, second = first] = numbers;
    if (limits.length === 2 && first >= second) {
      return `non-increasing order, previous: ${first}, current: ${second}`;
    }
    if (first <= last) return `non-increasing order, previous: ${last}, current: ${first}`;
    last = second;
    total += second - first + 1;
  }
  return total;
}

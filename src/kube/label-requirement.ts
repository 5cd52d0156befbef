import { compareStrings } from '../base/json.ts';
import { isLabelValue, isQualifiedName } from './names.ts';

/** Labels of an object. */
export type Labels = Readonly<Record<string, string>>;

/** How a requirement compares; the names are those of Kubernetes' selection operators. */
export type LabelOperator = '=' | '==' | '!=' | 'in' | 'notin' | 'exists' | '!' | 'gt' | 'lt';

/** One term of a selector: all terms must hold. */
export interface LabelRequirement {
  readonly key: string;
  readonly operator: LabelOperator;
  readonly values: readonly string[];
}

/** A selector that cannot be read; the message is Kubernetes' own. */
export class SelectorError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SelectorError';
  }
}

/**
 * Refuses a term with a wrong key, operand or number of operands.
 *
 * @throws SelectorError
 */
export function checkRequirement(requirement: LabelRequirement): void {
  const faults: string[] = [];
  const { key, operator, values } = requirement;
  const keyFaults = isQualifiedName(key);
  if (keyFaults.length > 0) faults.push(invalid('key', key, keyFaults.join('; ')));
  const operandFault = operandsFault(operator, values);
  if (operandFault !== undefined) faults.push(`values: Invalid value: ${JSON.stringify(values)}: ${operandFault}`);
  values.forEach((value, i) => {
    if ((operator === 'gt' || operator === 'lt') && !/^[+-]?\d+$/.test(value)) {
      faults.push(invalid(`values[${i}]`, value, "for 'Gt', 'Lt' operators, the value must be an integer"));
    }
  });
  values.forEach((value, i) => {
    const valueFaults = isLabelValue(value);
    if (valueFaults.length > 0) faults.push(invalid(`values[${i}][${key}]`, value, valueFaults.join('; ')));
  });
  if (faults.length > 0) throw new SelectorError(faults.length === 1 ? (faults[0] ?? '') : `[${faults.join(', ')}]`);
}

function operandsFault(operator: LabelOperator, values: readonly string[]): string | undefined {
  switch (operator) {
    case 'in':
    case 'notin':
      return values.length === 0 ? "for 'in', 'notin' operators, values set can't be empty" : undefined;
    case 'exists':
    case '!':
      return values.length === 0 ? undefined : 'values set must be empty for exists and does not exist';
    case 'gt':
    case 'lt':
      return values.length === 1 ? undefined : "for 'Gt', 'Lt' operators, exactly one value is required";
    default:
      return values.length === 1 ? undefined : 'exact-match compatibility requires one single value';
  }
}

function invalid(path: string, value: string, detail: string): string {
  return `${path}: Invalid value: ${JSON.stringify(value)}: ${detail}`;
}

/** Whether labels meet one term. */
export type LabelTest = (labels: Labels | undefined) => boolean;

/** The test of one term. */
export function requirementTest({ key, operator, values }: LabelRequirement): LabelTest {
  switch (operator) {
    case 'exists':
      return (labels) => valueOf(labels, key) !== undefined;
    case '!':
      return (labels) => valueOf(labels, key) === undefined;
    case 'gt':
    case 'lt':
      return comparisonTest(key, operator === 'gt', BigInt(values[0] ?? '0'));
    case '!=':
    case 'notin':
      return (labels) => {
        const value = valueOf(labels, key);
        return value === undefined || !values.includes(value);
      };
    default: {
      const [only] = values;
      if (values.length === 1) return (labels) => valueOf(labels, key) === only;
      return (labels) => {
        const value = valueOf(labels, key);
        return value !== undefined && values.includes(value);
      };
    }
  }
}

function comparisonTest(key: string, greater: boolean, limit: bigint): LabelTest {
  return (labels) => {
    const value = valueOf(labels, key);
    if (value === undefined || !/^[+-]?\d+$/.test(value)) return false;
    const number = BigInt(value.startsWith('+') ? value.slice(1) : value);
    return greater ? number > limit : number < limit;
  };
}

function valueOf(labels: Labels | undefined, key: string): string | undefined {
  return labels !== undefined && Object.hasOwn(labels, key) ? labels[key] : undefined;
}

/** One term as kubectl writes it. */
export function formatRequirement({ key, operator, values }: LabelRequirement): string {
  const list = values.toSorted(compareStrings).join(',');
  switch (operator) {
    case 'exists':
      return key;
    case '!':
      return `!${key}`;
    case 'in':
    case 'notin':
      return `${key} ${operator} (${list})`;
    case 'gt':
      return `${key}>${list}`;
    case 'lt':
      return `${key}<${list}`;
    default:
      return `${key}${operator}${list}`;
  }
}

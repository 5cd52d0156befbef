import type { ValidationRule } from '../../../kube/api/apiextensions-v1.generated.ts';
import type { Faults } from '../faults.ts';
import type { Loose } from '../wire.ts';

const REASONS = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired'];
const LINE_BREAK = /[\n\r]/;

/** Refuses rules without an expression, or with texts that cannot be shown. The expressions are not compiled. */
export function checkValidationRules(
  rules: readonly Loose<ValidationRule>[] | undefined,
  path: string,
  faults: Faults,
): void {
  rules?.forEach((rule, i) => checkRule(rule, `${path}[${i}]`, faults));
}

function checkRule(rule: Loose<ValidationRule>, path: string, faults: Faults): void {
  const { message = '', messageExpression = '', reason, fieldPath = '' } = rule;
  const expression = (rule.rule ?? '').trim();
  const text = message.trim();
  if (expression === '') faults.required(`${path}.rule`, 'rule is not specified');
  else if (message !== '' && text === '') faults.invalid(`${path}.message`, message, 'must be non-empty if specified');
  else if (LINE_BREAK.test(text)) faults.invalid(`${path}.message`, message, 'must not contain line breaks');
  else if (LINE_BREAK.test(expression) && text === '') {
    faults.required(`${path}.message`, 'message must be specified if rule contains line breaks');
  }
  if (messageExpression !== '' && messageExpression.trim() === '') {
    faults.required(`${path}.messageExpression`, 'messageExpression must be non-empty if specified');
  }
  if (reason !== undefined && !REASONS.includes(reason)) faults.notSupported(`${path}.reason`, reason, REASONS);
  if (fieldPath !== '' && fieldPath.trim() === '') {
    faults.invalid(`${path}.fieldPath`, fieldPath, 'must be non-empty if specified');
  }
  if (LINE_BREAK.test(fieldPath)) faults.invalid(`${path}.fieldPath`, fieldPath, 'must not contain line breaks');
}

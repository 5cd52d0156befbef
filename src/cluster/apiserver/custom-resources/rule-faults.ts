import { isObject } from '../../../base/json.ts';
import type { ValidationRule } from '../../../kube/api/apiextensions-v1.generated.ts';
import { deepEqual } from '../../../kube/equality.ts';
import type { FieldError, FieldErrorType } from '../../registry/field-error.ts';
import { formatFieldError } from '../../registry/status.ts';
import { CelBudget, CelFailure, type CelExpression, type CelLibrary } from '../cel/cel-library.ts';
import { isEmbedded, ruleValue } from './rule-values.ts';
import { correlate, itemsOf, propertyOf, type Schema, valuesOf } from './structural-schema.ts';

/** Steps of all rules of one object. apiserver: pkg/apis/cel/config.go */
const STEPS = 10_000_000;
const LONGEST_MESSAGE = 5 * 1024;
const OUT_OF_BUDGET = 'validation failed due to running out of cost budget, no further validation rules will be run';
const REASONS: Readonly<Record<string, FieldErrorType>> = {
  FieldValueRequired: 'FieldValueRequired',
  FieldValueForbidden: 'FieldValueForbidden',
  FieldValueDuplicate: 'FieldValueDuplicate',
};

/** Variables of rules. */
export const RULE_VARIABLES = { self: 'dyn', oldSelf: 'dyn' };

const ruled = new WeakMap<Schema, boolean>();

/** True when a schema or a part of it has rules. */
export function hasRules(schema: Schema): boolean {
  let known = ruled.get(schema);
  if (known === undefined) {
    const parts = [itemsOf(schema), valuesOf(schema), ...Object.values(schema.properties ?? {})];
    known =
      (schema['x-kubernetes-validations'] ?? []).length > 0 ||
      parts.some((part) => part !== undefined && hasRules(part));
    ruled.set(schema, known);
  }
  return known;
}

/**
 * What the rules of a schema (`x-kubernetes-validations`) have against an object. On an update, rules that do not look at the old
 * state only warn of what has not changed. apiextensions: pkg/apiserver/schema/cel/validation.go
 */
export function ruleFaults(
  object: object,
  old: object | undefined,
  schema: Schema,
  { cel, warn }: { readonly cel: CelLibrary; readonly warn: (message: string) => void },
): FieldError[] {
  const check = new RuleCheck(cel, warn);
  check.value(object, old, schema, { path: '', isResource: true });
  return check.faults;
}

interface Place {
  readonly path: string;
  readonly isResource: boolean;
}

class RuleCheck {
  readonly faults: FieldError[] = [];
  readonly #cel: CelLibrary;
  readonly #warn: (message: string) => void;
  readonly #budget = new CelBudget(STEPS);
  #ended = false;

  constructor(cel: CelLibrary, warn: (message: string) => void) {
    this.#cel = cel;
    this.#warn = warn;
  }

  value(value: unknown, old: unknown, schema: Schema, place: Place): void {
    if (value === null || value === undefined || this.#ended || !hasRules(schema)) return;
    this.#rules(value, old, schema, place);
    const { path } = place;
    if (Array.isArray(value)) {
      const items = itemsOf(schema);
      if (items === undefined) return;
      const before = correlate(old, schema);
      value.forEach((item, i) => {
        this.value(item, before(item), items, { path: `${path}[${i}]`, isResource: isEmbedded(items) });
      });
    } else if (isObject(value)) {
      const values = valuesOf(schema);
      // Elements of atomic maps have no old state of their own.
      const was = isObject(old) && schema['x-kubernetes-map-type'] !== 'atomic' ? old : undefined;
      for (const [key, item] of Object.entries(value)) {
        const known = propertyOf(schema, key);
        const part = known ?? values;
        if (part === undefined) continue;
        const at = known === undefined ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`;
        this.value(item, was?.[key], part, { path: at, isResource: isEmbedded(part) });
      }
    }
  }

  #rules(value: unknown, old: unknown, schema: Schema, { path, isResource }: Place): void {
    const rules = schema['x-kubernetes-validations'] ?? [];
    if (rules.length === 0) return;
    const hasOld = old !== undefined && old !== null;
    const self = ruleValue(value, schema, this.#cel, isResource);
    const oldSelf = hasOld ? ruleValue(old, schema, this.#cel, isResource) : null;
    const unchanged = hasOld && deepEqual(value, old);
    for (const rule of rules) {
      if (this.#ended) return;
      const compiled = this.#cel.compile(rule.rule, RULE_VARIABLES);
      const transition = compiled.identifiers.has('oldSelf');
      if (transition && !hasOld && rule.optionalOldSelf !== true) continue;
      const optional = hasOld ? this.#cel.optionalOf(oldSelf) : this.#cel.optionalNone();
      const variables = { self, oldSelf: rule.optionalOldSelf === true ? optional : oldSelf };
      const fault = this.#evaluate(rule, compiled, variables, { path, value, type: schema.type ?? '' });
      if (fault === undefined) continue;
      if (unchanged && !transition) this.#warn(formatFieldError(fault));
      else this.faults.push(fault);
    }
  }

  #evaluate(
    rule: ValidationRule,
    compiled: CelExpression,
    variables: Readonly<Record<string, unknown>>,
    { path, value, type }: { readonly path: string; readonly value: unknown; readonly type: string },
  ): FieldError | undefined {
    const broken = (detail: string): FieldError => ({ type: 'FieldValueInvalid', field: path, badValue: type, detail });
    if (compiled.fault !== undefined) return broken(`rule compile error: ${compiled.fault}`);
    try {
      if (compiled.run(variables, this.#budget) === true) return undefined;
    } catch (error) {
      if (!(error instanceof CelFailure)) throw error;
      if (error.reason !== 'evaluation') this.#ended = true;
      return broken(ruleFailure(rule, error));
    }
    const field = fieldOf(path, rule.fieldPath ?? '');
    const detail = this.#message(rule, variables);
    const reason = REASONS[rule.reason ?? ''] ?? 'FieldValueInvalid';
    // Objects and lists are not shown.
    if (reason === 'FieldValueRequired' || reason === 'FieldValueForbidden' || type === 'object' || type === 'array') {
      return { type: reason, field, detail };
    }
    return { type: reason, field, badValue: value, detail };
  }

  #message(
    { rule, message = '', messageExpression = '' }: ValidationRule,
    variables: Readonly<Record<string, unknown>>,
  ): string {
    if (messageExpression !== '') {
      const compiled = this.#cel.compile(messageExpression, RULE_VARIABLES);
      try {
        const text = compiled.run(variables, this.#budget);
        const isGood = typeof text === 'string' && text.trim() !== '' && !text.includes('\n');
        if (isGood && Buffer.byteLength(text) <= LONGEST_MESSAGE) return text.trim();
      } catch (error) {
        if (!(error instanceof CelFailure)) throw error;
        if (error.reason !== 'evaluation') this.#ended = true;
      }
    }
    return message === '' ? `failed rule: ${rule.trim()}` : message.trim();
  }
}

function ruleFailure(rule: ValidationRule, { message, reason }: CelFailure): string {
  const text = (rule.message ?? '') === '' ? rule.rule.trim() : (rule.message ?? '').trim();
  if (reason === 'budget') return OUT_OF_BUDGET;
  if (reason === 'call-budget') {
    return `'${message}': no further validation rules will be run due to call cost exceeds limit for rule: ${text}`;
  }
  return message === 'no such overload'
    ? `'${message}': call arguments did not match a supported operator, function or macro signature for rule: ${text}`
    : `${message} evaluating rule: ${text}`;
}

/** `spec` and `.replicas` are `spec.replicas`; `['a.b']` are keys. */
function fieldOf(path: string, fieldPath: string): string {
  if (fieldPath === '') return path;
  const relative = fieldPath.replaceAll(
    /\['((?:[^'\\]|\\.)*)'\]/g,
    (_all, key: string) => `[${key.replaceAll(/\\(.)/g, '$1')}]`,
  );
  return path === '' ? relative.replace(/^\./, '') : `${path}${relative}`;
}

import { isObject } from '../../../base/json.ts';
import type { ValidationRule } from '../../../kube/api/apiextensions-v1.generated.ts';
import { deepEqual } from '../../../kube/equality.ts';
import { toInternalSpec } from '../../registry/apiextensions/internal-spec.ts';
import { Faults } from '../../registry/faults.ts';
import { Verbatim } from '../../registry/field-error.ts';
import { invalid } from '../../registry/status.ts';
import type { CelExpression, CelLibrary } from '../cel/cel-library.ts';
import { hasRules, RULE_VARIABLES } from '../custom-resources/rule-faults.ts';
import { escapedName, fieldSchema, isEmbedded } from '../custom-resources/rule-values.ts';
import { itemsOf, type Schema, valuesOf } from '../custom-resources/structural-schema.ts';
import type { AdmissionPlugin } from './plugin.ts';

/**
 * Refuses definitions whose rules cannot be compiled, or select fields that the schema does not have. In Kubernetes the validation
 * of definitions does so. apiextensions: pkg/apis/apiextensions/validation (ValidateCustomResourceDefinitionOpenAPISchema)
 */
export const ruleCheck: AdmissionPlugin = {
  name: 'RuleCheck',
  resources: ['apiextensions.k8s.io/customresourcedefinitions'],
  validate(request) {
    const { draft, old, operation, subresource, type, name } = request;
    if (operation === 'DELETE' || draft === undefined || subresource !== '' || !isObject(draft['spec'])) return;
    if (old !== undefined && deepEqual(old['spec'], draft['spec'])) return;
    const { shared, perVersion } = toInternalSpec(draft['spec']);
    const schemas: (readonly [string, Schema | undefined])[] = perVersion.map(
      ({ schema }, i) => [`spec.versions[${i}].schema.openAPIV3Schema`, schema] as const,
    );
    schemas.push(['spec.validation.openAPIV3Schema', shared.schema]);
    const faults = new Faults();
    for (const [path, schema] of schemas) {
      if (schema === undefined || !hasRules(schema)) continue;
      checkRules({ cel: request.cel(), faults }, schema, { path, isResource: true, correlatable: true });
    }
    if (faults.count > 0) throw invalid(type, name, faults.list);
  },
};

interface Check {
  readonly cel: CelLibrary;
  readonly faults: Faults;
}

interface Place {
  readonly path: string;
  readonly isResource: boolean;
  /** The old state of what is here can be found. */
  readonly correlatable: boolean;
}

function checkRules(check: Check, schema: Schema, place: Place): void {
  const { path, isResource, correlatable } = place;
  schema['x-kubernetes-validations']?.forEach((rule, i) => {
    checkRule(check, rule, schema, { ...place, path: `${path}.x-kubernetes-validations[${i}]` });
  });
  for (const [key, part] of Object.entries(schema.properties ?? {})) {
    checkRules(check, part, {
      path: `${path}.properties[${key}]`,
      isResource: isEmbedded(part) || (isResource && key === ''),
      correlatable: correlatable && schema['x-kubernetes-map-type'] !== 'atomic',
    });
  }
  const items = itemsOf(schema);
  if (items !== undefined) {
    const known = correlatable && schema['x-kubernetes-list-type'] === 'map';
    checkRules(check, items, { path: `${path}.items`, isResource: isEmbedded(items), correlatable: known });
  }
  const values = valuesOf(schema);
  if (values !== undefined) {
    checkRules(check, values, { path: `${path}.additionalProperties`, isResource: isEmbedded(values), correlatable });
  }
}

function checkRule(
  { cel, faults }: Check,
  rule: ValidationRule,
  schema: Schema,
  { path, isResource, correlatable }: Place,
): void {
  const compiled = cel.compile(rule.rule, RULE_VARIABLES);
  const { fault, type } = compiled;
  const shown = shownRule(rule);
  const undefinedField = fault === undefined ? fieldFault(compiled, schema, isResource) : undefined;
  if (fault !== undefined) faults.invalid(`${path}.rule`, shown, fault);
  else if (undefinedField !== undefined)
    faults.invalid(`${path}.rule`, shown, `compilation failed: ERROR: <input>:${undefinedField}`);
  else if (type !== 'bool' && type !== 'dyn')
    faults.invalid(`${path}.rule`, shown, 'cel expression must evaluate to a bool');
  if (compiled.identifiers.has('oldSelf')) {
    if (!correlatable) {
      const detail = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${path.replace(/\.x-kubernetes-validations\[\d+\]$/, '')}`;
      faults.invalid(`${path}.rule`, rule.rule, detail);
    }
  } else if (rule.optionalOldSelf !== undefined) {
    faults.invalid(`${path}.optionalOldSelf`, rule.optionalOldSelf, 'may not be set if oldSelf is not used in rule');
  }
  const { messageExpression = '' } = rule;
  if (messageExpression === '') return;
  const message = cel.compile(messageExpression, RULE_VARIABLES);
  const wrong = message.fault === undefined ? undefined : `messageExpression ${message.fault}`;
  if (wrong !== undefined) faults.invalid(`${path}.messageExpression`, shown, wrong);
  else if (message.type !== 'string' && message.type !== 'dyn') {
    faults.invalid(`${path}.messageExpression`, shown, 'messageExpression must evaluate to a string');
  }
}

/** `1:1: undefined field 'nope'` for the first field that the schema does not have. */
function fieldFault({ selections, source }: CelExpression, schema: Schema, isResource: boolean): string | undefined {
  for (const [root = '', ...names] of selections) {
    if (root !== 'self' && root !== 'oldSelf') continue;
    const missing = missingField(names, schema, isResource);
    if (missing === undefined) continue;
    const at = Math.max(0, source.indexOf(`.${missing}`));
    const line = source.slice(0, at).split('\n').length;
    const column = at - (source.slice(0, at).lastIndexOf('\n') + 1);
    const text = source.split('\n')[line - 1] ?? '';
    return `${line}:${column + 1}: undefined field '${missing}'\n | ${text}\n | ${'.'.repeat(column)}^`;
  }
  return undefined;
}

function missingField(names: readonly string[], schema: Schema, isResource: boolean): string | undefined {
  let at: Schema | undefined = schema;
  let resource = isResource;
  for (const name of names) {
    if (at.type !== 'object' || at['x-kubernetes-int-or-string'] === true) return undefined;
    const values = valuesOf(at);
    if (values !== undefined || at.additionalProperties === true) return undefined;
    const keys = [...Object.keys(at.properties ?? {}), ...(resource ? ['apiVersion', 'kind', 'metadata'] : [])];
    const key = keys.find((each) => escapedName(each) === name);
    if (key === undefined) return name;
    const next: Schema | undefined = fieldSchema(at, key, resource);
    if (next === undefined) return undefined;
    at = next;
    resource = isEmbedded(at);
  }
  return undefined;
}

/** A rule as faults show it: with the names that Kubernetes' code has for its fields. */
function shownRule({
  rule,
  message = '',
  messageExpression = '',
  reason,
  fieldPath = '',
  optionalOldSelf,
}: ValidationRule): Verbatim {
  return new Verbatim(
    JSON.stringify({
      Rule: rule,
      Message: message,
      MessageExpression: messageExpression,
      Reason: reason ?? null,
      FieldPath: fieldPath,
      OptionalOldSelf: optionalOldSelf ?? null,
    }),
  );
}

import type {
  AuditAnnotation,
  ParamKind,
  ValidatingAdmissionPolicy,
  Validation,
  Variable,
} from '../../../kube/api/admissionregistration-v1.generated.ts';
import { byteLength } from '../../../base/go-string.ts';
import { isDns1035Label, isDns1123Subdomain } from '../../../kube/names.ts';
import { checkQualifiedName } from '../checks/names.ts';
import { checkOneOf } from '../checks/values.ts';
import { defineStrategy } from '../define.ts';
import type { Faults } from '../faults.ts';
import { resourceType } from '../resource-type.ts';
import type { Strategy } from '../strategy.ts';
import type { Loose } from '../wire.ts';
import { checkMatchConditions, checkMatchResources, defaultMatchResources, FAILURE_POLICIES } from './rules.ts';

const REASONS = ['Forbidden', 'Invalid', 'RequestEntityTooLarge'];
const ANNOTATIONS_LIMIT = 20;
const VALUE_EXPRESSION_LIMIT = 5 * 1024;
const RESERVED_IDENTIFIERS: ReadonlySet<string> = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);

/** kubernetes: pkg/registry/admissionregistration/validatingadmissionpolicy/strategy.go */
export function validatingAdmissionPolicyStrategy(): Strategy {
  return defineStrategy<ValidatingAdmissionPolicy>({
    type: resourceType('admissionregistration.k8s.io/v1', 'ValidatingAdmissionPolicy', 'validatingadmissionpolicies', {
      clusterScoped: true,
      subresources: ['status'],
    }),
    generation: ['spec'],
    allowUnconditionalUpdate: false,
    defaults: (policy) => {
      const spec = (policy.spec ??= {});
      spec.failurePolicy ??= 'Fail';
      defaultMatchResources(spec.matchConstraints);
    },
    validate: checkPolicy,
  });
}

function checkPolicy({ metadata, spec = {} }: Loose<ValidatingAdmissionPolicy>, faults: Faults): void {
  checkOneOf(spec.failurePolicy, FAILURE_POLICIES, 'spec.failurePolicy', faults, { required: true });
  if (spec.paramKind !== undefined) checkParamKind(spec.paramKind, 'spec.paramKind', faults);
  if (spec.matchConstraints === undefined) faults.required('spec.matchConstraints');
  else {
    checkMatchResources(spec.matchConstraints, 'spec.matchConstraints', faults);
    if ((spec.matchConstraints.resourceRules ?? []).length === 0)
      faults.required('spec.matchConstraints.resourceRules');
  }
  checkMatchConditions(spec.matchConditions, 'spec.matchConditions', faults);
  spec.variables?.forEach((variable, i) => checkVariable(variable, `spec.variables[${i}]`, faults));
  const { validations = [], auditAnnotations = [] } = spec;
  if (validations.length === 0 && auditAnnotations.length === 0) {
    const detail = 'validations or auditAnnotations must contain at least one item';
    faults.required('spec.validations', detail);
    faults.required('spec.auditAnnotations', detail);
    return;
  }
  validations.forEach((validation, i) => checkValidation(validation, `spec.validations[${i}]`, faults));
  checkAuditAnnotations(auditAnnotations, metadata?.name ?? '', faults);
}

function checkParamKind({ apiVersion = '', kind = '' }: Loose<ParamKind>, path: string, faults: Faults): void {
  const at = `${path}.apiVersion`;
  const parts = apiVersion.split('/');
  if (apiVersion === '') faults.required(at);
  else if (parts.length > 2) faults.invalid(at, apiVersion, `unexpected GroupVersion string: ${apiVersion}`);
  else {
    const version = parts.pop() ?? '';
    const [group = ''] = parts;
    checkJoined(at, group, group === '' ? [] : isDns1123Subdomain(group), faults);
    if (version === '') faults.invalid(at, apiVersion, 'version must be specified');
    else checkJoined(at, version, isDns1035Label(version), faults);
  }
  if (kind === '') faults.required(`${path}.kind`);
  else {
    const messages = isDns1035Label(kind.toLowerCase());
    const detail = `may have mixed case, but should otherwise match: ${messages.join(',')}`;
    if (messages.length > 0) faults.invalid(`${path}.kind`, kind, detail);
  }
}

function checkJoined(path: string, value: string, messages: readonly string[], faults: Faults): void {
  if (messages.length > 0) faults.invalid(path, value, messages.join(','));
}

function checkVariable({ name = '', expression = '' }: Loose<Variable>, path: string, faults: Faults): void {
  if (name.trim() === '') faults.required(`${path}.name`, 'name is not specified');
  else if (!/^[_a-zA-Z][_a-zA-Z0-9]*$/.test(name) || RESERVED_IDENTIFIERS.has(name)) {
    faults.invalid(`${path}.name`, name, 'name is not a valid CEL identifier');
  }
  if (expression.trim() === '') faults.required(`${path}.expression`, 'expression is not specified');
}

function checkValidation(validation: Loose<Validation>, path: string, faults: Faults): void {
  const { expression = '', message = '', messageExpression = '', reason } = validation;
  if (expression.trim() === '') faults.required(`${path}.expression`, 'expression is not specified');
  if (messageExpression !== '' && messageExpression.trim() === '') {
    faults.invalid(`${path}.messageExpression`, messageExpression, 'must be non-empty if specified');
  }
  if (message !== '' && message.trim() === '') {
    faults.invalid(`${path}.message`, message, 'message must be non-empty if specified');
  } else if (/[\n\r]/.test(message.trim())) {
    faults.invalid(`${path}.message`, message, 'message must not contain line breaks');
  }
  if (reason !== undefined && !REASONS.includes(reason)) faults.notSupported(`${path}.reason`, reason, REASONS);
}

function checkAuditAnnotations(annotations: readonly Loose<AuditAnnotation>[], name: string, faults: Faults): void {
  const path = 'spec.auditAnnotations';
  if (annotations.length > ANNOTATIONS_LIMIT) {
    faults.invalid(path, annotations, `must not have more than ${ANNOTATIONS_LIMIT} auditAnnotations`);
  }
  const keys = new Set<string>();
  annotations.forEach(({ key = '', valueExpression = '' }, i) => {
    const at = `${path}[${i}]`;
    if (name === '') faults.invalid(`${at}.key`, key, 'requires metadata.name be non-empty');
    else checkQualifiedName(`${name}/${key}`, `${at}.key`, faults);
    const expression = valueExpression.trim();
    if (expression === '') faults.required(`${at}.valueExpression`, 'valueExpression is not specified');
    else if (byteLength(expression) > VALUE_EXPRESSION_LIMIT) {
      faults.required(`${at}.valueExpression`, `must not exceed ${VALUE_EXPRESSION_LIMIT} bytes in length`);
    }
    if (keys.has(key)) faults.duplicate(`${at}.key`, key);
    keys.add(key);
  });
}

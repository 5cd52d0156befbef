import { isObject } from '../../../base/json.ts';
import type {
  MatchCondition,
  MutatingWebhookConfiguration,
  ValidatingAdmissionPolicySpec,
  ValidatingWebhookConfiguration,
} from '../../../kube/api/admissionregistration-v1.generated.ts';
import { deepEqual } from '../../../kube/equality.ts';
import { Faults } from '../../registry/faults.ts';
import { invalid } from '../../registry/status.ts';
import type { CelLibrary, CelVariables } from '../cel/cel-library.ts';
import type { AdmissionPlugin, AdmissionRequest } from './plugin.ts';
import { policyVariables } from './policies/evaluate-policy.ts';
import { ADMISSION_VARIABLES } from './policies/expression-context.ts';

/**
 * Refuses policies and webhooks whose expressions cannot be compiled. In Kubernetes the validation of the kinds does so; here they
 * do not know the language. kubernetes: pkg/apis/admissionregistration/validation
 */
export const expressionCheck: AdmissionPlugin = {
  name: 'ExpressionCheck',
  resources: [
    'admissionregistration.k8s.io/mutatingwebhookconfigurations',
    'admissionregistration.k8s.io/validatingadmissionpolicies',
    'admissionregistration.k8s.io/validatingwebhookconfigurations',
  ],
  validate(request) {
    const { draft, old, operation, type, name } = request;
    if (operation === 'DELETE' || draft === undefined || request.subresource !== '') return;
    const key = type.resource === 'validatingadmissionpolicies' ? 'spec' : 'webhooks';
    if (old !== undefined && deepEqual(old[key], draft[key])) return;
    const faults = new Faults();
    if (key === 'spec') {
      if (isObject(draft['spec'])) checkPolicy(request, draft['spec'], faults);
    } else checkWebhooks(request, draft, faults);
    if (faults.count > 0) throw invalid(type, name, faults.list);
  },
};

interface Check {
  readonly cel: CelLibrary;
  readonly variables: CelVariables;
  readonly faults: Faults;
}

function checkExpression(
  { cel, variables, faults }: Check,
  expression: string,
  path: string,
  types: readonly string[] = [],
): void {
  const { fault, type } = cel.compile(expression, variables);
  if (fault !== undefined) faults.invalid(path, expression, fault);
  else if (types.length > 0 && type !== 'dyn' && !types.includes(type)) {
    const wanted = types.length === 1 ? types[0] : `one of [${types.join(' ')}]`;
    faults.invalid(path, expression, `must evaluate to ${wanted ?? ''} but got ${type}`);
  }
}

function checkConditions(check: Check, conditions: readonly MatchCondition[] | undefined, path: string): void {
  conditions?.forEach(({ expression }, i) => checkExpression(check, expression, `${path}[${i}].expression`, ['bool']));
}

function checkPolicy(request: AdmissionRequest, spec: ValidatingAdmissionPolicySpec, faults: Faults): void {
  const cel = request.cel();
  const all = policyVariables(spec);
  const { variables: _later, ...outside } = all;
  checkConditions({ cel, variables: outside, faults }, spec.matchConditions, 'spec.matchConditions');
  const check: Check = { cel, variables: all, faults };
  spec.variables?.forEach(({ expression }, i) => checkExpression(check, expression, `spec.variables[${i}].expression`));
  spec.validations?.forEach(({ expression, messageExpression = '' }, i) => {
    const path = `spec.validations[${i}]`;
    checkExpression(check, expression, `${path}.expression`, ['bool']);
    if (messageExpression !== '') {
      // A message is about the object, not about who asks.
      const { authorizer: _nobody, ...variables } = all;
      checkExpression({ cel, variables, faults }, messageExpression, `${path}.messageExpression`, ['string']);
    }
  });
  spec.auditAnnotations?.forEach(({ valueExpression }, i) =>
    checkExpression(check, valueExpression, `spec.auditAnnotations[${i}].valueExpression`, ['string', 'null']),
  );
}

function checkWebhooks(
  request: AdmissionRequest,
  { webhooks = [] }: MutatingWebhookConfiguration | ValidatingWebhookConfiguration,
  faults: Faults,
): void {
  webhooks.forEach(({ matchConditions }, i) => {
    if ((matchConditions ?? []).length === 0) return;
    const check: Check = { cel: request.cel(), variables: ADMISSION_VARIABLES, faults };
    checkConditions(check, matchConditions, `webhooks[${i}].matchConditions`);
  });
}

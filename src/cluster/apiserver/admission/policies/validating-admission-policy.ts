import type {
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
  ValidatingAdmissionPolicyBindingSpec,
  ValidatingAdmissionPolicySpec,
} from '../../../../kube/api/admissionregistration-v1.generated.ts';
import type { KubeObject } from '../../../../kube/object.ts';
import { StatusError } from '../../../../kube/status-error.ts';
import { forbidden } from '../../../registry/status.ts';
import { isExempt, matchedResource } from '../matching.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../plugin.ts';
import { evaluatePolicy, type PolicyDecision, type PolicyResult } from './evaluate-policy.ts';
import { ConfigurationFault, parametersOf } from './policy-parameters.ts';

const GROUP = 'admissionregistration.k8s.io';
const POLICIES = { group: GROUP, resource: 'validatingadmissionpolicies' };
const BINDINGS = { group: GROUP, resource: 'validatingadmissionpolicybindings' };
const LONGEST_ANNOTATION = 10 * 1024;
const CODES: Readonly<Record<string, number>> = { Forbidden: 403, Unauthorized: 401, RequestEntityTooLarge: 413 };

interface Denial extends Omit<PolicyDecision, 'index'> {
  readonly policy: string;
  readonly binding: string | undefined;
}

/** Policies in the Common Expression Language. apiserver: pkg/admission/plugin/policy/validating */
export const validatingAdmissionPolicy: AdmissionPlugin = {
  name: 'ValidatingAdmissionPolicy',
  resources: undefined,
  validate(request) {
    const policies = request.list(POLICIES) as readonly (KubeObject & ValidatingAdmissionPolicy)[];
    if (policies.length === 0 || isExempt(request)) return;
    const bindings = request.list(BINDINGS) as readonly (KubeObject & ValidatingAdmissionPolicyBinding)[];
    const denials = policies.flatMap((policy) => {
      const name = policy.metadata.name ?? '';
      const own = bindings.filter(({ spec }) => spec?.policyName === name);
      return own.length === 0 || policy.spec === undefined ? [] : dispatch(request, name, policy.spec, own);
    });
    const [first] = denials;
    if (first !== undefined) throw refusal(request, first);
  },
};

function dispatch(
  request: AdmissionRequest,
  policy: string,
  spec: ValidatingAdmissionPolicySpec,
  bindings: readonly (KubeObject & ValidatingAdmissionPolicyBinding)[],
): readonly Denial[] {
  const type = matchedResource(spec.matchConstraints, request);
  if (type === undefined) return [];
  const denials: Denial[] = [];
  const annotations = new Map<string, string[]>();
  for (const { metadata, spec: own = {} } of bindings) {
    if (matchedResource(own.matchResources, request) === undefined) continue;
    const binding = metadata.name ?? '';
    try {
      for (const parameter of parametersOf(spec.paramKind, own.paramRef, request)) {
        const result = evaluatePolicy(spec, request, type, parameter);
        denials.push(...act(request, result, { policy, binding, spec: own }));
        for (const { key, value } of result.annotations) {
          const values = annotations.get(key) ?? [];
          if (!values.includes(value)) annotations.set(key, [...values, value.slice(0, LONGEST_ANNOTATION)]);
        }
      }
    } catch (error) {
      if (!(error instanceof ConfigurationFault)) throw error;
      if (spec.failurePolicy === 'Ignore') continue;
      denials.push({ policy, binding, reason: '', message: `failed to configure binding: ${error.message}` });
    }
  }
  for (const [key, values] of annotations) request.audit(`${policy}/${key}`, values.join(', '));
  return denials;
}

/** Does with failures what the binding says; what is to be denied is given back. */
function act(
  request: AdmissionRequest,
  { denied, faults }: PolicyResult,
  {
    policy,
    binding,
    spec,
  }: { readonly policy: string; readonly binding: string; readonly spec: ValidatingAdmissionPolicyBindingSpec },
): readonly Denial[] {
  const denials: Denial[] = [];
  const { validationActions = [] } = spec;
  for (const { index, message, reason } of denied) {
    if (validationActions.includes('Deny')) denials.push({ policy, binding, message, reason });
    if (validationActions.includes('Warn')) {
      const text = `Validation failed for ValidatingAdmissionPolicy '${policy}' with binding '${binding}': ${message}`;
      request.warn(text);
    }
    if (validationActions.includes('Audit')) {
      const failure = { message, policy, binding, expressionIndex: Math.max(index, 0), validationActions };
      request.audit('validation.policy.admission.k8s.io/validation_failure', JSON.stringify([failure]));
    }
  }
  return [...denials, ...faults.map((message) => ({ policy, binding, message, reason: '' }))];
}

function refusal({ type, name }: AdmissionRequest, { policy, binding, message, reason }: Denial): StatusError {
  const by = binding === undefined ? '' : ` with binding '${binding}'`;
  const text = `ValidatingAdmissionPolicy '${policy}'${by} denied request: ${message}`;
  const { status } = forbidden(type, name, text);
  const causes = [...(status.details?.causes ?? []), { message: text }];
  return new StatusError({
    ...status,
    reason: reason === '' ? 'Invalid' : reason,
    code: CODES[reason] ?? 422,
    details: { ...status.details, causes },
  });
}

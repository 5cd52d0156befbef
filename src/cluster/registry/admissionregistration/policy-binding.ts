import type {
  ParamRef,
  ValidatingAdmissionPolicyBinding,
} from '../../../kube/api/admissionregistration-v1.generated.ts';
import { checkLabelSelector } from '../checks/labels.ts';
import { checkDnsSubdomain, checkPathSegment } from '../checks/names.ts';
import { checkOneOf } from '../checks/values.ts';
import { defineStrategy } from '../define.ts';
import type { Faults } from '../faults.ts';
import { resourceType } from '../resource-type.ts';
import type { Strategy } from '../strategy.ts';
import type { Loose } from '../wire.ts';
import { checkMatchResources, defaultMatchResources } from './rules.ts';

const ACTIONS = ['Audit', 'Deny', 'Warn'];
const NOT_FOUND_ACTIONS = ['Deny', 'Allow'];
const EITHER = 'name and selector are mutually exclusive';

/** kubernetes: pkg/registry/admissionregistration/validatingadmissionpolicybinding/strategy.go */
export function validatingAdmissionPolicyBindingStrategy(): Strategy {
  return defineStrategy<ValidatingAdmissionPolicyBinding>({
    type: resourceType(
      'admissionregistration.k8s.io/v1',
      'ValidatingAdmissionPolicyBinding',
      'validatingadmissionpolicybindings',
      { clusterScoped: true },
    ),
    generation: ['spec'],
    allowUnconditionalUpdate: false,
    defaults: ({ spec }) => defaultMatchResources(spec?.matchResources),
    validate: ({ spec = {} }, faults) => {
      const { policyName = '', paramRef, matchResources, validationActions = [] } = spec;
      if (policyName === '') faults.required('spec.policyName');
      else checkDnsSubdomain(policyName, 'spec.policyName', faults);
      if (paramRef !== undefined) checkParamRef(paramRef, 'spec.paramRef', faults);
      // Kubernetes writes the field so.
      if (matchResources !== undefined) checkMatchResources(matchResources, 'spec.matchResouces', faults);
      checkActions(validationActions, 'spec.validationActions', faults);
    },
  });
}

function checkParamRef(reference: Loose<ParamRef>, path: string, faults: Faults): void {
  const { name = '', selector, parameterNotFoundAction } = reference;
  if (name !== '') {
    checkPathSegment(name, `${path}.name`, faults);
    if (selector !== undefined) faults.forbidden(`${path}.name`, EITHER);
  }
  if (selector !== undefined) {
    checkLabelSelector(selector, `${path}.selector`, faults);
    if (name !== '') faults.forbidden(`${path}.selector`, EITHER);
  }
  if (name === '' && selector === undefined) faults.required(path, 'one of name or selector must be specified');
  const at = `${path}.parameterNotFoundAction`;
  checkOneOf(parameterNotFoundAction, NOT_FOUND_ACTIONS, at, faults, { required: true });
}

function checkActions(actions: readonly string[], path: string, faults: Faults): void {
  actions.forEach((action, i) => {
    if (!ACTIONS.includes(action)) faults.notSupported(`${path}[${i}]`, action, ACTIONS);
    if (actions.indexOf(action) < i) faults.duplicate(`${path}[${i}]`, action);
  });
  if (actions.includes('Deny') && actions.includes('Warn')) {
    const reason =
      'repeating the same validation failure information in the API response and headers serves no purpose';
    faults.invalid(path, actions, `must not contain both Deny and Warn (${reason})`);
  }
  if (actions.length === 0) faults.required(path, 'at least one validation action is required');
}

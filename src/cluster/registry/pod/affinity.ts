import type {
  Affinity,
  NodeSelector,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PodAffinityTerm,
  WeightedPodAffinityTerm,
} from '../../../kube/api/core-v1.generated.ts';
import { isLabelValue, nameIsDnsSubdomain } from '../../../kube/names.ts';
import { checkLabelKey, checkLabelSelector } from '../checks/labels.ts';
import { checkNamespaceName } from '../checks/names.ts';
import type { Faults } from '../faults.ts';
import { isBlank, type Loose } from '../wire.ts';

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution';
const BAD_OPERATOR = 'not a valid selector operator';

/** Refuses wrong affinities of a pod. kubernetes: validateAffinity */
export function checkAffinity(affinity: Loose<Affinity>, path: string, faults: Faults): void {
  const { nodeAffinity, podAffinity, podAntiAffinity } = affinity;
  if (nodeAffinity !== undefined) {
    const at = `${path}.nodeAffinity`;
    if (nodeAffinity[REQUIRED] !== undefined) checkNodeSelector(nodeAffinity[REQUIRED], `${at}.${REQUIRED}`, faults);
    nodeAffinity[PREFERRED]?.forEach((term, i) => {
      const termAt = `${at}.${PREFERRED}[${i}]`;
      checkWeight(term.weight, `${termAt}.weight`, faults);
      checkNodeSelectorTerm(term.preference ?? {}, `${termAt}.preference`, faults, false);
    });
  }
  for (const [name, terms] of [
    ['podAffinity', podAffinity],
    ['podAntiAffinity', podAntiAffinity],
  ] as const) {
    if (terms === undefined) continue;
    terms[REQUIRED]?.forEach((term, i) => checkPodAffinityTerm(term, `${path}.${name}.${REQUIRED}[${i}]`, faults));
    terms[PREFERRED]?.forEach((term, i) => checkWeightedTerm(term, `${path}.${name}.${PREFERRED}[${i}]`, faults));
  }
}

function checkWeight(weight: number | undefined, path: string, faults: Faults): void {
  const value = weight ?? 0;
  if (value <= 0 || value > 100) faults.invalid(path, value, 'must be in the range 1-100');
}

function checkWeightedTerm(term: Loose<WeightedPodAffinityTerm>, path: string, faults: Faults): void {
  checkWeight(term.weight, `${path}.weight`, faults);
  checkPodAffinityTerm(term.podAffinityTerm ?? {}, `${path}.podAffinityTerm`, faults);
}

/** Refuses selectors of nodes that cannot be read. kubernetes: ValidateNodeSelector */
export function checkNodeSelector(selector: Loose<NodeSelector>, path: string, faults: Faults): void {
  const terms = selector.nodeSelectorTerms ?? [];
  const at = `${path}.nodeSelectorTerms`;
  if (terms.length === 0) faults.required(at, 'must have at least one node selector term');
  terms.forEach((term, i) => checkNodeSelectorTerm(term, `${at}[${i}]`, faults, true));
}

function checkNodeSelectorTerm(
  term: Loose<NodeSelectorTerm>,
  path: string,
  faults: Faults,
  areValuesChecked: boolean,
): void {
  term.matchExpressions?.forEach((requirement, i) => {
    checkNodeRequirement(requirement, `${path}.matchExpressions[${i}]`, faults, areValuesChecked);
  });
  term.matchFields?.forEach((requirement, i) => {
    checkFieldRequirement(requirement, `${path}.matchFields[${i}]`, faults);
  });
}

function checkNodeRequirement(
  { operator = '', key, values = [] }: Loose<NodeSelectorRequirement>,
  path: string,
  faults: Faults,
  areValuesChecked: boolean,
): void {
  const at = `${path}.values`;
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length === 0) faults.required(at, "must be specified when `operator` is 'In' or 'NotIn'");
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (values.length > 0) faults.forbidden(at, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
  } else if (operator === 'Gt' || operator === 'Lt') {
    if (values.length !== 1) faults.required(at, "must be specified single value when `operator` is 'Lt' or 'Gt'");
  } else faults.invalid(`${path}.operator`, operator, BAD_OPERATOR);
  checkLabelKey(key, `${path}.key`, faults);
  if (areValuesChecked) values.forEach((value, i) => faults.invalidEach(`${at}[${i}]`, value, isLabelValue(value)));
}

function checkFieldRequirement(
  { operator = '', key = '', values = [] }: Loose<NodeSelectorRequirement>,
  path: string,
  faults: Faults,
): void {
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length !== 1) {
      const text = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector";
      faults.required(`${path}.values`, text);
    }
  } else faults.invalid(`${path}.operator`, operator, BAD_OPERATOR);
  if (key !== 'metadata.name') faults.invalid(`${path}.key`, key, 'not a valid field selector key');
  else values.forEach((value, i) => faults.invalidEach(`${path}.values[${i}]`, value, nameIsDnsSubdomain(value)));
}

function checkPodAffinityTerm(term: Loose<PodAffinityTerm>, path: string, faults: Faults): void {
  checkLabelSelector(term.labelSelector, `${path}.labelSelector`, faults);
  checkLabelSelector(term.namespaceSelector, `${path}.namespaceSelector`, faults);
  for (const name of term.namespaces ?? []) checkNamespaceName(name, `${path}.namespace`, faults);
  checkLabelKeys(term, 'matchLabelKeys', path, faults);
  checkLabelKeys(term, 'mismatchLabelKeys', path, faults);
  term.matchLabelKeys?.forEach((key, i) => {
    if (term.mismatchLabelKeys?.includes(key) === true) {
      faults.invalid(`${path}.matchLabelKeys[${i}]`, key, 'exists in both matchLabelKeys and mismatchLabelKeys');
    }
  });
  if (isBlank(term.topologyKey)) faults.required(`${path}.topologyKey`, 'can not be empty');
  checkLabelKey(term.topologyKey, `${path}.topologyKey`, faults);
}

function checkLabelKeys(
  term: Loose<PodAffinityTerm>,
  field: 'matchLabelKeys' | 'mismatchLabelKeys',
  path: string,
  faults: Faults,
): void {
  const keys = term[field] ?? [];
  if (keys.length === 0) return;
  if (term.labelSelector === undefined) {
    faults.forbidden(`${path}.${field}`, 'must not be specified when labelSelector is not set');
    return;
  }
  keys.forEach((key, i) => checkLabelKey(key, `${path}.${field}[${i}]`, faults));
}

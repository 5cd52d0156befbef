import type {
  Node,
  NodeSelector,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PodSpec,
} from '../../kube/api/core-v1.generated.ts';

type Values = Readonly<Record<string, string>>;

const NONE: Values = {};

/** True when node selector and required node affinity of a pod allow the node. component-helpers: scheduling/corev1/nodeaffinity */
export function fitsNodeAffinity(spec: PodSpec | undefined, node: Node): boolean {
  const labels = node.metadata.labels ?? NONE;
  const selector = spec?.nodeSelector;
  if (selector !== undefined) {
    for (const key of Object.keys(selector)) {
      if (!Object.hasOwn(labels, key) || labels[key] !== selector[key]) return false;
    }
  }
  const required = spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return required === undefined || required === null || matchesNodeSelector(required, node);
}

/** True when one of the terms matches. */
export function matchesNodeSelector(selector: NodeSelector, node: Node): boolean {
  return selector.nodeSelectorTerms.some((term) => matchesNodeTerm(term, node));
}

/** True when the term matches; one without requirements matches nothing. */
export function matchesNodeTerm({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, node: Node): boolean {
  if (matchExpressions.length === 0 && matchFields.length === 0) return false;
  const labels = node.metadata.labels ?? NONE;
  if (!matchExpressions.every((requirement) => holds(requirement, labels))) return false;
  if (matchFields.length === 0) return true;
  const fields = { 'metadata.name': node.metadata.name ?? '' };
  return matchFields.every((requirement) => holds(requirement, fields));
}

function holds({ key, operator, values = [] }: NodeSelectorRequirement, of: Values): boolean {
  const value = Object.hasOwn(of, key) ? of[key] : undefined;
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
    case 'Lt':
      return value !== undefined && compares(operator, value, values[0]);
    default:
      return false;
  }
}

function compares(operator: 'Gt' | 'Lt', text: string, than: string | undefined): boolean {
  const integer = /^[+-]?\d+$/;
  if (than === undefined || !integer.test(text) || !integer.test(than)) return false;
  return operator === 'Gt' ? BigInt(text) > BigInt(than) : BigInt(text) < BigInt(than);
}

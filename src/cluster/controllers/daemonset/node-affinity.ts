import type { Node, NodeSelector, NodeSelectorRequirement, PodSpec } from '../../../kube/api/core-v1.generated.ts';
import { nameOf } from '../../machinery/keys.ts';

/** True when the pod's node selector and required node affinity allow the node; component-helpers: scheduling/corev1/nodeaffinity. */
export function fitsNodeAffinity(spec: PodSpec, node: Node): boolean {
  const labels = node.metadata.labels ?? {};
  for (const [key, value] of Object.entries(spec.nodeSelector ?? {})) {
    if (!Object.hasOwn(labels, key) || labels[key] !== value) return false;
  }
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return required === undefined || matchesNodeSelector(required, node);
}

/** True when one of the terms matches; a term without requirements matches nothing. */
function matchesNodeSelector(selector: NodeSelector, node: Node): boolean {
  const labels = node.metadata.labels ?? {};
  const fields = { 'metadata.name': nameOf(node) };
  return selector.nodeSelectorTerms.some(({ matchExpressions = [], matchFields = [] }) => {
    if (matchExpressions.length === 0 && matchFields.length === 0) return false;
    return (
      matchExpressions.every((requirement) => holds(requirement, labels)) &&
      matchFields.every((requirement) => holds(requirement, fields))
    );
  });
}

function holds({ key, operator, values = [] }: NodeSelectorRequirement, of: Readonly<Record<string, string>>): boolean {
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

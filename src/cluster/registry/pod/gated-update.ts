import type { NodeAffinity, NodeSelectorTerm } from '../../../kube/api/core-v1.generated.ts';
import { semanticEqual } from '../../../kube/equality.ts';
import type { Faults } from '../faults.ts';
import type { Loose } from '../wire.ts';

/*
 * What may change of a pod while scheduling gates hold it.
 */

type Texts = Readonly<Record<string, string | undefined>>;

/** Labels may be added to a node selector. kubernetes: validateNodeSelectorMutation */
export function checkNodeSelectorChange(selector: Texts = {}, old: Texts = {}, path: string, faults: Faults): void {
  if (Object.keys(old).every((key) => selector[key] === old[key])) return;
  faults.invalid(path, selector, 'only additions to spec.nodeSelector are allowed (no mutations or deletions)');
}

/** Requirements may be added to the terms of a node affinity. kubernetes: validateNodeAffinityMutation */
export function checkNodeAffinityChange(
  affinity: Loose<NodeAffinity> | undefined,
  old: Loose<NodeAffinity> | undefined,
  path: string,
  faults: Faults,
): void {
  const before = old?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  const terms = affinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  const at = `${path}.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms`;
  if (before.length === 0) return;
  if (before.length !== terms.length) {
    faults.invalid(at, terms, 'no additions/deletions to non-empty NodeSelectorTerms list are allowed');
    return;
  }
  terms.forEach((term, i) => {
    if (!hasOnlyAdditions(term, before[i] ?? {})) {
      faults.invalid(`${at}[${i}]`, term, 'only additions are allowed (no mutations or deletions)');
    }
  });
}

function hasOnlyAdditions(term: Loose<NodeSelectorTerm>, old: Loose<NodeSelectorTerm>): boolean {
  const lists = ['matchExpressions', 'matchFields'] as const;
  const wasEmpty = lists.every((list) => (old[list] ?? []).length === 0);
  if (wasEmpty && lists.some((list) => (term[list] ?? []).length > 0)) return false;
  return lists.every((list) => {
    const before = old[list] ?? [];
    return semanticEqual((term[list] ?? []).slice(0, before.length), before);
  });
}

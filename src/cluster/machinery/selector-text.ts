import type { LabelSelector } from '../../kube/api/meta-v1.generated.ts';

/** A selector as Go prints the structure, which is how Kubernetes' messages show it. */
export function selectorText(selector: LabelSelector | undefined): string {
  if (selector === undefined) return 'nil';
  const labels = Object.keys(selector.matchLabels ?? {})
    .sort()
    .map((key) => `${key}: ${selector.matchLabels?.[key] ?? ''},`);
  const expressions = (selector.matchExpressions ?? []).map(
    ({ key, operator, values }) =>
      `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${(values ?? []).join(' ')}],},`,
  );
  return `&LabelSelector{MatchLabels:map[string]string{${labels.join(' ')}},MatchExpressions:[]LabelSelectorRequirement{${expressions.join('')}},}`;
}

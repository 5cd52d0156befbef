import type { LabelSelector } from '../../../kube/api/meta-v1.generated.ts';
import { NONE } from './columns.ts';

/** A label selector as kubectl prints it: `app=web,tier in (a,b)`, `<none>` for none. */
export function selectorText(selector: LabelSelector | undefined): string {
  if (selector === undefined) return NONE;
  const parts = Object.entries(selector.matchLabels ?? {}).map(([key, value]) => ({ key, text: `${key}=${value}` }));
  for (const { key, operator, values = [] } of selector.matchExpressions ?? []) {
    parts.push({ key, text: requirementText(key, operator, `(${[...values].sort().join(',')})`) });
  }
  parts.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return parts.length === 0 ? NONE : parts.map(({ text }) => text).join(',');
}

function requirementText(key: string, operator: string, values: string): string {
  if (operator === 'In') return `${key} in ${values}`;
  if (operator === 'NotIn') return `${key} notin ${values}`;
  return operator === 'Exists' ? key : `!${key}`;
}

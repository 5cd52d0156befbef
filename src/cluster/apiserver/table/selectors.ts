import type { LabelSelector } from '../../../kube/api/meta-v1.generated.ts';
import { NONE } from './columns.ts';

/** A label selector as kubectl prints it: `app=web,tier in (a,b)`, `<none>` for none. */
export function selectorText(selector: LabelSelector | undefined): string {
  if (selector === undefined) return NONE;
  const parts = Object.entries(selector.matchLabels ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${value}`);
  for (const { key, operator, values = [] } of selector.matchExpressions ?? []) {
    const list = `(${[...values].sort().join(',')})`;
    if (operator === 'In') parts.push(`${key} in ${list}`);
    else if (operator === 'NotIn') parts.push(`${key} notin ${list}`);
    else if (operator === 'Exists') parts.push(key);
    else parts.push(`!${key}`);
  }
  return parts.length === 0 ? NONE : parts.join(',');
}

import type { LiveGroup } from '../actions/live-resources.ts';
import { objectTable } from './object-table.ts';

/** The objects of a release as a part of `status`, each kind as kubectl lists it; '' when there are none. */
export function resourcesText(groups: readonly LiveGroup[], now: number): string {
  if (groups.length === 0) return '';
  const parts = groups.map(({ title, type, objects }) => {
    const table = objectTable(type, objects, { now, wide: false, namespaces: false, prefix: false });
    return `==> ${title}\n${table}\n`;
  });
  return `RESOURCES:\n${parts.join('')}\n`;
}

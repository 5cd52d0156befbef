import type { Clock } from '../base/clock.ts';
import type { Release } from './release.ts';

type Labels = Readonly<Record<string, string>>;

/** The labels that drivers set themselves. helm: pkg/storage/driver/util.go. */
const SYSTEM_LABELS: readonly string[] = ['name', 'owner', 'status', 'version', 'createdAt', 'modifiedAt'];

/** What every record is selected by. */
export const OWNER_LABEL = { owner: 'helm' } as const;

/** What the parts of records are selected by that do not fit into one object; Helm does not look at them. */
export const PART_LABEL = { owner: 'pintle' } as const;

/** The labels of a release's record: the user's, the driver's and when it was written. */
export function recordLabels(
  release: Release,
  stamp: 'createdAt' | 'modifiedAt',
  clock: Clock,
): Record<string, string> {
  return {
    ...release.labels,
    [stamp]: String(Math.floor(clock.now() / 1000)),
    name: release.name,
    ...OWNER_LABEL,
    status: release.info.status,
    version: String(release.version),
  };
}

/** A record's labels without the driver's own. */
export function userLabels(labels: Labels | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(labels ?? {}).filter(([key]) => !SYSTEM_LABELS.includes(key)));
}

import type { NamespaceCondition } from '../../../kube/api/core-v1.generated.ts';
import { compareStrings } from '../../../base/json.ts';
import { formatTime } from '../../machinery/time.ts';

/** What a pass over a namespace's content came to. */
export interface ContentReport {
  /** Objects that are still there, by resource (`pods.`, `deployments.apps`). */
  readonly remaining: ReadonlyMap<string, number>;
  /** Objects that a finalizer keeps, by finalizer. */
  readonly finalizers: ReadonlyMap<string, number>;
  /** What went wrong with discovery. */
  readonly discoveryErrors: readonly string[];
  /** What could not be deleted. */
  readonly deletionErrors: readonly string[];
}

interface Finding {
  readonly type: string;
  readonly failed: boolean;
  readonly reason: string;
  readonly message: string;
}

/** The conditions of a namespace that is being deleted. kubernetes: pkg/controller/namespace/deletion/status_condition_utils.go */
export function namespaceConditions(
  old: readonly NamespaceCondition[],
  report: ContentReport,
  now: number,
): readonly NamespaceCondition[] {
  const time = formatTime(now);
  const byType = new Map(old.map((condition) => [condition.type, condition]));
  for (const { type, failed, reason, message } of findings(report)) {
    const status = failed ? 'True' : 'False';
    const known = byType.get(type);
    const same = known?.status === status && known.reason === reason && known.message === message;
    if (same) continue;
    const lastTransitionTime = known?.status === status ? known.lastTransitionTime : time;
    byType.set(type, { type, status, lastTransitionTime, reason, message });
  }
  return [...byType.values()];
}

function findings({ remaining, finalizers, discoveryErrors, deletionErrors }: ContentReport): readonly Finding[] {
  const resources = [...remaining]
    .map(([name, count]) => `${name} has ${count} resource instances`)
    .sort(compareStrings);
  const kept = [...finalizers].map(([name, count]) => `${name} in ${count} resource instances`).sort(compareStrings);
  return [
    finding('NamespaceDeletionDiscoveryFailure', discoveryErrors, {
      ok: ['ResourcesDiscovered', 'All resources successfully discovered'],
      failed: [
        'DiscoveryFailed',
        `Discovery failed for some groups, ${discoveryErrors.length} failing: unable to retrieve the complete list of server APIs: `,
      ],
    }),
    finding('NamespaceDeletionGroupVersionParsingFailure', [], {
      ok: ['ParsedGroupVersions', 'All legacy kube types successfully parsed'],
      failed: ['GroupVersionParsingFailed', ''],
    }),
    finding('NamespaceDeletionContentFailure', deletionErrors.toSorted(compareStrings), {
      ok: ['ContentDeleted', 'All content successfully deleted, may be waiting on finalization'],
      failed: ['ContentDeletionFailed', `Failed to delete all resource types, ${deletionErrors.length} remaining: `],
    }),
    finding('NamespaceContentRemaining', resources, {
      ok: ['ContentRemoved', 'All content successfully removed'],
      failed: ['SomeResourcesRemain', 'Some resources are remaining: '],
    }),
    finding('NamespaceFinalizersRemaining', kept, {
      ok: ['ContentHasNoFinalizers', 'All content-preserving finalizers finished'],
      failed: ['SomeFinalizersRemain', 'Some content in the namespace has finalizers remaining: '],
    }),
  ];
}

function finding(
  type: string,
  details: readonly string[],
  texts: { readonly ok: readonly [string, string]; readonly failed: readonly [string, string] },
): Finding {
  const failed = details.length > 0;
  const [reason, text] = failed ? texts.failed : texts.ok;
  return { type, failed, reason, message: failed ? text + details.join(', ') : text };
}

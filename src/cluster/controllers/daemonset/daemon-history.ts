import type { KubeClient } from '../../../client/kube-client.ts';
import type { ControllerRevision, DaemonSet } from '../../../kube/api/apps-v1.generated.ts';
import type { Pod } from '../../../kube/api/core-v1.generated.ts';
import { labelSelectorMatcher } from '../../../kube/labels.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import { AS_CONTROLLER } from '../../machinery/constants.ts';
import type { Informer } from '../../machinery/interfaces.ts';
import { objectKey } from '../../machinery/keys.ts';
import { claimCandidates, claimObjects } from '../../machinery/owners.ts';
import {
  createRevision,
  deleteRevision,
  hasTemplate,
  newRevision,
  nextRevision,
  renumberRevision,
  sortRevisions,
} from '../controller-revision/revision-history.ts';
import { REVISION_LABEL } from './daemon-pods.ts';

/** The revisions of a set. */
export interface DaemonHistory {
  /** Hash of the present template's revision. */
  readonly hash: string;
  /** The others, oldest first. */
  readonly old: readonly ControllerRevision[];
  readonly collisionCount: number | undefined;
}

/** Finds or makes the revision of the set's template; kubernetes: pkg/controller/daemon/update.go constructHistory. */
export async function constructHistory(
  client: KubeClient,
  revisions: Informer<ControllerRevision>,
  set: DaemonSet,
  pods: readonly Pod[],
): Promise<DaemonHistory> {
  const template = set.spec?.template ?? {};
  const selector = labelSelectorMatcher(set.spec?.selector);
  const claimed = await claimObjects<ControllerRevision>({
    client,
    owner: set,
    ownerType: RESOURCES.daemonSets,
    type: RESOURCES.controllerRevisions,
    candidates: claimCandidates(revisions, set),
    matches: (revision) => selector.matches(revision.metadata.labels),
  });
  const all = sortRevisions(claimed);
  const same = all.filter((revision) => hasTemplate(revision, template));
  const old = all.filter((revision) => !same.includes(revision));
  const number = nextRevision(old);
  const { collisionCount } = set.status ?? {};
  const newest = same.at(-1);
  if (newest === undefined) {
    const created = await createRevision(client, set, collisionCount, (count) =>
      newRevision(set, { template, revision: number, collisionCount: count, hashLabel: REVISION_LABEL }),
    );
    return { hash: hashOf(created.revision), old, collisionCount: created.collisionCount };
  }
  for (const duplicate of same.slice(0, -1)) {
    await relabelPods(client, pods, hashOf(duplicate), hashOf(newest));
    await deleteRevision(client, duplicate);
  }
  if (newest.revision < number) await renumberRevision(client, newest, number);
  return { hash: hashOf(newest), old, collisionCount };
}

function hashOf({ metadata }: ControllerRevision): string {
  return metadata.labels?.[REVISION_LABEL] ?? metadata.name ?? '';
}

async function relabelPods(client: KubeClient, pods: readonly Pod[], from: string, to: string): Promise<void> {
  for (const pod of pods) {
    if (pod.metadata.labels?.[REVISION_LABEL] !== from) continue;
    const patch = { metadata: { labels: { [REVISION_LABEL]: to } } };
    await client.patch(RESOURCES.pods, objectKey(pod), 'merge', patch, AS_CONTROLLER);
  }
}

/** Deletes the oldest revisions that no pod is of, down to `revisionHistoryLimit`. */
export async function cleanUpHistory(
  client: KubeClient,
  set: DaemonSet,
  old: readonly ControllerRevision[],
  pods: readonly Pod[],
): Promise<void> {
  let surplus = old.length - (set.spec?.revisionHistoryLimit ?? 10);
  if (surplus <= 0) return;
  const live = new Set(pods.map((pod) => pod.metadata.labels?.[REVISION_LABEL]));
  for (const revision of old) {
    if (surplus <= 0) return;
    if (live.has(hashOf(revision))) continue;
    await deleteRevision(client, revision);
    surplus -= 1;
  }
}

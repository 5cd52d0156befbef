import { inParallel } from '../base/in-parallel.ts';
import { getOrUndefined } from '../deploy/ownership.ts';
import { buildResources, type Resource } from '../deploy/resource.ts';
import { equalityMatcher } from '../kube/labels.ts';
import type { KubeObject, ResourceType } from '../kube/object.ts';
import { RESOURCES } from '../kube/resources.ts';
import type { Release } from '../release/release.ts';
import type { ActionContext } from './context.ts';

/** Objects of one kind that a release has on the cluster. */
export interface LiveGroup {
  /** `v1/Deployment`: Helm leaves the group out. */
  readonly title: string;
  readonly type: ResourceType;
  readonly objects: readonly KubeObject[];
  /** The answers of the API that the objects were part of, where Helm shows those. */
  readonly lists: readonly object[];
}

const PARALLEL = 16;
const RELATED = 'v1/Pod(related)';
const SELECTING = new Set(['ReplicaSet', 'Deployment', 'StatefulSet', 'DaemonSet', 'Job']);

/** What a release has on the cluster now, by kind, with the pods of its workloads. helm: pkg/kube/client.go, Get. */
export async function liveResources(context: ActionContext, release: Release): Promise<LiveGroup[]> {
  if (release.info.status === 'uninstalled') return [];
  const resources = await buildResources(context.client, release.manifest, {
    namespace: release.namespace,
    skipUnknown: true,
  });
  const groups = new Map<string, { type: ResourceType; objects: KubeObject[] }>();
  const add = (title: string, type: ResourceType, objects: readonly KubeObject[]): void => {
    const group = groups.get(title);
    if (group === undefined) groups.set(title, { type, objects: [...objects] });
    else group.objects.push(...objects);
  };
  const found = await inParallel(resources, PARALLEL, (resource) => getOrUndefined(context.client, resource));
  for (const [i, object] of found.entries()) {
    const resource = resources[i];
    if (object !== undefined && resource !== undefined) {
      add(`${resource.type.version}/${resource.type.kind}`, resource.type, [object]);
    }
  }
  const pods = await inParallel(selections(resources), PARALLEL, ({ namespace, selector }) =>
    context.client.list(RESOURCES.pods, { namespace, labelSelector: selector }),
  );
  const lists: object[] = [];
  for (const { items, metadata } of pods) {
    const named = items.map((each) => ({ ...each, apiVersion: 'v1', kind: 'Pod' }));
    if (named.length > 0) add(RELATED, RESOURCES.pods, named);
    lists.push({ apiVersion: 'v1', kind: 'PodList', metadata, items: named });
  }
  return [...groups]
    .map(([title, group]) => ({ title, ...group, lists: title === RELATED ? lists : [] }))
    .sort((a, b) => (a.title < b.title ? -1 : 1));
}

interface Selection {
  readonly namespace: string;
  readonly selector: string;
}

/** By which labels workloads know their pods, each once. */
function selections(resources: readonly Resource[]): Selection[] {
  const out = new Map<string, Selection>();
  for (const { type, key, object } of resources) {
    const selector = (object['spec'] as { readonly selector?: Readonly<Record<string, unknown>> } | undefined)
      ?.selector;
    const labels = SELECTING.has(type.kind)
      ? selector?.['matchLabels']
      : type.kind === 'ReplicationController'
        ? selector
        : undefined;
    if (labels === undefined || labels === null) continue;
    const text = String(equalityMatcher(labels as Readonly<Record<string, string>>));
    if (!out.has(text)) out.set(text, { namespace: key.namespace ?? '', selector: text });
  }
  return [...out.values()];
}

import { PintleError } from '../base/errors.ts';
import { inParallel } from '../base/in-parallel.ts';
import type { KubeDiscovery, KubeReader } from '../client/kube-client.ts';
import type { CatalogueEntry } from '../cluster/kubelet/images/builtin/entry.ts';
import type { NodeOptions } from '../cluster/kubelet/kubelet.ts';
import { builtinStrategies } from '../cluster/registry/builtins.ts';
import { getOrUndefined } from '../deploy/ownership.ts';
import type { Resource } from '../deploy/resource.ts';
import type { Node, Pod } from '../kube/api/core-v1.generated.ts';
import type { KubeObject, ResourceType } from '../kube/object.ts';
import { RESOURCES } from '../kube/resources.ts';
import { StatusError } from '../kube/status-error.ts';
import { definitionsFor } from './copy-definitions.ts';
import { isSimulatedNode, nodesOf } from './copy-nodes.ts';
import { asLoad, learnBehaviours } from './copy-pods.ts';

/** One object with the resource that it is of. */
export interface CopiedObject {
  readonly type: ResourceType;
  readonly object: KubeObject;
}

/** What of a cluster matters to a release. */
export interface ClusterCopy {
  readonly objects: readonly CopiedObject[];
  /** The machines whose kubelets work. */
  readonly nodes: readonly NodeOptions[];
  /** What containers do that were seen at work. */
  readonly behaviours: readonly CatalogueEntry[];
  /** The cluster's time, ms since the epoch. */
  readonly time: number;
  /** What the copy takes for granted, for people to read. */
  readonly notes: readonly string[];
}

/** What is to be copied. */
export interface CopyRequest {
  /** Those whose objects are copied whole. */
  readonly namespaces: readonly string[];
  /** Objects that the release has or will have. */
  readonly touched: readonly Resource[];
  /** ms since the epoch */
  readonly now: number;
}

/** A client that can only read. */
type Reader = KubeReader & KubeDiscovery;

/** Requests under way at one time. */
const PARALLEL = 16;
/** Cluster-scoped resources that decide on what pods get. */
const SHARED: readonly string[] = [
  '/namespaces',
  '/persistentvolumes',
  'scheduling.k8s.io/priorityclasses',
  'storage.k8s.io/storageclasses',
  'node.k8s.io/runtimeclasses',
  'networking.k8s.io/ingressclasses',
];
/** What parts of the cluster write about themselves; they write it again. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  '/events',
  'events.k8s.io/events',
  '/endpoints',
  'coordination.k8s.io/leases',
  '/pods',
]);
const BASIC_NAMESPACES: readonly string[] = ['default', 'kube-system', 'kube-node-lease'];
/** Answers that mean: this user, or this cluster, does not have it. */
const REFUSALS: ReadonlySet<number> = new Set([403, 404, 405]);

/**
 * Reads what decides on the fate of a release: nodes, all pods, quotas, classes, the whole of its namespaces, and the objects
 * that it touches elsewhere. Nothing is written.
 *
 * @throws PintleError `target` when nodes or pods may not be read; what the API answers
 */
export async function copyCluster(client: Reader, request: CopyRequest): Promise<ClusterCopy> {
  const notes: string[] = [];
  const [nodes, pods] = await Promise.all([
    needed('nodes', client.list<Node>(RESOURCES.nodes)),
    needed('pods of all namespaces', client.list<Pod>(RESOURCES.pods)),
  ]);
  const isSimulated = nodes.items.length > 0 && nodes.items.every(isSimulatedNode);
  const namespaces = new Set(request.namespaces);
  const own = pods.items.filter((pod) => namespaces.has(pod.metadata.namespace ?? ''));
  const foreign = pods.items.filter((pod) => !namespaces.has(pod.metadata.namespace ?? ''));
  const copied = new Collection();
  copied.add(RESOURCES.nodes, nodes.items);
  copied.add(RESOURCES.pods, own);
  copied.add(RESOURCES.pods, foreign.flatMap(asLoad));
  await copyLists(client, namespaces, copied, notes);
  copied.addFoundations(namespaces, await apiService(client));
  await copyTouched(client, request.touched, copied);
  for (const each of await definitionsFor(client, request.touched)) {
    copied.add(RESOURCES.customResourceDefinitions, [each]);
  }
  if (!isSimulated) notes.push(...(await assumptions(client)));
  const objects = copied.withoutLostOwners();
  return {
    objects,
    nodes: nodesOf(nodes.items),
    behaviours: isSimulated ? [] : learnBehaviours(own),
    time: Math.max(request.now, newestInstant(objects)),
    notes,
  };
}

/** Lists without which nothing can be said. */
async function needed<T>(what: string, list: Promise<T>): Promise<T> {
  try {
    return await list;
  } catch (error) {
    if (!(error instanceof StatusError) || error.code !== 403) throw error;
    throw new PintleError('target', `a rehearsal needs to know the ${what}, which may not be read: ${error.message}`, {
      hint: 'ask for the right to get and list them; nothing is ever written',
      cause: error,
    });
  }
}

async function copyLists(
  client: Reader,
  namespaces: ReadonlySet<string>,
  copied: Collection,
  notes: string[],
): Promise<void> {
  const known = builtinStrategies();
  const served = (await client.resources()).filter(
    (type) => known.get(idOf(type))?.type.version === type.version && type.verbs.includes('list'),
  );
  const lists: { readonly type: ResourceType; readonly namespace: string | undefined }[] = [];
  for (const type of served) {
    const id = idOf(type);
    if (LEFT_OUT.has(id)) continue;
    if (type.namespaced) for (const namespace of namespaces) lists.push({ type, namespace });
    else if (SHARED.includes(id)) lists.push({ type, namespace: undefined });
  }
  await inParallel(lists, PARALLEL, async ({ type, namespace }) => {
    try {
      const { items } = await client.list(type, { namespace });
      copied.add(
        type,
        items.filter((each) => !isRecord(each)),
      );
    } catch (error) {
      if (!(error instanceof StatusError) || !REFUSALS.has(error.code)) throw error;
      const where = namespace === undefined ? '' : ` in namespace "${namespace}"`;
      notes.push(`${type.resource}${where} may not be read: it is as if there were none`);
    }
  });
}

async function apiService(client: Reader): Promise<KubeObject> {
  try {
    return await client.get(RESOURCES.services, { namespace: 'default', name: 'kubernetes' });
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    return {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'kubernetes', namespace: 'default', uid: 'service-kubernetes' },
      spec: { type: 'ClusterIP', clusterIP: '10.96.0.1', ports: [{ name: 'https', port: 443, targetPort: 6443 }] },
    };
  }
}

/** The rehearsal keeps records for itself. */
function isRecord({ metadata }: KubeObject): boolean {
  const { owner } = metadata.labels ?? {};
  return (owner === 'helm' || owner === 'pintle') && (metadata.name ?? '').startsWith('sh.helm.release.v1.');
}

async function copyTouched(client: Reader, touched: readonly Resource[], copied: Collection): Promise<void> {
  await inParallel(
    touched.filter((each) => each.key.name !== '' && !copied.has(each)),
    PARALLEL,
    async (each) => {
      const live = await getOrUndefined(client, each);
      if (live !== undefined) copied.add(each.type, [live]);
    },
  );
}

/** What a real cluster may do that no copy does. */
async function assumptions(client: Reader): Promise<string[]> {
  const notes = [
    'images are taken to exist, and containers to do what images of their name do; those that run now start as quickly as they did',
  ];
  let webhooks = 0;
  for (const kind of ['ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration']) {
    try {
      const type = await client.resourceFor({ group: 'admissionregistration.k8s.io', version: 'v1', kind });
      if (type !== undefined) webhooks += (await client.list(type)).items.length;
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
    }
  }
  if (webhooks > 0) notes.push(`${webhooks} admission webhook configurations of the cluster are not asked`);
  return notes;
}

/** What was copied so far; each object once. */
class Collection {
  readonly #objects = new Map<string, CopiedObject>();
  readonly #namespaces = new Set<string>();

  add(type: ResourceType, objects: readonly object[]): void {
    for (const each of objects) {
      const object = each as KubeObject;
      const { name = '', namespace = '' } = object.metadata;
      this.#objects.set(`${idOf(type)}/${namespace}/${name}`, { type, object });
      if (namespace !== '') this.#namespaces.add(namespace);
    }
  }

  has({ type, key }: Resource): boolean {
    return this.#objects.has(`${idOf(type)}/${key.namespace ?? ''}/${key.name}`);
  }

  /**
   * Namespaces that hold something are there, also for who may not list them; those of the release only if they are. A cluster
   * that has the Service of its API gets nothing that new clusters get.
   */
  addFoundations(own: ReadonlySet<string>, service: KubeObject): void {
    this.add(RESOURCES.services, [service]);
    for (const name of new Set([...this.#namespaces, ...BASIC_NAMESPACES])) {
      const id = `/namespaces//${name}`;
      if (this.#objects.has(id) || (own.has(name) && !BASIC_NAMESPACES.includes(name))) continue;
      this.add(RESOURCES.namespaces, [
        {
          apiVersion: 'v1',
          kind: 'Namespace',
          metadata: { name, uid: `namespace-${name}` },
          status: { phase: 'Active' },
        },
      ]);
    }
  }

  /** Objects whose owners were not copied would be collected as garbage; here they have none. */
  withoutLostOwners(): readonly CopiedObject[] {
    const all = [...this.#objects.values()];
    const known = new Set(all.map(({ object }) => object.metadata.uid));
    return all.map(({ type, object }) => {
      const { ownerReferences: owners } = object.metadata;
      if (owners === undefined || owners.every(({ uid }) => known.has(uid))) return { type, object };
      const kept = owners.filter(({ uid }) => known.has(uid));
      return { type, object: { ...object, metadata: { ...object.metadata, ownerReferences: kept } } };
    });
  }
}

function idOf(type: ResourceType): string {
  return `${type.group}/${type.resource}`;
}

/**
 * The latest instant that objects speak of as past, ms: the clock of a served cluster may be ahead of this machine's. All are written
 * in the same way, so that texts compare as instants do.
 */
function newestInstant(objects: readonly CopiedObject[]): number {
  let newest = '';
  const note = (text: string | undefined): void => {
    if (text !== undefined && text > newest) newest = text;
  };
  for (const { object } of objects) {
    const { conditions } = (object['status'] ?? {}) as { readonly conditions?: readonly Condition[] };
    note(object.metadata.creationTimestamp);
    for (const { lastTransitionTime, lastUpdateTime } of conditions ?? []) {
      note(lastTransitionTime);
      note(lastUpdateTime);
    }
  }
  const instant = Date.parse(newest);
  return Number.isNaN(instant) ? 0 : instant;
}

interface Condition {
  readonly lastTransitionTime?: string;
  readonly lastUpdateTime?: string;
}

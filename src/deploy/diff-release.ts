import type { KubeClient } from '../client/kube-client.ts';
import type { KubeObject } from '../kube/object.ts';
import { isStatus } from '../kube/status-error.ts';
import { diffObject } from './diff-objects.ts';
import { type DriftRule, ignoredFields, withoutIgnored } from './drift-rules.ts';
import { findRenames } from './find-renames.ts';
import { keepIgnored } from './keep-ignored.ts';
import type { ObjectDiff, Turn } from './object-diff.ts';
import { isOrdered, planOrder } from './operation-graph.ts';
import { getOrUndefined } from './ownership.ts';
import { buildResources, nameOf, resourceId, type Resource } from './resource.ts';

/** What {@link diffRelease} compares. */
export interface DiffRequest {
  /** For objects that name none. */
  readonly namespace: string;
  /** The last revision's manifest; '' when there is none. */
  readonly last: string;
  /** The new manifest; '' for an uninstall. */
  readonly next: string;
  /** Show what Secrets hold. */
  readonly showSecrets?: boolean;
  /** Changes by others that are left alone. */
  readonly ignore?: readonly DriftRule[];
  /** Leave the cluster's objects out: compare the manifests alone. */
  readonly manifestsOnly?: boolean;
}

export type { ObjectDiff } from './object-diff.ts';

const KEEP_POLICY = 'helm.sh/resource-policy';
const PARALLEL = 16;

/**
 * What an upgrade from one manifest to another would change on the cluster, in the order of the new manifest; objects that
 * would go follow. Unchanged objects are in it too.
 *
 * @throws PintleError `manifest-invalid`, `no-kind-match`
 */
export async function diffRelease(client: KubeClient, request: DiffRequest): Promise<ObjectDiff[]> {
  const { namespace } = request;
  const last = await buildResources(client, request.last, { namespace, file: 'last revision', skipUnknown: true });
  const next = await buildResources(client, request.next, { namespace, file: 'new manifest' });
  const before = new Map(last.map((resource) => [resourceId(resource), resource]));
  const wanted = new Set(next.map(resourceId));
  const pairs = [
    ...next.map((resource) => ({ resource, last: before.get(resourceId(resource)), next: resource })),
    ...last
      .filter((resource) => !wanted.has(resourceId(resource)))
      .map((resource) => ({ resource, last: resource, next: undefined })),
  ];
  const out: ObjectDiff[] = [];
  for (let i = 0; i < pairs.length; i += PARALLEL) {
    out.push(...(await Promise.all(pairs.slice(i, i + PARALLEL).map((pair) => diffPair(client, pair, request)))));
  }
  return findRenames(withTurns(out, next));
}

/** Tells when each object is written, where annotations say so. */
function withTurns(diffs: readonly ObjectDiff[], next: readonly Resource[]): ObjectDiff[] {
  if (!isOrdered(next)) return [...diffs];
  const turns = turnsOf(next);
  return diffs.map((diff, i) => {
    const resource = next[i];
    const turn = resource === undefined ? undefined : turns.get(resourceId(resource));
    return turn === undefined ? diff : { ...diff, turn };
  });
}

function turnsOf(resources: readonly Resource[]): ReadonlyMap<string, Turn> {
  try {
    const waves = planOrder(resources);
    return new Map(
      waves.flatMap(({ number, nodes }) =>
        nodes.map(({ resource, after }) => [resourceId(resource), { wave: number, after: after.map(nameOf) }]),
      ),
    );
  } catch {
    // Manifests that other programs wrote may be in no order; what differs is to be seen all the same.
    return new Map();
  }
}

interface Pair {
  readonly resource: Resource;
  readonly last: Resource | undefined;
  readonly next: Resource | undefined;
}

async function diffPair(client: KubeClient, pair: Pair, request: DiffRequest): Promise<ObjectDiff> {
  const { resource, last, next } = pair;
  const live = request.manifestsOnly === true ? last?.object : await liveState(client, pair);
  const ignores = ignoredFields(resource.object, request.ignore ?? []);
  // Rules that leave a whole object alone match the path of the object itself.
  if (ignores('')) return unchanged(resource);
  const kept =
    request.ignore === undefined || next === undefined || live === undefined
      ? next?.object
      : keepIgnored({ target: next.object, live }, resource.type, ignores);
  const diff = diffObject({ last: last?.object, next: kept, live }, resource.type, request.showSecrets === true);
  return {
    ...identity(resource),
    kept: next === undefined && isKept(live ?? resource.object),
    ...diff,
    drift: withoutIgnored(diff.drift, ignores),
  };
}

function identity({ object, key }: Resource): Pick<ObjectDiff, 'apiVersion' | 'kind' | 'namespace' | 'name'> {
  const { apiVersion, kind, metadata } = object;
  const name = key.name === '' ? `${metadata.generateName ?? ''}*` : key.name;
  return { apiVersion, kind, namespace: key.namespace ?? '', name };
}

function unchanged(resource: Resource): ObjectDiff {
  return { ...identity(resource), kept: false, change: 'unchanged', changes: [], drift: [], gone: false };
}

async function liveState(client: KubeClient, { resource, last }: Pair): Promise<KubeObject | undefined> {
  if (resource.key.name === '') return undefined;
  try {
    return await getOrUndefined(client, resource);
  } catch (error) {
    // Who may not read the object still learns what differs between the manifests.
    if (isStatus(error, 'Forbidden')) return last?.object;
    throw error;
  }
}

function isKept(object: KubeObject): boolean {
  return object.metadata.annotations?.[KEEP_POLICY]?.trim().toLowerCase() === 'keep';
}

import { gunzipSync } from 'node:zlib';
import { CAUSES, withoutChance } from './normalise-output.ts';
import type { KubeObject } from '../../src/kube/object.ts';
import type { EmbeddedCluster } from '../support/embedded-cluster.ts';

/** What is on a cluster in a namespace: objects as they were asked for, and records. */
export interface State {
  readonly objects: Readonly<Record<string, unknown>>;
  /** The JSON of the records as it was written, without times. */
  readonly records: Readonly<Record<string, string>>;
}

/** Kinds that the cluster writes by itself, or that only tell of what happened. */
const DERIVED = new Set([
  'Event',
  'Endpoints',
  'EndpointSlice',
  'ReplicaSet',
  'ControllerRevision',
  'Lease',
  'PodMetrics',
]);

/** The objects of a namespace, and some of the cluster's definitions, without what differs from run to run. */
export async function stateOf(
  embedded: EmbeddedCluster,
  namespace: string,
  definitions: readonly string[] = [],
): Promise<State> {
  const { client } = embedded.cluster;
  const objects: Record<string, unknown> = {};
  const records: Record<string, string> = {};
  for (const type of await client.resources()) {
    if (!type.verbs.includes('list') || DERIVED.has(type.kind)) continue;
    if (!type.namespaced && type.kind !== 'CustomResourceDefinition') continue;
    const { items } = await client.list(type, type.namespaced ? { namespace } : {});
    for (const item of items) {
      if (!type.namespaced && !definitions.includes(item.metadata.name ?? '')) continue;
      const id = withoutChance(`${type.kind}/${item.metadata.name ?? ''}`);
      if (id.includes('/sh.helm.release.v1.')) records[id] = recordText(item);
      else if (item.metadata.ownerReferences === undefined) objects[id] = asAskedFor(item);
    }
  }
  return { objects, records };
}

/** Objects that helm's uninstallation has left and Pintle's has not: those of the deployed revision, when a later one failed. */
export function orphans(ours: State, theirs: State): readonly string[] {
  return Object.entries(theirs.objects)
    .filter(([id, object]) => !Object.hasOwn(ours.objects, id) && JSON.stringify(object).includes('meta.helm.sh/'))
    .map(([id]) => id);
}

/** Some entries left out. */
export function without(objects: State['objects'], ids: readonly string[]): State['objects'] {
  return Object.fromEntries(Object.entries(objects).filter(([id]) => !ids.includes(id)));
}

interface Data {
  readonly data?: { readonly release?: string };
}

function recordText(object: KubeObject): string {
  const { release = '' } = (object as KubeObject & Data).data ?? {};
  const packed = Buffer.from(
    object.kind === 'Secret' ? Buffer.from(release, 'base64').toString('utf8') : release,
    'base64',
  );
  const labels = Object.entries(object.metadata.labels ?? {}).filter(([key]) => !key.endsWith('At'));
  const managers = (object.metadata.managedFields ?? []).map(
    ({ manager, operation }) => `${manager ?? ''} ${operation ?? ''}`,
  );
  const head = labels.map(([key, value]) => `${key}=${value}`).sort();
  const json = gunzipSync(packed).toString('utf8').replaceAll(CAUSES, '');
  return withoutChance([...head, JSON.stringify(object['type']), ...managers, json].join('\n'));
}

/** What a program asked for, and who manages which fields of it. */
function asAskedFor({ metadata, ...object }: KubeObject): unknown {
  const {
    uid: _,
    resourceVersion: __,
    creationTimestamp: ___,
    managedFields = [],
    deletionTimestamp,
    ...rest
  } = metadata;
  const managers = managedFields
    .filter(({ subresource, manager }) => subresource === undefined && manager !== 'kube-controller-manager')
    .map(({ manager, operation, fieldsV1 }) => ({ manager, operation, fields: fieldsV1 }));
  const { status: ____, ...spec } = object as Record<string, unknown>;
  const text = JSON.stringify({ metadata: { ...rest, deleting: deletionTimestamp !== undefined, managers }, ...spec })
    .replaceAll(/"(nodeName|volume\.kubernetes\.io\/selected-node)":"[^"]*"/g, '"$1":"<node>"')
    .replaceAll(/"nodePort":\d+/g, '"nodePort":"<port>"')
    .replaceAll(/kube-api-access-\w{5}/g, 'kube-api-access');
  return JSON.parse(withoutChance(text)) as unknown;
}

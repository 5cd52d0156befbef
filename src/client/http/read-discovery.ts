import type { ResourceType } from '../../kube/object.ts';

type Get = (path: string, accept: string) => Promise<unknown>;

const AGGREGATED =
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json';

interface AggregatedResource {
  readonly resource: string;
  readonly responseKind?: { readonly kind: string };
  readonly scope: string;
  readonly singularResource: string;
  readonly verbs: readonly string[];
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly subresources?: readonly { readonly subresource: string }[];
}

interface AggregatedList {
  readonly kind: 'APIGroupDiscoveryList';
  readonly items: readonly {
    readonly metadata: { readonly name?: string };
    readonly versions: readonly { readonly version: string; readonly resources?: readonly AggregatedResource[] }[];
  }[];
}

/** Every resource that a server serves, from aggregated discovery or, on older servers, a document a version. */
export async function readDiscovery(get: Get): Promise<readonly ResourceType[]> {
  const [core, groups] = await Promise.all([get('/api', AGGREGATED), get('/apis', AGGREGATED)]);
  const parts = await Promise.all([readPart(get, core, 'v1'), readPart(get, groups, undefined)]);
  return parts.flat();
}

async function readPart(get: Get, document: unknown, core: string | undefined): Promise<readonly ResourceType[]> {
  const list = document as AggregatedList;
  if (list.kind === 'APIGroupDiscoveryList') return fromAggregated(list);
  if (core !== undefined) return await readVersion(get, '', core);
  const { groups } = document as {
    groups: readonly { readonly name: string; readonly versions: readonly { readonly version: string }[] }[];
  };
  const all = await Promise.all(
    groups.flatMap(({ name, versions }) => versions.map(({ version }) => readVersion(get, name, version))),
  );
  return all.flat();
}

function fromAggregated({ items }: AggregatedList): ResourceType[] {
  return items.flatMap(({ metadata: { name: group = '' }, versions }) =>
    versions.flatMap(({ version, resources = [] }) =>
      resources.map((each) => ({
        group,
        version,
        kind: each.responseKind?.kind ?? '',
        resource: each.resource,
        singular: each.singularResource,
        namespaced: each.scope === 'Namespaced',
        shortNames: each.shortNames ?? [],
        categories: each.categories ?? [],
        verbs: each.verbs,
        subresources: (each.subresources ?? []).map(({ subresource }) => subresource),
      })),
    ),
  );
}

async function readVersion(get: Get, group: string, version: string): Promise<readonly ResourceType[]> {
  const path = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  const { resources } = (await get(path, 'application/json')) as {
    resources: readonly {
      readonly name: string;
      readonly singularName: string;
      readonly namespaced: boolean;
      readonly kind: string;
      readonly verbs: readonly string[];
      readonly shortNames?: readonly string[];
      readonly categories?: readonly string[];
    }[];
  };
  return resources
    .filter(({ name }) => !name.includes('/'))
    .map(({ name, singularName, ...each }) => ({
      group,
      version,
      kind: each.kind,
      resource: name,
      singular: singularName === '' ? each.kind.toLowerCase() : singularName,
      namespaced: each.namespaced,
      shortNames: each.shortNames ?? [],
      categories: each.categories ?? [],
      verbs: each.verbs,
      subresources: resources
        .filter((other) => other.name.startsWith(`${name}/`))
        .map((other) => other.name.slice(name.length + 1)),
    }));
}

import { compareStrings } from '../../../base/json.ts';
import type { ResourceType } from '../../../kube/object.ts';

/** Verbs and kinds of subresources that differ from those of their resource. */
export interface SubresourceType {
  readonly name: string;
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly verbs: readonly string[];
}

const SUBRESOURCE_KINDS: Readonly<Record<string, Omit<SubresourceType, 'name'>>> = {
  scale: { group: 'autoscaling', version: 'v1', kind: 'Scale', verbs: ['get', 'patch', 'update'] },
  binding: { group: '', version: 'v1', kind: 'Binding', verbs: ['create'] },
  eviction: { group: 'policy', version: 'v1', kind: 'Eviction', verbs: ['create'] },
  token: { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest', verbs: ['create'] },
  exec: { group: '', version: 'v1', kind: 'PodExecOptions', verbs: ['create', 'get'] },
  attach: { group: '', version: 'v1', kind: 'PodAttachOptions', verbs: ['create', 'get'] },
  portforward: { group: '', version: 'v1', kind: 'PodPortForwardOptions', verbs: ['create', 'get'] },
};

const VERBS: Readonly<Record<string, readonly string[]>> = {
  log: ['get'],
  proxy: ['create', 'delete', 'get', 'patch', 'update'],
  finalize: ['update'],
};

/** The subresources of a resource as discovery shows them. */
export function subresourcesOf(type: ResourceType): SubresourceType[] {
  return type.subresources.map((name) => {
    const special = SUBRESOURCE_KINDS[name];
    if (special !== undefined) return { name, ...special };
    const kind = name === 'proxy' ? `${type.kind}ProxyOptions` : type.kind;
    return { name, group: type.group, version: type.version, kind, verbs: VERBS[name] ?? ['get', 'patch', 'update'] };
  });
}

/** Built-in groups, the most important first; others follow by name. kubernetes: pkg/controlplane/apiserver/aggregator.go */
const GROUP_ORDER: readonly string[] = [
  '',
  'apiregistration.k8s.io',
  'apps',
  'events.k8s.io',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'autoscaling',
  'batch',
  'certificates.k8s.io',
  'networking.k8s.io',
  'policy',
  'rbac.authorization.k8s.io',
  'storage.k8s.io',
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'scheduling.k8s.io',
  'coordination.k8s.io',
  'node.k8s.io',
  'discovery.k8s.io',
  'flowcontrol.apiserver.k8s.io',
];

function compareGroups(a: string, b: string): number {
  const [first, second] = [GROUP_ORDER.indexOf(a), GROUP_ORDER.indexOf(b)];
  if (first !== -1 && second !== -1) return first - second;
  if (first === -1 && second === -1) return compareStrings(a, b);
  return first === -1 ? 1 : -1;
}

function groupsOf(types: readonly ResourceType[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  const inOrder = [...types].sort((a, b) => compareGroups(a.group, b.group));
  for (const { group, version } of inOrder) {
    const versions = groups.get(group) ?? [];
    if (!versions.includes(version)) versions.push(version);
    groups.set(group, versions);
  }
  for (const versions of groups.values()) versions.sort(compareVersions);
  return groups;
}

/** `v2` before `v1` before `v1beta1` before `v1alpha1`. apimachinery: pkg/version/helpers.go. */
function compareVersions(a: string, b: string): number {
  const rank = (text: string): readonly number[] => {
    const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(text);
    if (match === null) return [-1, 0, 0];
    return [match[2] === undefined ? 2 : match[2] === 'beta' ? 1 : 0, Number(match[1]), Number(match[3] ?? 0)];
  };
  const [x, y] = [rank(a), rank(b)];
  for (let i = 0; i < 3; i += 1) {
    const difference = (y[i] ?? 0) - (x[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return compareStrings(a, b);
}

/** `GET /api` */
export function coreVersions(address: string): object {
  return {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: address }],
  };
}

function groupObject(name: string, versions: readonly string[]): object {
  const named = versions.map((version) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions: named, preferredVersion: named[0] };
}

/** `GET /apis` */
export function groupList(types: readonly ResourceType[]): object {
  const groups = [...groupsOf(types)]
    .filter(([name]) => name !== '')
    .map(([name, versions]) => groupObject(name, versions));
  return { kind: 'APIGroupList', apiVersion: 'v1', groups };
}

/** `GET /apis/GROUP`; undefined when there is none. */
export function groupDocument(types: readonly ResourceType[], name: string): object | undefined {
  const versions = groupsOf(types).get(name);
  return versions === undefined ? undefined : { kind: 'APIGroup', apiVersion: 'v1', ...groupObject(name, versions) };
}

/** `GET /apis/GROUP/VERSION` and `GET /api/v1`; undefined when there is none. */
export function resourceList(types: readonly ResourceType[], group: string, version: string): object | undefined {
  const own = types.filter((type) => type.group === group && type.version === version);
  if (own.length === 0) return undefined;
  const resources = own.flatMap((type) => [
    {
      name: type.resource,
      singularName: type.singular,
      namespaced: type.namespaced,
      kind: type.kind,
      verbs: type.verbs,
      ...(type.shortNames.length > 0 ? { shortNames: type.shortNames } : {}),
      ...(type.categories.length > 0 ? { categories: type.categories } : {}),
    },
    ...subresourcesOf(type).map((sub) => ({
      name: `${type.resource}/${sub.name}`,
      singularName: '',
      namespaced: type.namespaced,
      ...(sub.group === type.group && sub.version === type.version ? {} : { group: sub.group, version: sub.version }),
      kind: sub.kind,
      verbs: sub.verbs,
    })),
  ]);
  return {
    kind: 'APIResourceList',
    ...(group === '' ? {} : { apiVersion: 'v1' }),
    groupVersion: group === '' ? version : `${group}/${version}`,
    resources: resources.sort((a, b) => compareStrings(a.name, b.name)),
  };
}

/** The aggregated document of `/api` (core) or `/apis` (all other groups). */
export function aggregatedDiscovery(types: readonly ResourceType[], core: boolean, version: string): object {
  const items = [...groupsOf(types)]
    .filter(([name]) => (name === '') === core)
    .map(([name, versions]) => ({
      metadata: name === '' ? { creationTimestamp: null } : { name, creationTimestamp: null },
      versions: versions.map((each) => ({
        version: each,
        resources: aggregatedResources(types.filter((type) => type.group === name && type.version === each)),
        freshness: 'Current',
      })),
    }));
  return { kind: 'APIGroupDiscoveryList', apiVersion: `apidiscovery.k8s.io/${version}`, metadata: {}, items };
}

/**
 * What one version serves. Metrics, which are named `pods/http_requests`, become parts of a resource that is nothing itself.
 * apiserver: pkg/endpoints/installer.go ConvertGroupVersionIntoToDiscovery
 */
function aggregatedResources(types: readonly ResourceType[]): object[] {
  const parents = new Map<string, ResourceType[]>();
  const plain: ResourceType[] = [];
  for (const type of types.toSorted((a, b) => compareStrings(a.resource, b.resource))) {
    const [parent = '', part] = type.resource.split('/');
    if (part === undefined) plain.push(type);
    else parents.set(parent, [...(parents.get(parent) ?? []), type]);
  }
  const metrics = [...parents].map(([resource, parts]) => ({
    resource,
    responseKind: { group: '', version: '', kind: '' },
    scope: parts[0]?.namespaced === false ? 'Cluster' : 'Namespaced',
    singularResource: '',
    verbs: null,
    subresources: parts.map((part) => ({
      subresource: part.resource.slice(resource.length + 1),
      responseKind: { group: '', version: '', kind: part.kind },
      verbs: part.verbs,
    })),
  }));
  return [...plain.map(aggregatedResource), ...metrics];
}

function aggregatedResource(type: ResourceType): object {
  const subresources = subresourcesOf(type);
  return {
    resource: type.resource,
    responseKind: { group: type.group, version: type.version, kind: type.kind },
    scope: type.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: type.singular,
    verbs: type.verbs,
    ...(type.shortNames.length > 0 ? { shortNames: type.shortNames } : {}),
    ...(type.categories.length > 0 ? { categories: type.categories } : {}),
    ...(subresources.length > 0
      ? {
          subresources: subresources.map((sub) => ({
            subresource: sub.name,
            responseKind: { group: sub.group, version: sub.version, kind: sub.kind },
            verbs: sub.verbs,
          })),
        }
      : {}),
  };
}

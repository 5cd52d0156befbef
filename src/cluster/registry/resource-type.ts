import type { ResourceType } from '../../kube/object.ts';

const VERBS: readonly string[] = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

/** What differs from the usual resource: namespaced, all verbs, no short names. */
export interface ResourceTraits {
  readonly clusterScoped?: boolean;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly subresources?: readonly string[];
  readonly verbs?: readonly string[];
}

/** A resource as discovery shows it; `apiVersion` is `v1` or `apps/v1`. */
export function resourceType(
  apiVersion: string,
  kind: string,
  resource: string,
  traits: ResourceTraits = {},
): ResourceType {
  const slash = apiVersion.indexOf('/');
  return {
    group: slash === -1 ? '' : apiVersion.slice(0, slash),
    version: apiVersion.slice(slash + 1),
    kind,
    resource,
    singular: kind.toLowerCase(),
    namespaced: traits.clusterScoped !== true,
    shortNames: traits.shortNames ?? [],
    categories: traits.categories ?? [],
    verbs: traits.verbs ?? VERBS,
    subresources: traits.subresources ?? [],
  };
}

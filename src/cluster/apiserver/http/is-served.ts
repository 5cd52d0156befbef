import type { ResourceType } from '../../../kube/object.ts';
import type { ResourceRequestInfo } from './request-info.ts';
import type { VirtualResource } from './virtual-resource.ts';

/** What a server answers. */
export interface ServedPaths {
  resource(path: Pick<ResourceType, 'group' | 'version' | 'resource'>): ResourceType | undefined;
  /** Of custom.metrics.k8s.io and external.metrics.k8s.io, named `services/jobs`. */
  metricTypes(): readonly ResourceType[];
}

/** True for a path that leads to a resource that is served, or to a subresource of it. */
export function isServed(info: ResourceRequestInfo, served: ServedPaths, virtual: readonly VirtualResource[]): boolean {
  const { group, version, resource, subresource } = info;
  const type = served.resource(info);
  if (type !== undefined && (subresource === '' || type.subresources.includes(subresource))) return true;
  const name = subresource === '' ? resource : `${resource}/${subresource}`;
  const others = [
    ...virtual.map(({ type: own, subresource: part }) => ({
      ...own,
      resource: part === '' ? own.resource : `${own.resource}/${part}`,
    })),
    ...served.metricTypes(),
  ];
  return others.some((own) => own.group === group && own.version === version && own.resource === name);
}

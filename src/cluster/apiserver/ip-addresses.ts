import type { Service } from '../../kube/api/core-v1.generated.ts';
import type { KubeObject } from '../../kube/object.ts';
import { resourceType } from '../registry/resource-type.ts';
import type { ComputedResource } from './computed-resources.ts';
import { ageColumn, column, nameColumn } from './table/columns.ts';

interface IpAddress extends KubeObject {
  readonly spec: {
    readonly parentRef: { readonly resource: string; readonly namespace: string; readonly name: string };
  };
}

/**
 * The addresses that Services hold, as an allocator would write them down. Here they follow from the Services, so they can be
 * read and not written. kubernetes: pkg/registry/core/service/ipallocator
 */
export function ipAddresses(services: () => readonly KubeObject[]): ComputedResource {
  return {
    type: resourceType('networking.k8s.io/v1', 'IPAddress', 'ipaddresses', {
      clusterScoped: true,
      shortNames: ['ip'],
      verbs: ['get', 'list'],
    }),
    columns: [
      nameColumn,
      column('ParentRef', (object) => {
        const { resource, namespace, name } = (object as IpAddress).spec.parentRef;
        return `${resource}/${namespace}/${name}`;
      }),
      ageColumn,
    ],
    failure: { resource: 'ipaddresses.networking.k8s.io', name: (_, name) => name },
    objects: () => (services() as readonly Service[]).flatMap(addressesOf).sort(byName),
  };
}

function addressesOf({ metadata, spec }: Service): readonly IpAddress[] {
  const { name: service = '', namespace = '', creationTimestamp, resourceVersion, uid } = metadata;
  const addresses = (spec?.clusterIPs ?? []).filter((ip) => ip !== 'None' && ip !== '');
  return addresses.map((name) => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IPAddress',
    metadata: {
      name,
      // One Service holds at most one address of a family.
      ...(uid === undefined ? {} : { uid: `${uid.slice(0, -1)}${name.includes(':') ? '6' : '4'}` }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
      labels: {
        'ipaddress.kubernetes.io/ip-family': name.includes(':') ? 'IPv6' : 'IPv4',
        'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io',
      },
    },
    spec: { parentRef: { group: '', resource: 'services', namespace, name: service } },
  }));
}

function byName(a: KubeObject, b: KubeObject): number {
  const [first = '', second = ''] = [a.metadata.name, b.metadata.name];
  return first < second ? -1 : first > second ? 1 : 0;
}

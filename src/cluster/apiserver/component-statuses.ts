import type { KubeObject } from '../../kube/object.ts';
import { resourceType } from '../registry/resource-type.ts';
import type { ComputedResource } from './computed-resources.ts';
import { column, field, nameColumn } from './table/columns.ts';

/** The parts of a control plane, and what each answers when it is well. */
const COMPONENTS: readonly (readonly [name: string, message: string])[] = [
  ['controller-manager', 'ok'],
  ['scheduler', 'ok'],
  ['etcd-0', 'ok'],
];

interface ComponentStatus extends KubeObject {
  readonly conditions: readonly { readonly type: string; readonly status: string; readonly message: string }[];
}

/** How the parts of the control plane are: they live in this process, so they are well. kubernetes: pkg/registry/core/componentstatus */
export function componentStatuses(): ComputedResource {
  return {
    type: resourceType('v1', 'ComponentStatus', 'componentstatuses', {
      clusterScoped: true,
      shortNames: ['cs'],
      verbs: ['get', 'list'],
    }),
    columns: [
      nameColumn,
      column('Status', (object) =>
        (object as ComponentStatus).conditions[0]?.status === 'True' ? 'Healthy' : 'Unhealthy',
      ),
      column('Message', (object) => (object as ComponentStatus).conditions[0]?.message ?? ''),
      column('Error', field('error')),
    ],
    failure: { resource: 'componentstatuses', name: (_, name) => name },
    objects: () =>
      COMPONENTS.map(
        ([name, message]): ComponentStatus => ({
          apiVersion: 'v1',
          kind: 'ComponentStatus',
          metadata: { name },
          conditions: [{ type: 'Healthy', status: 'True', message }],
        }),
      ),
  };
}

import { RESOURCES } from '../../../kube/resources.ts';
import type { KubeObject } from '../../../kube/object.ts';
import { badRequest } from '../../registry/status.ts';
import type { ApiBackend } from './backend.ts';
import { writeQuery } from './query-options.ts';
import { type VirtualResource, virtualType } from './virtual-resource.ts';

/** Bindings that name their pod themselves, for `POST …/bindings`; they do what `pods/binding` does. */
export function bindings(backend: Pick<ApiBackend, 'handle'>): VirtualResource {
  return {
    type: virtualType(['', 'bindings', 'Binding'], { namespaced: true }),
    subresource: '',
    answer: async ({ namespace, user, body, query, userAgent }) => {
      const { name } = (body?.['metadata'] ?? {}) as { readonly name?: unknown };
      if (body === undefined || typeof name !== 'string' || name === '') throw badRequest('name must be provided');
      const { code, body: answer } = await backend.handle({
        verb: 'create',
        type: RESOURCES.pods,
        namespace,
        name,
        subresource: 'binding',
        user,
        ...writeQuery(query, userAgent),
        body,
      });
      return { code, body: answer as KubeObject };
    },
  };
}

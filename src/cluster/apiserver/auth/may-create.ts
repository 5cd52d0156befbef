import type { KubeObject, ResourceType } from '../../../kube/object.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import { bootstrapRoles } from './bootstrap-policy.ts';
import { RbacAuthorizer } from './rbac-authorizer.ts';
import { serviceAccountUser } from './users.ts';

/** Committed state, as the API server has it. */
interface Committed {
  listNow(type: ResourceType, namespace?: string): readonly KubeObject[];
  readNow(type: ResourceType, namespace: string | undefined, name: string): KubeObject | undefined;
}

/**
 * True when a ServiceAccount may create objects of a kind in a namespace. The built-in ClusterRoles count even where they have
 * not been stored yet.
 */
export function mayCreate(
  state: Committed,
  account: { readonly namespace: string; readonly name: string },
  { type, namespace }: { readonly type: ResourceType; readonly namespace: string },
): boolean {
  const builtIn = (name: string): KubeObject | undefined => {
    const role = bootstrapRoles().find(({ metadata }) => metadata.name === name);
    return role === undefined ? undefined : { ...role };
  };
  const authorizer = new RbacAuthorizer({
    list: (listed, within) => state.listNow(listed, within),
    get: (read, within, name) =>
      state.readNow(read, within, name) ?? (read === RESOURCES.clusterRoles ? builtIn(name) : undefined),
  });
  const { group, resource } = type;
  const wanted = { group, resource, subresource: '', namespace, name: '' };
  const user = serviceAccountUser(account.namespace, account.name);
  return authorizer.authorize(user, { verb: 'create', path: '', resource: wanted }).allowed;
}

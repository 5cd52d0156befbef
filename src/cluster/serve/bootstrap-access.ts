import type { KubeClient } from '../../client/kube-client.ts';
import { RESOURCES } from '../../kube/resources.ts';
import { isStatus } from '../../kube/status-error.ts';
import type { ApiServer } from '../apiserver/api-server.ts';
import { bootstrapBindings, bootstrapRoles } from '../apiserver/auth/bootstrap-policy.ts';

/** Creates the built-in roles and bindings that are missing; those that are there stay as they are. */
export async function bootstrapAccess(apiServer: ApiServer): Promise<void> {
  const client: KubeClient = apiServer.client({ fieldManager: 'kube-apiserver' });
  const kinds = [
    { type: RESOURCES.clusterRoles, objects: bootstrapRoles() },
    { type: RESOURCES.clusterRoleBindings, objects: bootstrapBindings() },
  ];
  for (const { type, objects } of kinds) {
    for (const object of objects) {
      if (apiServer.readNow(type, undefined, object.metadata.name ?? '') !== undefined) continue;
      try {
        await client.create(type, object);
      } catch (error) {
        if (!isStatus(error, 'AlreadyExists')) throw error;
      }
    }
  }
}

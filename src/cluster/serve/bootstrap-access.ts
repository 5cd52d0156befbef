import type { Logger } from '../../base/logger.ts';
import { RESOURCES } from '../../kube/resources.ts';
import type { ApiServer } from '../apiserver/api-server.ts';
import { bootstrapBindings, bootstrapRoles } from '../apiserver/auth/bootstrap-policy.ts';
import { createMissing } from './create-missing.ts';

/** Creates the built-in roles and bindings that are missing; those that are there stay as they are. */
export async function bootstrapAccess(apiServer: ApiServer, logger: Logger): Promise<void> {
  const builtIns = [
    { type: RESOURCES.clusterRoles, objects: bootstrapRoles() },
    { type: RESOURCES.clusterRoleBindings, objects: bootstrapBindings() },
  ];
  await createMissing(apiServer, builtIns, logger);
}

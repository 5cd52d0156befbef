import type { Logger } from '../../base/logger.ts';
import type { KubeObject, ResourceType } from '../../kube/object.ts';
import { RESOURCES } from '../../kube/resources.ts';
import { isStatus } from '../../kube/status-error.ts';
import type { ApiServer } from '../apiserver/api-server.ts';

/** Objects of one kind that every served cluster should have. */
export interface BuiltInObjects {
  readonly type: ResourceType;
  readonly objects: readonly (Pick<KubeObject, 'metadata'> & { readonly status?: unknown })[];
}

/**
 * Creates what is missing; what is there stays as it is. A cluster is served without what its users' objects do not let be: a Service
 * that holds an address, a webhook or a policy that refuses; that is logged, and tried again the next time.
 */
export async function createMissing(
  apiServer: ApiServer,
  builtIns: readonly BuiltInObjects[],
  logger: Logger,
): Promise<void> {
  const client = apiServer.client({ fieldManager: 'kube-apiserver' });
  for (const { type, objects } of builtIns) {
    for (const object of objects) {
      const { name = '', namespace } = object.metadata;
      if (apiServer.readNow(type, namespace, name) !== undefined) continue;
      if (namespace !== undefined && apiServer.readNow(RESOURCES.namespaces, undefined, namespace) === undefined)
        continue;
      try {
        await client.create(type, object);
        if (object.status !== undefined) await client.update(type, object, { subresource: 'status' });
      } catch (error) {
        if (isStatus(error, 'AlreadyExists')) continue;
        logger.log(
          'warn',
          `the system's ${type.kind} ${name} could not be created: ${error instanceof Error ? error.message : String(error)}`,
        );
      }
    }
  }
}

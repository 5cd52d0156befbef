import type { Logger } from '../../base/logger.ts';
import type { KubeClient, Watch } from '../../client/kube-client.ts';
import type { KubeObject, ResourceType } from '../../kube/object.ts';
import { isStatus } from '../../kube/status-error.ts';

/** What a kind's objects wait for. */
export interface Completion<T extends KubeObject> {
  readonly client: KubeClient;
  readonly logger: Logger;
  readonly resource: ResourceType;
  /** What is written; default: the object itself. */
  readonly subresource?: string;
  /** True for an object that waits. */
  readonly isDue: (object: T) => boolean;
  /** The object as it shall be; undefined when it stays as it is. */
  readonly complete: (object: T) => Promise<T | undefined>;
}

/**
 * Completes objects that wait, one write of each at a time, until it is stopped. A write that fails is logged; the object's next
 * change tries again.
 */
export function completeObjects<T extends KubeObject>(completion: Completion<T>): Watch {
  const { client, resource, isDue, logger } = completion;
  /** What each object has become while it was worked on. */
  const busy = new Map<string, T | undefined>();
  const start = (object: T): void => {
    const { uid = '', name = '', namespace } = object.metadata;
    busy.set(uid, undefined);
    void completeOne(completion, object)
      .catch((error: unknown) => {
        const path = namespace === undefined ? name : `${namespace}/${name}`;
        logger.log(
          'warn',
          `${resource.kind} ${path} could not be completed: ${error instanceof Error ? error.message : String(error)}`,
        );
      })
      .finally(() => {
        const newer = busy.get(uid);
        busy.delete(uid);
        if (newer !== undefined && isDue(newer)) start(newer);
      });
  };
  return client.watch<T>(
    resource,
    {},
    {
      event: (event) => {
        if (event.type !== 'ADDED' && event.type !== 'MODIFIED') return;
        const { object } = event;
        const { uid = '' } = object.metadata;
        if (busy.has(uid)) busy.set(uid, object);
        else if (isDue(object)) start(object);
      },
    },
  );
}

async function completeOne<T extends KubeObject>(completion: Completion<T>, object: T): Promise<void> {
  const { client, resource, subresource, complete } = completion;
  try {
    const completed = await complete(object);
    if (completed !== undefined)
      await client.update(resource, completed, subresource === undefined ? {} : { subresource });
  } catch (error) {
    // Gone meanwhile, or changed, which is an event of its own.
    if (!isStatus(error, 'NotFound') && !isStatus(error, 'Conflict')) throw error;
  }
}

import { copyMetadata } from '../../../kube/deferred-managed-fields.ts';
import type { KubeObject } from '../../../kube/object.ts';
import type { Draft } from '../../registry/strategy.ts';
import { conflict } from '../../registry/status.ts';
import type { StoreChange } from '../../store/store.ts';
import type { Core, Operation } from './core.ts';
import { setMeta } from './object-meta.ts';

/** Revisions of history that are kept for watches and paged lists; twice as many may be there. */
const HISTORY = 10_000;

/** Stores the new state of an object, unless it is a dry run. From here on the draft is shared and no longer changed. */
export function commitPut(core: Core, operation: Operation, draft: Draft, expected: number): KubeObject {
  if (operation.dryRun) return draft;
  setMeta(draft, 'resourceVersion', String(core.store.revision + 1));
  commit(core, operation, { type: 'put', ...keyOf(operation, draft), value: kept(operation, draft), expected });
  return draft;
}

/** Removes an object, unless it is a dry run; gives its last state, which bears the revision of the deletion. */
export function commitDelete(core: Core, operation: Operation, last: KubeObject, expected: number): KubeObject {
  if (operation.dryRun) return last;
  const metadata = copyMetadata(last.metadata);
  metadata.resourceVersion = String(core.store.revision + 1);
  const value: KubeObject = { ...last, metadata };
  commit(core, operation, { type: 'delete', ...keyOf(operation, value), value: kept(operation, value), expected });
  return value;
}

/** The object in the version that is kept. */
function kept({ served }: Operation, value: KubeObject): KubeObject {
  return served.strategy.storedAs?.toStored(value) ?? value;
}

function keyOf(
  { served, namespace }: Operation,
  value: KubeObject,
): { bucket: string; namespace: string; name: string } {
  return { bucket: served.bucket, namespace, name: value.metadata.name ?? '' };
}

function commit(core: Core, operation: Operation, change: StoreChange): void {
  const { store } = core;
  const result = store.commit([change]);
  if (!result.ok) throw conflict(operation.served.type, change.name);
  if (result.revision - store.compacted > 2 * HISTORY) store.compact(result.revision - HISTORY);
  core.hooks.afterCommit(core, operation);
}

import { MemoryStore } from '../../src/cluster/store/memory-store.ts';
import type { CommitResult, StoreChange } from '../../src/cluster/store/store.ts';

/** A store whose objects cannot be changed: whoever tries fails. Objects of a store are shared, so nobody may. */
export class FrozenStore extends MemoryStore {
  override commit(changes: readonly StoreChange[]): CommitResult {
    for (const { value } of changes) freeze(value);
    return super.commit(changes);
  }
}

function freeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const { value: inner } of Object.values(Object.getOwnPropertyDescriptors(value))) freeze(inner);
}
